//! Introspection: RFC 7662, security.md 25.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use oidc_core::client::{AuthMethod, Client};
use serde_json::{Value, json};

use crate::harness::{Backend, ISSUER, SECRET, TestIdp, authorize, casper, redemption, token_part};

const API: &str = "https://api.example/v1";

/// Beside the world: `phone`, which may ask tokens for an API; the API itself, as a client; a client of another bank's
/// application and a public one exist there already or are made here.
async fn idp_with_an_api(backend: Backend) -> TestIdp {
    let idp = TestIdp::start_on(backend).await;
    let phone = Client { resources: vec![API.to_owned()], id: "phone".to_owned(), ..casper() };
    idp.register(&phone).await;
    idp.register(&Client { id: API.to_owned(), grant_types: Vec::new(), ..casper() }).await;
    idp
}

async fn token_for_the_api(idp: &TestIdp) -> String {
    let mut browser = idp.signed_in(idp.world.anna).await;
    let changes = [("client_id", Some("phone")), ("resource", Some(API))];
    let code = browser.get(&authorize(&changes)).await.parameter("code").unwrap();
    let answer = idp.token("phone", &redemption(&code)).await.json();
    answer["access_token"].as_str().unwrap().to_owned()
}

/// Every kind of token × every caller: only whom the token concerns hears of it, the others get the one answer.
#[tokio::test]
async fn rfc7662_4_a_token_exists_only_for_its_client_and_its_audience() {
    for backend in Backend::all() {
        let idp = idp_with_an_api(backend).await;
        let tokens = idp.tokens_of_anna().await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        let code = browser.code().await;
        let expected: [(&str, String, &[&str]); 9] = [
            ("access token", tokens.access.clone(), &["casper"]),
            ("refresh token", tokens.refresh.clone(), &["casper"]),
            ("token for the API", token_for_the_api(&idp).await, &["phone", API]),
            ("token of a robot", idp.token_of_robot().await, &["robot"]),
            ("ID token", tokens.id.clone(), &[]),
            ("code", code.clone(), &[]),
            ("session cookie", browser.cookies["idp_session"].clone(), &[]),
            ("secret of the caller", SECRET.to_owned(), &[]),
            ("nothing known", "x".repeat(9000), &[]),
        ];
        for (what, token, concerned) in &expected {
            for caller in ["casper", "twin", "outsider", "robot", "phone", API] {
                let reply = idp.introspect(caller, token).await;
                assert_eq!(reply.status, StatusCode::OK);
                assert_eq!(reply.headers["cache-control"], "no-store");
                assert_eq!(reply.headers["content-type"], "application/json");
                let active = reply.json()["active"] == true;
                assert_eq!(active, concerned.contains(&caller), "{backend:?}: {what}, {caller}");
                if !active {
                    assert_eq!(reply.body, r#"{"active":false}"#, "{what}, {caller}");
                }
            }
        }
        // security.md 44: asking used nothing up.
        assert_eq!(idp.refresh(&tokens.refresh).await.status, StatusCode::OK);
        assert_eq!(idp.redeem(&code).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn rfc7662_2_2_the_answer_says_what_the_token_is_for_and_nothing_to_reach_the_person_by() {
    let idp = TestIdp::start().await;
    let tokens = idp.tokens_of_anna().await;
    let told = idp.introspect("casper", &tokens.access).await.json();
    let claims = token_part(&json!(tokens.access), 1);
    for name in ["iss", "sub", "aud", "client_id", "scope", "iat", "exp", "jti", "auth_time", "acr"]
    {
        assert!(told.get(name).is_some(), "{name}");
        assert_eq!(told[name], claims[name], "{name}");
    }
    assert_eq!(told["token_type"], "Bearer");
    assert_eq!(told["groups"], json!(["CASPER_WEB_DATA_SUBMITTER"]));
    for personal in ["email", "name", "given_name", "family_name", "username", "phone_number"] {
        assert_eq!(told.get(personal), None, "{personal}");
    }

    let told = idp.introspect("casper", &tokens.refresh).await.json();
    assert_eq!(told["client_id"], "casper");
    assert_eq!(told["iss"], ISSUER);
    assert_eq!(told["sub"], claims["sub"]);
    assert_eq!(told["scope"], "openid profile email groups offline_access");
    assert_eq!(told.get("token_type"), None, "it opens no resource");
}

#[tokio::test]
async fn a_token_dies_with_its_time_and_a_refresh_token_with_its_use() {
    let idp = TestIdp::start().await;
    let first = idp.tokens_of_anna().await;
    let second = idp.refresh(&first.refresh).await.json();
    assert!(!idp.is_active("casper", &first.refresh).await, "rotated");
    let second_refresh = second["refresh_token"].as_str().unwrap();
    assert!(idp.is_active("casper", second_refresh).await);
    assert!(idp.is_active("casper", &first.access).await);
    idp.advance(606);
    assert!(!idp.is_active("casper", &first.access).await, "expired");
    assert!(idp.is_active("casper", second_refresh).await, "asking did not end the family");
    // Not even about a rotated token, which at the token endpoint would have ended it.
    assert_eq!(idp.refresh(second_refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rfc7662_2_1_only_a_client_that_proves_itself_may_ask() {
    let idp = TestIdp::start().await;
    let public = Client { id: "pub".to_owned(), auth_method: AuthMethod::None, ..casper() };
    idp.register(&public).await;
    let tokens = idp.tokens_of_anna().await;
    let token = ("token", tokens.access.as_str());
    for fields in [
        vec![token],
        vec![token, ("client_id", "pub")],
        vec![token, ("client_id", "casper")],
        vec![token, ("client_id", "a-casper"), ("client_secret", "wrong")],
    ] {
        let reply = idp.send(TestIdp::form_request("/oauth2/introspect", &fields)).await;
        let found = (reply.status, reply.error());
        assert_eq!(found, (StatusCode::UNAUTHORIZED, "invalid_client".to_owned()), "{fields:?}");
        assert!(reply.headers.contains_key("www-authenticate"));
    }
    let bearer = Request::post("/oauth2/introspect")
        .header("authorization", format!("Bearer {}", tokens.access))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("token={}", tokens.access)))
        .unwrap();
    assert_eq!(idp.send(bearer).await.error(), "invalid_client");
    let missing = TestIdp::basic_request("/oauth2/introspect", "casper", &[]);
    assert_eq!(idp.send(missing).await.error(), "invalid_request");
    let hint = [token, ("token_type_hint", "refresh_token")];
    let reply = idp.send(TestIdp::basic_request("/oauth2/introspect", "casper", &hint)).await;
    assert_eq!(reply.json()["active"], Value::Bool(true), "a wrong hint changes nothing");
    let repeated = [token, token];
    let reply = idp.send(TestIdp::basic_request("/oauth2/introspect", "casper", &repeated)).await;
    assert_eq!(reply.error(), "invalid_request");
}
