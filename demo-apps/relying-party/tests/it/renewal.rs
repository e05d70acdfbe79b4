//! Sessions over time: fresh claims, and the end.

use std::sync::atomic::Ordering;

use http::StatusCode;
use serde_json::json;

use crate::site::Site;

const AFTER_EXPIRY: i64 = 601;

/// security.md 95.
#[tokio::test]
async fn claims_are_renewed_when_the_access_token_has_expired() {
    let site = Site::start().await;
    *site.op.person.lock().unwrap() = json!({ "sub": "p", "groups": ["a", "b"] });
    let mut browser = site.signed_in().await;
    *site.op.person.lock().unwrap() = json!({ "sub": "p", "groups": ["a"] });
    assert!(browser.get("/").await.body.contains("groups=a b "));
    site.op.pass(AFTER_EXPIRY);
    assert!(browser.get("/").await.body.contains("groups=a "));
    site.op.pass(AFTER_EXPIRY);
    assert!(browser.get("/").await.body.contains("groups=a "));
    assert_eq!(site.op.refreshes.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn many_requests_at_once_renew_once() {
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    let page = browser.get("/").await;
    assert!(page.body.starts_with("sub="));
    site.op.pass(AFTER_EXPIRY);
    let requests = (0..8).map(|_| {
        let mut tab = browser.tab();
        tokio::spawn(async move { tab.get("/").await.status })
    });
    for request in requests.collect::<Vec<_>>() {
        assert_eq!(request.await.unwrap(), StatusCode::OK);
    }
    assert_eq!(site.op.refreshes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_refused_renewal_ends_the_session() {
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    site.op.refuses_refresh.store(true, Ordering::SeqCst);
    site.op.pass(AFTER_EXPIRY);
    assert!(browser.get("/").await.location().starts_with("/login?"));
    site.op.refuses_refresh.store(false, Ordering::SeqCst);
    assert!(browser.get("/").await.location().starts_with("/login?"));
}

/// security.md 95: a removed group takes effect when the claims are renewed, at a token's life.
#[tokio::test]
async fn a_person_who_lost_access_is_out_after_the_renewal() {
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    *site.op.person.lock().unwrap() = json!({ "sub": "person-1", "groups": ["banned"] });
    site.op.pass(AFTER_EXPIRY);
    assert_eq!(browser.get("/").await.status, StatusCode::FORBIDDEN);
    assert!(browser.get("/").await.location().starts_with("/login?"));
}

#[tokio::test]
async fn a_renewal_about_somebody_else_ends_the_session() {
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    *site.op.person.lock().unwrap() = json!({ "sub": "person-2" });
    site.op.pass(AFTER_EXPIRY);
    assert!(browser.get("/").await.location().starts_with("/login?"));
}

#[tokio::test]
async fn a_provider_that_is_down_shows_nothing_and_ends_nothing() {
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    site.op.is_down.store(true, Ordering::SeqCst);
    site.op.pass(AFTER_EXPIRY);
    assert_eq!(browser.get("/").await.status, StatusCode::SERVICE_UNAVAILABLE);
    site.op.is_down.store(false, Ordering::SeqCst);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_idle_session_ends() {
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    site.op.pass(29 * 60);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    site.op.pass(30 * 60);
    assert!(browser.get("/").await.location().starts_with("/login?"));
}

#[tokio::test]
async fn a_busy_session_ends_after_twelve_hours() {
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    for _ in 0..35 {
        site.op.pass(20 * 60);
        assert_eq!(browser.get("/").await.status, StatusCode::OK);
    }
    site.op.pass(20 * 60);
    assert!(browser.get("/").await.location().starts_with("/login?"));
}

#[tokio::test]
async fn a_failure_of_the_provider_ends_no_session_whatever_it_says() {
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    site.op.pass(AFTER_EXPIRY);
    for failure in [
        (400, "server_error"),
        (400, "temporarily_unavailable"),
        (500, "server_error"),
        (500, "invalid_grant"),
        (503, "invalid_client"),
    ] {
        *site.op.fails_refresh.lock().unwrap() = Some(failure);
        assert_eq!(browser.get("/").await.status, StatusCode::SERVICE_UNAVAILABLE, "{failure:?}");
    }
    *site.op.fails_refresh.lock().unwrap() = None;
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
}
