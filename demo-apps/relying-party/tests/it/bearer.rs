//! `/api/me`: an access token at a resource server.

use std::sync::atomic::Ordering;

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{
    fake_op::{CLIENT_ID, Key},
    site::Site,
};

async fn ask(site: &Site, authorization: Option<&str>) -> (StatusCode, Option<String>) {
    let mut request = Request::get("/api/me");
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    let request = request.body(Body::empty()).unwrap();
    let response = site.app.clone().oneshot(request).await.unwrap();
    let challenge = response.headers().get(header::WWW_AUTHENTICATE);
    (response.status(), challenge.map(|value| value.to_str().unwrap().to_owned()))
}

async fn ask_with(site: &Site, token: &str) -> StatusCode {
    let (status, challenge) = ask(site, Some(&format!("Bearer {token}"))).await;
    if status == StatusCode::UNAUTHORIZED {
        assert!(challenge.unwrap().contains("error=\"invalid_token\""));
    }
    status
}

#[tokio::test]
async fn a_good_token_is_taken() {
    let site = Site::start().await;
    let token = site.op.sign(&site.op.header("at+jwt"), &site.op.access_claims());
    assert_eq!(ask_with(&site, &token).await, StatusCode::OK);
    let mut several = site.op.access_claims();
    several["aud"] = json!(["another", CLIENT_ID]);
    let token = site.op.sign(&site.op.header("application/AT+JWT"), &several);
    assert_eq!(ask_with(&site, &token).await, StatusCode::OK);
}

#[tokio::test]
async fn a_token_with_a_wrong_claim_is_refused() {
    let site = Site::start().await;
    let now = site.op.seconds();
    let lies: [(&str, Value); 9] = [
        ("iss", json!("https://evil.example")),
        ("iss", Value::Null),
        ("aud", json!("another")),
        ("aud", json!([])),
        ("exp", json!(now)),
        ("exp", Value::Null),
        ("iat", json!(now + 120)),
        ("sub", Value::Null),
        ("cnf", json!({ "jkt": "x" })),
    ];
    for (name, value) in lies {
        let mut claims = site.op.access_claims();
        claims[name] = value;
        let token = site.op.sign(&site.op.header("at+jwt"), &claims);
        assert_eq!(ask_with(&site, &token).await, StatusCode::UNAUTHORIZED, "{name}");
    }
}

#[tokio::test]
async fn a_token_with_a_wrong_header_is_refused() {
    let site = Site::start().await;
    let lies: [(&str, Value); 7] = [
        ("typ", json!("JWT")),
        ("typ", json!("logout+jwt")),
        ("typ", Value::Null),
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("RS256")),
        ("crit", json!(["exp"])),
    ];
    for (name, value) in lies {
        let mut header = site.op.header("at+jwt");
        header[name] = value;
        let token = site.op.sign(&header, &site.op.access_claims());
        assert_eq!(ask_with(&site, &token).await, StatusCode::UNAUTHORIZED, "{name}");
    }
}

#[tokio::test]
async fn a_token_of_a_stranger_or_changed_on_the_way_is_refused() {
    let site = Site::start().await;
    let header = site.op.header("at+jwt");
    let stranger = Key::generate("key-1").sign(&header, &site.op.access_claims());
    assert_eq!(ask_with(&site, &stranger).await, StatusCode::UNAUTHORIZED);

    let good = site.op.sign(&header, &site.op.access_claims());
    let mut claims = site.op.access_claims();
    claims["groups"] = json!(["ALL"]);
    let other = site.op.sign(&header, &claims);
    let (good, other): (Vec<_>, Vec<_>) = (good.split('.').collect(), other.split('.').collect());
    let mixed = format!("{}.{}.{}", good[0], other[1], good[2]);
    assert_eq!(ask_with(&site, &mixed).await, StatusCode::UNAUTHORIZED);
    let unsigned = format!("{}.{}.", good[0], good[1]);
    assert_eq!(ask_with(&site, &unsigned).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nonsense_is_refused() {
    let site = Site::start().await;
    for token in ["x", "a.b", "a.b.c", "....", "e30.e30.e30", &"a".repeat(20_000)] {
        assert_eq!(ask_with(&site, token).await, StatusCode::UNAUTHORIZED);
    }
    for other in [None, Some("Basic eDp5"), Some("Bearer")] {
        let (status, challenge) = ask(&site, other).await;
        assert_eq!((status, challenge.as_deref()), (StatusCode::UNAUTHORIZED, Some("Bearer")));
    }
}

#[tokio::test]
async fn a_session_cookie_is_no_bearer_token() {
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    assert_eq!(browser.get("/api/me").await.status, StatusCode::UNAUTHORIZED);
}

/// security.md 97.
#[tokio::test]
async fn a_new_key_is_fetched_and_made_up_ones_do_not_hammer_the_provider() {
    let site = Site::start().await;
    let claims = site.op.access_claims();
    let token = site.op.sign(&site.op.header("at+jwt"), &claims);
    assert_eq!(ask_with(&site, &token).await, StatusCode::OK);
    site.op.pass(61);
    site.op.rotate_key("key-2");
    let token = site.op.sign(&site.op.header("at+jwt"), &claims);
    assert_eq!(ask_with(&site, &token).await, StatusCode::OK);
    assert_eq!(site.op.key_fetches.load(Ordering::SeqCst), 2);
    for made_up in 0..20 {
        let mut header = site.op.header("at+jwt");
        header["kid"] = json!(format!("made-up-{made_up}"));
        let token = site.op.sign(&header, &claims);
        assert_eq!(ask_with(&site, &token).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(site.op.key_fetches.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn without_the_providers_keys_nobody_is_let_in() {
    let site = Site::start().await;
    site.op.is_down.store(true, Ordering::SeqCst);
    let token = site.op.sign(&site.op.header("at+jwt"), &site.op.access_claims());
    assert_eq!(ask_with(&site, &token).await, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_slow_failure_answers_for_those_who_come_right_after_it() {
    let site = Site::start().await;
    site.op.is_down.store(true, Ordering::SeqCst);
    site.op.discovery_takes.store(5, Ordering::SeqCst);
    let token = site.op.sign(&site.op.header("at+jwt"), &site.op.access_claims());
    for _ in 0..3 {
        assert_eq!(ask_with(&site, &token).await, StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(site.op.discoveries.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn while_one_request_fetches_the_others_go_on_with_what_is_known() {
    let site = Site::start().await;
    let mut claims = site.op.access_claims();
    claims["exp"] = json!(site.op.seconds() + 7200);
    let token = site.op.sign(&site.op.header("at+jwt"), &claims);
    assert_eq!(ask_with(&site, &token).await, StatusCode::OK);
    site.op.pass(3601);
    let shut = site.op.gate.clone().write_owned().await;
    let (one, two) = (ask_with(&site, &token), ask_with(&site, &token));
    tokio::pin!(one, two);
    let is_first = tokio::select! {
        status = &mut one => { assert_eq!(status, StatusCode::OK); true }
        status = &mut two => { assert_eq!(status, StatusCode::OK); false }
    };
    // The provider has not answered yet.
    assert_eq!(site.op.key_fetches.load(Ordering::SeqCst), 1);
    drop(shut);
    let fetched = if is_first { two.await } else { one.await };
    assert_eq!(fetched, StatusCode::OK);
    assert_eq!(site.op.key_fetches.load(Ordering::SeqCst), 2, "and by no time-out");
}
