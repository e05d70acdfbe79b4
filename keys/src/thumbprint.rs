//! The name of a key: its JWK thumbprint (RFC 7638), so that a kid can never be given twice.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::strict_json::parse_object;

/// SHA-256 thumbprint of a public key, base64url. Only the required members count, in lexicographic
/// order and without white space (RFC 7638 3.2, RFC 8037 2).
pub(crate) fn thumbprint(public: &Map<String, Value>) -> Result<String, Error> {
    let text = |name: &str| public.get(name).and_then(Value::as_str);
    let names: &[&str] = match text("kty") {
        Some("EC") => &["crv", "kty", "x", "y"],
        Some("OKP") => &["crv", "kty", "x"],
        Some("RSA") => &["e", "kty", "n"],
        _ => return Err(Error::Key("named")),
    };
    let mut members = Vec::with_capacity(names.len());
    for name in names {
        let value = text(name).ok_or(Error::Key("named"))?;
        // base64url and curve names need no escaping in JSON.
        members.push(format!("\"{name}\":\"{value}\""));
    }
    let canonical = format!("{{{}}}", members.join(","));
    Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(canonical.as_bytes())))
}

/// The thumbprints of the public keys of a set, in its order: what records keep in place of keys. A key whose type has
/// none, and a text that is no set, give none.
pub fn key_thumbprints(set: &str) -> Vec<String> {
    let set = parse_object(set.as_bytes()).unwrap_or_default();
    let keys = set.get("keys").and_then(Value::as_array);
    let keys = keys.into_iter().flatten().filter_map(Value::as_object);
    keys.filter_map(|key| thumbprint(key).ok()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rfc8037_a_3_the_thumbprint_of_the_example_key() {
        let key = json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "use": "sig",
        });
        let name = thumbprint(key.as_object().unwrap()).unwrap();
        assert_eq!(name, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_symmetric_or_incomplete_key_has_no_name() {
        for key in [json!({"kty": "oct", "k": "AA"}), json!({"kty": "EC", "x": "AA"}), json!({})] {
            assert!(thumbprint(key.as_object().unwrap()).is_err());
        }
    }
}
