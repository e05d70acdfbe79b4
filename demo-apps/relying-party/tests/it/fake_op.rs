//! A small OpenID Provider for tests, with its own clock and a way to tell lies.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{RawQuery, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use relying_party::Clock;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const CLIENT_ID: &str = "client one";
pub(crate) const CLIENT_SECRET: &str = "s3cret:/ +";

/// Changes a token's header and claims before it is signed.
type Lie = Box<dyn Fn(&mut Value, &mut Value) + Send>;

pub(crate) struct FakeOp {
    pub(crate) issuer: String,
    /// Unix milliseconds, shared with the relying party.
    pub(crate) now: AtomicI64,
    /// Claims of the person who is signed in at the provider.
    pub(crate) person: Mutex<Value>,
    /// Told in ID tokens.
    pub(crate) lie: Mutex<Option<Lie>>,
    /// Added to the front-channel answer instead of a code.
    pub(crate) error: Mutex<Option<&'static str>>,
    pub(crate) omits_iss: AtomicBool,
    pub(crate) is_down: AtomicBool,
    pub(crate) refuses_refresh: AtomicBool,
    /// Answers refresh tokens with this status and OAuth error code, and keeps them.
    pub(crate) fails_refresh: Mutex<Option<(u16, &'static str)>>,
    /// How many seconds discovery takes by the clock above.
    pub(crate) discovery_takes: AtomicI64,
    /// Discovery answers only while nobody holds this for writing.
    pub(crate) gate: Arc<tokio::sync::RwLock<()>>,
    pub(crate) discoveries: AtomicUsize,
    pub(crate) refreshes: AtomicUsize,
    pub(crate) key_fetches: AtomicUsize,
    key: Mutex<Key>,
    secrets: AtomicUsize,
    codes: Mutex<HashMap<String, HashMap<String, String>>>,
    refresh_tokens: Mutex<HashSet<String>>,
}

pub(crate) struct Key {
    kid: String,
    pair: EcdsaKeyPair,
}

impl Key {
    pub(crate) fn generate(kid: &str) -> Self {
        let random = SystemRandom::new();
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random)
                .unwrap();
        Self { kid: kid.to_owned(), pair }
    }

    fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..]),
        })
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

impl FakeOp {
    /// Listens on a free port of this machine until the test ends.
    pub(crate) async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let op = Arc::new(Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            now: AtomicI64::new(1_800_000_000_000),
            person: Mutex::new(json!({ "sub": "person-1", "name": "Aino Rautavesi" })),
            lie: Mutex::new(None),
            error: Mutex::new(None),
            omits_iss: AtomicBool::new(false),
            is_down: AtomicBool::new(false),
            refuses_refresh: AtomicBool::new(false),
            fails_refresh: Mutex::new(None),
            discovery_takes: AtomicI64::new(0),
            gate: Arc::default(),
            discoveries: AtomicUsize::new(0),
            refreshes: AtomicUsize::new(0),
            key_fetches: AtomicUsize::new(0),
            key: Mutex::new(Key::generate("key-1")),
            secrets: AtomicUsize::new(0),
            codes: Mutex::default(),
            refresh_tokens: Mutex::default(),
        });
        let router = op.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        op
    }

    pub(crate) fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(self.clone())
    }

    /// The provider's clock, for the relying party.
    pub(crate) fn clock(self: &Arc<Self>) -> Clock {
        let op = self.clone();
        Clock::from_fn(move || op.now.load(Ordering::SeqCst))
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub(crate) fn tell(&self, lie: impl Fn(&mut Value, &mut Value) + Send + 'static) {
        *self.lie.lock().unwrap() = Some(Box::new(lie));
    }

    pub(crate) fn rotate_key(&self, kid: &str) {
        *self.key.lock().unwrap() = Key::generate(kid);
    }

    /// A token signed with the published key.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        self.key.lock().unwrap().sign(header, claims)
    }

    pub(crate) fn header(&self, typ: &str) -> Value {
        json!({ "alg": "ES256", "typ": typ, "kid": self.key.lock().unwrap().kid })
    }

    pub(crate) fn seconds(&self) -> i64 {
        self.now.load(Ordering::SeqCst) / 1000
    }

    /// Claims of a good access token; change them to make a bad one.
    pub(crate) fn access_claims(&self) -> Value {
        let now = self.seconds();
        let person = self.person.lock().unwrap().clone();
        json!({
            "iss": self.issuer, "sub": person["sub"], "aud": CLIENT_ID, "client_id": "another",
            "iat": now, "exp": now + 600, "jti": self.secret(), "scope": "openid groups",
            "groups": person.get("groups").cloned().unwrap_or_else(|| json!([])),
        })
    }

    fn secret(&self) -> String {
        format!("secret-{}", self.secrets.fetch_add(1, Ordering::SeqCst))
    }

    fn tokens(&self, nonce: Option<&String>) -> Value {
        let access_token = self.sign(&self.header("at+jwt"), &self.access_claims());
        let digest = Sha256::digest(access_token.as_bytes());
        let now = self.seconds();
        let mut claims = self.person.lock().unwrap().clone();
        let standard = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 600,
            "nonce": nonce, "at_hash": URL_SAFE_NO_PAD.encode(&digest[..16]),
        });
        for (name, value) in standard.as_object().unwrap() {
            if !value.is_null() {
                claims[name] = value.clone();
            }
        }
        let mut header = self.header("JWT");
        if let Some(lie) = self.lie.lock().unwrap().as_ref() {
            lie(&mut header, &mut claims);
        }
        let mut id_token = self.sign(&header, &claims);
        if header["alg"] == "none" {
            id_token = format!("{}.", id_token.rsplit_once('.').unwrap().0);
        }
        if let Some(forged) = header.get("forged_claims") {
            let parts: Vec<&str> = id_token.split('.').collect();
            let payload = URL_SAFE_NO_PAD.encode(forged.to_string());
            id_token = format!("{}.{payload}.{}", parts[0], parts[2]);
        }
        let refresh_token = self.secret();
        self.refresh_tokens.lock().unwrap().insert(refresh_token.clone());
        json!({
            "access_token": access_token, "token_type": "Bearer", "expires_in": 600,
            "id_token": id_token, "refresh_token": refresh_token,
        })
    }
}

