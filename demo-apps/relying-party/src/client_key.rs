//! The client's own key pair, with which it proves who it is (RFC 7523).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::Entropy;

/// How long a client assertion can be used, in seconds.
const ASSERTION_LIFE: i64 = 60;

/// A private ES256 key. Cheap enough to clone; wiped when dropped; `Debug` shows the `kid` only.
#[derive(Clone)]
pub struct ClientKey {
    kid: String,
    key: SigningKey,
}

/// Why a text is no [`ClientKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientKeyError {
    /// No JSON Web Key.
    #[error("not a JSON Web Key")]
    Malformed,
    /// A JSON Web Key, but no private one for ES256.
    #[error("not a private key of kty EC, crv P-256, for alg ES256")]
    Unsuitable,
    /// `x` and `y` are not the public half of `d`.
    #[error("x and y do not belong to d")]
    Mismatch,
}

/// The members that count (RFC 7517 section 4, RFC 7518 section 6.2).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    d: String,
    alg: Option<String>,
    kid: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl ClientKey {
    /// Reads a private JSON Web Key. Without `kid` it is called by its thumbprint (RFC 7638).
    pub fn from_jwk(text: &str) -> Result<Self, ClientKeyError> {
        let jwk: Jwk = serde_json::from_str(text).map_err(|_| ClientKeyError::Malformed)?;
        let fits = jwk.kty == "EC" && jwk.crv == "P-256";
        if !fits || jwk.alg.is_some_and(|alg| alg != "ES256") {
            return Err(ClientKeyError::Unsuitable);
        }
        let secret = URL_SAFE_NO_PAD.decode(jwk.d).map_err(|_| ClientKeyError::Unsuitable)?;
        let key = SigningKey::from_slice(&secret).map_err(|_| ClientKeyError::Unsuitable)?;
        let (x, y) = coordinates(&key);
        if jwk.x.is_some_and(|given| given != x) || jwk.y.is_some_and(|given| given != y) {
            return Err(ClientKeyError::Mismatch);
        }
        Ok(Self { kid: jwk.kid.unwrap_or_else(|| thumbprint(&x, &y)), key })
    }

    /// A new key.
    pub fn generate(entropy: &Entropy) -> Self {
        loop {
            // Fails for one number in 2^32 only: those above the order of the curve, and zero.
            if let Ok(key) = SigningKey::from_slice(&entropy.bytes()) {
                let (x, y) = coordinates(&key);
                return Self { kid: thumbprint(&x, &y), key };
            }
        }
    }

    /// The private key as a JSON Web Key, to be kept where only this program reads.
    pub fn to_private_jwk(&self) -> String {
        let mut jwk = self.public_jwk();
        if let Value::Object(members) = &mut jwk {
            let secret = URL_SAFE_NO_PAD.encode(self.key.to_bytes());
            members.insert("d".to_owned(), Value::String(secret));
        }
        jwk.to_string()
    }

    /// The public half as a JWK Set, for `jwks` at the provider (RFC 7591 section 2).
    pub fn public_jwks(&self) -> Value {
        json!({ "keys": [self.public_jwk()] })
    }

    fn public_jwk(&self) -> Value {
        let (x, y) = coordinates(&self.key);
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
            "x": x, "y": y,
        })
    }

    /// Proof of this client for one request: who, for whom, and for how long (RFC 7523 section 3).
    /// `jti` must be fresh, `now` is in Unix seconds.
    pub fn assertion(&self, client_id: &str, audience: &str, jti: &str, now: i64) -> String {
        self.sign(&json!({
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "jti": jti,
            "iat": now,
            "exp": now + ASSERTION_LIFE,
        }))
    }

    /// `claims` as a JWS in compact form (RFC 7515 section 3.1). The signature needs no
    /// randomness (RFC 6979), so none can be bad.
    fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "kid": self.kid, "typ": "JWT" });
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature: Signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

impl std::fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// `x` and `y` of the public key as base64url.
fn coordinates(key: &SigningKey) -> (String, String) {
    let point = key.verifying_key().to_sec1_point(false);
    let part = |bytes: Option<_>| bytes.map(|b: &p256::FieldBytes| URL_SAFE_NO_PAD.encode(b));
    (part(point.x()).unwrap_or_default(), part(point.y()).unwrap_or_default())
}

/// RFC 7638 section 3.2: the required members in alphabetical order, without spaces.
fn thumbprint(x: &str, y: &str) -> String {
    let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_being_written_and_read() {
        let key = ClientKey::generate(&Entropy::system());
        let text = key.to_private_jwk();
        let again = ClientKey::from_jwk(&text).unwrap();
        assert_eq!(again.public_jwks(), key.public_jwks());
        assert!(!key.public_jwks().to_string().contains("\"d\""));
        let secret = serde_json::from_str::<Value>(&text).unwrap()["d"].to_string();
        assert!(!format!("{key:?}").contains(secret.trim_matches('"')));
    }

    #[test]
    fn what_is_no_private_es256_key_is_refused() {
        let good: Value =
            serde_json::from_str(&ClientKey::generate(&Entropy::system()).to_private_jwk())
                .unwrap();
        let other = ClientKey::generate(&Entropy::system()).public_jwks()["keys"][0].clone();
        let with = |name: &str, value: Value| {
            let mut jwk = good.clone();
            jwk[name] = value;
            ClientKey::from_jwk(&jwk.to_string()).err()
        };
        assert_eq!(with("kid", json!("own")), None);
        assert_eq!(with("kty", json!("RSA")), Some(ClientKeyError::Unsuitable));
        assert_eq!(with("crv", json!("P-384")), Some(ClientKeyError::Unsuitable));
        assert_eq!(with("alg", json!("ES384")), Some(ClientKeyError::Unsuitable));
        assert_eq!(with("d", json!("")), Some(ClientKeyError::Unsuitable));
        assert_eq!(with("d", json!("A".repeat(43))), Some(ClientKeyError::Unsuitable));
        assert_eq!(with("x", other["x"].clone()), Some(ClientKeyError::Mismatch));
        assert_eq!(ClientKey::from_jwk("{}").err(), Some(ClientKeyError::Malformed));
    }

    #[test]
    fn rfc7638_3_1_the_thumbprint_is_that_of_the_public_members() {
        let key = ClientKey::generate(&Entropy::system());
        let mut jwk: Value = serde_json::from_str(&key.to_private_jwk()).unwrap();
        jwk.as_object_mut().unwrap().remove("kid");
        let unnamed = ClientKey::from_jwk(&jwk.to_string()).unwrap();
        assert_eq!(unnamed.public_jwks(), key.public_jwks());
    }
}
