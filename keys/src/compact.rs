//! Strict parsing of a compact JWS, before any cryptography (RFC 7515 3.1, RFC 8725 3; security.md
//! 37, 38).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::error::Invalid;
use crate::strict_json::parse_object;

/// Longest token that is looked at, bytes.
const MAX_LENGTH: usize = 8 * 1024;

/// A token in its parts; nothing in it is proved.
#[derive(Debug)]
pub(crate) struct Compact<'a> {
    pub(crate) alg: String,
    pub(crate) kid: Option<String>,
    pub(crate) typ: Option<String>,
    pub(crate) claims: Map<String, Value>,
    /// What the signature covers.
    pub(crate) message: &'a str,
    pub(crate) signature: Vec<u8>,
}

/// Whose header it is, which decides what may be in it. Neither names a key, the address of a key, an
/// extension or a compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    /// Ours: `alg`, `kid` and `typ`, each of them, and nothing else.
    Own,
    /// That of a client: `alg`, and perhaps `kid`, `typ`, and thumbprints of a certificate, which
    /// some libraries always send and which are not looked at.
    Client,
}

impl Header {
    const fn ignored(self) -> &'static [&'static str] {
        match self {
            Self::Own => &[],
            Self::Client => &["x5t", "x5t#S256"],
        }
    }
}

/// Takes a token apart. What the header may hold is a list of names, so that whatever a later
/// specification invents is refused until somebody has thought about it.
pub(crate) fn parse(token: &str, rule: Header) -> Result<Compact<'_>, Invalid> {
    if token.len() > MAX_LENGTH {
        return Err(Invalid::TooLong);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(Invalid::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(Invalid::Malformed)?;
    if payload.contains('.') {
        // A JWE has five parts: nothing of it is looked at (security.md 45).
        return Err(Invalid::Malformed);
    }
    let mut header = decode_object(header)?;
    let mut take = |name: &str| match header.remove(name) {
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Invalid::Header),
        None => Ok(None),
    };
    let (alg, kid, typ) = (take("alg")?.ok_or(Invalid::Header)?, take("kid")?, take("typ")?);
    for name in rule.ignored() {
        take(name)?;
    }
    let incomplete = rule == Header::Own && (kid.is_none() || typ.is_none());
    if incomplete || !header.is_empty() {
        return Err(Invalid::Header);
    }
    Ok(Compact {
        alg,
        kid,
        typ,
        claims: decode_object(payload)?,
        message,
        signature: decode(signature)?,
    })
}

/// The decoder refuses padding, other alphabets and trailing bits.
fn decode(part: &str) -> Result<Vec<u8>, Invalid> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Invalid::Malformed)
}

fn decode_object(part: &str) -> Result<Map<String, Value>, Invalid> {
    parse_object(&decode(part)?).ok_or(Invalid::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, payload: &str) -> String {
        format!("{}.{}.AAAA", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
    }

    const HEADER: &str = r#"{"alg":"ES256","kid":"k","typ":"JWT"}"#;

    #[test]
    fn a_plain_token_is_taken_apart() {
        let text = token(HEADER, r#"{"sub":"a"}"#);
        let parts = parse(&text, Header::Own).unwrap();
        assert_eq!(
            (parts.alg.as_str(), parts.kid.as_deref(), parts.typ.as_deref()),
            ("ES256", Some("k"), Some("JWT"))
        );
        assert_eq!(parts.claims["sub"], "a");
        assert_eq!(Some(parts.message), text.strip_suffix(".AAAA"));
    }

    #[test]
    fn rfc8725_other_header_members_are_refused() {
        for member in [
            r#""crit":["exp"]"#,
            r#""jwk":{"kty":"EC"}"#,
            r#""jku":"https://evil.example/jwks""#,
            r#""x5u":"https://evil.example/x5u""#,
            r#""x5c":[]"#,
            r#""b64":false"#,
            r#""zip":"DEF""#,
            r#""cty":"JWT""#,
        ] {
            let header = format!(r#"{{"alg":"ES256","kid":"k","typ":"JWT",{member}}}"#);
            for rule in [Header::Own, Header::Client] {
                let refused = parse(&token(&header, "{}"), rule).err();
                assert_eq!(refused, Some(Invalid::Header), "{member}");
            }
        }
        for header in [
            r#"{"kid":"k","typ":"JWT"}"#,
            r#"{"alg":"ES256","typ":"JWT"}"#,
            r#"{"alg":1,"kid":"k","typ":"JWT"}"#,
        ] {
            let refused = parse(&token(header, "{}"), Header::Own).err();
            assert_eq!(refused, Some(Invalid::Header), "{header}");
        }
    }

    #[test]
    fn the_header_of_a_client_may_lack_kid_and_typ_and_name_a_certificate() {
        for header in [
            r#"{"alg":"ES256"}"#,
            r#"{"alg":"ES256","kid":"k"}"#,
            r#"{"alg":"ES256","x5t":"AA","x5t#S256":"AA"}"#,
        ] {
            assert!(parse(&token(header, "{}"), Header::Client).is_ok(), "{header}");
            assert_eq!(parse(&token(header, "{}"), Header::Own).err(), Some(Invalid::Header));
        }
        for header in
            [r#"{"kid":"k"}"#, r#"{"alg":"ES256","kid":null}"#, r#"{"alg":"ES256","typ":1}"#]
        {
            let refused = parse(&token(header, "{}"), Header::Client).err();
            assert_eq!(refused, Some(Invalid::Header), "{header}");
        }
    }

    #[test]
    fn loose_encodings_are_refused() {
        let good = token(HEADER, "{}");
        let padded = URL_SAFE_NO_PAD.encode(HEADER) + "=";
        for text in [
            String::new(),
            "..".to_owned(),
            "a.b".to_owned(),
            format!("{good}.x"),
            format!("{good}="),
            format!("{good}\n"),
            format!(" {good}"),
            format!("{good}A"),
            good.replace(".AAAA", ".AA+/"),
            // One byte in two characters whose last bits are not zero.
            good.replace(".AAAA", ".AB"),
            format!("{padded}.e30.AAAA"),
            token(r#"{"alg":"ES256","alg":"none","kid":"k","typ":"JWT"}"#, "{}"),
            token(HEADER, r#"{"sub":"a","sub":"b"}"#),
            token(HEADER, "[]"),
            "{\"payload\":\"\",\"signatures\":[]}".to_owned(),
        ] {
            assert_eq!(parse(&text, Header::Own).err(), Some(Invalid::Malformed), "{text}");
        }
        let long = token(HEADER, &format!(r#"{{"a":"{}"}}"#, "x".repeat(9000)));
        assert_eq!(parse(&long, Header::Own).err(), Some(Invalid::TooLong));
    }
}
