//! The signing keys of the provider: made at the first start, opened at every other (security.md 46).

use std::sync::{Arc, PoisonError, RwLock};

use keys::{Algorithm, Claims, Expectation, Invalid, KeyRing, RingKey, SigningKey};
use oidc_core::{client::SigningAlg, token::TOKEN_LIFETIME};
use portal_core::Timestamp;
use serde_json::Value;
use storage::{StorageError, Store, StoredSigningKey};

use crate::{entropy::Entropy, secrets::ServerKeys};

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
    #[error("a stored signing key has the unknown algorithm {0}")]
    Algorithm(String),
}

/// The key ring that is in use now. Rotation puts another one in its place while requests run; each
/// request works with the ring that it found.
#[derive(Debug)]
pub struct Keys(RwLock<Arc<KeyRing>>);

impl Keys {
    /// Starts with a ring.
    pub fn new(ring: KeyRing) -> Self {
        Self(RwLock::new(Arc::new(ring)))
    }

    /// The ring now. The lock is held for one pointer copy, never while anything is awaited.
    pub fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another ring in place.
    pub fn replace(&self, ring: KeyRing) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
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
        self.ring().sign(algorithm, typ, claims, now)
    }

    /// Verifies a token of ours: [`KeyRing::verify`].
    ///
    /// # Errors
    /// Why it is not accepted.
    pub fn verify(&self, token: &str, expected: &Expectation<'_>) -> Result<Claims, Invalid> {
        self.ring().verify(token, expected)
    }

    /// The key set to publish, as JSON.
    pub fn jwks_json(&self) -> String {
        self.ring().jwks_json().to_owned()
    }
}

/// Loads every key that may still be needed to verify, and makes one of each algorithm when there is none.
///
/// # Errors
/// [`SigningError`].
pub async fn load_key_ring(
    store: &Store,
    server_keys: &ServerKeys,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<KeyRing, SigningError> {
    // A retired key is published until the last token that it signed is over.
    let retired_after = Timestamp::from_millis(now.millis() - TOKEN_LIFETIME);
    let mut stored = store.list_signing_keys(retired_after).await?;
    if stored.is_empty() {
        let new = create_keys(server_keys, entropy, now)?;
        // Of several nodes that start together on an empty database, one stores its keys and all use them.
        let tx = store.begin().await?;
        if tx.hold_signing_keys(retired_after).await?.is_empty() {
            for key in &new {
                tx.insert_signing_key(key, now).await?;
            }
        }
        tx.commit().await?;
        stored = store.list_signing_keys(retired_after).await?;
    }
    let keys = stored.iter().map(|key| open(key, server_keys)).collect::<Result<_, _>>()?;
    Ok(KeyRing::new(keys))
}

/// The name of an algorithm in `keys` for the one that a client is registered with.
pub const fn algorithm(alg: SigningAlg) -> Algorithm {
    match alg {
        SigningAlg::Es256 => Algorithm::Es256,
        SigningAlg::Rs256 => Algorithm::Rs256,
        SigningAlg::EdDsa => Algorithm::EdDsa,
    }
}

fn create_keys(
    server_keys: &ServerKeys,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<Vec<StoredSigningKey>, SigningError> {
    let mut new = Vec::new();
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm)?;
        new.push(StoredSigningKey {
            kid: key.kid().to_owned(),
            alg: algorithm.as_str().to_owned(),
            sealed: key.wrap(server_keys.wrapping(), &entropy.bytes())?,
            active_from: now,
            retired_at: None,
        });
    }
    Ok(new)
}

fn open(stored: &StoredSigningKey, server_keys: &ServerKeys) -> Result<RingKey, SigningError> {
    let algorithm =
        Algorithm::parse(&stored.alg).ok_or_else(|| SigningError::Algorithm(stored.alg.clone()))?;
    Ok(RingKey {
        key: SigningKey::unwrap(algorithm, &stored.kid, &stored.sealed, server_keys.wrapping())?,
        active_from: stored.active_from.millis(),
        retired_at: stored.retired_at.map(Timestamp::millis),
    })
}
