//! Pushed authorization requests (RFC 9126).

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use futures_util::future::join_all;
use oidc_core::{
    client::{AuthMethod, Client, Policy},
    secret::{Secret, SecretKind},
};

use crate::harness::{
    Backend, Browser, ISSUER, REDIRECT_URI, Reply, SECRET, TestIdp, authorize, casper, decide,
    form, redemption,
};

const URN: &str = "urn:ietf:params:oauth:request_uri:";

impl TestIdp {
    /// Pushes a good request of a client, with some parameters changed.
    async fn push(&self, client: &str, changes: &[(&str, Option<&str>)]) -> Reply {
        let own = [("client_id", Some(client))];
        let address =
            authorize(&own.into_iter().chain(changes.iter().copied()).collect::<Vec<_>>());
        let (_, body) = address.split_once('?').unwrap();
        self.push_raw(client, body).await
    }

    async fn push_raw(&self, client: &str, body: &str) -> Reply {
        let mut request = Self::token_request(client, &[]);
        *request.uri_mut() = "/oauth2/par".parse().unwrap();
        *request.body_mut() = Body::from(body.to_owned());
        self.send(request).await
    }

    /// The `request_uri` of a good request of a client.
    async fn pushed(&self, client: &str, changes: &[(&str, Option<&str>)]) -> String {
        let reply = self.push(client, changes).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
        reply.json()["request_uri"].as_str().unwrap().to_owned()
    }
}

fn address(client: &str, request_uri: &str) -> String {
    let pairs = [("client_id", client), ("request_uri", request_uri)];
    format!("/oauth2/authorize?{}", form(&pairs))
}

async fn is_refused_with_a_page(browser: &mut Browser<'_>, address: &str) {
    let reply = browser.get(address).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{address}");
    assert!(reply.headers.get("location").is_none());
    assert!(reply.body.contains("sign-in request is over"), "{}", reply.body);
}

#[tokio::test]
async fn rfc9126_2_2_a_pushed_request_gets_a_name_that_nobody_guesses() {
    let idp = TestIdp::start().await;
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        let reply = idp.push("casper", &[]).await;
        assert_eq!(reply.status, StatusCode::CREATED);
        assert!(reply.headers["cache-control"].to_str().unwrap().contains("no-store"));
        let answer = reply.json();
        assert!((60..=90).contains(&answer["expires_in"].as_i64().unwrap()));
        let uri = answer["request_uri"].as_str().unwrap().to_owned();
        // 43 characters of base64url: 256 bits.
        assert_eq!(uri.strip_prefix(URN).unwrap().len(), 43);
        assert!(seen.insert(uri));
    }
}

#[tokio::test]
async fn rfc9126_4_the_browser_brings_the_name_and_comes_back_with_a_code_once() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        let uri = idp.pushed("casper", &[]).await;
        let reply = browser.get(&address("casper", &uri)).await;
        assert!(reply.location().starts_with(REDIRECT_URI));
        assert_eq!(reply.parameter("state").as_deref(), Some("st-1"));
        assert_eq!(reply.parameter("iss").as_deref(), Some(ISSUER));
        let tokens = idp.redeem(&reply.parameter("code").unwrap()).await;
        assert_eq!(tokens.status, StatusCode::OK);
        is_refused_with_a_page(&mut browser, &address("casper", &uri)).await;
    }
}

/// security.md 6: nobody who touches the address on its way changes the request.
#[tokio::test]
async fn rfc9126_4_only_what_was_pushed_counts() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let uri = idp.pushed("casper", &[]).await;
    let beside = [
        ("client_id", "casper"),
        ("request_uri", uri.as_str()),
        ("state", "forged"),
        ("redirect_uri", "https://evil.example/"),
        ("scope", "bogus"),
        ("response_type", "token"),
        ("prompt", "none login"),
        ("request", "e30.e30."),
    ];
    let reply = browser.get(&format!("/oauth2/authorize?{}", form(&beside))).await;
    assert!(reply.location().starts_with(REDIRECT_URI));
    assert_eq!(reply.parameter("state").as_deref(), Some("st-1"));
    assert!(reply.parameter("code").is_some());
}

