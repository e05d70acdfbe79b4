//! Sign-out that a relying party asks for.

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keys::Algorithm;

use crate::harness::{Browser, Signer, TestIdp, authorize, form, token_part};

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

/// security.md 99, 100; conformance modules BadPostLogoutRedirectUri, QueryAdded, ModifiedIdTokenHint, BadIdTokenHint,
/// NoIdTokenHint: a page, never a redirect, and the session lives on.
#[tokio::test]
async fn nothing_redirects_to_an_address_that_is_not_registered_or_for_a_hint_that_is_not_ours() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let tokens = idp.tokens_for(&mut browser, "casper").await;
    let hint = tokens["id_token"].as_str().unwrap();
    let (message, signature) = hint.rsplit_once('.').unwrap();
    let (_, claims) = message.split_once('.').unwrap();
    let foreign = Signer::new(Algorithm::Es256).sign(&token_part(&tokens["id_token"], 1));
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let with_hint = |hint: &str| format!("id_token_hint={hint}&{BACK}&state=x");
    let to = |address: &str| {
        form(&[("id_token_hint", hint), ("post_logout_redirect_uri", address), ("state", "x")])
    };
    for query in [
        to("https://rp.example/?a=b"),
        to("https://rp.example"),
        to("https://rp.example/a"),
        to("https://RP.example/"),
        to("https://rp.example/#a"),
        to("http://rp.example/"),
        to("https://rp.example:443/"),
        to("https://rp.example@evil.example/"),
        to("https://evil.example/"),
        to("javascript:alert(1)"),
        with_hint(&format!("{message}.")),
        with_hint(&format!("{none}.{claims}.")),
        with_hint(&format!("{none}.{claims}.{signature}")),
        with_hint(&format!("{message}.{}", signature.chars().rev().collect::<String>())),
        with_hint(&foreign),
        with_hint(tokens["access_token"].as_str().unwrap()),
        with_hint("not-a-token"),
        with_hint(""),
        format!("id_token_hint={hint}&{BACK}&client_id=twin"),
        format!("id_token_hint={hint}&{BACK}&client_id=unknown"),
        format!("{BACK}&state=x"),
        format!("{BACK}&client_id=unknown"),
        format!("id_token_hint={hint}&{BACK}&{BACK}"),
        format!("id_token_hint={hint}&id_token_hint={hint}&{BACK}"),
    ] {
        let reply = browser.get(&format!("/oauth2/logout?{query}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(!reply.headers.contains_key("location"), "{query}");
    }
    assert!(is_signed_in(&mut browser).await);
}

/// security.md 99: the hint names a session, however old it is, and whatever else is sent along.
#[tokio::test]
async fn rpl_2_an_expired_hint_and_parameters_for_people_change_nothing() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let hint = id_token(&idp, &mut browser).await;
    // The ID token is over for long; the session lives by the visits of the portal.
    for _ in 0..20 {
        idp.advance(20 * 60);
        browser.get("/apps").await;
    }
    let further = "logout_hint=bert%40bank01.example&ui_locales=xx+de&unknown=1";
    let query = format!("id_token_hint={hint}&client_id=casper&{BACK}&state=s%261&{further}");
    let reply = browser.get(&format!("/oauth2/logout?{query}")).await;
    assert_eq!(reply.location(), "https://rp.example/?state=s%261");
    assert!(!is_signed_in(&mut browser).await);
    // Again, as after the back button: there is nothing left to end, and the way is the same.
    let again = browser.get(&format!("/oauth2/logout?id_token_hint={hint}&{BACK}")).await;
    assert_eq!(again.location(), "https://rp.example/");
}

/// RP-Initiated Logout 2, 6: without a hint or an address the person is asked, and ends on our own page.
#[tokio::test]
async fn rpl_6_without_anything_or_with_a_state_alone_the_person_is_asked_and_stays_here() {
    let idp = TestIdp::start().await;
    for query in ["", "?state=x", "?client_id=casper", "?client_id=casper&state=x"] {
        let mut browser = idp.signed_in(idp.world.anna).await;
        let page = browser.get(&format!("/oauth2/logout{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        let token = page.body.split("name=\"csrf_token\" value=\"").nth(1).unwrap();
        let fields = [("csrf_token", token.split('"').next().unwrap()), ("state", "x")];
        assert_eq!(browser.post("/oauth2/logout", &fields).await.location(), "/signed-out");
        assert!(!is_signed_in(&mut browser).await, "{query}");
    }
}

#[tokio::test]
async fn rpl_2_a_posted_request_becomes_a_get() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let hint = id_token(&idp, &mut browser).await;
    let back = ("post_logout_redirect_uri", "https://rp.example/");
    let fields = [("id_token_hint", hint.as_str()), back, ("state", "s1")];
    // From another site it comes without the cookies of this one; what it becomes brings them.
    let reply = idp.browser().post("/oauth2/logout", &fields).await;
    let reply = browser.get(reply.location()).await;
    assert_eq!(reply.location(), "https://rp.example/?state=s1");
    assert!(!is_signed_in(&mut browser).await);

    let mut browser = idp.browser();
    let reply = browser.post("/oauth2/logout", &[("state", "x")]).await;
    assert_eq!(reply.location(), "/oauth2/logout?state=x");
}
