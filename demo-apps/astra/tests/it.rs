//! ASTRA with the group, without it, and asked by a program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "../../relying-party/tests/it/browser.rs"]
#[expect(dead_code, reason = "shared with the tests of relying-party, which use the rest")]
mod browser;
#[path = "../../relying-party/tests/it/fake_op/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of relying-party, which use the rest")]
mod fake_op;

use std::sync::Arc;

use axum::{Router, body::Body};
use browser::Browser;
use fake_op::{CLIENT_ID, CLIENT_SECRET, FakeOp};
use http::{Request, StatusCode};
use relying_party::RelyingPartyConfig;
use serde_json::{Value, json};
use tower::ServiceExt as _;

async fn start(groups: &Value) -> (Arc<FakeOp>, Router) {
    let op = FakeOp::start().await;
    *op.person.lock().unwrap() = json!({ "sub": "p", "name": "Femke", "groups": groups });
    let base_url = "http://localhost:9".parse().unwrap();
    let mut config = RelyingPartyConfig::new(&op.issuer, CLIENT_ID, CLIENT_SECRET, base_url);
    config.clock = op.clock();
    (op, astra::router(config).unwrap())
}

#[tokio::test]
async fn a_member_sees_the_page_and_can_sign_out() {
    let (op, app) = start(&json!(["ASTRA_USER"])).await;
    let mut browser = Browser::new(&app);
    assert_eq!(browser.sign_in(&op).await.location(), "/");
    let page = browser.get("/").await;
    assert!(page.body.contains("Femke") && page.body.contains("ASTRA_USER"));
    let token = page.csrf_token();
    browser.post("/logout", &[("csrf_token", &token)]).await;
    assert!(browser.get("/").await.location().starts_with("/login?"));
}

#[tokio::test]
async fn without_the_group_the_page_says_whom_to_ask() {
    let (op, app) = start(&json!([])).await;
    let mut browser = Browser::new(&app);
    let answer = browser.sign_in(&op).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("ASTRA_USER") && answer.body.contains("delegated access"));
    assert!(browser.get("/").await.location().starts_with("/login?"));
}

#[tokio::test]
async fn the_api_answers_tokens_with_the_group_only() {
    for (groups, expected) in [(json!(["ASTRA_USER"]), 200), (json!([]), 403)] {
        let (op, app) = start(&groups).await;
        let token = op.sign(&op.header("at+jwt"), &op.access_claims());
        let request = Request::get("/api/me").header("authorization", format!("Bearer {token}"));
        let answer = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status().as_u16(), expected);
    }
}
