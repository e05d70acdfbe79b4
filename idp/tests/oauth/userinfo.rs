//! Userinfo: by scope, for one client, with access tokens and nothing else.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use oidc_core::client::{Client, SigningAlg};
use serde_json::json;

use crate::harness::{ISSUER, TestIdp, Tokens, authorize, casper, redemption, token_part};

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

/// OpenID Connect Core 5.3.2: signed for its one reader, with a kind of its own, so that it is good for nothing else.
#[tokio::test]
async fn core_5_3_2_a_client_that_registered_for_it_gets_a_signed_answer() {
    let idp = TestIdp::start().await;
    for alg in SigningAlg::ALL {
        let id = format!("signed-{}", alg.as_str());
        idp.register(&Client { id: id.clone(), userinfo_alg: Some(alg), ..casper() }).await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        let address = authorize(&[("client_id", Some(&id))]);
        let code = browser.get(&address).await.parameter("code").unwrap();
        let tokens = Tokens::of(&idp.token(&id, &redemption(&code)).await.json());
        let reply = idp.userinfo(&tokens.access).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(reply.headers["content-type"], "application/jwt");
        assert_eq!(reply.headers["cache-control"], "no-store");
        let signed = json!(reply.body);
        let header = token_part(&signed, 0);
        assert_eq!(
            (&header["alg"], &header["typ"]),
            (&json!(alg.as_str()), &json!("userinfo+jwt"))
        );
        let jwks = idp.app.keys.jwks_json();
        assert!(jwks.contains(header["kid"].as_str().unwrap()));
        let claims = token_part(&signed, 1);
        assert_eq!(claims["iss"], ISSUER);
        assert_eq!(claims["aud"], id);
        assert_eq!(claims["sub"], token_part(&json!(tokens.id), 1)["sub"]);
        assert_eq!(claims["name"], "Anna Berg");
        assert_eq!(claims["email"], "anna@bank01.example");
        assert_eq!(idp.userinfo(&reply.body).await.error(), "invalid_token");
        assert_eq!(idp.userinfo("x").await.headers["content-type"], "application/json");
    }
}

/// RFC 6750 3: whatever goes wrong, the answer says how a request is authorized, and no more than it should.
#[tokio::test]
async fn rfc6750_3_every_refusal_carries_its_challenge() {
    let idp = TestIdp::start().await;
    let tokens = idp.tokens_of_anna().await;
    let robot = idp.token_of_robot().await;
    let get = |header: Option<&str>, query: &str| {
        let mut request = Request::get(format!("/oauth2/userinfo{query}"));
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        request.body(Body::empty()).unwrap()
    };
    let good = format!("Bearer {}", tokens.access);
    let query = format!("?access_token={}", tokens.access);
    for (request, status, error) in [
        (get(None, ""), 401, None),
        (get(None, &query), 401, None),
        (get(Some("Basic Y2FzcGVyOng="), ""), 401, None),
        (get(Some("DPoP x"), ""), 401, None),
        (get(Some("Bearer"), ""), 401, Some("invalid_token")),
        (get(Some("Bearer "), ""), 401, Some("invalid_token")),
        (get(Some("Bearer x"), ""), 401, Some("invalid_token")),
        (get(Some(&format!("{good} x")), ""), 401, Some("invalid_token")),
        (get(Some(&good), &query), 400, Some("invalid_request")),
        (get(Some(&format!("Bearer {robot}")), ""), 403, Some("insufficient_scope")),
    ] {
        let what = format!("{request:?}");
        let reply = idp.send(request).await;
        assert_eq!(reply.status.as_u16(), status, "{what}");
        let challenge = reply.headers["www-authenticate"].to_str().unwrap();
        match error {
            None => {
                assert_eq!(challenge, "Bearer realm=\"userinfo\"", "{what}");
                assert_eq!(reply.body, "", "{what}");
            }
            Some(error) => {
                assert!(challenge.starts_with("Bearer realm=\"userinfo\", "), "{what}");
                assert!(challenge.contains(&format!("error=\"{error}\"")), "{what}: {challenge}");
                assert_eq!(reply.error(), error, "{what}");
            }
        }
    }
    let scope = idp.userinfo(&robot).await;
    assert!(scope.headers["www-authenticate"].to_str().unwrap().ends_with("scope=\"openid\""));
    let put = Request::put("/oauth2/userinfo").body(Body::empty()).unwrap();
    let reply = idp.send(put).await;
    assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(reply.headers["allow"], "GET,HEAD,POST");
    assert_eq!(reply.error(), "invalid_request");
}

#[tokio::test]
async fn the_profile_names_the_language_that_the_person_chose() {
    let idp = TestIdp::start().await;
    let tokens = idp.tokens_of_anna().await;
    assert_eq!(idp.userinfo(&tokens.access).await.json()["locale"], "en");
    idp.execute("UPDATE users SET locale = 'de' WHERE first_name = 'Anna'").await;
    assert_eq!(idp.userinfo(&tokens.access).await.json()["locale"], "de");
}