#[tokio::test]
async fn rfc9126_4_a_name_that_is_unknown_over_or_another_clients_leads_to_a_page() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let uri = idp.pushed("casper", &[]).await;
    is_refused_with_a_page(&mut browser, &address("twin", &uri)).await;
    let unknown = format!("{URN}{}", "A".repeat(43));
    for wrong in [unknown.as_str(), URN, &format!("{uri}A"), &uri[..uri.len() - 1]] {
        is_refused_with_a_page(&mut browser, &address("casper", wrong)).await;
        let redirect = format!("{}&redirect_uri={REDIRECT_URI}", address("casper", wrong));
        is_refused_with_a_page(&mut browser, &redirect).await;
    }
    is_refused_with_a_page(&mut browser, &address("nobody", &uri)).await;
    let repeated = format!("{}&client_id=casper", address("casper", &uri));
    assert_eq!(browser.get(&repeated).await.status, StatusCode::BAD_REQUEST);
    let reply = browser.get(&address("casper", "https://rp.example/request.jwt")).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "nobody vouches for an address");

    idp.advance(89);
    assert!(browser.get(&address("casper", &uri)).await.parameter("code").is_some());
    let late = idp.pushed("casper", &[]).await;
    idp.advance(90);
    is_refused_with_a_page(&mut browser, &address("casper", &late)).await;
}

/// security.md 13: the request may be opened again until somebody has finished it.
#[tokio::test]
async fn a_pushed_request_waits_for_its_sign_in_and_is_finished_once() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let mut browser = idp.browser();
        let uri = idp.pushed("casper", &[]).await;
        let first = browser.get(&address("casper", &uri)).await.parameter("request").unwrap();
        let second = browser.get(&address("casper", &uri)).await.parameter("request").unwrap();
        assert_ne!(first, second);
        idp.advance(300);
        browser.sign_in(idp.world.anna).await;
        let reply = browser.get(&format!("/oauth2/authorize?request={second}")).await;
        assert!(reply.parameter("code").is_some());
        is_refused_with_a_page(&mut browser, &format!("/oauth2/authorize?request={first}")).await;
        is_refused_with_a_page(&mut browser, &address("casper", &uri)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_visits_at_once_one_gets_a_code() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let signed_in = idp.signed_in(idp.world.anna).await;
        let uri = idp.pushed("casper", &[]).await;
        let visits = (0..16).map(|_| {
            let mut browser = idp.browser();
            browser.cookies.clone_from(&signed_in.cookies);
            let address = address("casper", &uri);
            async move { browser.get(&address).await }
        });
        let replies = join_all(visits).await;
        let codes = replies.iter().filter(|reply| reply.status == StatusCode::SEE_OTHER).count();
        let pages = replies.iter().filter(|reply| reply.status == StatusCode::BAD_REQUEST).count();
        assert_eq!((codes, pages), (1, 15), "{backend:?}");
    }
}

#[tokio::test]
async fn an_error_that_goes_to_the_client_is_an_answer_too() {
    let idp = TestIdp::start().await;
    let mut browser = idp.browser();
    let uri = idp.pushed("casper", &[("prompt", Some("none"))]).await;
    let reply = browser.get(&address("casper", &uri)).await;
    assert_eq!(reply.parameter("error").as_deref(), Some("login_required"));
    is_refused_with_a_page(&mut browser, &address("casper", &uri)).await;
}

/// security.md 1, 4, 5: what the authorization endpoint refuses cannot be pushed either.
#[tokio::test]
async fn rfc9126_2_3_a_request_is_validated_when_it_is_pushed() {
    let idp = TestIdp::start().await;
    for (change, error) in [
        (("redirect_uri", None), "invalid_request"),
        (("redirect_uri", Some("https://rp.example/callback/")), "invalid_request"),
        (("redirect_uri", Some("https://evil.example/")), "invalid_request"),
        (("client_id", None), "invalid_request"),
        (("request_uri", Some("urn:ietf:params:oauth:request_uri:x")), "invalid_request"),
        (("request_uri", Some("https://rp.example/r")), "invalid_request"),
        (("request", Some("e30.e30.")), "request_not_supported"),
        (("response_type", Some("token")), "unsupported_response_type"),
        (("response_mode", Some("fragment")), "invalid_request"),
        (("scope", Some("bogus")), "invalid_scope"),
        (("code_challenge", None), "invalid_request"),
        (("code_challenge_method", Some("plain")), "invalid_request"),
        (("prompt", Some("none login")), "invalid_request"),
        (("id_token_hint", Some("e30.e30.")), "invalid_request"),
        (("resource", Some("https://api.example/")), "invalid_target"),
        (("claims", Some("{")), "invalid_request"),
    ] {
        let reply = idp.push("casper", &[change]).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{change:?}");
        assert_eq!(reply.error(), error, "{change:?}");
        assert_eq!(reply.headers["cache-control"], "no-store");
    }
    let (_, good) =
        authorize(&[]).split_once('?').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    for body in
        [format!("{good}&nonce=x"), format!("{good}&redirect_uri=x"), format!("{good}&x=%zz")]
    {
        assert_eq!(idp.push_raw("casper", &body).await.error(), "invalid_request", "{body}");
    }
}

