//! Comparing and registering redirect URIs (RFC 9700 4.1.3, RFC 8252 7.3; security.md 1).

use url::Url;

/// Whether a presented URI is the registered one: byte for byte, except that the port of a loopback
/// IP address may differ (RFC 8252 7.3). Nothing is normalised, so nothing can be confused.
pub fn matches(registered: &str, presented: &str) -> bool {
    if registered == presented {
        return true;
    }
    match (split_loopback(registered), split_loopback(presented)) {
        (Some(known), Some(given)) => known == given,
        _ => false,
    }
}

/// Splits `http://127.0.0.1:port/rest` into host and rest; `None` for any other kind of URI.
fn split_loopback(uri: &str) -> Option<(&str, &str)> {
    const HOSTS: [&str; 2] = ["http://127.0.0.1", "http://[::1]"];
    let host = HOSTS.into_iter().find(|host| uri.starts_with(host))?;
    let after_host = uri.strip_prefix(host)?;
    let rest = match after_host.strip_prefix(':') {
        Some(with_port) => {
            let end = with_port.find(|c: char| !c.is_ascii_digit()).unwrap_or(with_port.len());
            let (port, rest) = with_port.split_at_checked(end)?;
            let plain = !port.starts_with('0') && port.parse::<u16>().is_ok();
            plain.then_some(rest)?
        }
        None => after_host,
    };
    // A host that only begins like a loopback address, such as `127.0.0.1.example`, is none.
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
}

/// Whether a text can be the origin of a page on the web. `null` is what every page without one
/// sends (security.md 28).
pub fn is_web_origin(origin: &str) -> bool {
    origin.starts_with("https://") || origin.starts_with("http://")
}

/// Whether a registered URI is of an origin, byte for byte as browsers write origins (RFC 6454 6.2).
pub fn is_of_origin(registered: &str, origin: &str) -> bool {
    Url::parse(registered).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http") && url.origin().ascii_serialization() == origin
    })
}

/// Why a URI cannot be registered for responses or sign-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnregistrableUri {
    /// Not an absolute URI in its own normal form.
    #[error("the URI is not absolute or not in its normal form")]
    Malformed,
    /// Neither `https`, nor `http` on this very machine, nor a private-use scheme with a dot.
    #[error("the scheme must be https, or http on localhost, or a reverse domain name")]
    Scheme,
    /// A fragment, user information or a wildcard.
    #[error("the URI must have no fragment, no user information and no wildcard")]
    Part,
}

