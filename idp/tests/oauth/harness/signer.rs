//! A client that signs its assertions.

use keys::{Algorithm, KeyRing, RingKey, SigningKey};
use oidc_core::{
    client::{AuthMethod, Client, ClientKeys, GrantType},
    client_assertion::ASSERTION_TYPE,
    scope::Scope,
};
use serde_json::{Value, json};

use super::{ISSUER, Reply, START, TestIdp};

/// A key pair of a client. The signer of the provider's own keys serves: what is proved is how assertions are read.
pub(crate) struct Signer {
    algorithm: Algorithm,
    ring: KeyRing,
}

impl Signer {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let key = SigningKey::generate(algorithm).unwrap();
        let ring = KeyRing::new(vec![RingKey {
            key,
            active_from: 0,
            retired_at: None,
            is_published: true,
        }]);
        Self { algorithm, ring }
    }

    /// Its key set.
    pub(crate) fn jwks(&self) -> &str {
        self.ring.jwks_json()
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as("JWT", claims)
    }

    pub(crate) fn sign_as(&self, typ: &str, claims: &Value) -> String {
        self.ring.sign(self.algorithm, typ, claims, START.millis()).unwrap()
    }

    /// A client with this key that acts for itself.
    pub(crate) fn client(&self, id: &str) -> Client {
        Client {
            auth_method: AuthMethod::PrivateKeyJwt,
            keys: Some(ClientKeys::ByValue(self.jwks().to_owned())),
            grant_types: vec![GrantType::ClientCredentials],
            scopes: Scope::parse("reports.read").unwrap(),
            ..Client::new(id, "Signs")
        }
    }
}

/// Claims of a good assertion with this `jti`, made now.
pub(crate) fn assertion(idp: &TestIdp, client_id: &str, jti: &str) -> Value {
    let now = idp.app.now().millis() / 1000;
    json!({"iss": client_id, "sub": client_id, "aud": ISSUER, "iat": now, "exp": now + 60, "jti": jti})
}

/// The fields that carry an assertion.
pub(crate) fn proof(assertion: &str) -> [(&str, &str); 2] {
    [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)]
}

impl TestIdp {
    /// Asks for a token of the client itself, with an assertion as the only credentials.
    pub(crate) async fn token_by_assertion(&self, assertion: &str) -> Reply {
        let mut fields = vec![("grant_type", "client_credentials")];
        fields.extend(proof(assertion));
        self.send(Self::form_request("/oauth2/token", &fields)).await
    }
}
