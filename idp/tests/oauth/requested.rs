//! What an authorization request asks for beyond scopes: claims by name, contexts, resources, defaults of the client.

use axum::http::StatusCode;
use oidc_core::{
    client::{Client, RequestDefaults},
    scope::Scope,
};
use portal_core::session::ACR_TWO_FACTOR;
use serde_json::{Value, json};

use crate::harness::{Backend, ISSUER, TestIdp, authorize, casper, redemption, token_part};

const API: &str = "https://api.example/v1";
const OTHER_API: &str = "https://other.example/";

impl TestIdp {
    /// The answer of the token endpoint to a client that asked with some parameters changed.
    async fn tokens(&self, client: &str, changes: &[(&str, Option<&str>)]) -> Value {
        let mut browser = self.signed_in(self.world.anna).await;
        let changes: Vec<_> =
            [("client_id", Some(client))].into_iter().chain(changes.iter().copied()).collect();
        let code = browser.get(&authorize(&changes)).await.parameter("code").unwrap();
        let reply = self.token(client, &redemption(&code)).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        reply.json()
    }
}

#[tokio::test]
async fn oidc_core_5_5_claims_asked_for_by_name_are_delivered_where_they_were_asked_for() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let claims = r#"{"userinfo":{"name":{"essential":true},"nickname":null},"id_token":{"email":null,
            "auth_time":{"essential":true},"acr":null}}"#;
        let changes = [("scope", Some("openid offline_access")), ("claims", Some(claims))];
        let answer = idp.tokens("casper", &changes).await;
        let id_token = token_part(&answer["id_token"], 1);
        assert_eq!(id_token["email"], "anna@bank01.example");
        assert_eq!(id_token["acr"], ACR_TWO_FACTOR);
        assert!(id_token["auth_time"].is_i64());
        assert_eq!(id_token.get("name"), None);
        let userinfo = idp.userinfo(answer["access_token"].as_str().unwrap()).await.json();
        assert_eq!(userinfo, json!({"sub": id_token["sub"], "name": "Anna Berg"}));

        let again = idp.refresh(answer["refresh_token"].as_str().unwrap()).await.json();
        assert_eq!(token_part(&again["id_token"], 1)["email"], "anna@bank01.example");
    }
}

/// security.md 36.
#[tokio::test]
async fn claims_by_name_open_nothing_that_the_client_has_no_scope_for() {
    let idp = TestIdp::start().await;
    let scopes = Scope::parse("openid groups").unwrap();
    idp.register(&Client { id: "frugal".to_owned(), scopes, ..casper() }).await;
    let claims =
        r#"{"userinfo":{"email":{"essential":true},"company_id":null},"id_token":{"email":null}}"#;
    let answer = idp.tokens("frugal", &[("claims", Some(claims))]).await;
    assert_eq!(token_part(&answer["id_token"], 1).get("email"), None);
    let userinfo = idp.userinfo(answer["access_token"].as_str().unwrap()).await.json();
    assert_eq!((userinfo.get("email"), userinfo.get("company_id")), (None, None));
}

