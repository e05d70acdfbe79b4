//! Revocation: RFC 7009, security.md 24.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use futures_util::future::join_all;
use oidc_core::client::{AuthMethod, Client};
use tower::ServiceExt as _;

use crate::harness::{Backend, Reply, TestIdp, authorize, casper, redemption};

fn check_done(reply: &Reply) {
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(reply.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn rfc7009_2_1_any_token_of_a_sign_in_ends_all_of_them_on_every_node() {
    for backend in Backend::all() {
        for what in ["access", "refresh", "rotated"] {
            let idp = TestIdp::start_on(backend).await;
            let node = idp.another_node().await;
            let first = idp.tokens_of_anna().await;
            let second = idp.refresh(&first.refresh).await.json();
            let second_refresh = second["refresh_token"].as_str().unwrap().to_owned();
            let given_back = match what {
                "access" => &first.access,
                "refresh" => &second_refresh,
                _ => &first.refresh,
            };
            check_done(&idp.revoke("casper", given_back).await);
            for access in [&first.access, second["access_token"].as_str().unwrap()] {
                assert_eq!(node.userinfo(access).await.error(), "invalid_token", "{what}");
                assert!(!node.is_active("casper", access).await, "{what}");
            }
            assert!(!node.is_active("casper", &second_refresh).await, "{what}");
            assert_eq!(node.refresh(&second_refresh).await.error(), "invalid_grant", "{what}");
            check_done(&node.revoke("casper", given_back).await);
        }
    }
}

#[tokio::test]
async fn rfc7009_2_2_what_is_unknown_or_of_another_client_is_answered_alike_and_lives_on() {
    let idp = TestIdp::start().await;
    let tokens = idp.tokens_of_anna().await;
    let robot = idp.token_of_robot().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let code = browser.code().await;
    let cookie = browser.cookies["idp_session"].clone();
    for foreign in [&tokens.access, &tokens.refresh, &tokens.id, &robot, &code, &cookie] {
        check_done(&idp.revoke("twin", foreign).await);
    }
    // Not even the client itself revokes a session, a code or an ID token here.
    for other_kind in [&tokens.id, &code, &cookie, &"x".repeat(9000)] {
        check_done(&idp.revoke("casper", other_kind).await);
    }
    assert_eq!(idp.userinfo(&tokens.access).await.status, StatusCode::OK);
    assert!(idp.is_active("robot", &robot).await);
    assert_eq!(idp.redeem(&code).await.status, StatusCode::OK);
    assert_eq!(idp.refresh(&tokens.refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rfc7009_2_1_a_token_of_a_client_for_itself_is_revoked_alone_and_on_every_node() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let node = idp.another_node().await;
        let (first, second) = (idp.token_of_robot().await, idp.token_of_robot().await);
        check_done(&idp.revoke("robot", &first).await);
        check_done(&node.revoke("robot", &first).await);
        assert!(!node.is_active("robot", &first).await);
        assert_eq!(node.userinfo(&first).await.error(), "invalid_token");
        assert!(node.is_active("robot", &second).await);
        idp.app.store.sweep(idp.app.now()).await.unwrap();
        assert!(!idp.is_active("robot", &first).await, "still remembered");
    }
}

#[tokio::test]
async fn rfc7009_2_1_a_public_client_revokes_by_its_name() {
    let idp = TestIdp::start().await;
    let public = Client {
        id: "pub".to_owned(),
        auth_method: AuthMethod::None,
        secrets: Vec::new(),
        ..casper()
    };
    idp.register(&public).await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let address = authorize(&[("client_id", Some("pub"))]);
    let code = browser.get(&address).await.parameter("code").unwrap();
    let mut fields = redemption(&code).to_vec();
    fields.push(("client_id", "pub"));
    let answer = idp.send(TestIdp::form_request("/oauth2/token", &fields)).await.json();
    let access = answer["access_token"].as_str().unwrap();
    let refresh = answer["refresh_token"].as_str().unwrap();

    let foreign = [("token", refresh), ("client_id", "casper")];
    let reply = idp.send(TestIdp::form_request("/oauth2/revoke", &foreign)).await;
    assert_eq!(reply.error(), "invalid_client", "casper has a secret");
    assert_eq!(idp.userinfo(access).await.status, StatusCode::OK);
    let own = [("token", refresh), ("client_id", "pub")];
    check_done(&idp.send(TestIdp::form_request("/oauth2/revoke", &own)).await);
    assert_eq!(idp.userinfo(access).await.error(), "invalid_token");
}

#[tokio::test]
async fn a_revocation_is_written_down_once() {
    let idp = TestIdp::start().await;
    let tokens = idp.tokens_of_anna().await;
    let (_, before) = idp.app.store.verify_audit().await.unwrap();
    check_done(&idp.revoke("casper", &tokens.access).await);
    check_done(&idp.revoke("casper", &tokens.access).await);
    check_done(&idp.revoke("casper", &tokens.refresh).await);
    let (fault, after) = idp.app.store.verify_audit().await.unwrap();
    assert_eq!((fault, after - before), (None, 1));
}

#[tokio::test]
async fn rfc7009_2_2_1_who_cannot_store_the_end_of_a_token_does_not_say_that_it_ended() {
    let idp = TestIdp::start().await;
    let tokens = idp.tokens_of_anna().await;
    // The one writer of an embedded database is busy for longer than anybody waits.
    let busy = idp.app.store.begin().await.unwrap();
    let reply = idp.revoke("casper", &tokens.refresh).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.error(), "temporarily_unavailable");
    assert!(reply.headers.contains_key("retry-after"));
    drop(busy);
    assert_eq!(idp.refresh(&tokens.refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_a_posted_form_of_an_authenticated_client_with_a_token_is_taken() {
    let idp = TestIdp::start().await;
    for path in ["/oauth2/revoke", "/oauth2/introspect"] {
        let get = idp.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(get.headers["allow"], "POST");
        assert_eq!(get.error(), "invalid_request");
        let none = idp.send(TestIdp::form_request(path, &[("token", "x")])).await;
        assert_eq!(
            (none.status, none.error()),
            (StatusCode::UNAUTHORIZED, "invalid_client".into())
        );
        let missing = idp.send(TestIdp::basic_request(path, "casper", &[])).await;
        assert_eq!(missing.error(), "invalid_request");
        let in_query = TestIdp::basic_request(&format!("{path}?token=x"), "casper", &[]);
        assert_eq!(idp.send(in_query).await.error(), "invalid_request");
    }
}

/// Whatever the order, after a revocation nothing of the family lives (security.md 24; fault test F3).
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_refresh_and_a_revocation_at_once_nothing_survives() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let node = idp.another_node().await;
        for _ in 0..20 {
            let tokens = idp.tokens_of_anna().await;
            let fields = [("grant_type", "refresh_token"), ("refresh_token", &tokens.refresh)];
            let token = [("token", tokens.refresh.as_str())];
            let requests = [
                (&idp, TestIdp::token_request("casper", &fields)),
                (&node, TestIdp::basic_request("/oauth2/revoke", "casper", &token)),
                (&node, TestIdp::token_request("casper", &fields)),
                (&idp, TestIdp::basic_request("/oauth2/revoke", "casper", &token)),
            ];
            let tasks = requests.map(|(node, request)| {
                let router = node.router.clone();
                tokio::spawn(async move { router.oneshot(request).await.unwrap() })
            });
            for response in join_all(tasks).await {
                let reply = Reply::read(response.unwrap()).await;
                if reply.status != StatusCode::OK {
                    assert_eq!(reply.error(), "invalid_grant", "{backend:?}");
                } else if !reply.body.is_empty() {
                    let late = reply.json();
                    let access = late["access_token"].as_str().unwrap();
                    assert!(!node.is_active("casper", access).await, "{backend:?}");
                    let next = late["refresh_token"].as_str().unwrap();
                    assert_eq!(node.refresh(next).await.error(), "invalid_grant", "{backend:?}");
                }
            }
            assert!(!idp.is_active("casper", &tokens.access).await, "{backend:?}");
        }
    }
}
