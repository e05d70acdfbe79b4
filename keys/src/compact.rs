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
    pub(crate) kid: String,
    pub(crate) typ: String,
    pub(crate) claims: Map<String, Value>,
    /// What the signature covers.
    pub(crate) message: &'a str,
    pub(crate) signature: Vec<u8>,
}

/// Takes a token apart. The header may name `alg`, `kid` and `typ`, each once, and nothing else: no
/// key, no address of a key, no extension, no compression.
pub(crate) fn parse(token: &str) -> Result<Compact<'_>, Invalid> {
    if token.len() > MAX_LENGTH {
        return Err(Invalid::TooLong);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(Invalid::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(Invalid::Malformed)?;
    let mut header = decode_object(header)?;
    let mut take = |name: &str| match header.remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(Invalid::Header),
    };
    let (alg, kid, typ) = (take("alg")?, take("kid")?, take("typ")?);
    if !header.is_empty() {
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

/// The decoder refuses padding, other alphabets and trailing bits; a further dot is no base64url.
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
        let parts = parse(&text).unwrap();
        assert_eq!(
            (parts.alg.as_str(), parts.kid.as_str(), parts.typ.as_str()),
            ("ES256", "k", "JWT")
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
            assert_eq!(parse(&token(&header, "{}")).err(), Some(Invalid::Header), "{member}");
        }
        for header in [
            r#"{"kid":"k","typ":"JWT"}"#,
            r#"{"alg":"ES256","typ":"JWT"}"#,
            r#"{"alg":1,"kid":"k","typ":"JWT"}"#,
        ] {
            assert_eq!(parse(&token(header, "{}")).err(), Some(Invalid::Header), "{header}");
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
            assert_eq!(parse(&text).err(), Some(Invalid::Malformed), "{text}");
        }
        let long = token(HEADER, &format!(r#"{{"a":"{}"}}"#, "x".repeat(9000)));
        assert_eq!(parse(&long).err(), Some(Invalid::TooLong));
    }
}
