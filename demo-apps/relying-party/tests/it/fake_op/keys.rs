//! The provider's signing keys.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha512};

/// A key with its name.
pub(crate) struct Key {
    pub(crate) kid: String,
    pair: Pair,
}

/// Signs bytes.
type Signer = Box<dyn Fn(&[u8]) -> Vec<u8> + Send>;

enum Pair {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    /// Of a kind that is made elsewhere: `alg`, `kty` with the public members, and what signs.
    Other(&'static str, Value, Signer),
}

impl Key {
    /// A key for ES256.
    pub(crate) fn generate(kid: &str) -> Self {
        let random = SystemRandom::new();
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random)
                .unwrap();
        Self { kid: kid.to_owned(), pair: Pair::Ec(pair) }
    }

    /// A key for EdDSA.
    pub(crate) fn ed25519(kid: &str) -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
        Self { kid: kid.to_owned(), pair: Pair::Ed(pair) }
    }

    /// A key of another kind: its `alg`, its public members, and what signs.
    pub(crate) fn other(kid: &str, alg: &'static str, public: Value, sign: Signer) -> Self {
        Self { kid: kid.to_owned(), pair: Pair::Other(alg, public, sign) }
    }

    pub(crate) fn alg(&self) -> &'static str {
        match &self.pair {
            Pair::Ec(_) => "ES256",
            Pair::Ed(_) => "EdDSA",
            Pair::Other(alg, ..) => alg,
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match &self.pair {
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref();
                json!({ "kty": "EC", "crv": "P-256", "x": encode(&point[1..33]),
                        "y": encode(&point[33..]) })
            }
            Pair::Ed(pair) => json!({
                "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref()),
            }),
            Pair::Other(_, public, _) => public.clone(),
        };
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.alg());
        jwk["kid"] = json!(self.kid);
        jwk
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature = match &self.pair {
            Pair::Ec(pair) => {
                pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap().as_ref().to_vec()
            }
            Pair::Ed(pair) => pair.sign(signed.as_bytes()).as_ref().to_vec(),
            Pair::Other(.., sign) => sign(signed.as_bytes()),
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// `at_hash` of `token` under this key's algorithm (OpenID Connect Core 3.1.3.6).
    pub(crate) fn half_hash(&self, token: &str) -> String {
        match &self.pair {
            Pair::Ed(_) => URL_SAFE_NO_PAD.encode(&Sha512::digest(token)[..32]),
            _ => URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..16]),
        }
    }
}
