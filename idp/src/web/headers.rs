//! Response headers that keep pages from being framed, sniffed, cached or told to others.

use axum::http::HeaderValue;

/// Content security policy of every page: own files only, no inline code, forms only to ourselves.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Name and value of each header.
pub const DEFAULTS: [(&str, &str); 7] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    // Not `no-referrer`: browsers would then send `Origin: null` with our own forms.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("cache-control", "no-store"),
];

/// Only over https: browsers keep to it for two years.
pub const HSTS: (&str, &str) = ("strict-transport-security", "max-age=63072000; includeSubDomains");

/// The policy for a page whose form leads on to another origin: browsers check the whole chain of redirects that
/// follows a form, so the address of the waiting client has to be allowed on the way to it.
pub fn policy_leading_to(origin: Option<&str>) -> HeaderValue {
    let plain = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    let Some(origin) = origin else {
        return plain;
    };
    let policy = CONTENT_SECURITY_POLICY
        .replace("form-action 'self'", &format!("form-action 'self' {origin}"));
    HeaderValue::from_str(&policy).unwrap_or(plain)
}
