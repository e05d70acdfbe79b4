//! A small OpenID Provider for tests, with its own clock and a way to tell lies.

mod client;
mod endpoints;
mod keys;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
};

use axum::Router;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use relying_party::Clock;
use serde_json::{Value, json};

pub(crate) use client::Registered;
pub(crate) use keys::Key;

pub(crate) const CLIENT_ID: &str = "client one";
pub(crate) const CLIENT_SECRET: &str = "s3cret:/ +%é";

/// Changes a token's header and claims before it is signed.
type Lie = Box<dyn Fn(&mut Value, &mut Value) + Send>;
/// Changes the answer of the token endpoint.
type AnswerLie = Box<dyn Fn(&mut Value) + Send>;

pub(crate) struct FakeOp {
    pub(crate) issuer: String,
    /// Unix milliseconds, shared with the relying party.
    pub(crate) now: AtomicI64,
    /// Claims of the person who is signed in at the provider.
    pub(crate) person: Mutex<Value>,
    /// Told in ID tokens.
    pub(crate) lie: Mutex<Option<Lie>>,
    /// Told around them.
    pub(crate) answer_lie: Mutex<Option<AnswerLie>>,
    /// Laid over the discovery document.
    pub(crate) metadata: Mutex<Value>,
    /// Answer of the userinfo endpoint instead of the person's claims.
    pub(crate) userinfo: Mutex<Option<Value>>,
    pub(crate) userinfo_calls: Mutex<Vec<http::Method>>,
    pub(crate) registered: Mutex<Registered>,
    /// Added to the front-channel answer instead of a code.
    pub(crate) error: Mutex<Option<&'static str>>,
    pub(crate) refuses_push: Mutex<Option<&'static str>>,
    pub(crate) omits_iss: AtomicBool,
    /// Whether keys are published with their `kid`.
    pub(crate) names_keys: AtomicBool,
    /// Whether the JWKS endpoint fails while discovery works.
    pub(crate) hides_keys: AtomicBool,
    pub(crate) is_down: AtomicBool,
    pub(crate) refuses_refresh: AtomicBool,
    /// Answers refresh tokens with this status and OAuth error code, and keeps them.
    pub(crate) fails_refresh: Mutex<Option<(u16, &'static str)>>,
    /// Asks for password and code although `max_age` does not: the session is fresh otherwise.
    pub(crate) ignores_max_age: AtomicBool,
    /// How many seconds discovery takes by the clock above.
    pub(crate) discovery_takes: AtomicI64,
    /// Discovery answers only while nobody holds this for writing.
    pub(crate) gate: Arc<tokio::sync::RwLock<()>>,
    pub(crate) discoveries: AtomicUsize,
    pub(crate) refreshes: AtomicUsize,
    pub(crate) key_fetches: AtomicUsize,
    pub(crate) pushes: AtomicUsize,
    /// The last one signs; all are published.
    pub(crate) keys: Mutex<Vec<Key>>,
    secrets: AtomicUsize,
    assertions: Mutex<HashSet<String>>,
    pushed: Mutex<HashMap<String, HashMap<String, String>>>,
    codes: Mutex<HashMap<String, HashMap<String, String>>>,
    refresh_tokens: Mutex<HashSet<String>>,
    last_access_token: Mutex<Option<String>>,
}

impl FakeOp {
    /// Listens on a free port of this machine until the test ends.
    pub(crate) async fn start() -> Arc<Self> {
        Self::start_with(|_| Router::new()).await
    }

