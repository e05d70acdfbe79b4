//! Taking a consent back: at once, with everything that hangs on it.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use futures_util::future::join_all;
use oidc_core::client::Client;
use tower::ServiceExt as _;

use crate::{
    backchannel_logout::deliver,
    harness::{
        Backend, Behaviour, Browser, Receiver, Reply, TestIdp, allow, asked, authorize, form,
        question, redemption,
    },
};

const ALLOWED: &str = "/profile/applications";

async fn csrf_token(browser: &mut Browser<'_>) -> String {
    let page = browser.get(ALLOWED).await;
    assert_eq!(page.status, StatusCode::OK);
    let token = page.body.split("name=\"csrf_token\" value=\"").nth(1).unwrap();
    token.split('"').next().unwrap().to_owned()
}

async fn remove(browser: &mut Browser<'_>, client: &str) -> Reply {
    let token = csrf_token(browser).await;
    let fields = [("csrf_token", token.as_str()), ("client_id", client)];
    browser.post(ALLOWED, &fields).await
}

async fn refresh(idp: &TestIdp, tokens: &serde_json::Value) -> Reply {
    let token = tokens["refresh_token"].as_str().unwrap();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
    idp.token("outsider", &fields).await
}

#[tokio::test]
async fn a_consent_that_was_taken_back_ends_every_token_of_the_client_and_is_asked_for_again() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        let code = allow(&mut browser, &asked(&[])).await;
        let tokens = idp.token("outsider", &redemption(&code)).await.json();
        let open_code = browser.get(&asked(&[])).await.parameter("code").unwrap();
        let own = idp.redeem(&browser.code().await).await.json();
        let access_token = tokens["access_token"].as_str().unwrap();
        assert_eq!(idp.userinfo(access_token).await.status, StatusCode::OK);

        let page = browser.get(ALLOWED).await;
        for text in ["Remove access", "of CASPER", "Your email address", "Allowed on 2026-11-21"] {
            assert!(page.body.contains(text), "{text}");
        }
        let page = remove(&mut browser, "outsider").await;
        assert!(page.body.contains("CASPER has no access any more"), "{}", page.body);
        assert!(page.body.contains("You have allowed no application"), "{}", page.body);

        assert_eq!(refresh(&idp, &tokens).await.error(), "invalid_grant", "{backend:?}");
        let late = idp.token("outsider", &redemption(&open_code)).await;
        assert_eq!(late.error(), "invalid_grant");
        assert_eq!(idp.userinfo(access_token).await.status, StatusCode::UNAUTHORIZED);
        // Other clients go on.
        let token = own["refresh_token"].as_str().unwrap();
        assert_eq!(idp.refresh(token).await.status, StatusCode::OK);

        question(&mut browser, &asked(&[])).await;
        let again = remove(&mut browser, "outsider").await;
        assert!(!again.body.contains("has no access any more"), "nothing was left to remove");
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
    }
}

/// security.md 101
#[tokio::test]
async fn the_client_is_told_to_end_its_sessions_and_nobody_else_is() {
    for backend in Backend::all() {
        let idp = TestIdp::start_calling_stubs(backend).await;
        let mut foreign = Receiver::start(Behaviour::Status(200)).await;
        let change = |client| Client { first_party: false, ..client };
        idp.register_listener("foreign", foreign.uri(), change).await;
        let mut own = idp.listener("own").await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        idp.tokens_for(&mut browser, "own").await;
        let asked = authorize(&[("client_id", Some("foreign"))]);
        allow(&mut browser, &asked).await;
        let mut second = idp.signed_in(idp.world.anna).await;
        assert!(second.get(&asked).await.parameter("code").is_some());
        let mut stranger = idp.signed_in(idp.world.bert).await;
        stranger.get(&asked).await;

        remove(&mut browser, "foreign").await;
        deliver(&idp.app).await;
        assert_eq!(foreign.sids().len(), 2, "{backend:?}: both sessions of hers");
        assert!(own.tokens().is_empty(), "{backend:?}");
        // The portal's own session goes on.
        assert_eq!(browser.get(ALLOWED).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_smaller_consent_later_does_not_revive_what_was_taken_back() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    allow(&mut browser, &asked(&[])).await;
    remove(&mut browser, "outsider").await;
    allow(&mut browser, &asked(&[("scope", Some("openid"))])).await;
    let (page, _) = question(&mut browser, &asked(&[])).await;
    let known = page.body.split("id=\"consent-known\"").nth(1).unwrap();
    assert!(!known.contains("Your email address"), "{known}");
}

#[tokio::test]
async fn a_consent_is_taken_back_by_its_giver_from_our_own_page_only() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let code = allow(&mut browser, &asked(&[])).await;
    let tokens = idp.token("outsider", &redemption(&code)).await.json();

    let mut bert = idp.signed_in(idp.world.bert).await;
    let page = remove(&mut bert, "outsider").await;
    assert!(!page.body.contains("has no access any more"));
    let forged = browser.post(ALLOWED, &[("client_id", "outsider")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(idp.browser().get(ALLOWED).await.location(), "/login?page=applications");
    assert_eq!(refresh(&idp, &tokens).await.status, StatusCode::OK);
    remove(&mut browser, "nobody").await;
    assert_eq!(idp.app.store.list_consents(idp.world.anna).await.unwrap().len(), 1);
}

/// An answer that was read a moment ago is no reason for a code when the consent is gone.
#[tokio::test]
async fn an_answer_does_not_outlive_the_consent_that_it_gave() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let public = authorize(&[("client_id", Some("public"))]);
    let (_, mut fields) = question(&mut browser, &public).await;
    fields.push(("decision".to_owned(), "allow".to_owned()));
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let back = browser.post("/oauth2/consent", &fields).await.location().to_owned();
    remove(&mut browser, "public").await;
    let place = browser.get(&back).await.location().to_owned();
    assert!(place.starts_with("/oauth2/consent?request=rq_"), "{place}");
    // And the same request can be answered afresh.
    allow(&mut browser, &back).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_code_of_a_client_outlives_the_removal_that_it_raced() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        for _ in 0..8 {
            allow(&mut browser, &asked(&[])).await;
            let token = csrf_token(&mut browser).await;
            let cookies: Vec<String> =
                browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let cookies = cookies.join("; ");
            let body = form(&[("csrf_token", token.as_str()), ("client_id", "outsider")]);
            let removal = Request::post(ALLOWED)
                .header("content-type", "application/x-www-form-urlencoded")
                .header("cookie", &cookies)
                .body(Body::from(body))
                .unwrap();
            let codes = (0..6).map(|_| {
                Request::get(asked(&[])).header("cookie", &cookies).body(Body::empty()).unwrap()
            });
            let requests: Vec<Request<Body>> = codes.chain([removal]).collect();
            let tasks = requests.into_iter().map(|request| {
                let router = idp.router.clone();
                tokio::spawn(async move { router.oneshot(request).await.unwrap() })
            });
            for response in join_all(tasks).await {
                let reply = Reply::read(response.unwrap()).await;
                if reply.status == StatusCode::OK {
                    assert!(reply.body.contains("has no access any more"));
                } else if let Some(code) = reply.parameter("code") {
                    let late = idp.token("outsider", &redemption(&code)).await;
                    assert_eq!(late.status, StatusCode::BAD_REQUEST, "{backend:?}");
                }
            }
        }
    }
}
