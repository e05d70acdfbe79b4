//! A client assertion (RFC 7523 2.2, OpenID Connect Core 9): a good one to begin with, and then
//! what a check makes of it.

use openidconnect::CsrfToken;
use serde_json::{Map, Value, json};

use crate::{clock, registration::Registration, signing::SigningKey};

/// The only type of client assertion that is a JWT (RFC 7523 2.2).
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The claims of a client assertion.
#[derive(Clone)]
pub(crate) struct Assertion {
    pub(crate) claims: Map<String, Value>,
}

impl Assertion {
    /// A good assertion of the client for this audience: a minute long, with a `jti` of its own.
    pub(crate) fn new(client: &Registration, audience: &str) -> Self {
        let now = clock::now();
        let plain = Self { claims: Map::new() };
        plain
            .with("iss", json!(client.client_id))
            .with("sub", json!(client.client_id))
            .with("aud", json!(audience))
            .with("jti", json!(CsrfToken::new_random().secret()))
            .with("iat", json!(now))
            .with("exp", json!(now + 60))
    }

    /// Sets a claim.
    #[must_use]
    pub(crate) fn with(mut self, claim: &str, value: Value) -> Self {
        self.claims.insert(claim.to_owned(), value);
        self
    }

    /// Removes a claim.
    #[must_use]
    pub(crate) fn without(mut self, claim: &str) -> Self {
        self.claims.remove(claim);
        self
    }

    pub(crate) fn sign(&self, key: &SigningKey) -> anyhow::Result<String> {
        key.sign(&self.claims)
    }

    /// The fields of a form that carry a signed assertion.
    pub(crate) fn fields(&self, signed: &str) -> Vec<(String, String)> {
        let id = self.claims.get("sub").and_then(Value::as_str).unwrap_or_default();
        vec![
            ("client_id".to_owned(), id.to_owned()),
            ("client_assertion_type".to_owned(), TYPE.to_owned()),
            ("client_assertion".to_owned(), signed.to_owned()),
        ]
    }
}
