//! The signing keys of the provider: made at the first start, rotated, revoked, and the same on every node
//! (security.md 46; ADR 19).

mod rotation;
mod schedule;

use std::sync::{Arc, PoisonError, RwLock};

use keys::{Algorithm, Claims, Expectation, Invalid, KeyRing, RingKey, SigningKey};
use oidc_core::client::SigningAlg;
use portal_core::Timestamp;
use serde_json::Value;
use storage::{StorageError, Store, StoredSigningKey};

pub use rotation::{KeyAdministration, NewKey, Revoked, Rotated};
pub use schedule::{JWKS_MAX_AGE_SECONDS, KeyState, Schedule};

use crate::secrets::ServerKeys;

/// The signing keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// They cannot be read or stored.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// They cannot be made, opened or sealed: most often the master key is another one.
    #[error("a signing key cannot be opened with this master key: {0}")]
    Keys(#[from] keys::Error),
    /// A stored key has an algorithm that this version does not know.
    #[error("this version does not know the algorithm {0} of a signing key")]
    Algorithm(String),
    /// The program ends while a key is made.
    #[error("making a signing key was interrupted")]
    Interrupted,
}

/// The key ring that is in use now. Rotation puts another one in its place while requests run; each request works with
/// the ring that it found.
pub struct Keys {
    now: RwLock<Arc<Loaded>>,
    /// When keys change.
    pub schedule: Schedule,
}

/// A ring and what it was made from.
struct Loaded {
    ring: KeyRing,
    stored: Vec<StoredSigningKey>,
    published: Vec<bool>,
}

/// What to do about a stored key that cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unreadable {
    /// Refuse to start: the master key is wrong, and somebody is looking.
    Fail,
    /// Go on without it: a revocation of another key must still take effect.
    Skip,
}

impl Keys {
    /// Loads every key that may sign or verify, and makes those that are missing or due.
    ///
    /// # Errors
    /// [`SigningError`].
    pub async fn load(
        administration: &KeyAdministration<'_>,
        schedule: Schedule,
    ) -> Result<Self, SigningError> {
        administration.rotate_due(&schedule).await?;
        let KeyAdministration { store, server_keys, now, .. } = *administration;
        let stored = store.list_signing_keys(schedule::verifies_since(now)).await?;
        let loaded = Loaded::open(stored, server_keys, now, Unreadable::Fail)?;
        Ok(Self { now: RwLock::new(Arc::new(loaded)), schedule })
    }

    /// Looks for rotated and revoked keys in the database, and uses what it finds: whether anything changed. Cheap
    /// when nothing did.
    ///
    /// # Errors
    /// [`SigningError`]; the ring stays as it was.
    pub async fn reload(
        &self,
        store: &Store,
        server_keys: &ServerKeys,
        now: Timestamp,
    ) -> Result<bool, SigningError> {
        let stored = store.list_signing_keys(schedule::verifies_since(now)).await?;
        if self.loaded().is_of(&stored, now) {
            return Ok(false);
        }
        let loaded = Loaded::open(stored, server_keys, now, Unreadable::Skip)?;
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(loaded);
        Ok(true)
    }

    /// Signs claims: [`KeyRing::sign`].
    ///
    /// # Errors
    /// No key of the algorithm is active, or the library failed.
    pub fn sign(
        &self,
        algorithm: Algorithm,
        typ: &str,
        claims: &Value,
        now: i64,
    ) -> Result<String, keys::Error> {
        self.loaded().ring.sign(algorithm, typ, claims, now)
    }

    /// Verifies a token of ours: [`KeyRing::verify`]. A good signature by a key that was not in use is an alert
    /// (security.md 133).
    ///
    /// # Errors
    /// Why it is not accepted.
    pub fn verify(&self, token: &str, expected: &Expectation<'_>) -> Result<Claims, Invalid> {
        let verified = self.loaded().ring.verify(token, expected);
        if verified.as_ref().is_err_and(|invalid| *invalid == Invalid::KeyNotInUse) {
            tracing::error!(alert = "retired-key", typ = expected.typ, "a retired key has signed");
        }
        verified
    }

    /// The key set to publish, as JSON.
    pub fn jwks_json(&self) -> String {
        self.loaded().ring.jwks_json().to_owned()
    }

    /// The lock is held for one pointer copy, never while anything is awaited.
    fn loaded(&self) -> Arc<Loaded> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Loaded {
    fn open(
        stored: Vec<StoredSigningKey>,
        server_keys: &ServerKeys,
        now: Timestamp,
        unreadable: Unreadable,
    ) -> Result<Self, SigningError> {
        let published = published(&stored, now);
        let mut keys = Vec::new();
        for (key, is_published) in stored.iter().zip(&published) {
            let Some(algorithm) = Algorithm::parse(&key.alg) else {
                // A newer version made it, before this one was started again.
                tracing::warn!(
                    kid = key.kid,
                    alg = key.alg,
                    "a signing key is of no known algorithm"
                );
                continue;
            };
            match SigningKey::unwrap(algorithm, &key.kid, &key.sealed, server_keys.wrapping()) {
                Ok(opened) => keys.push(RingKey {
                    key: opened,
                    active_from: key.active_from.millis(),
                    retired_at: key.retired_at.map(Timestamp::millis),
                    is_published: *is_published,
                }),
                Err(error) if unreadable == Unreadable::Fail => return Err(error.into()),
                Err(error) => {
                    tracing::error!(kid = key.kid, %error, "a signing key cannot be opened");
                }
            }
        }
        Ok(Self { ring: KeyRing::new(keys), stored, published })
    }

    fn is_of(&self, stored: &[StoredSigningKey], now: Timestamp) -> bool {
        self.stored == stored && self.published == published(stored, now)
    }
}

fn published(stored: &[StoredSigningKey], now: Timestamp) -> Vec<bool> {
    stored.iter().map(|key| schedule::is_published(key, now)).collect()
}

/// The name of an algorithm in `keys` for the one that a client is registered with.
pub const fn algorithm(alg: SigningAlg) -> Algorithm {
    match alg {
        SigningAlg::Es256 => Algorithm::Es256,
        SigningAlg::Rs256 => Algorithm::Rs256,
        SigningAlg::EdDsa => Algorithm::EdDsa,
    }
}
