//! The authorization endpoint.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};

use oidc_core::client::{Client, Policy};

use crate::harness::{
    CHALLENGE, ISSUER, REDIRECT_URI, TestIdp, VERIFIER, authorize, casper, redemption,
};

#[tokio::test]
async fn a_signed_in_person_goes_straight_back_with_a_code() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let reply = browser.get(&authorize(&[])).await;
    assert!(reply.location().starts_with(REDIRECT_URI));
    assert!(reply.location().ends_with('#'));
    assert!(reply.parameter("code").unwrap().starts_with("ac_"));
    assert_eq!(reply.parameter("state").as_deref(), Some("st-1"));
    assert_eq!(reply.parameter("iss").as_deref(), Some(ISSUER));
    assert_eq!(reply.headers["cache-control"], "no-store");
    assert_eq!(reply.headers["referrer-policy"], "no-referrer");
}

#[tokio::test]
async fn a_stranger_signs_in_and_comes_back_to_the_stored_request_once() {
    let idp = TestIdp::start().await;
    let mut browser = idp.browser();
    let reply = browser.get(&authorize(&[])).await;
    let id = reply.parameter("request").unwrap();
    assert_eq!(reply.location(), format!("/login?request={id}"));
    let resume = format!("/oauth2/authorize?request={id}");
    assert_eq!(browser.get(&resume).await.location(), format!("/login?request={id}"));

    browser.sign_in(idp.world.anna).await;
    let reply = browser.get(&resume).await;
    assert!(reply.location().starts_with(REDIRECT_URI));
    assert_eq!(reply.parameter("state").as_deref(), Some("st-1"));
    assert_eq!(browser.get(&resume).await.location(), "/apps");
}

#[tokio::test]
async fn oidc_core_3_1_2_1_login_hint_fills_in_an_address_and_nothing_else() {
    let idp = TestIdp::start().await;
    for (hint, filled) in [
        ("buffy@provider.example", "value=\"buffy@provider.example\""),
        ("\"><script>alert(1)</script>", "name=\"email\" value=\"\""),
        ("+43 1 23456", "name=\"email\" value=\"\""),
    ] {
        let mut browser = idp.browser();
        let reply = browser.get(&authorize(&[("login_hint", Some(hint))])).await;
        let page = browser.get(reply.location()).await;
        assert!(page.body.contains(filled), "{hint}: {}", page.body);
    }
}

#[tokio::test]
async fn a_stored_request_leads_nowhere_in_another_browser_or_too_late() {
    let idp = TestIdp::start().await;
    let mut own = idp.browser();
    let id = own.get(&authorize(&[])).await.parameter("request").unwrap();
    let resume = format!("/oauth2/authorize?request={id}");
    let mut other = idp.signed_in(idp.world.anna).await;
    assert_eq!(other.get(&resume).await.location(), "/apps");
    idp.advance(600);
    own.sign_in(idp.world.anna).await;
    assert_eq!(own.get(&resume).await.location(), "/apps");
}

#[tokio::test]
async fn prompt_login_and_max_age_ask_again_although_there_is_a_session() {
    let idp = TestIdp::start().await;
    for change in [("prompt", Some("login")), ("max_age", Some("60"))] {
        let mut browser = idp.signed_in(idp.world.anna).await;
        idp.advance(120);
        let id = browser.get(&authorize(&[change])).await.parameter("request").unwrap();
        let resume = format!("/oauth2/authorize?request={id}");
        let again = browser.get(&resume).await;
        assert_eq!(again.location(), format!("/login?request={id}"), "{change:?}");
        idp.advance(30);
        browser.sign_in(idp.world.anna).await;
        assert!(browser.get(&resume).await.parameter("code").is_some(), "{change:?}");
    }
}

#[tokio::test]
async fn prompt_none_shows_no_page() {
    let idp = TestIdp::start().await;
    let silent = authorize(&[("prompt", Some("none"))]);
    let reply = idp.browser().get(&silent).await;
    assert_eq!(reply.parameter("error").as_deref(), Some("login_required"));
    assert_eq!(reply.parameter("state").as_deref(), Some("st-1"));
    let mut browser = idp.signed_in(idp.world.anna).await;
    assert!(browser.get(&silent).await.parameter("code").is_some());
}

