//! Everything that a request needs, built once.

use std::sync::Arc;

use axum::body::Bytes;
use portal_core::{Timestamp, terms::TermsInForce};
use storage::Store;

use crate::{
    client_keys::ClientKeyCache, clock::Clock, config::Issuer, entropy::Entropy, notify::Gateway,
    outbound::Outbound, passwords::Passwords, secrets::ServerKeys, signing::Keys,
};

/// The program. Shared by all requests.
pub struct App {
    /// Public address and issuer.
    pub issuer: Issuer,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Whether clients may register themselves, with permission.
    pub registration_is_open: bool,
    /// The terms of use that hold.
    pub terms: TermsInForce,
    /// The database.
    pub store: Store,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Delivery of codes and mails.
    pub gateway: Arc<dyn Gateway>,
    /// Hashing of passwords.
    pub passwords: Passwords,
    /// Keys derived from the master key.
    pub server_keys: Arc<ServerKeys>,
    /// Signing keys.
    pub keys: Keys,
    /// Public keys of clients.
    pub client_keys: ClientKeyCache,
    /// Calls to addresses that clients name.
    pub outbound: Outbound,
    /// The provider metadata as JSON, written once.
    pub metadata: Bytes,
}

impl App {
    /// The instant now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