/// security.md 23, 29: only the client itself, and only by a form.
#[tokio::test]
async fn rfc9126_2_the_client_proves_itself_as_at_the_token_endpoint() {
    let idp = TestIdp::start().await;
    let address = authorize(&[]);
    let (_, good) = address.split_once('?').unwrap();
    let form = |body: String| {
        Request::post("/oauth2/par")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    };
    let nobody = idp.send(form(good.to_owned())).await;
    assert_eq!(
        (nobody.status, nobody.error().as_str()),
        (StatusCode::UNAUTHORIZED, "invalid_client")
    );
    let wrong_method = idp.send(form(format!("{good}&client_secret={SECRET}"))).await;
    assert_eq!(wrong_method.error(), "invalid_client");
    let foreign = idp.push_raw("twin", good).await;
    assert_eq!(foreign.status, StatusCode::UNAUTHORIZED);
    let mut json = TestIdp::token_request("casper", &[]);
    *json.uri_mut() = "/oauth2/par".parse().unwrap();
    json.headers_mut().insert("content-type", "application/json".parse().unwrap());
    assert_eq!(idp.send(json).await.error(), "invalid_request");
    let get = idp.send(Request::get("/oauth2/par").body(Body::empty()).unwrap()).await;
    assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
    let mut query = TestIdp::token_request("casper", &[]);
    *query.uri_mut() = format!("/oauth2/par?{good}").parse().unwrap();
    assert_eq!(idp.send(query).await.error(), "invalid_request");
}

/// security.md 31: nothing that proves the client is kept with its request.
#[tokio::test]
async fn a_secret_in_the_form_is_not_stored_with_the_request() {
    let idp = TestIdp::start().await;
    let auth_method = AuthMethod::ClientSecretPost;
    idp.register(&Client { id: "poster".to_owned(), auth_method, ..casper() }).await;
    let address = authorize(&[("client_id", Some("poster")), ("client_secret", Some(SECRET))]);
    let (_, body) = address.split_once('?').unwrap();
    let request = Request::post("/oauth2/par")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body.to_owned()))
        .unwrap();
    let uri = idp.send(request).await.json()["request_uri"].as_str().unwrap().to_owned();
    let digest = Secret::parse(SecretKind::PushedRequest, &uri).unwrap().digest();
    let store = &idp.app.store;
    let stored = store.find_pushed_request(&digest, "poster", idp.app.now()).await.unwrap();
    let stored = stored.unwrap();
    assert_eq!(stored.get("client_secret"), None);
    assert_eq!(stored.get("state"), Some("st-1"));
}

#[tokio::test]
async fn rfc9126_6_a_client_that_has_to_push_is_refused_without() {
    let idp = TestIdp::start().await;
    let policy = Policy { require_pushed_requests: true, ..Policy::default() };
    idp.register(&Client { id: "pusher".to_owned(), policy, ..casper() }).await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let plain = browser.get(&authorize(&[("client_id", Some("pusher"))])).await;
    assert_eq!(plain.parameter("error").as_deref(), Some("invalid_request"));
    let uri = idp.pushed("pusher", &[]).await;
    let mut stranger = idp.browser();
    let name = stranger.get(&address("pusher", &uri)).await.parameter("request").unwrap();
    stranger.sign_in(idp.world.anna).await;
    let reply = stranger.get(&format!("/oauth2/authorize?request={name}")).await;
    let tokens = idp.token("pusher", &redemption(&reply.parameter("code").unwrap())).await;
    assert_eq!(tokens.status, StatusCode::OK);
}

#[tokio::test]
async fn the_question_of_consent_keeps_a_pushed_request_and_its_answer_uses_it_up() {
    for (decision, parameter) in [("allow", "code"), ("deny", "error")] {
        let idp = TestIdp::start().await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        let pushed = address("outsider", &idp.pushed("outsider", &[]).await);
        let reply = decide(&mut browser, &pushed, decision).await;
        assert!(reply.location().starts_with(REDIRECT_URI), "{decision}");
        assert!(reply.parameter(parameter).is_some(), "{decision}");
        is_refused_with_a_page(&mut browser, &pushed).await;
    }
}
