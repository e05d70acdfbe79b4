//! Sign-out that a relying party asks for.

use axum::http::StatusCode;

use crate::harness::{Browser, TestIdp, authorize};

const BACK: &str = "post_logout_redirect_uri=https%3A%2F%2Frp.example%2F";

async fn id_token(idp: &TestIdp, browser: &mut Browser<'_>) -> String {
    let code = browser.code().await;
    idp.redeem(&code).await.json()["id_token"].as_str().unwrap().to_owned()
}

async fn is_signed_in(browser: &mut Browser<'_>) -> bool {
    let silent = browser.get(&authorize(&[("prompt", Some("none"))])).await;
    silent.parameter("code").is_some()
}

#[tokio::test]
async fn a_hint_for_this_session_ends_it_at_once_and_returns_exactly_the_state() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let hint = id_token(&idp, &mut browser).await;
    idp.advance(1200);
    let reply = browser.get(&format!("/oauth2/logout?id_token_hint={hint}&{BACK}&state=s1")).await;
    assert_eq!(reply.location(), "https://rp.example/?state=s1");
    assert!(!browser.cookies.contains_key("idp_session"));
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn without_a_hint_the_person_is_asked_and_only_the_answer_signs_out() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let page = browser.get("/oauth2/logout").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("id=\"logout-confirm\""));
    assert!(is_signed_in(&mut browser).await);

    let forged = browser.post("/oauth2/logout", &[("csrf_token", "wrong")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert!(is_signed_in(&mut browser).await);

    let token = page.body.split("name=\"csrf_token\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let answer = browser.post("/oauth2/logout", &[("csrf_token", token)]).await;
    assert_eq!(answer.location(), "/signed-out");
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn the_hint_of_another_session_asks_first_and_its_answer_leads_back() {
    let idp = TestIdp::start().await;
    let mut other = idp.signed_in(idp.world.anna).await;
    let hint = id_token(&idp, &mut other).await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let page = browser.get(&format!("/oauth2/logout?id_token_hint={hint}&{BACK}&state=s1")).await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'self' https://rp.example;"), "{policy}");
    let token = page.body.split("name=\"csrf_token\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let fields = [
        ("csrf_token", token),
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", "https://rp.example/"),
        ("state", "s1"),
    ];
    assert_eq!(
        browser.post("/oauth2/logout", &fields).await.location(),
        "https://rp.example/?state=s1"
    );
    assert!(!is_signed_in(&mut browser).await);
    assert!(is_signed_in(&mut other).await);
}

#[tokio::test]
async fn nothing_redirects_to_an_address_that_is_not_registered_or_for_a_hint_that_is_not_ours() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let hint = id_token(&idp, &mut browser).await;
    let (message, _) = hint.rsplit_once('.').unwrap();
    for query in [
        format!(
            "id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2Frp.example%2F%3Fa%3Db"
        ),
        format!("id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F"),
        format!("id_token_hint={message}.&{BACK}"),
        format!("id_token_hint={hint}&{BACK}&client_id=twin"),
        format!("{BACK}&state=x"),
        format!("id_token_hint={hint}&{BACK}&{BACK}"),
    ] {
        let reply = browser.get(&format!("/oauth2/logout?{query}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query}");
    }
    assert!(is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_posted_request_becomes_a_get() {
    let idp = TestIdp::start().await;
    let mut browser = idp.browser();
    let reply = browser.post("/oauth2/logout", &[("state", "x")]).await;
    assert_eq!(reply.location(), "/oauth2/logout?state=x");
}
