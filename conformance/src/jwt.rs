//! A signed token, verified by `openidconnect`: a library that shares no code with the provider.

use anyhow::{Context as _, anyhow, bail, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    AccessToken, AccessTokenHash, JsonWebKey as _,
    core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use serde_json::{Map, Value};

/// A token whose signature is right.
pub(crate) struct Jwt {
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    key: CoreJsonWebKey,
    algorithm: CoreJwsSigningAlgorithm,
}

impl Jwt {
    /// Reads a token and verifies its signature with the published key that it names.
    pub(crate) fn verify(token: &str, keys: &CoreJsonWebKeySet) -> anyhow::Result<Self> {
        let [header, claims, signature] = parts(token)?;
        let signed = format!("{header}.{claims}");
        let (header, claims) = (object(header)?, object(claims)?);
        let algorithm = match text(&header, "alg")? {
            "ES256" => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            "RS256" => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            "PS256" => CoreJwsSigningAlgorithm::RsaSsaPssSha256,
            "EdDSA" => CoreJwsSigningAlgorithm::EdDsa,
            other => bail!("alg is {other}"),
        };
        let kid = text(&header, "kid")?;
        let key = keys
            .keys()
            .iter()
            .find(|key| key.key_id().is_some_and(|id| id.as_str() == kid))
            .with_context(|| format!("no published key has the kid {kid}"))?;
        let signature = URL_SAFE_NO_PAD.decode(signature)?;
        key.verify_signature(&algorithm, signed.as_bytes(), &signature)
            .map_err(|error| anyhow!("the signature is wrong: {error}"))?;
        Ok(Self { header, claims, key: key.clone(), algorithm })
    }

    pub(crate) fn text(&self, claim: &str) -> anyhow::Result<&str> {
        text(&self.claims, claim)
    }

    /// An instant: a whole number of Unix seconds.
    pub(crate) fn instant(&self, claim: &str) -> anyhow::Result<i64> {
        let value = self.claims.get(claim);
        value.and_then(Value::as_i64).with_context(|| format!("{claim} is {value:?}"))
    }

    /// Every audience.
    pub(crate) fn audiences(&self) -> Vec<&str> {
        match self.claims.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The `at_hash` that belongs to an access token (OpenID Connect Core 3.1.3.6).
    pub(crate) fn expected_at_hash(&self, access_token: &str) -> anyhow::Result<String> {
        let token = AccessToken::new(access_token.to_owned());
        let hash = AccessTokenHash::from_token(&token, &self.algorithm, &self.key);
        Ok(hash.map_err(|error| anyhow!("{error}"))?.to_string())
    }
}

/// A copy with one claim replaced and the signature kept.
pub(crate) fn tampered(token: &str, claim: &str, value: Value) -> anyhow::Result<String> {
    let [header, claims, signature] = parts(token)?;
    let mut claims = object(claims)?;
    claims.insert(claim.to_owned(), value);
    let claims = URL_SAFE_NO_PAD.encode(Value::Object(claims).to_string());
    Ok(format!("{header}.{claims}.{signature}"))
}

/// A copy that claims to need no signature (RFC 8725 2.1).
pub(crate) fn unsigned(token: &str) -> anyhow::Result<String> {
    let [header, claims, _] = parts(token)?;
    let mut header = object(header)?;
    header.insert("alg".to_owned(), Value::from("none"));
    let header = URL_SAFE_NO_PAD.encode(Value::Object(header).to_string());
    Ok(format!("{header}.{claims}."))
}

fn parts(token: &str) -> anyhow::Result<[&str; 3]> {
    let parts: Vec<&str> = token.split('.').collect();
    <[&str; 3]>::try_from(parts).map_err(|_| anyhow!("the token is not a signed JWT"))
}

fn object(part: &str) -> anyhow::Result<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part)?;
    Ok(serde_json::from_slice(&bytes)?)
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> anyhow::Result<&'a str> {
    let value = object.get(name);
    let text = value.and_then(Value::as_str);
    let text = text.with_context(|| format!("{name} is {value:?}"))?;
    ensure!(!text.is_empty(), "{name} is empty");
    Ok(text)
}
