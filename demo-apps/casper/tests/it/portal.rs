//! A stand-in for the Identity Portal: discovery, keys, token endpoint. It believes everybody.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};

/// The time at which every test happens, Unix milliseconds.
pub(crate) const NOW: i64 = 1_795_000_000_000;

pub(crate) struct Portal {
    pub(crate) issuer: String,
    key: EcdsaKeyPair,
    /// Authorization code -> claims of the ID token that it is redeemed for.
    codes: Mutex<HashMap<String, Value>>,
}

impl Portal {
    pub(crate) async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        let portal = Arc::new(Self { issuer, key, codes: Mutex::default() });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .with_state(portal.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        portal
    }

    /// A code for `claims`, to which the standard ones are added.
    pub(crate) fn issue_code(&self, mut claims: Value, client_id: &str, nonce: &str) -> String {
        let mut codes = self.codes.lock().unwrap();
        let code = format!("code-{}", codes.len());
        claims["iss"] = json!(self.issuer);
        claims["aud"] = json!(client_id);
        claims["nonce"] = json!(nonce);
        claims["iat"] = json!(NOW / 1000);
        claims["exp"] = json!(NOW / 1000 + 600);
        if claims.get("auth_time").is_none() {
            claims["auth_time"] = json!(NOW / 1000);
        }
        codes.insert(code.clone(), claims);
        code
    }

    /// An access token with these claims and the standard ones.
    pub(crate) fn issue_access_token(&self, sub: &str, client_id: &str, groups: &[&str]) -> String {
        let claims = json!({
            "iss": self.issuer, "sub": sub, "aud": client_id, "client_id": client_id,
            "iat": NOW / 1000, "exp": NOW / 1000 + 600, "jti": "t-1", "scope": "openid groups",
            "groups": groups,
        });
        self.sign("at+jwt", &claims)
    }

    fn sign(&self, kind: &str, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "typ": kind, "kid": "k" });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

async fn discovery(State(portal): State<Arc<Portal>>) -> Json<Value> {
    let issuer = &portal.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": format!("{issuer}/logout"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    }))
}

async fn jwks(State(portal): State<Arc<Portal>>) -> Json<Value> {
    let point = portal.key.public_key().as_ref();
    let (x, y) = point[1..].split_at(32);
    Json(json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "k",
        "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
    }] }))
}

async fn token(State(portal): State<Arc<Portal>>, body: Bytes) -> Json<Value> {
    let mut form = url::form_urlencoded::parse(&body);
    let code = form.find(|(name, _)| name == "code").unwrap().1.into_owned();
    let claims = portal.codes.lock().unwrap().remove(&code).unwrap();
    Json(json!({
        "access_token": "opaque-to-the-client", "token_type": "Bearer", "expires_in": 600,
        "id_token": portal.sign("JWT", &claims),
    }))
}
