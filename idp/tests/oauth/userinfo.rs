//! Userinfo: by scope, for one client, with access tokens and nothing else.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};

use crate::harness::{TestIdp, token_part};

#[tokio::test]
async fn it_says_what_the_scopes_open_about_the_person_of_the_id_token() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let answer = idp.redeem(&browser.code().await).await.json();
    let reply = idp.userinfo(answer["access_token"].as_str().unwrap()).await;
    let userinfo = reply.json();
    assert_eq!(userinfo["sub"], token_part(&answer["id_token"], 1)["sub"]);
    assert_eq!(userinfo["name"], "Anna Berg");
    assert_eq!(userinfo["email"], "anna@bank01.example");
    assert_eq!(userinfo["email_verified"], true);
    assert_eq!(userinfo["groups"][0], "CASPER_WEB_DATA_SUBMITTER");
    assert_eq!(userinfo.get("company_id"), None);
    assert_eq!(reply.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn the_token_may_also_come_in_a_posted_form_but_by_one_way_only() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let answer = idp.redeem(&browser.code().await).await.json();
    let token = answer["access_token"].as_str().unwrap();
    let post = || {
        Request::post("/oauth2/userinfo")
            .header("content-type", "application/x-www-form-urlencoded")
    };
    let body = || Body::from(format!("access_token={token}"));
    assert_eq!(idp.send(post().body(body()).unwrap()).await.status, StatusCode::OK);
    let both = post().header("authorization", format!("Bearer {token}")).body(body()).unwrap();
    assert_eq!(idp.send(both).await.error(), "invalid_request");
    let header =
        Request::post("/oauth2/userinfo").header("authorization", format!("bEARER {token}"));
    assert_eq!(idp.send(header.body(Body::empty()).unwrap()).await.status, StatusCode::OK);
    let query = Request::get(format!("/oauth2/userinfo?access_token={token}"));
    let reply = idp.send(query.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert_eq!(reply.headers["www-authenticate"], "Bearer realm=\"userinfo\"");
}

#[tokio::test]
async fn no_other_kind_of_token_is_an_access_token() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let code = browser.code().await;
    let answer = idp.redeem(&browser.code().await).await.json();
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    let access_token = text("access_token");
    let (message, _) = access_token.rsplit_once('.').unwrap();
    let unsigned = format!("{message}.");
    for token in [text("id_token"), text("refresh_token"), code.clone(), unsigned, "x".repeat(9000)]
    {
        let reply = idp.userinfo(&token).await;
        assert_eq!(
            (reply.status, reply.error()),
            (StatusCode::UNAUTHORIZED, "invalid_token".to_owned())
        );
        assert!(
            reply.headers["www-authenticate"].to_str().unwrap().contains("error=\"invalid_token\"")
        );
    }
    assert_eq!(idp.redeem(&code).await.status, StatusCode::OK, "nothing was consumed");
}

#[tokio::test]
async fn an_expired_access_token_is_refused() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let answer = idp.redeem(&browser.code().await).await.json();
    idp.advance(606);
    let reply = idp.userinfo(answer["access_token"].as_str().unwrap()).await;
    assert_eq!(reply.error(), "invalid_token");
}