    /// With more endpoints.
    pub(crate) async fn start_with(more: impl FnOnce(Arc<Self>) -> Router) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let op = Arc::new(Self::new(format!("http://{}", listener.local_addr().unwrap())));
        let router = op.router().merge(more(op.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        op
    }

    fn new(issuer: String) -> Self {
        Self {
            issuer,
            now: AtomicI64::new(1_800_000_000_000),
            person: Mutex::new(json!({ "sub": "person-1", "name": "Aino Rautavesi" })),
            lie: Mutex::new(None),
            answer_lie: Mutex::new(None),
            metadata: Mutex::new(json!({})),
            userinfo: Mutex::new(None),
            userinfo_calls: Mutex::default(),
            registered: Mutex::new(Registered::Basic),
            error: Mutex::new(None),
            refuses_push: Mutex::new(None),
            omits_iss: AtomicBool::new(false),
            names_keys: AtomicBool::new(true),
            hides_keys: AtomicBool::new(false),
            is_down: AtomicBool::new(false),
            refuses_refresh: AtomicBool::new(false),
            fails_refresh: Mutex::new(None),
            ignores_max_age: AtomicBool::new(false),
            discovery_takes: AtomicI64::new(0),
            gate: Arc::default(),
            discoveries: AtomicUsize::new(0),
            refreshes: AtomicUsize::new(0),
            key_fetches: AtomicUsize::new(0),
            pushes: AtomicUsize::new(0),
            keys: Mutex::new(vec![Key::generate("key-1")]),
            secrets: AtomicUsize::new(0),
            assertions: Mutex::default(),
            pushed: Mutex::default(),
            codes: Mutex::default(),
            refresh_tokens: Mutex::default(),
            last_access_token: Mutex::default(),
        }
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

    pub(crate) fn answer(&self, lie: impl Fn(&mut Value) + Send + 'static) {
        *self.answer_lie.lock().unwrap() = Some(Box::new(lie));
    }

    pub(crate) fn rotate_key(&self, kid: &str) {
        *self.keys.lock().unwrap() = vec![Key::generate(kid)];
    }

    /// A token signed with the published key.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        self.keys.lock().unwrap().last().unwrap().sign(header, claims)
    }

    pub(crate) fn header(&self, typ: &str) -> Value {
        let keys = self.keys.lock().unwrap();
        let key = keys.last().unwrap();
        json!({ "alg": key.alg(), "typ": typ, "kid": key.kid })
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

    /// The person shows password and code again if the request wants a younger authentication.
    fn authenticate(&self, request: &HashMap<String, String>) {
        let mut person = self.person.lock().unwrap();
        let now = self.seconds();
        let at = person.get("auth_time").and_then(Value::as_i64);
        let wanted = request.get("max_age").map(|seconds| seconds.parse::<i64>().unwrap());
        let stale = wanted.is_some_and(|seconds| at.is_none_or(|at| now - at > seconds));
        let ignored = self.ignores_max_age.load(Ordering::SeqCst);
        if at.is_none() || (stale && !ignored) {
            person["auth_time"] = json!(now);
        }
        if let Some(acr) = request.get("acr_values")
            && !ignored
        {
            person["acr"] = json!(acr.split(' ').next());
        }
    }

    fn tokens(&self, nonce: Option<&String>) -> Value {
        let access_token = self.sign(&self.header("at+jwt"), &self.access_claims());
        *self.last_access_token.lock().unwrap() = Some(access_token.clone());
        let at_hash = self.keys.lock().unwrap().last().unwrap().half_hash(&access_token);
        let now = self.seconds();
        let mut claims = self.person.lock().unwrap().clone();
        let standard = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 600,
            "nonce": nonce, "at_hash": at_hash,
        });
        for (name, value) in standard.as_object().unwrap() {
            if !value.is_null() {
                claims[name] = value.clone();
            }
        }
        let refresh_token = self.secret();
        self.refresh_tokens.lock().unwrap().insert(refresh_token.clone());
        let mut answer = json!({
            "access_token": access_token, "token_type": "Bearer", "expires_in": 600,
            "id_token": self.id_token(claims), "refresh_token": refresh_token,
        });
        if let Some(lie) = self.answer_lie.lock().unwrap().as_ref() {
            lie(&mut answer);
        }
        answer
    }

    /// With the lie, if one is to be told.
    fn id_token(&self, mut claims: Value) -> String {
        let mut header = self.header("JWT");
        if let Some(lie) = self.lie.lock().unwrap().as_ref() {
            lie(&mut header, &mut claims);
        }
        let forged = header.as_object_mut().unwrap().remove("forged_claims");
        let id_token = self.sign(&header, &claims);
        let parts: Vec<&str> = id_token.split('.').collect();
        if header["alg"] == "none" {
            return format!("{}.{}.", parts[0], parts[1]);
        }
        match forged {
            Some(forged) => {
                let payload = URL_SAFE_NO_PAD.encode(forged.to_string());
                format!("{}.{payload}.{}", parts[0], parts[2])
            }
            None => id_token,
        }
    }
}
