//! The keys of the provider: who signs now, which keys are published, and the one verification.

use serde_json::{Value, json};

use crate::algorithm::Algorithm;
use crate::claims::{AudienceClaim, Claims};
use crate::compact::{self, Header};
use crate::error::{Error, Invalid};
use crate::signing_key::SigningKey;

#[cfg(test)]
mod tests;

/// Largest tolerance between clocks, whatever the caller says, milliseconds (security.md 47).
const MAX_LEEWAY: i64 = 60_000;

/// A key and the span in which it signs. It verifies as long as it is in the ring.
#[derive(Debug)]
pub struct RingKey {
    /// The key.
    pub key: SigningKey,
    /// Signs from then on, Unix milliseconds; published before, so that caches know it in time.
    pub active_from: i64,
    /// Signs no more from then on, Unix milliseconds.
    pub retired_at: Option<i64>,
    /// Whether the key set shows it. It verifies all the same, as `id_token_hint` may be old.
    pub is_published: bool,
}

impl RingKey {
    fn signs_at(&self, now: i64) -> bool {
        self.active_from <= now && self.retired_at.is_none_or(|retired| now < retired)
    }

    /// Whether a token of that instant can be one of this key. Whoever finds an old key cannot make new
    /// tokens with it, even while it still verifies old ones.
    fn may_have_signed_at(&self, issued_at: i64) -> bool {
        issued_at.saturating_add(MAX_LEEWAY) >= self.active_from
            && self.retired_at.is_none_or(|retired| issued_at < retired.saturating_add(MAX_LEEWAY))
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
    /// Tolerance between clocks, milliseconds; at most a minute counts.
    pub leeway: i64,
    /// Whether it may be over.
    pub expiry: Expiry,
}

impl KeyRing {
    /// Builds the ring and its key set. The order of the keys does not matter.
    pub fn new(keys: Vec<RingKey>) -> Self {
        let published = keys.iter().filter(|entry| entry.is_published);
        let public: Vec<Value> = published.map(|entry| entry.key.public_jwk()).collect();
        Self { keys, jwks_json: json!({ "keys": public }).to_string() }
    }

    /// The key set to publish (RFC 7517 5) as JSON, written once: public parts only.
    pub fn jwks_json(&self) -> &str {
        &self.jwks_json
    }

    /// Signs claims with the newest active key of an algorithm (RFC 7515 3.1). A node whose clock is a
    /// little behind may find that the first or a replaced key is to be active in a moment: it uses it.
    pub fn sign(
        &self,
        algorithm: Algorithm,
        typ: &str,
        claims: &Value,
        now: i64,
    ) -> Result<String, Error> {
        let active = |now: i64| {
            self.keys
                .iter()
                .filter(|entry| entry.key.algorithm() == algorithm && entry.signs_at(now))
                .max_by_key(|entry| entry.active_from)
        };
        active(now)
            .or_else(|| active(now.saturating_add(MAX_LEEWAY)))
            .ok_or(Error::NoActiveKey(algorithm.as_str()))?
            .key
            .sign(typ, claims)
    }

    /// Verifies a token: strict form, kind, key and algorithm chosen by us, signature, issuer,
    /// audience and time (RFC 8725 3; security.md 37-39, 47).
    pub fn verify(&self, token: &str, expected: &Expectation<'_>) -> Result<Claims, Invalid> {
        let parts = compact::parse(token, Header::Own)?;
        if parts.typ.as_deref() != Some(expected.typ) {
            return Err(Invalid::Typ);
        }
        let kid = parts.kid.as_deref().ok_or(Invalid::Header)?;
        let entry = self.find_key(kid, &parts.alg, expected.algorithms)?;
        if !entry.key.is_signature(parts.message.as_bytes(), &parts.signature) {
            return Err(Invalid::Signature);
        }
        let claims = Claims(parts.claims);
        check_issuer(&claims, expected.iss)?;
        check_audience(&claims, expected.aud)?;
        let issued_at = check_times(&claims, expected)?;
        if !entry.may_have_signed_at(issued_at) {
            return Err(Invalid::KeyNotInUse);
        }
        Ok(claims)
    }

    /// The header only names a key of ours; the algorithm is that of the key.
    fn find_key(&self, kid: &str, alg: &str, allowed: &[Algorithm]) -> Result<&RingKey, Invalid> {
        self.keys
            .iter()
            .find(|RingKey { key, .. }| {
                key.kid() == kid
                    && key.algorithm().as_str() == alg
                    && allowed.contains(&key.algorithm())
            })
            .ok_or(Invalid::UnknownKey)
    }
}

fn check_issuer(claims: &Claims, issuer: &str) -> Result<(), Invalid> {
    if claims.text("iss") == Some(issuer) { Ok(()) } else { Err(Invalid::Issuer) }
}

/// One audience as a text; a list would let a token serve two masters.
fn check_audience(claims: &Claims, expected: Audience<'_>) -> Result<(), Invalid> {
    let AudienceClaim::One(audience) = claims.audience()? else {
        return Err(Invalid::Audience);
    };
    let fits = match expected {
        Audience::Claim(name) => claims.text(name) == Some(audience),
        Audience::AnyOne => true,
    };
    if fits { Ok(()) } else { Err(Invalid::Audience) }
}

/// Gives when the token was issued.
fn check_times(claims: &Claims, expected: &Expectation<'_>) -> Result<i64, Invalid> {
    let leeway = expected.leeway.clamp(0, MAX_LEEWAY);
    let expires_at = claims.instant("exp")?.ok_or(Invalid::Time)?;
    let issued_at = claims.instant("iat")?.ok_or(Invalid::Time)?;
    let not_before = claims.instant("nbf")?.unwrap_or(issued_at);
    if issued_at.max(not_before) > expected.now.saturating_add(leeway) {
        return Err(Invalid::NotYetValid);
    }
    let is_over = expected.now >= expires_at.saturating_add(leeway);
    if is_over && expected.expiry == Expiry::Enforced {
        return Err(Invalid::Expired);
    }
    Ok(issued_at)
}