fn pairs(encoded: &[u8]) -> HashMap<String, String> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

fn refuse(error: &str) -> Response {
    (http::StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}

async fn discovery(State(op): State<Arc<FakeOp>>) -> Response {
    op.discoveries.fetch_add(1, Ordering::SeqCst);
    let _open = op.gate.read().await;
    op.pass(op.discovery_takes.load(Ordering::SeqCst));
    if op.is_down.load(Ordering::SeqCst) {
        return http::StatusCode::BAD_GATEWAY.into_response();
    }
    let at = |path: &str| format!("{}{path}", op.issuer);
    Json(json!({
        "issuer": op.issuer, "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"), "jwks_uri": at("/jwks"),
        "end_session_endpoint": at("/logout"), "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256", "EdDSA"],
    }))
    .into_response()
}

async fn jwks(State(op): State<Arc<FakeOp>>) -> Json<Value> {
    op.key_fetches.fetch_add(1, Ordering::SeqCst);
    Json(json!({ "keys": [op.key.lock().unwrap().jwk()] }))
}

/// Signs the current person in without asking.
async fn authorize(State(op): State<Arc<FakeOp>>, RawQuery(query): RawQuery) -> Redirect {
    let request = pairs(query.unwrap().as_bytes());
    assert_eq!(request["client_id"], CLIENT_ID);
    assert_eq!(request["response_type"], "code");
    assert_eq!(request["code_challenge_method"], "S256");
    assert!(request["scope"].starts_with("openid"));
    let mut answer = form_urlencoded::Serializer::new(String::new());
    answer.append_pair("state", &request["state"]);
    if !op.omits_iss.load(Ordering::SeqCst) {
        answer.append_pair("iss", &op.issuer);
    }
    if let Some(error) = *op.error.lock().unwrap() {
        answer.append_pair("error", error);
    } else {
        let code = op.secret();
        op.codes.lock().unwrap().insert(code.clone(), request.clone());
        answer.append_pair("code", &code);
    }
    Redirect::to(&format!("{}?{}", request["redirect_uri"], answer.finish()))
}

/// Knows its client, its codes and its refresh tokens, each of which it takes once.
async fn token(State(op): State<Arc<FakeOp>>, headers: http::HeaderMap, body: Bytes) -> Response {
    if op.is_down.load(Ordering::SeqCst) {
        return http::StatusCode::BAD_GATEWAY.into_response();
    }
    let encode = |text| form_urlencoded::byte_serialize(text).collect::<String>();
    let credentials =
        format!("{}:{}", encode(CLIENT_ID.as_bytes()), encode(CLIENT_SECRET.as_bytes()));
    let expected = format!("Basic {}", STANDARD.encode(credentials));
    if headers.get("authorization").map(http::HeaderValue::as_bytes) != Some(expected.as_bytes()) {
        return refuse("invalid_client");
    }
    let form = pairs(&body);
    if form["grant_type"] == "refresh_token" {
        op.refreshes.fetch_add(1, Ordering::SeqCst);
        if let Some((status, error)) = *op.fails_refresh.lock().unwrap() {
            let status = http::StatusCode::from_u16(status).unwrap();
            return (status, Json(json!({ "error": error }))).into_response();
        }
        let known = op.refresh_tokens.lock().unwrap().remove(&form["refresh_token"]);
        if !known || op.refuses_refresh.load(Ordering::SeqCst) {
            return refuse("invalid_grant");
        }
        return Json(op.tokens(None)).into_response();
    }
    let Some(request) = op.codes.lock().unwrap().remove(&form["code"]) else {
        return refuse("invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    if challenge != request["code_challenge"] || form["redirect_uri"] != request["redirect_uri"] {
        return refuse("invalid_grant");
    }
    Json(op.tokens(request.get("nonce"))).into_response()
}
