//! `GET /api/me` with an access token.

use axum::body::Body;
use casper::Environment;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::harness::{ADMIN, Casper, Page, SUBMITTER, lotte};

async fn ask(casper: &Casper, authorization: Option<String>) -> Page {
    let mut request = Request::get("/api/me");
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    let request = request.body(Body::empty()).unwrap();
    Page::read(casper.app.clone().oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn a_token_shows_roles_and_assignments() {
    let casper = Casper::production().await;
    casper.open(lotte()).await;
    let token = casper.portal.issue_access_token("lotte", "casper", &[SUBMITTER]);
    let answer = ask(&casper, Some(format!("Bearer {token}"))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let me: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(me["name"], "Lotte Winkelhaak");
    assert_eq!(me["environment"], "production");
    assert_eq!(me["roles"], json!(["WEB_DATA_SUBMITTER"]));
    let wanted = json!([{
        "role": "WEB_DATA_SUBMITTER", "collection": "STE_QTR", "entity": "MERID_BE",
        "lei": "LEI-OF-MERID_BE",
    }]);
    assert_eq!(me["assignments"], wanted);
}

#[tokio::test]
async fn an_assignment_without_its_group_in_the_token_is_not_shown() {
    let casper = Casper::production().await;
    let token = casper.portal.issue_access_token("lotte", "casper", &[ADMIN]);
    let answer = ask(&casper, Some(format!("Bearer {token}"))).await;
    let me: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(me["assignments"], json!([]));
    assert!(me.get("name").is_none());
    assert!(casper.account_of("lotte").await.is_none(), "the API makes no account");
}

#[tokio::test]
async fn a_token_without_a_group_of_this_environment_is_forbidden() {
    let casper = Casper::start(Environment::PreProduction).await;
    let token = casper.portal.issue_access_token("lotte", "a-casper", &[SUBMITTER]);
    let answer = ask(&casper, Some(format!("Bearer {token}"))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    answer.shows("insufficient_scope");
}

#[tokio::test]
async fn a_token_for_the_other_environment_and_no_token_are_unauthorized() {
    let casper = Casper::production().await;
    let token = casper.portal.issue_access_token("lotte", "a-casper", &[SUBMITTER]);
    for value in [Some(format!("Bearer {token}")), Some("Bearer x.y.z".to_owned()), None] {
        let answer = ask(&casper, value).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.headers.contains_key(header::WWW_AUTHENTICATE));
    }
}
