//! Headers that every answer of a relying party carries.

use axum::{extract::State, response::Response};
use http::{HeaderName, HeaderValue, header};
use url::Url;

use crate::RelyingParty;

const FIXED: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Not `no-referrer`: a browser would then send `Origin: null` with our own forms.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Adds what the handler did not set itself.
pub(crate) async fn add_headers(State(rp): State<RelyingParty>, mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    for (name, value) in FIXED {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::from_str(&policy(&rp)) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    if rp.config().base_url.scheme() == "https" {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=31536000"));
    }
    answer
}

/// No inline code, own files only. Forms may lead to the provider: browsers apply `form-action`
/// to the redirect that follows a sign-out, too.
fn policy(rp: &RelyingParty) -> String {
    let issuer = Url::parse(&rp.config().issuer)
        .map(|issuer| issuer.origin().ascii_serialization())
        .unwrap_or_default();
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; form-action 'self' {issuer}; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}
