//! A client's signing key, and JWTs signed with it (RFC 7515), right or deliberately wrong.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, anyhow, bail};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    hmac,
    rand::{SecureRandom as _, SystemRandom},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
        RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use serde_json::{Map, Value, json};

/// A private key with the name under which its public half is registered.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    /// The private half as a JWK.
    jwk: Map<String, Value>,
    pair: Arc<Pair>,
}

enum Pair {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

impl SigningKey {
    /// A fresh ES256 key.
    pub fn generate_es256(kid: &str) -> anyhow::Result<Self> {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .map_err(|_| anyhow!("no key could be made"))?;
        let bytes = document.as_ref();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes, &random)
            .map_err(|_| anyhow!("the new key cannot be read"))?;
        // RFC 5915 3: version 1, then an octet string of 32 bytes, the private number.
        let start = bytes.windows(5).position(|part| part == [2, 1, 1, 4, 32]);
        let start = start.context("the new key has another form")? + 5;
        let number = bytes.get(start..start + 32).context("the new key is too short")?;
        let point = pair.public_key().as_ref().to_vec();
        let (x, y) = halves(&point)?;
        Self::from_jwk(&json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid,
            "x": encode(x), "y": encode(y), "d": encode(number),
        }))
    }

    /// A fresh EdDSA key.
    pub fn generate_eddsa(kid: &str) -> anyhow::Result<Self> {
        let mut seed = [0; 32];
        SystemRandom::new().fill(&mut seed).map_err(|_| anyhow!("no key could be made"))?;
        let pair =
            Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|error| anyhow!("{error}"))?;
        Self::from_jwk(&json!({
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid,
            "x": encode(pair.public_key().as_ref()), "d": encode(&seed),
        }))
    }

    /// Reads a private JWK (RFC 7517) from a file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display();
        let text =
            std::fs::read_to_string(path).with_context(|| format!("{name} cannot be read"))?;
        let jwk = serde_json::from_str(&text).with_context(|| format!("{name} is no JSON"))?;
        Self::from_jwk(&jwk).with_context(|| format!("{name} is no private key"))
    }

    /// A private JWK: EC on P-256, OKP on Ed25519, or RSA. Fails for any other.
    pub fn from_jwk(jwk: &Value) -> anyhow::Result<Self> {
        let members = jwk.as_object().context("a key is an object")?.clone();
        let kid = members.get("kid").and_then(Value::as_str).context("the key has no kid")?;
        let pair = match members.get("kty").and_then(Value::as_str) {
            Some("EC") => {
                let point = [vec![4], part(&members, "x")?, part(&members, "y")?].concat();
                let pair = EcdsaKeyPair::from_private_key_and_public_key(
                    &ECDSA_P256_SHA256_FIXED_SIGNING,
                    &part(&members, "d")?,
                    &point,
                    &SystemRandom::new(),
                );
                Pair::Es256(pair.map_err(|error| anyhow!("{error}"))?)
            }
            Some("OKP") => {
                let (seed, public) = (part(&members, "d")?, part(&members, "x")?);
                let pair = Ed25519KeyPair::from_seed_and_public_key(&seed, &public);
                Pair::EdDsa(pair.map_err(|error| anyhow!("{error}"))?)
            }
            Some("RSA") => Pair::Rs256(rsa(&members)?),
            other => bail!("kty is {other:?}"),
        };
        Ok(Self { kid: kid.to_owned(), jwk: members, pair: Arc::new(pair) })
    }

    /// The private half as a JWK.
    pub fn private_jwk(&self) -> Value {
        Value::Object(self.jwk.clone())
    }

    /// The public half as a JWK.
    pub fn public_jwk(&self) -> Value {
        let mut members = self.jwk.clone();
        for private in ["d", "p", "q", "dp", "dq", "qi"] {
            members.remove(private);
        }
        Value::Object(members)
    }

    /// A set with the public half of this key alone.
    pub fn public_set(&self) -> Value {
        json!({ "keys": [self.public_jwk()] })
    }

    /// The algorithm of its signatures.
    pub fn algorithm(&self) -> &'static str {
        match *self.pair {
            Pair::Es256(_) => "ES256",
            Pair::EdDsa(_) => "EdDSA",
            Pair::Rs256(_) => "RS256",
        }
    }

    /// A JWT with the algorithm and name of this key.
    pub(crate) fn sign(&self, claims: &Map<String, Value>) -> anyhow::Result<String> {
        self.sign_with(&json!({ "alg": self.algorithm(), "kid": self.kid }), claims)
    }

    /// A JWT with exactly this header; the signature is that of this key whatever the header says.
    pub(crate) fn sign_with(
        &self,
        header: &Value,
        claims: &Map<String, Value>,
    ) -> anyhow::Result<String> {
        let signed = unsigned_part(header, claims);
        let signature = match &*self.pair {
            Pair::Es256(pair) => pair
                .sign(&SystemRandom::new(), signed.as_bytes())
                .map_err(|_| anyhow!("no signature could be made"))?
                .as_ref()
                .to_vec(),
            Pair::EdDsa(pair) => pair.sign(signed.as_bytes()).as_ref().to_vec(),
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let random = SystemRandom::new();
                pair.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature)
                    .map_err(|_| anyhow!("no signature could be made"))?;
                signature
            }
        };
        Ok(format!("{signed}.{}", encode(&signature)))
    }

    /// A JWT "signed" by HMAC with the public key as the secret: the confusion of RFC 8725 2.1.
    pub(crate) fn confuse(&self, claims: &Map<String, Value>) -> String {
        let signed = unsigned_part(&json!({ "alg": "HS256", "kid": self.kid }), claims);
        let secret = self.public_jwk().to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, signed.as_bytes());
        format!("{signed}.{}", encode(tag.as_ref()))
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }
}

