//! How the client proves who it is, and pushed requests: RFC 6749 2.3, RFC 7523, RFC 9126.

use std::sync::atomic::Ordering;

use http::StatusCode;
use relying_party::{AssertionAudience, Authentication, ClientKey, Entropy, RelyingPartyConfig};
use serde_json::json;

use crate::{
    fake_op::{CLIENT_SECRET, Registered},
    site::Site,
};

async fn with(authentication: Authentication, registered: Registered) -> Site {
    let site = Site::start_with(|config| {
        config.authentication = authentication;
        config.pushed_authorization_requests = true;
    })
    .await;
    *site.op.registered.lock().unwrap() = registered;
    site
}

async fn signs_in_and_renews(site: &Site) {
    let mut browser = site.signed_in().await;
    site.op.pass(601);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    assert_eq!(site.op.refreshes.load(Ordering::SeqCst), 1);
    assert_eq!(site.op.pushes.load(Ordering::SeqCst), 1);
}

/// At three endpoints, a new assertion each: the provider takes a `jti` once.
#[tokio::test]
async fn rfc7523_3_a_signed_assertion_proves_the_client() {
    let key = ClientKey::generate(&Entropy::system());
    let jwks = key.public_jwks();
    let site = with(Authentication::private_key(key), Registered::Basic).await;
    let issuer = site.op.issuer.clone();
    *site.op.registered.lock().unwrap() = Registered::PrivateKey(jwks, issuer);
    signs_in_and_renews(&site).await;
}

#[tokio::test]
async fn an_assertion_for_the_token_endpoint_can_be_had_too() {
    let key = ClientKey::generate(&Entropy::system());
    let jwks = key.public_jwks();
    let audience = AssertionAudience::TokenEndpoint;
    let site = with(Authentication::PrivateKeyJwt { key, audience }, Registered::Basic).await;
    let endpoint = format!("{}/token", site.op.issuer);
    *site.op.registered.lock().unwrap() = Registered::PrivateKey(jwks, endpoint);
    signs_in_and_renews(&site).await;
}

#[tokio::test]
async fn rfc6749_2_3_1_secrets_with_special_characters_arrive_in_either_way() {
    signs_in_and_renews(&with(CLIENT_SECRET.into(), Registered::Basic).await).await;
    let post = Authentication::ClientSecretPost(CLIENT_SECRET.to_owned());
    signs_in_and_renews(&with(post, Registered::Post).await).await;
    signs_in_and_renews(&with(Authentication::Public, Registered::Public).await).await;
}

#[tokio::test]
async fn a_client_that_the_provider_does_not_know_cannot_push() {
    let key = ClientKey::generate(&Entropy::system());
    let other = ClientKey::generate(&Entropy::system());
    let site = with(Authentication::private_key(key), Registered::Basic).await;
    let issuer = site.op.issuer.clone();
    *site.op.registered.lock().unwrap() = Registered::PrivateKey(other.public_jwks(), issuer);
    let answer = site.browser().get("/login").await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert!(answer.stopped.contains("invalid_client"), "{}", answer.stopped);
}

/// RFC 9126 section 4: the provider of the test accepts nothing beside the two in the address.
#[tokio::test]
async fn a_pushed_request_leaves_a_reference_in_the_address() {
    let site = with(CLIENT_SECRET.into(), Registered::Basic).await;
    let answer = site.browser().get("/login?login_hint=aino%40x.example").await;
    let (_, query) = answer.location().split_once('?').unwrap();
    let names: Vec<_> =
        form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"]);
    assert!(!answer.location().contains("aino"));
}

#[tokio::test]
async fn a_push_that_fails_shows_a_page_and_sends_nothing_through_the_browser() {
    let site = with(CLIENT_SECRET.into(), Registered::Basic).await;
    *site.op.refuses_push.lock().unwrap() = Some("invalid_request");
    let answer = site.browser().get("/login").await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert!(!answer.headers.contains_key("location"));
    assert!(answer.body.contains("Signing in could not begin"));
    *site.op.refuses_push.lock().unwrap() = Some("temporarily_unavailable");
    assert_eq!(site.browser().get("/login").await.status, StatusCode::SERVICE_UNAVAILABLE);
    *site.op.refuses_push.lock().unwrap() = None;
    site.op.is_down.store(true, Ordering::SeqCst);
    let answer = site.browser().get("/login").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.headers.contains_key("location"));
}

#[tokio::test]
async fn without_an_endpoint_to_push_to_nobody_is_sent() {
    let site = with(CLIENT_SECRET.into(), Registered::Basic).await;
    *site.op.metadata.lock().unwrap() = json!({ "pushed_authorization_request_endpoint": null });
    let answer = site.browser().get("/login").await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert_eq!(site.op.pushes.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_public_keys_of_the_client_are_published_and_the_private_one_is_not() {
    let key = ClientKey::generate(&Entropy::system());
    let jwks = key.public_jwks();
    let site = with(Authentication::private_key(key), Registered::Basic).await;
    let answer = site.browser().get("/jwks.json").await;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&answer.body).unwrap(), jwks);
    assert!(!answer.body.contains("\"d\""));
    let secret = Site::start().await;
    assert_eq!(secret.browser().get("/jwks.json").await.status, StatusCode::NOT_FOUND);
}

#[test]
fn a_configuration_shows_no_secret() {
    let config = RelyingPartyConfig::new(
        "https://op.example",
        "client",
        "hush-hush",
        "https://rp.example".parse().unwrap(),
    );
    assert!(!format!("{config:?}").contains("hush-hush"));
}
