//! The public keys of clients, parsed once and kept: those that were registered by value, and those that a client
//! publishes at its `jwks_uri` (OpenID Connect Core 10.1; security.md 33, 34).

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use keys::{ClientKeySet, KeySetError};
use oidc_core::client::{Client, ClientKeys};
use portal_core::Timestamp;
use storage::Digest;

use crate::{
    outbound::{Outbound, OutboundError},
    secrets,
};

/// How long a fetched set is taken for fresh, milliseconds: a key that its owner withdraws is refused from then on.
const FRESH: i64 = 5 * 60_000;
/// How long a set is used on while its address gives no better one, milliseconds.
const USABLE: i64 = 24 * 60 * 60_000;
/// An address is called at most this often, milliseconds. Anybody can name a key that nobody knows.
const PAUSE: i64 = 60_000;
/// As long as an address gave no set at all, it is called this often, milliseconds.
const FIRST_PAUSE: i64 = 10_000;
/// Sets by value that are kept. A test registers thousands of clients, an installation some dozens.
const MAX_KEPT: usize = 1024;

/// Why the keys of a client cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClientKeysError {
    /// It registered none.
    #[error("the client has no keys")]
    Absent,
    /// Its key set is not one.
    #[error("the keys of the client: {0}")]
    Malformed(#[from] KeySetError),
    /// Its address gives nothing.
    #[error("the jwks_uri of the client: {0}")]
    Unreachable(#[from] OutboundError),
    /// Its address gave nothing a moment ago and is left alone for now.
    #[error("the jwks_uri of the client gave nothing a moment ago")]
    Waiting,
}

/// The key sets that are in memory.
#[derive(Debug, Default)]
pub struct ClientKeyCache {
    by_value: Mutex<HashMap<Digest, Arc<ClientKeySet>>>,
    /// By `client_id`; no more of them than clients.
    by_reference: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Published>>>>,
}

/// What is known of one `jwks_uri`.
#[derive(Debug, Default)]
struct Published {
    uri: String,
    set: Option<(Arc<ClientKeySet>, Timestamp)>,
    tried_at: Option<Timestamp>,
}

impl ClientKeyCache {
    /// The keys of a client, as fresh as a token that names this key needs them.
    ///
    /// # Errors
    /// [`ClientKeysError`].
    pub async fn get(
        &self,
        outbound: &Outbound,
        client: &Client,
        kid: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<ClientKeySet>, ClientKeysError> {
        match client.keys.as_ref().ok_or(ClientKeysError::Absent)? {
            ClientKeys::ByValue(json) => self.by_value(json),
            ClientKeys::ByReference(uri) => {
                let published = entry(&self.by_reference, client.id.clone());
                // Whoever needs the same keys waits for the one call that is under way.
                published.lock().await.get(outbound, uri, kid, now).await
            }
        }
    }

    fn by_value(&self, json: &str) -> Result<Arc<ClientKeySet>, ClientKeysError> {
        let digest = secrets::digest(json);
        let known = lock(&self.by_value).get(&digest).cloned();
        if let Some(set) = known {
            return Ok(set);
        }
        let set = Arc::new(ClientKeySet::parse(json.as_bytes())?);
        let mut kept = lock(&self.by_value);
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(digest, Arc::clone(&set));
        Ok(set)
    }
}

impl Published {
    async fn get(
        &mut self,
        outbound: &Outbound,
        uri: &str,
        kid: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<ClientKeySet>, ClientKeysError> {
        if self.uri != uri {
            *self = Self { uri: uri.to_owned(), ..Self::default() };
        }
        if self.needs_call(kid, now) {
            self.tried_at = Some(now);
            match fetch(outbound, uri).await {
                Ok(set) => self.set = Some((Arc::new(set), now)),
                Err(error) if self.set.is_none() => return Err(error),
                Err(error) => tracing::warn!(%error, uri, "the known keys of a client are used on"),
            }
        }
        self.set
            .as_ref()
            .filter(|(_, at)| since(*at, now) < USABLE)
            .map(|(set, _)| Arc::clone(set))
            .ok_or(ClientKeysError::Waiting)
    }

    fn needs_call(&self, kid: Option<&str>, now: Timestamp) -> bool {
        let (is_wanted, pause) = match &self.set {
            None => (true, FIRST_PAUSE),
            Some((set, at)) => (since(*at, now) >= FRESH || !set.knows(kid), PAUSE),
        };
        is_wanted && self.tried_at.is_none_or(|tried| since(tried, now) >= pause)
    }
}

async fn fetch(outbound: &Outbound, uri: &str) -> Result<ClientKeySet, ClientKeysError> {
    Ok(ClientKeySet::parse(&outbound.get(uri).await?)?)
}

fn since(earlier: Timestamp, now: Timestamp) -> i64 {
    now.millis().saturating_sub(earlier.millis())
}

fn entry<K: Eq + Hash, V: Default>(map: &Mutex<HashMap<K, Arc<V>>>, key: K) -> Arc<V> {
    Arc::clone(lock(map).entry(key).or_default())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
