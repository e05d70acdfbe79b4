//! The token endpoint: codes, client authentication, clients that act for themselves.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;

use crate::harness::{
    ISSUER, REDIRECT_URI, SECRET, TestIdp, VERIFIER, authorize, redemption, token_part,
};

#[tokio::test]
async fn a_code_gives_tokens_that_say_who_for_whom_and_how() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let reply = idp.redeem(&browser.code().await).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    assert_eq!(reply.headers["cache-control"], "no-store");
    let answer = reply.json();
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 600);
    assert!(answer["refresh_token"].as_str().unwrap().starts_with("rt_"));

    let id_token = token_part(&answer["id_token"], 1);
    assert_eq!(token_part(&answer["id_token"], 0)["alg"], "ES256");
    assert_eq!(id_token["iss"], ISSUER);
    assert_eq!(id_token["aud"], "casper");
    assert_eq!(id_token["sub"], idp.world.anna.to_string());
    assert_eq!(id_token["nonce"], "no-1");
    assert_eq!(id_token["amr"], json!(["pwd", "otp", "sms", "mfa"]));
    assert_eq!(id_token["groups"], json!(["CASPER_WEB_DATA_SUBMITTER"]));
    assert_eq!(id_token["level"]["path"], "Root/BANK_01");
    assert_eq!(id_token["third_party"]["name"], "Nordvik Pankki Oyj");
    assert_eq!(id_token["exp"].as_i64().unwrap() - id_token["iat"].as_i64().unwrap(), 600);

    let access_token = token_part(&answer["access_token"], 1);
    assert_eq!(token_part(&answer["access_token"], 0)["typ"], "at+jwt");
    assert_eq!(access_token["aud"], "casper");
    assert_eq!(access_token["client_id"], "casper");
    assert_eq!(access_token["groups"], json!(["CASPER_WEB_DATA_SUBMITTER"]));
}

#[tokio::test]
async fn pre_production_sees_its_own_groups_and_a_client_its_own_algorithm() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let address = authorize(&[("client_id", Some("a-casper"))]);
    let code = browser.get(&address).await.parameter("code").unwrap();
    let mut fields = redemption(&code).to_vec();
    fields.extend([("client_id", "a-casper"), ("client_secret", SECRET)]);
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post("/oauth2/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap();
    let answer = idp.send(request).await.json();
    assert_eq!(token_part(&answer["id_token"], 0)["alg"], "RS256");
    for token in ["id_token", "access_token"] {
        let claims = token_part(&answer[token], 1);
        assert_eq!(claims["groups"], json!(["A-CASPER_WEB_DATA_SUBMITTER"]));
    }
}

#[tokio::test]
async fn a_code_fits_only_its_client_address_and_verifier_and_wrong_tries_do_not_burn_it() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let code = browser.code().await;
    let other = "x".repeat(43);
    for (client, redirect_uri, verifier) in [
        ("twin", REDIRECT_URI, VERIFIER),
        ("casper", "https://rp.example/other", VERIFIER),
        ("casper", REDIRECT_URI, other.as_str()),
    ] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        let reply = idp.token(client, &fields).await;
        assert_eq!(
            (reply.status, reply.error()),
            (StatusCode::BAD_REQUEST, "invalid_grant".to_owned())
        );
    }
    assert_eq!(idp.redeem(&code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_used_again_revokes_everything_that_came_from_it() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let code = browser.code().await;
    let answer = idp.redeem(&code).await.json();
    let access_token = answer["access_token"].as_str().unwrap();
    assert_eq!(idp.userinfo(access_token).await.status, StatusCode::OK);
    assert_eq!(idp.redeem(&code).await.error(), "invalid_grant");
    assert_eq!(idp.userinfo(access_token).await.status, StatusCode::UNAUTHORIZED);
    let refreshed = idp.refresh(answer["refresh_token"].as_str().unwrap()).await;
    assert_eq!(refreshed.error(), "invalid_grant");
}

#[tokio::test]
async fn a_late_code_is_refused() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let code = browser.code().await;
    idp.advance(60);
    assert_eq!(idp.redeem(&code).await.error(), "invalid_grant");
}