/// Checks a URI before it is registered: exact, encrypted or local, and without the parts that make
/// two readers disagree on where it leads (RFC 6749 3.1.2; security.md 35).
pub fn check_registrable(uri: &str) -> Result<(), UnregistrableUri> {
    let url = Url::parse(uri).map_err(|_| UnregistrableUri::Malformed)?;
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => {}
        "http" if is_local => {}
        private if private.contains('.') => {}
        _ => return Err(UnregistrableUri::Scheme),
    }
    if uri.contains(['#', '*']) || !url.username().is_empty() || url.password().is_some() {
        return Err(UnregistrableUri::Part);
    }
    // `https://a.example` alone is common; the parser only adds the slash.
    let normal = url.as_str();
    if normal != uri && normal != format!("{uri}/") {
        return Err(UnregistrableUri::Malformed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REGISTERED: &str = "https://rp.example/callback?a=b";

    #[test]
    fn rfc9700_4_1_3_only_the_same_bytes_match() {
        assert!(matches(REGISTERED, REGISTERED));
        for other in [
            "",
            "https://rp.example/callback",
            "https://rp.example/callback?a=b&c=d",
            "https://rp.example/callback?a=b#",
            "https://rp.example/callback?a=b#x",
            "https://rp.example/callback/?a=b",
            "https://rp.example/Callback?a=b",
            "https://RP.example/callback?a=b",
            "HTTPS://rp.example/callback?a=b",
            "https://rp.example:443/callback?a=b",
            "https://rp.example/%63allback?a=b",
            "https://rp.example/x/../callback?a=b",
            "https://rp.example/./callback?a=b",
            "https://rp.example//callback?a=b",
            "https://rp.example/callback;/?a=b",
            "https://rp.example\\callback?a=b",
            "https://user@rp.example/callback?a=b",
            "https://rp.example.evil.example/callback?a=b",
            "https://evil.example/https://rp.example/callback?a=b",
            "https://rp.example/callback?a=b\r\nX: y",
            "https://rp.example/callback?a=b\t",
            " https://rp.example/callback?a=b",
            "https://rp.example/callback?a=%62",
            "http://rp.example/callback?a=b",
            "//rp.example/callback?a=b",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://rр.example/callback?a=b",
        ] {
            assert!(!matches(REGISTERED, other), "{other:?}");
        }
    }

    #[test]
    fn rfc8252_7_3_only_the_port_of_a_loopback_address_may_differ() {
        for (registered, presented, expected) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", true),
            ("http://127.0.0.1:8000/cb", "http://127.0.0.1:9/cb", true),
            ("http://[::1]/cb", "http://[::1]:61023/cb", true),
            ("http://127.0.0.1", "http://127.0.0.1:80", true),
            ("http://127.0.0.1/cb?a=b", "http://127.0.0.1:1/cb?a=b", true),
            ("http://127.0.0.1/cb", "http://127.0.0.1:51004/other", false),
            ("http://127.0.0.1/cb", "http://[::1]:51004/cb", false),
            ("http://127.0.0.1/cb", "https://127.0.0.1:51004/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:0/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:080/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:65536/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:80.evil.example/cb", false),
            ("http://127.0.0.1/cb", "http://127.1/cb", false),
            ("http://localhost/cb", "http://localhost:8000/cb", false),
            ("https://127.0.0.1/cb", "https://127.0.0.1:8000/cb", false),
        ] {
            assert_eq!(matches(registered, presented), expected, "{registered} {presented}");
        }
    }

    #[test]
    fn only_unmistakable_uris_can_be_registered() {
        for uri in [
            "https://rp.example/cb",
            "https://rp.example",
            "https://rp.example/cb?a=b",
            "http://localhost:8081/callback",
            "http://127.0.0.1/cb",
            "http://[::1]:3000/cb",
            "com.example.app:/cb",
        ] {
            assert_eq!(check_registrable(uri), Ok(()), "{uri}");
        }
        for uri in [
            "",
            "/cb",
            "http://rp.example/cb",
            "http://localhost.evil.example/cb",
            "https://rp.example/cb#x",
            "https://rp.example/cb#",
            "https://user@rp.example/cb",
            "https://*.example/cb",
            "https://RP.example/cb",
            "https://rp.example/a/../cb",
            "https://rp.example:443/cb",
            " https://rp.example/cb",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "app:/cb",
        ] {
            assert!(check_registrable(uri).is_err(), "{uri}");
        }
    }

    proptest! {
        #[test]
        fn a_mutated_uri_never_matches(at in 0_usize..REGISTERED.len(), insert in any::<char>(), cut in any::<bool>()) {
            let mut mutated = REGISTERED.to_owned();
            if cut {
                mutated.remove(at);
            } else {
                mutated.insert(at, insert);
            }
            prop_assume!(mutated != REGISTERED);
            prop_assert!(!matches(REGISTERED, &mutated));
        }

        #[test]
        fn a_mutated_loopback_uri_matches_only_with_another_port(at in 0_usize..26, insert in any::<char>()) {
            let registered = "http://127.0.0.1:8000/cb?a";
            let mut mutated = registered.to_owned();
            mutated.insert(at, insert);
            if matches(registered, &mutated) {
                prop_assert!(insert.is_ascii_digit());
                let url = Url::parse(&mutated).unwrap();
                prop_assert_eq!((url.host_str(), url.path(), url.query()), (Some("127.0.0.1"), "/cb", Some("a")));
            }
        }

        #[test]
        fn any_text_is_compared_without_panic(registered in ".*", presented in ".*") {
            let _ = check_registrable(&presented);
            prop_assert_eq!(matches(&registered, &registered), true);
            let _ = matches(&registered, &presented);
        }
    }
}
