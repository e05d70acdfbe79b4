//! The keys of the provider: who signs now, which keys are published, and the one verification.

use serde_json::{Map, Value, json};

use crate::algorithm::Algorithm;
use crate::claims::Claims;
use crate::compact;
use crate::error::{Error, Invalid};
use crate::signing_key::SigningKey;

#[cfg(test)]
mod tests;

/// Largest whole number that every JSON reader keeps exactly.
const MAX_SAFE_INTEGER: i64 = 9_007_199_254_740_991;

/// A key and the span in which it signs. It is published and verifies as long as it is in the ring.
#[derive(Debug)]
pub struct RingKey {
    /// The key.
    pub key: SigningKey,
    /// Signs from then on, Unix milliseconds; published before, so that caches know it in time.
    pub active_from: i64,
    /// Signs no more from then on, Unix milliseconds.
    pub retired_at: Option<i64>,
}

impl RingKey {
    fn signs_at(&self, now: i64) -> bool {
        self.active_from <= now && self.retired_at.is_none_or(|retired| now < retired)
    }
}

/// All keys of the provider, parsed once. Immutable: rotation makes a new ring.
#[derive(Debug)]
pub struct KeyRing {
    keys: Vec<RingKey>,
    jwks_json: String,
}

/// Whom a token must be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience<'a> {
    /// The one that another claim names, such as `client_id` of an access token.
    Claim(&'a str),
    /// Any one client; the caller looks at it, as with `id_token_hint`.
    AnyOne,
}

/// Whether a token may be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// It may not.
    Enforced,
    /// It may: it only names something, as `id_token_hint` does (OpenID Connect RP-Initiated Logout
    /// 2).
    Ignored,
}

/// What a token must be to be accepted.
#[derive(Clone, Copy, Debug)]
pub struct Expectation<'a> {
    /// The kind of token, exactly (RFC 8725 3.11).
    pub typ: &'a str,
    /// Its issuer, exactly.
    pub iss: &'a str,
    /// Whom it is for.
    pub aud: Audience<'a>,
    /// Algorithms that may have signed it.
    pub algorithms: &'a [Algorithm],
    /// Now, Unix milliseconds.
    pub now: i64,
    /// Tolerance between clocks, milliseconds; at most a minute makes sense.
    pub leeway: i64,
    /// Whether it may be over.
    pub expiry: Expiry,
}

impl KeyRing {
    /// Builds the ring and its key set. The order of the keys does not matter.
    pub fn new(keys: Vec<RingKey>) -> Self {
        let public: Vec<Value> = keys.iter().map(|entry| entry.key.public_jwk()).collect();
        Self { keys, jwks_json: json!({ "keys": public }).to_string() }
    }

    /// The key set to publish (RFC 7517 5) as JSON, written once: public parts only.
    pub fn jwks_json(&self) -> &str {
        &self.jwks_json
    }

    /// Signs claims with the newest active key of an algorithm (RFC 7515 3.1).
    pub fn sign(
        &self,
        algorithm: Algorithm,
        typ: &str,
        claims: &Value,
        now: i64,
    ) -> Result<String, Error> {
        self.keys
            .iter()
            .filter(|entry| entry.key.algorithm() == algorithm && entry.signs_at(now))
            .max_by_key(|entry| entry.active_from)
            .ok_or(Error::NoActiveKey(algorithm.as_str()))?
            .key
            .sign(typ, claims)
    }

    /// Verifies a token: strict form, kind, key and algorithm chosen by us, signature, issuer,
    /// audience and time (RFC 8725 3; security.md 37-39, 47).
    pub fn verify(&self, token: &str, expected: &Expectation<'_>) -> Result<Claims, Invalid> {
        let parts = compact::parse(token)?;
        if parts.typ != expected.typ {
            return Err(Invalid::Typ);
        }
        let key = self.find_key(&parts.kid, &parts.alg, expected.algorithms)?;
        if !key.is_signature(parts.message.as_bytes(), &parts.signature) {
            return Err(Invalid::Signature);
        }
        check_issuer(&parts.claims, expected.iss)?;
        check_audience(&parts.claims, expected.aud)?;
        check_times(&parts.claims, expected)?;
        Ok(Claims(parts.claims))
    }

    /// The header only names a key of ours; the algorithm is that of the key.
    fn find_key(
        &self,
        kid: &str,
        alg: &str,
        allowed: &[Algorithm],
    ) -> Result<&SigningKey, Invalid> {
        self.keys
            .iter()
            .map(|entry| &entry.key)
            .find(|key| {
                key.kid() == kid
                    && key.algorithm().as_str() == alg
                    && allowed.contains(&key.algorithm())
            })
            .ok_or(Invalid::UnknownKey)
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

fn check_issuer(claims: &Map<String, Value>, issuer: &str) -> Result<(), Invalid> {
    if text(claims, "iss") == Some(issuer) { Ok(()) } else { Err(Invalid::Issuer) }
}

/// One audience as a text; a list would let a token serve two masters.
fn check_audience(claims: &Map<String, Value>, expected: Audience<'_>) -> Result<(), Invalid> {
    let audience = text(claims, "aud").ok_or(Invalid::Audience)?;
    let fits = match expected {
        Audience::Claim(name) => text(claims, name) == Some(audience),
        Audience::AnyOne => !audience.is_empty(),
    };
    if fits { Ok(()) } else { Err(Invalid::Audience) }
}

fn check_times(claims: &Map<String, Value>, expected: &Expectation<'_>) -> Result<(), Invalid> {
    let expires_at = instant(claims, "exp")?.ok_or(Invalid::Time)?;
    let issued_at = instant(claims, "iat")?.ok_or(Invalid::Time)?;
    let not_before = instant(claims, "nbf")?.unwrap_or(issued_at);
    if issued_at.max(not_before) > expected.now.saturating_add(expected.leeway) {
        return Err(Invalid::NotYetValid);
    }
    let is_over = expected.now >= expires_at.saturating_add(expected.leeway);
    if is_over && expected.expiry == Expiry::Enforced {
        return Err(Invalid::Expired);
    }
    Ok(())
}

/// A time claim in Unix milliseconds. Only whole, not negative seconds in the exact range of JSON.
fn instant(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, Invalid> {
    claims
        .get(name)
        .map(|value| {
            value
                .as_i64()
                .filter(|seconds| (0..=MAX_SAFE_INTEGER).contains(seconds))
                .map(|seconds| seconds.saturating_mul(1000))
                .ok_or(Invalid::Time)
        })
        .transpose()
}
