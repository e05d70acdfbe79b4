//! The program that the official suite drives, driven against a provider that can lie.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "../../relying-party/tests/it/fake_op/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of relying-party, which use the rest")]
mod fake_op;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Json, Router,
    extract::RawQuery,
    response::Redirect,
    routing::{get, post},
};
use fake_op::{CLIENT_ID, CLIENT_SECRET, FakeOp, Registered};
use relying_party::Clock;
use serde_json::{Value, json};
use suite_rp::{Settings, Stop, build, run_once};
use tokio::net::TcpListener;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Changes a token's header and claims before it is signed.
type Lie = fn(&mut Value, &mut Value);

/// What is brought back after a sign-out.
#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    AsSent,
    Left,
    Another,
}

/// What a test provider does at sign-out, and what it was told at registration.
#[derive(Default)]
struct Suite {
    /// Told in logout tokens.
    lie: Mutex<Option<Lie>>,
    state: Mutex<State>,
    registered: Mutex<Option<Value>>,
}

struct World {
    op: Arc<FakeOp>,
    suite: Arc<Suite>,
    listener: TcpListener,
    environment: HashMap<&'static str, String>,
}

impl World {
    async fn start(module: &str) -> Self {
        let suite = Arc::new(Suite::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let (known, back) = (suite.clone(), base.clone());
        let op = FakeOp::start_with(|op| more(&op, &known, back)).await;
        op.now.store(Clock::system().now(), Ordering::SeqCst);
        *op.person.lock().unwrap() = json!({ "sub": "person-1", "sid": "session-1" });
        *op.metadata.lock().unwrap() =
            json!({ "registration_endpoint": format!("{}/register", op.issuer) });
        let metadata = json!({
            "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
            "redirect_uris": [format!("{base}/callback")],
            "id_token_signed_response_alg": "ES256",
        });
        let environment = HashMap::from([
            ("ISSUER", op.issuer.clone()),
            ("CLIENT_METADATA_DEFAULTS", metadata.to_string()),
            ("MODULE_NAME", module.to_owned()),
        ]);
        Self { op, suite, listener, environment }
    }

    /// Plays the module as the program does.
    async fn play(self) -> Result<String, Stop> {
        let settings = Settings::read(|name| self.environment.get(name).cloned())?;
        let application = build(&settings).await?;
        let router = application.router.clone();
        let server = tokio::spawn(async move { axum::serve(self.listener, router).await });
        let outcome = run_once(&settings, &application).await;
        server.abort();
        outcome
    }

    fn set(&mut self, name: &'static str, value: &impl ToString) {
        self.environment.insert(name, value.to_string());
    }

    fn metadata(&mut self, change: impl FnOnce(&mut Value)) {
        let mut metadata =
            serde_json::from_str(&self.environment["CLIENT_METADATA_DEFAULTS"]).unwrap();
        change(&mut metadata);
        self.set("CLIENT_METADATA_DEFAULTS", &metadata);
    }
}

/// Registration and sign-out, as the suite's provider has them.
fn more(op: &Arc<FakeOp>, suite: &Arc<Suite>, base: String) -> Router {
    let (known, op, sign_out) = (suite.clone(), op.clone(), suite.clone());
    let register = post(async move |Json(request): Json<Value>| {
        *known.registered.lock().unwrap() = Some(request.clone());
        let mut client = request;
        client["client_id"] = json!(CLIENT_ID);
        client["client_secret"] = json!(CLIENT_SECRET);
        Json(client)
    });
    let logout = get(async move |RawQuery(query): RawQuery| {
        let request: HashMap<String, String> =
            form_urlencoded::parse(query.unwrap().as_bytes()).into_owned().collect();
        send_logout_token(&op, &sign_out, &base).await;
        let state = match *sign_out.state.lock().unwrap() {
            State::AsSent => format!("?state={}", request["state"]),
            State::Left => String::new(),
            State::Another => "?state=another".to_owned(),
        };
        Redirect::to(&format!("{}{state}", request["post_logout_redirect_uri"]))
    });
    Router::new().route("/register", register).route("/logout", logout)
}

async fn send_logout_token(op: &FakeOp, suite: &Suite, base: &str) {
    let now = op.seconds();
    let mut header = op.header("JWT");
    let mut claims = json!({
        "iss": op.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": "one",
        "sub": "person-1", "sid": "session-1", "events": { (EVENT): {} },
    });
    if let Some(lie) = *suite.lie.lock().unwrap() {
        lie(&mut header, &mut claims);
    }
    let token = op.sign(&header, &claims);
    let client = reqwest::Client::builder().build().unwrap();
    let form = [("logout_token", token)];
    client.post(format!("{base}/backchannel-logout")).form(&form).send().await.unwrap();
}

fn stopped(outcome: Result<String, Stop>) -> String {
    let line = outcome.unwrap_err().to_string();
    assert!(!line.contains('\n'), "{line}");
    line
}

#[tokio::test]
async fn a_good_provider_is_signed_in_to_in_every_variant() {
    for (variant, registered) in [
        (json!({}), Registered::Basic),
        (json!({ "response_mode": "form_post" }), Registered::Basic),
        (json!({ "response_mode": "default" }), Registered::Basic),
        (json!({ "client_auth_type": "client_secret_basic" }), Registered::Basic),
        (json!({ "client_auth_type": "client_secret_post" }), Registered::Post),
        (json!({ "client_auth_type": "none" }), Registered::Public),
    ] {
        let mut world = World::start("oidcc-client-test").await;
        world.set("VARIANT", &variant);
        *world.op.registered.lock().unwrap() = registered;
        let op = world.op.clone();
        assert_eq!(world.play().await.unwrap(), "signed in", "{variant}");
        assert_eq!(*op.userinfo_calls.lock().unwrap(), [http::Method::GET]);
    }
    let world = World::start("oidcc-client-test-userinfo-bearer-body").await;
    let op = world.op.clone();
    world.play().await.unwrap();
    assert_eq!(*op.userinfo_calls.lock().unwrap(), [http::Method::POST]);
}

#[tokio::test]
async fn rfc7591_3_a_client_without_a_name_registers() {
    let mut world = World::start("oidcc-client-test").await;
    world.metadata(|metadata| {
        metadata.as_object_mut().unwrap().remove("client_id").unwrap();
        metadata["contacts"] = json!(["rp@x.example"]);
    });
    let suite = world.suite.clone();
    assert_eq!(world.play().await.unwrap(), "signed in");
    let request = suite.registered.lock().unwrap().clone().unwrap();
    for (name, value) in [
        ("response_types", json!(["code"])),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("id_token_signed_response_alg", json!("ES256")),
        ("contacts", json!(["rp@x.example"])),
    ] {
        assert_eq!(request[name], value);
    }
    for uri in ["backchannel_logout_uri", "initiate_login_uri"] {
        assert!(request[uri].as_str().unwrap().starts_with("http://localhost:"), "{request}");
    }
}

#[tokio::test]
async fn a_key_of_our_own_is_registered_and_used() {
    let mut world = World::start("oidcc-client-test").await;
    world.set("VARIANT", &json!({ "client_auth_type": "private_key_jwt" }));
    let key = relying_party::ClientKey::generate(&relying_party::Entropy::system());
    let private: Value = serde_json::from_str(&key.to_private_jwk()).unwrap();
    world.metadata(|metadata| metadata["jwks"] = json!({ "keys": [private] }));
    let endpoint = format!("{}/token", world.op.issuer);
    *world.op.registered.lock().unwrap() = Registered::PrivateKey(key.public_jwks(), endpoint);
    // By the clock of the machine: what was signed a second later is still taken.
    assert_eq!(world.play().await.unwrap(), "signed in");
}

#[tokio::test]
async fn a_bad_answer_stops_it_with_the_reason_in_one_line() {
    let lies: [(&str, Lie); 5] = [
        ("iss", |_, claims| claims["iss"] = json!("https://evil.example")),
        ("nonce", |_, claims| claims["nonce"] = json!("another")),
        ("iat", |_, claims| drop(claims.as_object_mut().unwrap().remove("iat"))),
        ("No signature", |header, _| header["alg"] = json!("none")),
        ("No matching key", |header, _| header["kid"] = json!("unknown")),
    ];
    for (reason, lie) in lies {
        let world = World::start("oidcc-client-test-nonce-invalid").await;
        world.op.tell(lie);
        let line = stopped(world.play().await);
        assert!(line.contains(reason), "{line}");
    }
    let world = World::start("oidcc-client-test-userinfo-invalid-sub").await;
    *world.op.userinfo.lock().unwrap() = Some(json!({ "sub": "person-2" }));
    assert!(stopped(world.play().await).contains("sub of userinfo"));

    let world = World::start("oidcc-client-test").await;
    *world.op.error.lock().unwrap() = Some("invalid_scope");
    assert!(stopped(world.play().await).contains("invalid_scope"));
}

#[tokio::test]
async fn discovery_of_another_issuer_stops_it_before_anything_else() {
    for registered in [true, false] {
        let mut world = World::start("oidcc-client-test-discovery-issuer-mismatch").await;
        if !registered {
            world.metadata(|metadata| drop(metadata.as_object_mut().unwrap().remove("client_id")));
        }
        world.op.metadata.lock().unwrap()["issuer"] = json!("https://evil.example");
        let suite = world.suite.clone();
        stopped(world.play().await);
        assert!(suite.registered.lock().unwrap().is_none());
    }
}

#[tokio::test]
async fn a_key_that_changes_between_two_sign_ins_is_followed() {
    let world = World::start("oidcc-client-test-signing-key-rotation").await;
    let op = world.op.clone();
    let (rotating, once) = (op.clone(), AtomicBool::new(false));
    op.answer(move |_| {
        if !once.swap(true, Ordering::SeqCst) {
            rotating.rotate_key("key-2");
        }
    });
    assert_eq!(world.play().await.unwrap(), "signed in, and in again");
    assert_eq!(op.key_fetches.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn signing_out_waits_for_the_logout_token() {
    let world = World::start("oidcc-client-test-rp-init-logout").await;
    assert_eq!(world.play().await.unwrap(), "signed in, signed out, logout token taken");
    for state in [State::Left, State::Another] {
        let world = World::start("oidcc-client-test-rp-init-logout-other-state").await;
        *world.suite.state.lock().unwrap() = state;
        assert!(stopped(world.play().await).contains("state"));
    }
}

#[tokio::test]
async fn a_bad_logout_token_is_answered_with_400_and_told() {
    let lies: [(&str, Lie); 6] = [
        ("algorithm", |header, _| header["alg"] = json!("none")),
        ("algorithm", |header, _| header["alg"] = json!("RS256")),
        ("malformed", |_, claims| drop(claims.as_object_mut().unwrap().remove("events"))),
        ("events", |_, claims| claims["events"] = json!({ "another": {} })),
        ("nonce", |_, claims| claims["nonce"] = json!("n")),
        ("aud", |_, claims| claims["aud"] = json!("another")),
    ];
    for (reason, lie) in lies {
        let world = World::start("oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg").await;
        *world.suite.lie.lock().unwrap() = Some(lie);
        let line = stopped(world.play().await);
        assert!(line.contains("400") && line.contains(reason), "{line}");
    }
}

#[test]
fn what_it_cannot_do_is_said_at_once() {
    for (name, value, word) in [
        ("VARIANT", r#"{"response_type":"code id_token"}"#, "response_type"),
        ("VARIANT", r#"{"request_type":"request_object"}"#, "request_type"),
        ("VARIANT", r#"{"client_auth_type":"tls_client_auth"}"#, "client_auth_type"),
        ("VARIANT", "[]", "VARIANT"),
        ("CLIENT_METADATA_DEFAULTS", r#"{"redirect_uris":["http://localhost:1/cb"]}"#, "callback"),
        ("INSECURE_TLS", "yes", "INSECURE_TLS"),
        ("CA_FILE", "no such file", "no such file"),
    ] {
        let outcome = Settings::read(|asked| match asked {
            "ISSUER" => Some("https://op.example".to_owned()),
            _ => (asked == name).then(|| value.to_owned()),
        });
        assert!(outcome.err().unwrap().to_string().contains(word), "{name}={value}");
    }
    assert!(Settings::read(|_| None).is_err());
}
