//! What leaves the authorization endpoint: unchanged values, secrets that nobody guesses, headers (security.md 7-14).

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use futures_util::future::join_all;
use idp::entropy::{Entropy as _, SystemEntropy};
use oidc_core::{
    client::Client,
    secret::{Secret, SecretKind},
};

use crate::{
    entry::{Entry, Outcome},
    harness::{Backend, ISSUER, REDIRECT_URI, TestIdp, authorize, casper, redemption, token_part},
};

fn query(changes: &[(&str, Option<&str>)]) -> String {
    authorize(changes).split_once('?').unwrap().1.to_owned()
}

/// security.md 7: RFC 9207 2, byte for byte the issuer of the metadata.
#[tokio::test]
async fn the_issuer_is_in_every_answer_by_every_way_and_mode() {
    let idp = TestIdp::start().await;
    let path = "/.well-known/openid-configuration";
    let metadata = idp.send(Request::get(path).body(Body::empty()).unwrap()).await.json();
    let mut browser = idp.signed_in(idp.world.anna).await;
    for entry in Entry::ALL {
        for mode in ["query", "form_post"] {
            for (prompt, max_age) in [(None, None), (Some("none"), Some("0"))] {
                let changes =
                    [("response_mode", Some(mode)), ("prompt", prompt), ("max_age", max_age)];
                idp.advance(1);
                browser.sign_in(idp.world.anna).await;
                idp.advance(1);
                let outcome = browser.ask(entry, "casper", &query(&changes)).await;
                let is_error = outcome.parameter("error") == Some("login_required");
                assert_eq!(is_error, prompt.is_some(), "{changes:?} {outcome:?}");
                assert_eq!(outcome.parameter("iss"), metadata["issuer"].as_str());
            }
        }
    }
    assert_eq!(metadata["issuer"], ISSUER);
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
}

/// Texts that break out of HTML, JSON, headers, logs or terminals where somebody forgets to escape them.
fn polyglots() -> Vec<String> {
    vec![
        "\"'><svg/onload=alert(1)>".to_owned(),
        "</script><script>alert(1)</script>".to_owned(),
        "javascript:alert(1)//'\"`--></title></textarea>".to_owned(),
        "{{7*7}}${7*7}<%= 7*7 %>".to_owned(),
        "\\\",\"admin\":true,\"x\":\"".to_owned(),
        "a\r\nSet-Cookie: x=y\r\n\r\n<html>".to_owned(),
        "%0d%0aLocation:%20https://evil.example".to_owned(),
        "&state=2&code=ac_x&iss=https://evil.example#".to_owned(),
        "\u{1b}[2J\u{7}\u{8}\u{202e}\u{feff}\u{1f511}".to_owned(),
        "' OR 1=1; DROP TABLE grants; --".to_owned(),
        "  leading and trailing  ".to_owned(),
        "+%2B%252B".to_owned(),
        "s".repeat(512),
        "\u{1f511}".repeat(512),
    ]
}

/// security.md 8.
#[tokio::test]
async fn state_and_nonce_come_back_unchanged_whatever_they_are() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    for text in polyglots() {
        for entry in Entry::ALL {
            for mode in ["query", "form_post"] {
                let changes = [
                    ("state", Some(text.as_str())),
                    ("nonce", Some(&text)),
                    ("response_mode", Some(mode)),
                ];
                let outcome = browser.ask(entry, "casper", &query(&changes)).await;
                assert!(
                    matches!(&outcome, Outcome::Answer { address, .. } if address == REDIRECT_URI)
                );
                assert_eq!(outcome.parameter("state"), Some(text.as_str()), "{entry:?} {mode}");
                assert_eq!(outcome.parameter("iss"), Some(ISSUER));
                let Outcome::Answer { parameters, .. } = &outcome else { unreachable!() };
                assert_eq!(parameters.len(), 3, "{parameters:?}");
                if entry == Entry::Get {
                    let answer = idp.redeem(outcome.parameter("code").unwrap()).await.json();
                    assert_eq!(token_part(&answer["id_token"], 1)["nonce"], text.as_str());
                    assert_eq!(token_part(&answer["id_token"], 1).get("admin"), None);
                }
                let bad = query(&[&changes[..], &[("scope", Some("bogus"))]].concat());
                let error = browser.ask(entry, "casper", &bad).await;
                if entry != Entry::Par {
                    assert_eq!(error.parameter("state"), Some(text.as_str()));
                    assert_eq!(error.parameter("error"), Some("invalid_scope"));
                }
            }
        }
    }
}

/// security.md 8: nothing of a request is markup on a page.
#[tokio::test]
async fn no_value_of_a_request_is_written_into_a_page_unescaped() {
    let idp = TestIdp::start().await;
    let marker = "zqx\"'><svg/onload=alert(1)>";
    let signed_in = idp.signed_in(idp.world.anna).await;
    let names = [
        "state",
        "nonce",
        "login_hint",
        "ui_locales",
        "display",
        "acr_values",
        "claims_locales",
        "prompt",
        "scope",
        "redirect_uri",
        "client_id",
        "request",
        "request_uri",
        "claims",
        "resource",
        "unknown",
    ];
    for name in names {
        for cookies in [BTreeMap::default(), signed_in.cookies.clone()] {
            let mut browser = idp.browser();
            browser.cookies = cookies;
            let changes = [("response_mode", Some("form_post")), (name, Some(marker))];
            let reply = browser.get(&authorize(&changes)).await;
            let page = match reply.status {
                StatusCode::SEE_OTHER => browser.get(reply.location()).await,
                _ => reply,
            };
            assert!(page.body.contains("<html"), "{name}");
            assert!(!page.body.contains("<svg/onload"), "{name}: {}", page.body);
            assert!(!page.body.contains("zqx\""), "{name}: {}", page.body);
        }
    }
}

