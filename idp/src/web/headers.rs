//! Response headers that keep pages from being framed, sniffed, cached or told to others.

use axum::http::HeaderValue;
use url::{Host, Url};

/// Content security policy of every page: own files only, no inline code, forms only to ourselves.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

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
pub fn policy_leading_to(form_target: Option<&Source>) -> HeaderValue {
    policy_with(form_target, None)
}

/// The same, for a page that also shows a picture from one other origin, and none from elsewhere.
pub fn policy_with(form_target: Option<&Source>, picture: Option<&Source>) -> HeaderValue {
    let mut policy = CONTENT_SECURITY_POLICY.to_owned();
    for (directive, source) in [("form-action 'self'", form_target), ("img-src 'self'", picture)] {
        if let Some(Source(source)) = source {
            policy = policy.replace(directive, &format!("{directive} {source}"));
        }
    }
    HeaderValue::from_str(&policy)
        .unwrap_or_else(|_| HeaderValue::from_static(CONTENT_SECURITY_POLICY))
}

/// A place that a policy may name. Only [`Source::of`] makes one: clients write their addresses themselves, and a
/// host may hold characters, such as `;`, that would end a directive and begin another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source(String);

impl Source {
    /// The place of an address: its origin; or its scheme, where the address is of an application on the person's
    /// device or has a literal address that policies cannot spell.
    pub fn of(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        let is_literal = matches!(url.host(), Some(Host::Ipv6(_)));
        let source = if is_literal || !url.origin().is_tuple() {
            format!("{}:", url.scheme())
        } else {
            url.origin().ascii_serialization()
        };
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:/+".contains(&byte);
        source.bytes().all(is_plain).then_some(Self(source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_allows_exactly_the_named_places() {
        let (target, picture) =
            (Source::of("https://rp.example/"), Source::of("https://img.example/"));
        let policy = policy_with(target.as_ref(), picture.as_ref());
        let policy = policy.to_str().unwrap();
        assert!(policy.contains("form-action 'self' https://rp.example;"), "{policy}");
        assert!(policy.contains("img-src 'self' https://img.example data:;"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(policy_with(None, None), CONTENT_SECURITY_POLICY);
    }

    #[test]
    fn rfc8252_7_an_address_on_the_device_is_named_by_its_scheme() {
        for (address, source) in [
            ("https://rp.example/callback?a=b", Some("https://rp.example")),
            ("https://rp.example:8443/", Some("https://rp.example:8443")),
            ("http://127.0.0.1:5000/cb", Some("http://127.0.0.1:5000")),
            ("http://[::1]:5000/cb", Some("http:")),
            ("com.example.app:/cb", Some("com.example.app:")),
            ("/callback", None),
        ] {
            assert_eq!(Source::of(address).map(|place| place.0).as_deref(), source, "{address}");
        }
    }

    #[test]
    fn a_host_cannot_add_a_directive_or_a_wildcard() {
        for address in [
            "https://rp.example;frame-ancestors/",
            "https://rp.example,x/",
            "https://*/",
            "https://*.example/",
            "https://'self'/",
        ] {
            assert!(Url::parse(address).is_ok(), "{address} is an address");
            assert_eq!(Source::of(address), None, "{address}");
        }
    }
}
