//! Consent under concurrency, on every store that is there (security.md 13).

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use futures_util::future::join_all;
use oidc_core::consent::Allowance;
use tower::ServiceExt as _;

use crate::harness::{Backend, CONSENT, Reply, TestIdp, asked, question};

/// security.md 13
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answers_at_once_give_one_code_and_one_consent() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        let (_, mut fields) = question(&mut browser, &asked(&[])).await;
        fields.push(("decision".to_owned(), "allow".to_owned()));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let cookies: Vec<String> =
            browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let answers = (0..8).map(|_| {
            let request = Request::post(CONSENT)
                .header("content-type", "application/x-www-form-urlencoded")
                .header("cookie", &cookies)
                .body(Body::from(body.clone()))
                .unwrap();
            tokio::spawn(follow(idp.router.clone(), request, cookies.clone()))
        });
        let places: Vec<String> = join_all(answers).await.into_iter().map(Result::unwrap).collect();
        let codes = places.iter().filter(|place| place.contains("code=")).count();
        assert_eq!(codes, 1, "{backend:?}: {places:?}");
        let consents = idp.app.store.list_consents(idp.world.anna).await.unwrap();
        assert_eq!(consents.len(), 1, "{backend:?}");
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
    }
}

/// Answers, and follows where that leads.
async fn follow(router: axum::Router, request: Request<Body>, cookies: String) -> String {
    let reply = Reply::read(router.clone().oneshot(request).await.unwrap()).await;
    let next =
        Request::get(reply.location()).header("cookie", cookies).body(Body::empty()).unwrap();
    let reply = Reply::read(router.oneshot(next).await.unwrap()).await;
    if reply.status == StatusCode::OK { String::new() } else { reply.location().to_owned() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn consents_given_at_once_for_different_things_add_up_in_one_row() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let (anna, now) = (idp.world.anna, idp.app.now());
        let names: Vec<String> = (0..12).map(|n| format!("s{n}")).collect();
        let givers = names.iter().map(|name| {
            let store = idp.app.store.clone();
            let allowed = Allowance { resources: vec![name.clone()], ..Allowance::default() };
            tokio::spawn(async move {
                let tx = store.begin().await.unwrap();
                tx.give_consent(anna, "outsider", &allowed, now).await.unwrap();
                tx.commit().await.unwrap();
            })
        });
        for giver in join_all(givers).await {
            giver.unwrap();
        }
        let consents = idp.app.store.list_consents(anna).await.unwrap();
        let [(_, consent)] = consents.as_slice() else { panic!("{backend:?}: {consents:?}") };
        let mut resources = consent.allowance.resources.clone();
        resources.sort();
        let mut expected = names.clone();
        expected.sort();
        assert_eq!(resources, expected, "{backend:?}");
    }
}