/// A JWT without signature (`alg` none).
pub(crate) fn unsecured(claims: &Map<String, Value>) -> String {
    unsigned_part(&json!({ "alg": "none" }), claims) + "."
}

fn unsigned_part(header: &Value, claims: &Map<String, Value>) -> String {
    let claims = Value::Object(claims.clone());
    format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()))
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn part(members: &Map<String, Value>, name: &str) -> anyhow::Result<Vec<u8>> {
    let text = members.get(name).and_then(Value::as_str);
    let text = text.with_context(|| format!("the key has no {name}"))?;
    URL_SAFE_NO_PAD.decode(text).with_context(|| format!("{name} is not base64url"))
}

/// The two coordinates of an uncompressed point.
fn halves(point: &[u8]) -> anyhow::Result<(&[u8], &[u8])> {
    let body = point.get(1..65).context("the point has another form")?;
    Ok(body.split_at(32))
}

fn rsa(members: &Map<String, Value>) -> anyhow::Result<RsaKeyPair> {
    let number = |name| part(members, name);
    let components = ring::rsa::KeyPairComponents {
        public_key: ring::rsa::PublicKeyComponents { n: number("n")?, e: number("e")? },
        d: number("d")?,
        p: number("p")?,
        q: number("q")?,
        dP: number("dp")?,
        dQ: number("dq")?,
        qInv: number("qi")?,
    };
    RsaKeyPair::from_components(&components).map_err(|error| anyhow!("{error}"))
}

#[cfg(test)]
mod tests {
    use openidconnect::core::CoreJsonWebKeySet;

    use super::*;
    use crate::jwt::Jwt;

    #[test]
    fn what_a_key_signs_the_independent_library_verifies() {
        let claims = json!({ "sub": "me" }).as_object().unwrap().clone();
        for key in
            [SigningKey::generate_es256("one").unwrap(), SigningKey::generate_eddsa("two").unwrap()]
        {
            let token = key.sign(&claims).unwrap();
            let set: CoreJsonWebKeySet = serde_json::from_value(key.public_set()).unwrap();
            assert_eq!(Jwt::verify(&token, &set).unwrap().text("sub").unwrap(), "me");
            let again = SigningKey::from_jwk(&key.private_jwk()).unwrap();
            assert_eq!(again.public_jwk(), key.public_jwk());
            assert!(key.public_jwk().get("d").is_none());
            assert!(Jwt::verify(&key.confuse(&claims), &set).is_err());
            assert!(Jwt::verify(&unsecured(&claims), &set).is_err());
        }
    }
}