#[tokio::test]
async fn what_ends_between_authorization_and_redemption_gives_no_token() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let code = browser.code().await;
    let group = &idp.world.casper_group;
    let tx = idp.app.store.begin().await.unwrap();
    assert!(tx.delete_membership(idp.world.anna, group.id, None, idp.app.now()).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(idp.redeem(&code).await.error(), "invalid_grant");
}

#[tokio::test]
async fn a_client_that_does_not_prove_itself_gets_a_challenge() {
    let idp = TestIdp::start().await;
    let form = "grant_type=authorization_code&code=x&redirect_uri=y&code_verifier=z";
    for (header, body) in [
        (None, form.to_owned()),
        (Some("Basic !!!"), form.to_owned()),
        (Some("Bearer x"), form.to_owned()),
        (Some("Basic Y2FzcGVyOndyb25n"), form.to_owned()),
        (Some("Basic bm9ib2R5Ondyb25n"), form.to_owned()),
        (None, format!("{form}&client_id=casper")),
        (None, format!("{form}&client_id=casper&client_secret={SECRET}")),
        (None, format!("{form}&client_id=a-casper")),
        (None, format!("{form}&client_id=a-casper&client_secret=wrong")),
    ] {
        let mut request = Request::post("/oauth2/token")
            .header("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let reply = idp.send(request.body(Body::from(body.clone())).unwrap()).await;
        assert_eq!(
            (reply.status, reply.error()),
            (StatusCode::UNAUTHORIZED, "invalid_client".to_owned()),
            "{body}"
        );
        assert!(reply.headers["www-authenticate"].to_str().unwrap().starts_with("Basic "));
    }
}

#[tokio::test]
async fn only_a_form_in_the_body_is_taken() {
    let idp = TestIdp::start().await;
    let send = |request: Request<Body>| idp.send(request);
    let get = send(Request::get("/oauth2/token").body(Body::empty()).unwrap()).await;
    assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
    for (path, kind, body) in [
        ("/oauth2/token", "application/json", "{}".to_owned()),
        ("/oauth2/token", "multipart/form-data", "x".to_owned()),
        ("/oauth2/token?client_id=casper", "application/x-www-form-urlencoded", String::new()),
        ("/oauth2/token", "application/x-www-form-urlencoded", "a=1&a=2".to_owned()),
        ("/oauth2/token", "application/x-www-form-urlencoded", "a=%zz".to_owned()),
        ("/oauth2/token", "application/x-www-form-urlencoded", format!("a={}", "x".repeat(20_000))),
    ] {
        let request =
            Request::post(path).header("content-type", kind).body(Body::from(body)).unwrap();
        let reply = send(request).await;
        assert_eq!(
            (reply.status, reply.error()),
            (StatusCode::BAD_REQUEST, "invalid_request".to_owned()),
            "{path} {kind}"
        );
        assert_eq!(reply.headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn grant_types_are_offered_as_registered() {
    let idp = TestIdp::start().await;
    let own = idp.token("robot", &[("grant_type", "client_credentials")]).await.json();
    assert_eq!(own["scope"], "reports.read");
    assert_eq!(own.get("refresh_token"), None);
    assert_eq!(token_part(&own["access_token"], 1)["sub"], "robot");
    let person_scope = [("grant_type", "client_credentials"), ("scope", "openid")];
    assert_eq!(idp.token("robot", &person_scope).await.error(), "invalid_scope");
    let no_scope = [("grant_type", "client_credentials"), ("scope", " ")];
    assert_eq!(idp.token("robot", &no_scope).await.error(), "invalid_scope");
    for (client, grant_type, error) in [
        ("casper", "client_credentials", "unauthorized_client"),
        ("casper", "password", "unsupported_grant_type"),
        ("casper", "", "invalid_request"),
    ] {
        assert_eq!(idp.token(client, &[("grant_type", grant_type)]).await.error(), error);
    }
    let userinfo = idp.userinfo(own["access_token"].as_str().unwrap()).await;
    assert_eq!(userinfo.status, StatusCode::FORBIDDEN);
}
