//! Signing out, here and from the provider.

use std::sync::atomic::Ordering;

use http::StatusCode;
use serde_json::{Value, json};

use crate::{fake_op::CLIENT_ID, site::Site};

fn logout_claims(site: &Site) -> Value {
    let now = site.op.seconds();
    json!({
        "iss": site.op.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": "one",
        "sub": "person-1", "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    })
}

async fn send(site: &Site, header: &Value, claims: &Value) -> StatusCode {
    let token = site.op.sign(header, claims);
    let form = [("logout_token", token.as_str())];
    site.browser().post_with("/backchannel-logout", &form, &[]).await.status
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

#[tokio::test]
async fn a_bad_logout_token_ends_nothing() {
    let lies: [(&str, Value); 8] = [
        ("iss", json!("https://evil.example")),
        ("aud", json!("another")),
        ("exp", json!(1)),
        ("iat", json!(1)),
        ("nonce", json!("n")),
        ("events", json!({ "another": {} })),
        ("jti", Value::Null),
        ("sub", Value::Null),
    ];
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    for (name, value) in lies {
        let mut claims = logout_claims(&site);
        claims[name] = value;
        let status = send(&site, &site.op.header("logout+jwt"), &claims).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{name}");
    }
    let status = send(&site, &site.op.header("JWT"), &logout_claims(&site)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "typ");
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
}

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
