//! Checkpoints of the audit trail: signed statements of how far the trail reached at a time (ADR 29).
//!
//! Their key signs nothing else and is kept for years, so that old evidence can be proved with one public key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::algorithm::Algorithm;
use crate::claims::Claims;
use crate::client_jwk::{ClientAlgorithm, ClientJwk};
use crate::client_keys::KeySetError;
use crate::compact::{self, Header};
use crate::error::{Error, Invalid};
use crate::signing_key::SigningKey;
use crate::strict_json::parse_object;
use crate::thumbprint::thumbprint;
use crate::wrapping::WrappingKey;

#[cfg(test)]
mod tests;

/// The kind of a checkpoint: it is no token, and no token is one (RFC 8725 3.11).
pub const CHECKPOINT_TYP: &str = "audit-checkpoint+jwt";

/// The algorithm of checkpoints.
const ALGORITHM: Algorithm = Algorithm::Es256;

/// What their key is sealed as.
const PURPOSE: &str = "audit key";

/// Most keys that checkpoints are proved with.
const MAX_KEYS: usize = 100;

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose trail.
    pub iss: String,
    /// Number of the last entry.
    pub seq: i64,
    /// Digest of the last entry, and through it of all before.
    pub digest: [u8; 32],
    /// When it was signed, Unix seconds.
    pub iat: i64,
}

/// A private key that signs checkpoints.
#[derive(Debug)]
pub struct CheckpointKey(SigningKey);

impl CheckpointKey {
    /// Makes a new key.
    pub fn generate() -> Result<Self, Error> {
        SigningKey::generate(ALGORITHM).map(Self)
    }

    /// The private key, sealed for storing. `entropy` is fresh.
    pub fn wrap(&self, key: &WrappingKey, entropy: &[u8; 32]) -> Result<Vec<u8>, Error> {
        self.0.wrap_as(PURPOSE, key, entropy)
    }

    /// Opens a stored key. Fails when it is not the key of this name, or one for tokens.
    pub fn unwrap(kid: &str, sealed: &[u8], key: &WrappingKey) -> Result<Self, Error> {
        SigningKey::unwrap_as(PURPOSE, (ALGORITHM, kid), sealed, key).map(Self)
    }

    /// The name of the key: its RFC 7638 thumbprint.
    pub fn kid(&self) -> &str {
        self.0.kid()
    }

    /// The public key (RFC 7517 4), for whoever checks the trail.
    pub fn public_jwk(&self) -> Value {
        self.0.public_jwk()
    }

    /// Signs a checkpoint (RFC 7515 3.1).
    pub fn sign(&self, checkpoint: &Checkpoint) -> Result<String, Error> {
        let claims = json!({
            "iss": checkpoint.iss,
            "seq": checkpoint.seq,
            "digest": URL_SAFE_NO_PAD.encode(checkpoint.digest),
            "iat": checkpoint.iat,
        });
        self.0.sign(CHECKPOINT_TYP, &claims)
    }
}

/// The public keys that checkpoints are proved with: whom the reader trusts.
#[derive(Debug)]
pub struct CheckpointKeys(Vec<(String, ClientJwk)>);

impl CheckpointKeys {
    /// Reads a key, or a set of keys (RFC 7517 4, 5). Each is found by its thumbprint, whatever name it has.
    ///
    /// # Errors
    /// [`KeySetError`]: anything in it that is no public key for ES256.
    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        let object = parse_object(json).ok_or(KeySetError::Malformed)?;
        let entries = match object.get("keys") {
            None => vec![&object],
            Some(Value::Array(entries)) if entries.len() > MAX_KEYS => {
                return Err(KeySetError::TooManyKeys);
            }
            Some(Value::Array(entries)) => entries
                .iter()
                .map(|entry| entry.as_object().ok_or(KeySetError::Malformed))
                .collect::<Result<_, _>>()?,
            Some(_) => return Err(KeySetError::Malformed),
        };
        let keys: Vec<_> = entries.into_iter().map(read).collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(KeySetError::Unusable) } else { Ok(Self(keys)) }
    }

    /// The public keys of these private ones.
    ///
    /// # Errors
    /// [`KeySetError`], which keys of [`CheckpointKey::generate`] never cause.
    pub fn of<'a>(keys: impl IntoIterator<Item = &'a CheckpointKey>) -> Result<Self, KeySetError> {
        let jwks: Vec<Value> = keys.into_iter().map(CheckpointKey::public_jwk).collect();
        if jwks.is_empty() {
            return Ok(Self(Vec::new()));
        }
        Self::parse(json!({ "keys": jwks }).to_string().as_bytes())
    }

    /// Proves a checkpoint: strict form, kind, one of these keys, signature, and exactly its claims.
    ///
    /// # Errors
    /// Why it is not accepted.
    pub fn verify(&self, text: &str) -> Result<Checkpoint, Invalid> {
        let parts = compact::parse(text, Header::Own)?;
        if parts.typ.as_deref() != Some(CHECKPOINT_TYP) {
            return Err(Invalid::Typ);
        }
        let named = |(kid, _): &&(String, ClientJwk)| Some(kid.as_str()) == parts.kid.as_deref();
        let (_, key) = self.0.iter().find(named).ok_or(Invalid::UnknownKey)?;
        let algorithm = key
            .find_algorithm(&parts.alg)
            .filter(|algorithm| *algorithm == ClientAlgorithm::Es256)
            .ok_or(Invalid::UnknownKey)?;
        if !key.is_signature(algorithm, parts.message.as_bytes(), &parts.signature) {
            return Err(Invalid::Signature);
        }
        claims(parts.claims)
    }
}

fn read(members: &Map<String, Value>) -> Result<(String, ClientJwk), KeySetError> {
    let key = ClientJwk::parse(members)?.ok_or(KeySetError::Unusable)?;
    if key.find_algorithm(ALGORITHM.as_str()).is_none() {
        return Err(KeySetError::Unusable);
    }
    let kid = thumbprint(members).map_err(|_| KeySetError::Key)?;
    Ok((kid, key))
}

fn claims(members: Map<String, Value>) -> Result<Checkpoint, Invalid> {
    if members.len() != 4 {
        return Err(Invalid::Malformed);
    }
    let claims = Claims(members);
    let digest = claims.text("digest").and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    Ok(Checkpoint {
        iss: claims.text("iss").ok_or(Invalid::Issuer)?.to_owned(),
        seq: claims.get("seq").and_then(Value::as_i64).ok_or(Invalid::Malformed)?,
        digest: digest.and_then(|bytes| bytes.try_into().ok()).ok_or(Invalid::Malformed)?,
        iat: claims.instant("iat")?.ok_or(Invalid::Time)?.div_euclid(1000),
    })
}