/// security.md 11, 44: 256 bits from the generator of the system, none twice, no bit more often than the others.
#[test]
fn a_hundred_thousand_codes_show_no_pattern() {
    const CODES: usize = 100_000;
    let mut seen = BTreeSet::new();
    let mut ones = [0_usize; 256];
    for _ in 0..CODES {
        let bytes = SystemEntropy.bytes();
        for (bit, count) in ones.iter_mut().enumerate() {
            *count += usize::from(bytes[bit / 8] >> (bit % 8) & 1);
        }
        let code = Secret::from_entropy(SecretKind::AuthorizationCode, bytes);
        assert_eq!(code.expose().len(), "ac_".len() + 43);
        assert!(seen.insert(code.expose().to_owned()), "a code came twice");
    }
    // A fair bit is off by more than 6.5 standard deviations less than once in ten thousand million times.
    let deviation = (f64::from(u32::try_from(CODES).unwrap()) / 4.0).sqrt();
    for (bit, count) in ones.into_iter().enumerate() {
        let off = f64::from(u32::try_from(count.abs_diff(CODES / 2)).unwrap());
        assert!(off < 6.5 * deviation, "bit {bit}: {count}");
    }
}

/// security.md 11.
#[tokio::test]
async fn a_code_lives_sixty_seconds() {
    let idp = TestIdp::start().await;
    for (seconds, error) in [(59, None), (60, Some("invalid_grant")), (61, Some("invalid_grant"))] {
        let code = idp.signed_in(idp.world.anna).await.code().await;
        idp.advance(seconds);
        let answer = idp.redeem(&code).await.json();
        assert_eq!(answer["error"].as_str(), error, "after {seconds} s");
    }
}

/// security.md 11, 17: each binding by itself.
#[tokio::test]
async fn a_code_is_bound_to_its_client_address_and_challenge() {
    let idp = TestIdp::start().await;
    let code = idp.signed_in(idp.world.anna).await.code().await;
    let good = redemption(&code);
    let with = |name: &str, value: &'static str| {
        good.map(|(known, old)| if known == name { (known, value) } else { (known, old) })
    };
    for (client, fields) in [
        ("twin", good),
        ("casper", with("redirect_uri", "https://rp.example/callback?")),
        ("casper", with("code_verifier", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")),
        ("casper", with("code_verifier", "")),
    ] {
        assert_eq!(idp.token(client, &fields).await.error(), "invalid_grant", "{fields:?}");
    }
    assert_eq!(
        idp.token("casper", &good).await.status,
        StatusCode::OK,
        "none of it burnt the code"
    );
}

/// security.md 13: a second press of a button is no second code.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_ways_back_from_the_login_at_once_one_gets_a_code() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let mut browser = idp.browser();
        let Outcome::Login(name) = browser.ask(Entry::Get, "casper", &query(&[])).await else {
            panic!("the sign-in comes first");
        };
        browser.sign_in(idp.world.anna).await;
        let visits = (0..16).map(|_| {
            let mut twin = idp.browser();
            twin.cookies.clone_from(&browser.cookies);
            let resume = format!("/oauth2/authorize?request={name}");
            async move { twin.get(&resume).await.parameter("code") }
        });
        let codes = join_all(visits).await.into_iter().flatten().count();
        assert_eq!(codes, 1, "{backend:?}");
    }
}

/// security.md 13: RFC 9700 4.16.
#[tokio::test]
async fn no_page_on_the_way_can_be_framed() {
    let idp = TestIdp::start().await;
    let mut signed_in = idp.signed_in(idp.world.anna).await;
    let mut stranger = idp.browser();
    let login = stranger.get(&authorize(&[])).await.location().to_owned();
    for reply in [
        stranger.get(&login).await,
        stranger.get(&authorize(&[("redirect_uri", Some("https://evil.example/"))])).await,
        stranger.get("/oauth2/authorize?request_uri=urn:ietf:params:oauth:request_uri:x").await,
        signed_in.get(&authorize(&[("response_mode", Some("form_post"))])).await,
        signed_in.get(&authorize(&[])).await,
    ] {
        assert_eq!(reply.headers["x-frame-options"], "DENY");
        let policy = reply.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(reply.headers["cache-control"], "no-store");
    }
}

/// security.md 14: RFC 6749 3.1.2; RFC 9110 10.2.2.
#[tokio::test]
async fn a_registered_query_is_kept_once_and_no_fragment_is_inherited() {
    let idp = TestIdp::start().await;
    let address = "https://rp.example/cb?a=b&code=fixed";
    let redirect_uris = vec![address.to_owned()];
    idp.register(&Client { id: "queried".to_owned(), redirect_uris, ..casper() }).await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let changes = [("client_id", Some("queried")), ("redirect_uri", Some(address))];
    for extra in [&[][..], &[("scope", Some("bogus"))][..]] {
        let reply = browser.get(&authorize(&[&changes[..], extra].concat())).await;
        let location = reply.location();
        assert!(location.starts_with(&format!("{address}&")), "{location}");
        assert_eq!(location.matches("a=b").count(), 1);
        assert_eq!(location.matches("state=").count(), 1);
        assert!(location.ends_with('#') && location.matches('#').count() == 1, "{location}");
    }
    let form_post = [&changes[..], &[("response_mode", Some("form_post"))]].concat();
    let page = browser.get(&authorize(&form_post)).await;
    assert!(
        page.body.contains("action=\"https://rp.example/cb?a=b&#38;code=fixed\""),
        "{}",
        page.body
    );
}