#[tokio::test]
async fn malformed_claims_and_unmet_contexts_are_told_to_the_client() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let other = r#"{"id_token":{"sub":{"value":"00000000-0000-0000-0000-000000000000"}}}"#;
    let long = format!(r#"{{"x":"{}"}}"#, "y".repeat(4096));
    for (claims, error) in [
        ("{", "invalid_request"),
        ("[]", "invalid_request"),
        (r#"{"userinfo":{"name":null,"name":null}}"#, "invalid_request"),
        (long.as_str(), "invalid_request"),
        (
            r#"{"id_token":{"acr":{"essential":true,"values":["urn:example:gold"]}}}"#,
            "unmet_authentication_requirements",
        ),
        (other, "login_required"),
    ] {
        let changes = [("claims", Some(claims)), ("prompt", Some("none"))];
        let reply = browser.get(&authorize(&changes)).await;
        assert_eq!(reply.parameter("error").as_deref(), Some(error), "{claims}");
        assert_eq!(reply.parameter("state").as_deref(), Some("st-1"));
    }
    let own = format!(r#"{{"id_token":{{"sub":{{"value":"{}"}}}}}}"#, idp.world.anna);
    let reply = browser.get(&authorize(&[("claims", Some(&own)), ("prompt", Some("none"))])).await;
    assert!(reply.parameter("code").is_some());
}

/// security.md 9: the context is never lowered or made up.
#[tokio::test]
async fn oidc_core_3_1_2_1_acr_values_are_voluntary_and_the_token_tells_the_truth() {
    let idp = TestIdp::start().await;
    let essential =
        format!(r#"{{"id_token":{{"acr":{{"essential":true,"value":"{ACR_TWO_FACTOR}"}}}}}}"#);
    for change in [
        ("acr_values", Some(ACR_TWO_FACTOR)),
        ("acr_values", Some("1 2")),
        ("claims", Some(essential.as_str())),
        ("claims", Some(r#"{"id_token":{"acr":{"values":["urn:example:gold"]}}}"#)),
    ] {
        let answer = idp.tokens("casper", &[change]).await;
        assert_eq!(token_part(&answer["id_token"], 1)["acr"], ACR_TWO_FACTOR, "{change:?}");
    }
}

#[tokio::test]
async fn registration_2_default_max_age_counts_where_the_request_says_nothing() {
    let idp = TestIdp::start().await;
    let defaults = RequestDefaults { max_age: Some(60), ..RequestDefaults::default() };
    idp.register(&Client { id: "strict".to_owned(), defaults, ..casper() }).await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    idp.advance(61);
    let own = ("client_id", Some("strict"));
    let reply = browser.get(&authorize(&[own])).await;
    assert!(reply.location().starts_with("/login?request="));
    let reply = browser.get(&authorize(&[own, ("max_age", Some("3600"))])).await;
    assert!(reply.parameter("code").is_some());
}

/// security.md 40.
#[tokio::test]
async fn rfc8707_a_token_is_for_one_resource_of_its_grant_and_not_for_userinfo() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let resources = vec![API.to_owned(), OTHER_API.to_owned()];
        idp.register(&Client { id: "caller".to_owned(), resources, ..casper() }).await;
        let answer = idp.tokens("caller", &[("resource", Some(API))]).await;
        let claims = token_part(&answer["access_token"], 1);
        assert_eq!((&claims["aud"], &claims["client_id"]), (&json!(API), &json!("caller")));
        assert_eq!(token_part(&answer["id_token"], 1)["aud"], "caller");
        let reply = idp.userinfo(answer["access_token"].as_str().unwrap()).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);

        // The provider itself can always be named: that token is for userinfo.
        let token = answer["refresh_token"].as_str().unwrap();
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let refused =
            idp.token("caller", &[&fields[..], &[("resource", OTHER_API)]].concat()).await;
        assert_eq!(refused.error(), "invalid_target");
        let own =
            idp.token("caller", &[&fields[..], &[("resource", ISSUER)]].concat()).await.json();
        assert_eq!(token_part(&own["access_token"], 1)["aud"], "caller");
        let reply = idp.userinfo(own["access_token"].as_str().unwrap()).await;
        assert_eq!(reply.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn rfc8707_2_several_resources_may_be_authorized_and_each_token_chooses_one() {
    let idp = TestIdp::start().await;
    let resources = vec![API.to_owned(), OTHER_API.to_owned()];
    idp.register(&Client { id: "caller".to_owned(), resources, ..casper() }).await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let own = ("client_id", Some("caller"));
    let address = format!("{}&resource={API}&resource={OTHER_API}", authorize(&[own]));
    let code = browser.get(&address).await.parameter("code").unwrap();
    let fields = redemption(&code);
    for extra in [&[][..], &[("resource", API), ("resource", OTHER_API)][..]] {
        let reply = idp.token("caller", &[&fields[..], extra].concat()).await;
        assert_eq!(reply.error(), "invalid_target", "the code is not burnt by this");
    }
    let reply = idp.token("caller", &[&fields[..], &[("resource", OTHER_API)]].concat()).await;
    assert_eq!(token_part(&reply.json()["access_token"], 1)["aud"], OTHER_API);

    for wrong in ["https://elsewhere.example/", "not-a-uri", "https://api.example/v1#x"] {
        let reply = browser.get(&authorize(&[own, ("resource", Some(wrong))])).await;
        assert_eq!(reply.parameter("error").as_deref(), Some("invalid_target"), "{wrong}");
    }
    let foreign = browser.get(&authorize(&[("resource", Some(API))])).await;
    assert_eq!(foreign.parameter("error").as_deref(), Some("invalid_target"));
}

#[tokio::test]
async fn rfc8707_2_2_a_client_that_acts_for_itself_may_name_a_resource_of_its_list() {
    let idp = TestIdp::start().await;
    let robot = idp.app.store.find_client("robot").await.unwrap().unwrap();
    let resources = vec![API.to_owned()];
    idp.register(&Client { id: "machine".to_owned(), resources, ..robot }).await;
    let fields = [("grant_type", "client_credentials")];
    let of = async |fields: &[(&str, &str)]| idp.token("machine", fields).await;
    let plain = of(&fields).await.json();
    assert_eq!(token_part(&plain["access_token"], 1)["aud"], "machine");
    let named = of(&[&fields[..], &[("resource", API)]].concat()).await.json();
    assert_eq!(token_part(&named["access_token"], 1)["aud"], API);
    let refused = of(&[&fields[..], &[("resource", OTHER_API)]].concat()).await;
    assert_eq!(refused.error(), "invalid_target");
}
