//! One key pair with its signer and verifier, parsed once.

use std::fmt;

use josekit::jwk::Jwk;
use josekit::jws::{JwsHeader, JwsSigner, JwsVerifier};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::thumbprint::thumbprint;
use crate::wrapping::WrappingKey;

/// What a key that signs tokens is sealed as.
const PURPOSE: &str = "signing key";

/// A private key that can sign. It has no way out except [`SigningKey::wrap`], and `Debug` shows
/// only its name.
pub struct SigningKey {
    algorithm: Algorithm,
    kid: String,
    private: Zeroizing<Vec<u8>>,
    public: Map<String, Value>,
    signer: Box<dyn JwsSigner>,
    verifier: Box<dyn JwsVerifier>,
}

impl SigningKey {
    /// Makes a new key.
    pub fn generate(algorithm: Algorithm) -> Result<Self, Error> {
        Self::from_jwk(algorithm, &algorithm.generate()?)
    }

    /// The private key as a JWK, sealed for storing. `entropy` is fresh.
    pub fn wrap(&self, key: &WrappingKey, entropy: &[u8; 32]) -> Result<Vec<u8>, Error> {
        self.wrap_as(PURPOSE, key, entropy)
    }

    /// The same for a key that serves another purpose: the two cannot be swapped.
    pub(crate) fn wrap_as(
        &self,
        purpose: &str,
        key: &WrappingKey,
        entropy: &[u8; 32],
    ) -> Result<Vec<u8>, Error> {
        key.seal(&bound(purpose, self.algorithm, &self.kid), &self.private, entropy)
    }

    /// Opens a stored key. Fails when it is not the key of this name and algorithm.
    pub fn unwrap(
        algorithm: Algorithm,
        kid: &str,
        sealed: &[u8],
        key: &WrappingKey,
    ) -> Result<Self, Error> {
        Self::unwrap_as(PURPOSE, (algorithm, kid), sealed, key)
    }

    pub(crate) fn unwrap_as(
        purpose: &str,
        (algorithm, kid): (Algorithm, &str),
        sealed: &[u8],
        key: &WrappingKey,
    ) -> Result<Self, Error> {
        let private = Zeroizing::new(key.open(&bound(purpose, algorithm, kid), sealed)?);
        let jwk = Jwk::from_bytes(private.as_slice()).map_err(|_| Error::Key("read"))?;
        let found = Self::from_jwk(algorithm, &jwk)?;
        if found.kid == kid { Ok(found) } else { Err(Error::Key("read")) }
    }

    pub(crate) fn from_jwk(algorithm: Algorithm, private: &Jwk) -> Result<Self, Error> {
        let mut public = private.to_public_key().map_err(|_| Error::Key("published"))?;
        let kid = thumbprint(public.as_ref())?;
        // The library drops these when it makes the public key.
        public.set_key_id(&kid);
        public.set_algorithm(algorithm.as_str());
        public.set_key_use("sig");
        let private_bytes =
            serde_json::to_vec(private.as_ref()).map_err(|_| Error::Key("stored"))?;
        Ok(Self {
            algorithm,
            kid,
            private: Zeroizing::new(private_bytes),
            signer: algorithm.signer(private)?,
            verifier: algorithm.verifier(&public)?,
            public: public.as_ref().clone(),
        })
    }

    /// The algorithm of the key; it has no other.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The name of the key: its RFC 7638 thumbprint.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key for a key set (RFC 7517 4): public members, `kid`, `use` and `alg`.
    pub fn public_jwk(&self) -> Value {
        Value::Object(self.public.clone())
    }

    pub(crate) fn sign(&self, typ: &str, claims: &Value) -> Result<String, Error> {
        let mut header = JwsHeader::new();
        header.set_token_type(typ);
        header.set_key_id(&self.kid);
        let payload = serde_json::to_vec(claims).map_err(|_| Error::Sign)?;
        josekit::jws::serialize_compact(&payload, &header, self.signer.as_ref())
            .map_err(|_| Error::Sign)
    }

    pub(crate) fn is_signature(&self, message: &[u8], signature: &[u8]) -> bool {
        signature.len() == self.signer.signature_len()
            && self.verifier.verify(message, signature).is_ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} {})", self.algorithm.as_str(), self.kid)
    }
}

fn bound(purpose: &str, algorithm: Algorithm, kid: &str) -> String {
    format!("{purpose} {} {kid}", algorithm.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_survives_wrapping() {
        let wrapping = WrappingKey::new([3; 32]);
        for algorithm in Algorithm::ALL {
            let key = SigningKey::generate(algorithm).unwrap();
            let sealed = key.wrap(&wrapping, &[0; 32]).unwrap();
            let opened = SigningKey::unwrap(algorithm, key.kid(), &sealed, &wrapping).unwrap();
            assert_eq!(opened.public_jwk(), key.public_jwk());
            for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
                assert!(SigningKey::unwrap(other, key.kid(), &sealed, &wrapping).is_err());
            }
            assert!(SigningKey::unwrap(algorithm, "other", &sealed, &wrapping).is_err());
        }
    }

    #[test]
    fn the_public_key_has_no_private_member_and_names_its_use() {
        for algorithm in Algorithm::ALL {
            let public = SigningKey::generate(algorithm).unwrap().public_jwk();
            for name in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert_eq!(public.get(name), None, "{algorithm:?} {name}");
            }
            assert_eq!(public["use"], "sig");
            assert_eq!(public["alg"], algorithm.as_str());
            assert_eq!(public["kid"].as_str().map(str::len), Some(43));
        }
    }

    #[test]
    fn debug_shows_no_key_material() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        assert_eq!(format!("{key:?}"), format!("SigningKey(ES256 {})", key.kid()));
    }
}
