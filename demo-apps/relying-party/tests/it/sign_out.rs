//! Signing out, here and from the provider.

use std::sync::atomic::Ordering;

use http::StatusCode;
use relying_party::SigningAlg;
use serde_json::{Value, json};

use crate::{
    browser::Answer,
    fake_op::{CLIENT_ID, Key},
    site::Site,
};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn logout_claims(site: &Site) -> Value {
    let now = site.op.seconds();
    json!({
        "iss": site.op.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": "one",
        "sub": "person-1", "events": { (EVENT): {} },
    })
}

async fn answer_to(site: &Site, token: &str) -> Answer {
    let form = [("logout_token", token)];
    site.browser().post_with("/backchannel-logout", &form, &[]).await
}

async fn send(site: &Site, header: &Value, claims: &Value) -> StatusCode {
    answer_to(site, &site.op.sign(header, claims)).await.status
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_asks_the_provider() {
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    let token = browser.get("/").await.csrf_token();
    let answer = browser.post("/logout", &[("csrf_token", &token)]).await;
    let address = answer.location().to_owned();
    assert!(address.starts_with(&format!("{}/logout?", site.op.issuer)));
    for part in ["id_token_hint=eyJ", "post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A9%2F&"] {
        assert!(address.contains(part), "{address}");
    }
    assert!(browser.get("/").await.location().starts_with("/login?"));
    // The provider sends the browser back with the state: it must not be signed in again.
    let (_, state) = address.split_once("&state=").unwrap();
    assert_eq!(browser.get(&format!("/?state={state}")).await.location(), "/signed-out");
    assert!(browser.get("/signed-out").await.body.contains("You are signed out"));
}

#[tokio::test]
async fn signing_out_needs_the_csrf_token() {
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    assert_eq!(browser.post("/logout", &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn signing_out_works_while_the_provider_is_down_and_when_it_is_too_late() {
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    let token = browser.get("/").await.csrf_token();
    let mut other_tab = browser.tab();
    site.op.is_down.store(true, Ordering::SeqCst);
    site.op.pass(601);
    let answer = browser.post("/logout", &[("csrf_token", &token)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let answer = other_tab.post("/logout", &[("csrf_token", &token)]).await;
    assert_eq!(answer.location(), "/signed-out");
}

#[tokio::test]
async fn the_provider_ends_the_sessions_of_a_person() {
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    let header = site.op.header("logout+jwt");
    assert_eq!(send(&site, &header, &logout_claims(&site)).await, StatusCode::OK);
    assert!(browser.get("/").await.location().starts_with("/login?"));
}

#[tokio::test]
async fn the_provider_ends_one_session_by_its_sid() {
    let site = Site::start().await;
    *site.op.person.lock().unwrap() = json!({ "sub": "person-1", "sid": "first" });
    let mut first = site.signed_in().await;
    *site.op.person.lock().unwrap() = json!({ "sub": "person-1", "sid": "second" });
    let mut second = site.signed_in().await;
    let mut claims = logout_claims(&site);
    claims["sid"] = json!("first");
    assert_eq!(send(&site, &site.op.header("logout+jwt"), &claims).await, StatusCode::OK);
    assert!(first.get("/").await.location().starts_with("/login?"));
    assert_eq!(second.get("/").await.status, StatusCode::OK);
}

/// A name, and how the token differs from a good one.
type Case = (&'static str, fn(&mut Value, &mut Value));

const BAD: [Case; 32] = [
    ("alg none", |h, _| h["alg"] = json!("none")),
    ("alg HS256", |h, _| h["alg"] = json!("HS256")),
    ("alg RS256 of an EC key", |h, _| h["alg"] = json!("RS256")),
    ("an unknown kid", |h, _| h["kid"] = json!("unknown")),
    ("typ of an ID token", |h, _| h["typ"] = json!("JWT")),
    ("typ of an access token", |h, _| h["typ"] = json!("at+jwt")),
    ("no typ", |h, _| remove(h, "typ")),
    ("a critical header", |h, _| h["crit"] = json!(["x"])),
    ("another issuer", |_, c| c["iss"] = json!("https://evil.example")),
    ("no iss", |_, c| remove(c, "iss")),
    ("another client", |_, c| c["aud"] = json!("another")),
    ("also another client", |_, c| c["aud"] = json!([CLIENT_ID, "another"])),
    ("nobody", |_, c| c["aud"] = json!([])),
    ("no aud", |_, c| remove(c, "aud")),
    ("expired", |_, c| c["exp"] = c["iat"].clone()),
    ("no exp", |_, c| remove(c, "exp")),
    ("issued long ago", |_, c| c["iat"] = json!(1)),
    ("issued in ten minutes", |_, c| c["iat"] = json!(c["iat"].as_i64().unwrap() + 600)),
    ("no iat", |_, c| remove(c, "iat")),
    ("a nonce", |_, c| c["nonce"] = json!("n")),
    ("an empty nonce", |_, c| c["nonce"] = json!("")),
    ("another event", |_, c| c["events"] = json!({ "http://schemas.openid.net/event/foobar": {} })),
    ("the event as text", |_, c| c["events"] = json!({ (EVENT): "x" })),
    ("the event as null", |_, c| c["events"] = json!({ (EVENT): null })),
    ("events as an array", |_, c| c["events"] = json!([EVENT])),
    ("no event", |_, c| c["events"] = json!({})),
    ("no events", |_, c| remove(c, "events")),
    ("no jti", |_, c| remove(c, "jti")),
    ("an empty jti", |_, c| c["jti"] = json!("")),
    ("neither sub nor sid", |_, c| remove(c, "sub")),
    ("an empty sub", |_, c| c["sub"] = json!("")),
    ("a sub that is no text", |_, c| c["sub"] = json!(["person-1"])),
];

fn remove(object: &mut Value, name: &str) {
    object.as_object_mut().unwrap().remove(name).unwrap();
}

/// A logout that overtakes a sign-in ends it; the provider will not send another.
#[tokio::test]
async fn a_session_that_the_provider_has_ended_does_not_begin() {
    let site = Site::start().await;
    *site.op.person.lock().unwrap() = json!({ "sub": "person-1", "sid": "first" });
    let mut browser = site.browser();
    let callback = browser.begin(&site.op, "/login").await;
    let mut claims = logout_claims(&site);
    claims["sid"] = json!("first");
    assert_eq!(send(&site, &site.op.header("logout+jwt"), &claims).await, StatusCode::OK);
    let answer = browser.get(&callback).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    assert!(browser.get("/").await.location().starts_with("/login?"));
    site.op.pass(1);
    site.signed_in().await;
}

/// security.md 104: each is answered with 400 and `no-store`, and ends nothing; the same token
/// without the fault, with the same `jti`, ends the session.
#[tokio::test]
async fn backchannel_2_6_a_bad_logout_token_ends_nothing() {
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    for (name, lie) in BAD {
        let (mut header, mut claims) = (site.op.header("logout+jwt"), logout_claims(&site));
        lie(&mut header, &mut claims);
        let answer = answer_to(&site, &site.op.sign(&header, &claims)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{name}");
        assert_eq!(browser.get("/").await.status, StatusCode::OK, "{name}");
    }
    let good = site.op.sign(&site.op.header("logout+jwt"), &logout_claims(&site));
    let parts: Vec<&str> = good.split('.').collect();
    let stranger = Key::generate("key-1");
    for bad in [
        String::new(),
        "x".to_owned(),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        stranger.sign(&site.op.header("logout+jwt"), &logout_claims(&site)),
        "a".repeat(20_000),
    ] {
        assert_eq!(answer_to(&site, &bad).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    for form in [vec![], vec![("logout_token", good.as_str()), ("logout_token", good.as_str())]] {
        let answer = site.browser().post_with("/backchannel-logout", &form, &[]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    let answer = answer_to(&site, &good).await;
    assert_eq!((answer.status, &answer.headers["cache-control"]), (StatusCode::OK, &no_store()));
    assert!(browser.get("/").await.location().starts_with("/login?"));
}

fn no_store() -> http::HeaderValue {
    http::HeaderValue::from_static("no-store")
}

/// Section 2.7: what the token wants is the case already.
#[tokio::test]
async fn a_logout_of_an_unknown_session_is_a_success() {
    let site = Site::start().await;
    *site.op.person.lock().unwrap() = json!({ "sub": "person-1", "sid": "first" });
    let mut browser = site.signed_in().await;
    let lies: [fn(&mut Value); 3] = [
        |c| c["sub"] = json!("person-2"),
        |c| c["sid"] = json!("unknown"),
        |c| {
            c["sid"] = json!("first");
            c["sub"] = json!("person-2");
        },
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let mut claims = logout_claims(&site);
        claims["jti"] = json!(number.to_string());
        lie(&mut claims);
        assert_eq!(send(&site, &site.op.header("logout+jwt"), &claims).await, StatusCode::OK);
        assert_eq!(browser.get("/").await.status, StatusCode::OK, "{claims}");
    }
}

/// Section 2.4: an older provider's tokens, where the configuration says so; another kind's never.
#[tokio::test]
async fn logout_tokens_without_a_type_are_taken_only_where_it_is_said() {
    let site = Site::start_with(|config| config.accepts_untyped_logout_tokens = true).await;
    for (jti, typ, status) in [
        ("1", Value::Null, StatusCode::OK),
        ("2", json!("JWT"), StatusCode::OK),
        ("3", json!("logout+jwt"), StatusCode::OK),
        ("4", json!("at+jwt"), StatusCode::BAD_REQUEST),
    ] {
        let mut header = site.op.header("logout+jwt");
        header["typ"] = typ.clone();
        let mut claims = logout_claims(&site);
        claims["jti"] = json!(jti);
        assert_eq!(send(&site, &header, &claims).await, status, "{typ}");
    }
}

/// The official suite's `wrong-alg`: signed by a published key, but not under the algorithm that
/// the client is registered with.
#[tokio::test]
async fn a_logout_token_under_another_algorithm_is_refused() {
    let site = Site::start_with(|config| config.id_token_algs = vec![SigningAlg::Es256]).await;
    let mut browser = site.signed_in().await;
    *site.op.keys.lock().unwrap() = vec![Key::generate("key-1"), Key::ed25519("key-2")];
    let header = site.op.header("logout+jwt");
    assert_eq!(header["alg"], "EdDSA");
    assert_eq!(send(&site, &header, &logout_claims(&site)).await, StatusCode::BAD_REQUEST);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
}

/// security.md 104.
#[tokio::test]
async fn a_logout_token_is_used_once() {
    let site = Site::start().await;
    let header = site.op.header("logout+jwt");
    let claims = logout_claims(&site);
    assert_eq!(send(&site, &header, &claims).await, StatusCode::OK);
    let mut browser = site.signed_in().await;
    assert_eq!(send(&site, &header, &claims).await, StatusCode::BAD_REQUEST);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
}
