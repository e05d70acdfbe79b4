//! The userinfo endpoint at sign-in: OpenID Connect Core 5.3.

use http::{Method, StatusCode};
use relying_party::BearerMethod;
use serde_json::json;

use crate::site::Site;

#[tokio::test]
async fn claims_of_userinfo_are_added_and_those_of_the_id_token_stand() {
    for (method, expected) in
        [(BearerMethod::Header, Method::GET), (BearerMethod::Body, Method::POST)]
    {
        let site = Site::start_with(|config| config.userinfo = Some(method)).await;
        *site.op.userinfo.lock().unwrap() =
            Some(json!({ "sub": "person-1", "groups": ["a"], "iss": "https://evil.example" }));
        let mut browser = site.signed_in().await;
        assert_eq!(*site.op.userinfo_calls.lock().unwrap(), [expected]);
        assert!(browser.get("/").await.body.contains("groups=a "));
    }
    let site = Site::start().await;
    site.signed_in().await;
    assert!(site.op.userinfo_calls.lock().unwrap().is_empty(), "not asked unless told to");
}

/// security.md 92: a substituted access token would speak of somebody else.
#[tokio::test]
async fn oidc_core_5_3_2_userinfo_about_another_person_makes_no_session() {
    let site = Site::start_with(|config| config.userinfo = Some(BearerMethod::Header)).await;
    for answer in [
        json!({ "sub": "person-2" }),
        json!({ "sub": "person-1 " }),
        json!({ "sub": ["person-1"] }),
        json!({ "name": "no sub" }),
        json!("person-1"),
    ] {
        *site.op.userinfo.lock().unwrap() = Some(answer.clone());
        let mut browser = site.browser();
        let stopped = browser.sign_in(&site.op).await;
        assert_eq!(stopped.status, StatusCode::BAD_REQUEST, "{answer}");
        assert!(stopped.stopped.contains("userinfo"), "{}", stopped.stopped);
        assert!(browser.get("/").await.location().starts_with("/login?"));
    }
    *site.op.userinfo.lock().unwrap() = None;
    site.signed_in().await;
}
