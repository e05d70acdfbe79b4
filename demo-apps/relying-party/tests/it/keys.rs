//! The provider's keys: which one signed, and when they change.

use std::sync::atomic::Ordering;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::StatusCode;
use relying_party::SigningAlg;
use rsa::{
    BigUint, Pkcs1v15Sign, Pss, RsaPrivateKey, rand_core::OsRng, traits::PublicKeyParts as _,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{fake_op::Key, site::Site};

async fn signs_in(site: &Site) -> (StatusCode, String) {
    let answer = site.browser().sign_in(&site.op).await;
    (answer.status, answer.stopped)
}

fn rsa(kid: &str, alg: &'static str, pair: &RsaPrivateKey) -> Key {
    let encode = |number: &BigUint| URL_SAFE_NO_PAD.encode(number.to_bytes_be());
    let public = json!({ "kty": "RSA", "n": encode(pair.n()), "e": encode(pair.e()) });
    let pair = pair.clone();
    let sign = move |bytes: &[u8]| {
        let digest = Sha256::digest(bytes);
        match alg {
            "PS256" => pair.sign_with_rng(&mut OsRng, Pss::new::<rsa::sha2::Sha256>(), &digest),
            _ => pair.sign(Pkcs1v15Sign::new::<rsa::sha2::Sha256>(), &digest),
        }
        .unwrap()
    };
    Key::other(kid, alg, public, Box::new(sign))
}

#[tokio::test]
async fn oidc_core_10_1_a_token_without_kid_is_tried_with_every_key() {
    let site = Site::start().await;
    let keys = vec![
        Key::generate("one"),
        Key::ed25519("other kind"),
        Key::generate("two"),
        Key::generate("three"),
    ];
    *site.op.keys.lock().unwrap() = keys;
    site.op.names_keys.store(false, Ordering::SeqCst);
    site.op.tell(|header, _| drop(header.as_object_mut().unwrap().remove("kid")));
    assert_eq!(signs_in(&site).await.0, StatusCode::SEE_OTHER);
    site.op.tell(|header, claims| {
        header.as_object_mut().unwrap().remove("kid");
        claims["aud"] = json!("another");
    });
    assert!(signs_in(&site).await.1.contains("audience"), "the claims still count");
    // None of the published keys: what is published now was not fetched yet, and does not help.
    site.op.tell(|header, claims| {
        header.as_object_mut().unwrap().remove("kid");
        let mut forged = claims.clone();
        forged["sub"] = json!("somebody-else");
        header["forged_claims"] = forged;
    });
    let (status, why) = signs_in(&site).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{why}");
}

/// RS256, PS256, EdDSA and ES256, and a key that is too short.
#[tokio::test]
async fn every_asymmetric_algorithm_is_understood() {
    let pair = RsaPrivateKey::new(&mut OsRng, 2048).unwrap();
    let short = RsaPrivateKey::new(&mut OsRng, 512).unwrap();
    for (key, status) in [
        (Key::generate("es"), StatusCode::SEE_OTHER),
        (Key::ed25519("ed"), StatusCode::SEE_OTHER),
        (rsa("rs", "RS256", &pair), StatusCode::SEE_OTHER),
        (rsa("ps", "PS256", &pair), StatusCode::SEE_OTHER),
        (rsa("short", "RS256", &short), StatusCode::BAD_REQUEST),
    ] {
        let site = Site::start().await;
        let name = format!("{} {}", key.kid, key.alg());
        *site.op.keys.lock().unwrap() = vec![key];
        assert_eq!(signs_in(&site).await.0, status, "{name}");
    }
}

#[tokio::test]
async fn a_client_registered_with_one_algorithm_takes_no_other() {
    let site = Site::start_with(|config| config.id_token_algs = vec![SigningAlg::EdDsa]).await;
    let (status, why) = signs_in(&site).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(why.contains("isallowed"), "{why}");
    *site.op.keys.lock().unwrap() = vec![Key::ed25519("ed")];
    site.op.pass(3600);
    assert_eq!(signs_in(&site).await.0, StatusCode::SEE_OTHER);
}

/// security.md 97: the provider may change its key right before it signs.
#[tokio::test]
async fn oidc_core_10_1_1_a_key_that_changed_a_moment_ago_is_fetched() {
    let site = Site::start().await;
    let mut browser = site.browser();
    let callback = browser.begin(&site.op, "/login").await;
    site.op.rotate_key("key-2");
    assert_eq!(browser.get(&callback).await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.op.key_fetches.load(Ordering::SeqCst), 2);
    site.op.pass(61);
    site.op.rotate_key("key-3");
    assert_eq!(signs_in(&site).await.0, StatusCode::SEE_OTHER);
}

/// security.md 97: made-up names cause one fetch a minute, at whatever door they knock.
#[tokio::test]
async fn unknown_keys_cause_one_fetch_a_minute() {
    let site = Site::start().await;
    site.signed_in().await;
    let fetches = || site.op.key_fetches.load(Ordering::SeqCst);
    assert_eq!(fetches(), 1);
    for minute in 1..=3 {
        for made_up in 0..10 {
            let kid = json!(format!("made-up-{minute}-{made_up}"));
            site.op.tell(move |header, _| header["kid"] = kid.clone());
            assert_eq!(signs_in(&site).await.0, StatusCode::BAD_REQUEST);
            let mut header = site.op.header("logout+jwt");
            header["kid"] = json!(format!("made-up-{made_up}"));
            let token = site.op.sign(&header, &json!({}));
            let form = [("logout_token", token.as_str())];
            let answer = site.browser().post_with("/backchannel-logout", &form, &[]).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        }
        assert_eq!(fetches(), 1 + minute, "minute {minute}");
        site.op.pass(60);
    }
}

/// security.md 97: a fetch that fails takes nothing away.
#[tokio::test]
async fn the_old_keys_are_kept_when_new_ones_cannot_be_had() {
    let site = Site::start().await;
    site.signed_in().await;
    site.op.hides_keys.store(true, Ordering::SeqCst);
    site.op.tell(|header, _| header["kid"] = json!("unknown"));
    assert_eq!(signs_in(&site).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(site.op.key_fetches.load(Ordering::SeqCst), 2, "asked in vain");
    *site.op.lie.lock().unwrap() = None;
    assert_eq!(signs_in(&site).await.0, StatusCode::SEE_OTHER);
    site.op.pass(3700);
    assert_eq!(signs_in(&site).await.0, StatusCode::SEE_OTHER, "stale is better than nothing");
}

/// OpenID Connect Discovery 4.3, and addresses without TLS.
#[tokio::test]
async fn a_provider_that_publishes_nonsense_is_not_used() {
    let nonsense = [
        json!({ "issuer": "https://evil.example" }),
        json!({ "issuer": null }),
        json!({ "token_endpoint": null }),
        json!({ "token_endpoint": "http://evil.example/token" }),
        json!({ "authorization_endpoint": "http://evil.example/authorize" }),
        json!({ "userinfo_endpoint": "http://evil.example/userinfo" }),
        json!({ "pushed_authorization_request_endpoint": "http://evil.example/par" }),
        json!({ "end_session_endpoint": "http://evil.example/logout" }),
        json!({ "jwks_uri": "not an address" }),
    ];
    for members in nonsense {
        let site = Site::start().await;
        *site.op.metadata.lock().unwrap() = members.clone();
        let answer = site.browser().get("/login").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{members}");
    }
    let site = Site::start().await;
    let slash = json!({ "issuer": format!("{}/", site.op.issuer) });
    *site.op.metadata.lock().unwrap() = slash;
    assert_eq!(site.browser().get("/login").await.status, StatusCode::SERVICE_UNAVAILABLE);
}
