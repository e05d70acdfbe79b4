//! Single use under concurrency, on every store that is there (security.md 15, 19; fault test F3).

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use futures_util::future::join_all;
use tower::ServiceExt as _;

use crate::harness::{Backend, Reply, TestIdp, authorize, redemption};

/// Redemptions of each code at once.
const CALLERS: usize = 32;
/// Codes, unless `IDP_TEST_RACE_CODES` asks for another number; 1000 take minutes without optimisation.
const CODES: usize = 100;

fn codes() -> usize {
    let asked = std::env::var("IDP_TEST_RACE_CODES").ok();
    asked.map_or(CODES, |number| number.parse().unwrap())
}

/// Sends all requests at once, each on a task of its own.
async fn race(idp: &TestIdp, requests: Vec<Request<Body>>) -> Vec<Reply> {
    let tasks = requests.into_iter().map(|request| {
        let router = idp.router.clone();
        tokio::spawn(async move { router.oneshot(request).await.unwrap() })
    });
    let mut replies = Vec::new();
    for response in join_all(tasks).await {
        replies.push(Reply::read(response.unwrap()).await);
    }
    replies
}

fn check_one_winner(replies: &[Reply], what: &str) {
    let won = replies.iter().filter(|reply| reply.status == StatusCode::OK).count();
    assert_eq!(won, 1, "{what}");
    for reply in replies.iter().filter(|reply| reply.status != StatusCode::OK) {
        assert_eq!(
            (reply.status, reply.error()),
            (StatusCode::BAD_REQUEST, "invalid_grant".to_owned()),
            "{what}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_redemptions_of_a_code_at_once_exactly_one_succeeds() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        for _ in 0..codes() {
            let code = browser.code().await;
            let requests = (0..CALLERS)
                .map(|_| TestIdp::token_request("casper", &redemption(&code)))
                .collect();
            check_one_winner(&race(&idp, requests).await, &format!("{backend:?}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_refreshes_at_once_at_most_one_branch_lives() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        for _ in 0..10 {
            let answer = idp.redeem(&browser.code().await).await.json();
            let token = answer["refresh_token"].as_str().unwrap().to_owned();
            let fields = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
            let requests = (0..8).map(|_| TestIdp::token_request("casper", &fields)).collect();
            let replies = race(&idp, requests).await;
            let mut living = 0;
            let mut won = 0;
            for reply in &replies {
                if reply.status == StatusCode::OK {
                    won += 1;
                    continue;
                }
                assert_eq!(reply.error(), "invalid_grant", "{backend:?}");
            }
            assert!(won >= 1, "{backend:?}");
            for reply in replies.iter().filter(|reply| reply.status == StatusCode::OK) {
                let next = reply.json()["refresh_token"].as_str().unwrap().to_owned();
                if idp.refresh(&next).await.status == StatusCode::OK {
                    living += 1;
                }
            }
            assert!(living <= 1, "{backend:?}: {living} branches");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_returns_from_the_login_at_once_give_one_code() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let mut browser = idp.browser();
        let reply = browser.get(&authorize(&[])).await;
        let resume = format!("/oauth2/authorize?request={}", reply.parameter("request").unwrap());
        browser.sign_in(idp.world.anna).await;
        let cookies: Vec<String> =
            browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let requests = (0..8)
            .map(|_| {
                Request::get(&resume)
                    .header("cookie", cookies.join("; "))
                    .body(Body::empty())
                    .unwrap()
            })
            .collect();
        let replies = race(&idp, requests).await;
        let codes = replies.iter().filter(|reply| reply.parameter("code").is_some()).count();
        assert_eq!(codes, 1, "{backend:?}");
    }
}