#[tokio::test]
async fn an_unknown_client_or_address_is_shown_a_page_and_redirected_nowhere() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    for change in [
        ("client_id", None),
        ("client_id", Some("nobody")),
        ("redirect_uri", None),
        ("redirect_uri", Some("https://rp.example/callback/")),
        ("redirect_uri", Some("https://evil.example/callback")),
        ("redirect_uri", Some("javascript:alert(1)")),
    ] {
        let reply = browser.get(&authorize(&[change])).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{change:?}");
        assert!(reply.headers.get("location").is_none());
    }
    let repeated = format!("{}&redirect_uri=x", authorize(&[]));
    assert_eq!(browser.get(&repeated).await.status, StatusCode::BAD_REQUEST);
    let broken = format!("{}&x=%zz", authorize(&[]));
    assert_eq!(browser.get(&broken).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn other_faults_are_told_to_the_client() {
    let idp = TestIdp::start().await;
    let mut browser = idp.browser();
    for (change, error) in [
        (("response_type", Some("token")), "unsupported_response_type"),
        (("scope", Some("bogus")), "invalid_scope"),
        (("code_challenge", None), "invalid_request"),
        (("code_challenge_method", Some("plain")), "invalid_request"),
        (("request", Some("e30.e30.")), "request_not_supported"),
        (("id_token_hint", Some("e30.e30.")), "invalid_request"),
    ] {
        let reply = browser.get(&authorize(&[change])).await;
        assert_eq!(reply.parameter("error").as_deref(), Some(error), "{change:?}");
        assert_eq!(reply.parameter("iss").as_deref(), Some(ISSUER));
    }
    let repeated = format!("{}&nonce=x", authorize(&[]));
    assert_eq!(browser.get(&repeated).await.parameter("error").as_deref(), Some("invalid_request"));
}

/// security.md 4, 18: what a client is exempt from is the challenge, not the rules for one that it sends.
#[tokio::test]
async fn a_client_that_the_operator_exempts_may_go_without_pkce_and_is_held_to_what_it_sends() {
    let idp = TestIdp::start().await;
    let policy = Policy { require_pkce: false, ..Policy::default() };
    idp.register(&Client { id: "basic".to_owned(), policy, ..casper() }).await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let own = ("client_id", Some("basic"));
    let without = authorize(&[own, ("code_challenge", None), ("code_challenge_method", None)]);
    let with = authorize(&[own]);
    for (address, verifier, status) in [
        (&without, None, StatusCode::OK),
        (&without, Some(VERIFIER), StatusCode::BAD_REQUEST),
        (&with, None, StatusCode::BAD_REQUEST),
        (&with, Some(VERIFIER), StatusCode::OK),
    ] {
        let code = browser.get(address).await.parameter("code").unwrap();
        let fields = redemption(&code);
        let fields: Vec<(&str, &str)> = fields
            .into_iter()
            .filter(|(name, _)| *name != "code_verifier")
            .chain(verifier.map(|verifier| ("code_verifier", verifier)))
            .collect();
        let reply = idp.token("basic", &fields).await;
        assert_eq!(reply.status, status, "{address} {verifier:?}");
        if status == StatusCode::BAD_REQUEST {
            assert_eq!(reply.error(), "invalid_grant");
        }
    }
}

#[tokio::test]
async fn an_untrusted_client_gets_no_error_redirect_for_a_stranger() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    for (change, error) in [
        (("scope", Some("bogus")), "invalid_scope"),
        (("id_token_hint", Some("e30.e30.")), "invalid_request"),
        (("prompt", Some("none login")), "invalid_request"),
    ] {
        let bad = authorize(&[("client_id", Some("outsider")), change]);
        let reply = idp.browser().get(&bad).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{change:?}");
        assert!(reply.headers.get("location").is_none());
        assert_eq!(browser.get(&bad).await.parameter("error").as_deref(), Some(error));
    }
}

#[tokio::test]
async fn a_person_without_a_group_of_the_application_is_sent_back_with_access_denied() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.bert).await;
    let reply = browser.get(&authorize(&[])).await;
    assert_eq!(reply.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(reply.parameter("state").as_deref(), Some("st-1"));
    assert_eq!(reply.parameter("code"), None);
}

#[tokio::test]
async fn a_session_from_before_a_change_of_credentials_is_none() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    idp.advance(1);
    let account = idp.app.store.find_account(idp.world.anna).await.unwrap().unwrap();
    let tx = idp.app.store.begin().await.unwrap();
    assert!(tx.change_password(&account.user, "other hash", idp.app.now()).await.unwrap());
    tx.commit().await.unwrap();
    assert!(browser.get(&authorize(&[])).await.location().starts_with("/login?request=rq_"));
}

#[tokio::test]
async fn form_post_is_a_page_that_may_post_to_the_client_and_nowhere_else() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let changes = [("response_mode", Some("form_post")), ("state", Some("\"><script>x</script>"))];
    let reply = browser.get(&authorize(&changes)).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.body.contains(&format!("action=\"{REDIRECT_URI}\"")));
    assert!(reply.body.contains("name=\"code\""));
    assert!(!reply.body.contains("<script>x"));
    let policy = reply.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'self' https://rp.example;"), "{policy}");
}

#[tokio::test]
async fn a_posted_request_becomes_a_get_with_the_same_parameters() {
    let idp = TestIdp::start().await;
    let get = authorize(&[]);
    let (path, query) = get.split_once('?').unwrap();
    let request = Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(query.to_owned()))
        .unwrap();
    let reply = idp.send(request).await;
    assert_eq!(reply.location(), get);
    assert!(reply.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn a_posted_request_with_control_characters_and_repeats_is_passed_on_encoded() {
    let idp = TestIdp::start().await;
    let mut browser = idp.browser();
    for path in ["/oauth2/authorize", "/oauth2/logout"] {
        let reply = browser.post_raw(path, "state=a\r\n\u{1}\u{e9}&nonce=1&nonce=2").await;
        let expected = format!("{path}?state=a%0D%0A%01%C3%A9&nonce=1&nonce=2");
        assert_eq!(reply.location(), expected);
        assert_eq!(browser.post_raw(path, "state=%zz").await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn long_and_strange_state_and_nonce_come_back_unchanged() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let state = format!("{}'\"<>&+ %0d%0a\u{1f511}", "s".repeat(1000));
    let reply = browser.get(&authorize(&[("state", Some(&state))])).await;
    assert_eq!(reply.parameter("state").as_deref(), Some(state.as_str()));
    let forged = authorize(&[("code_challenge", Some(&CHALLENGE.replace('E', "%")))]);
    assert_eq!(browser.get(&forged).await.parameter("error").as_deref(), Some("invalid_request"));
}
