//! Signing in: what leads to a session, and everything that must not.

use std::sync::atomic::Ordering;

use http::StatusCode;
use serde_json::json;

use crate::site::Site;

#[tokio::test]
async fn a_person_signs_in_and_lands_where_the_link_pointed() {
    let site = Site::start().await;
    let mut browser = site.browser();
    let answer = browser.get("/deep/place?x=1").await;
    assert_eq!(answer.location(), "/login?target_link_uri=%2Fdeep%2Fplace%3Fx%3D1");
    let login = answer.location().to_owned();
    let callback = browser.begin(&site.op, &login).await;
    let answer = browser.get(&callback).await;
    assert_eq!(answer.location(), "/deep/place?x=1");
    assert!(browser.get("/deep/place?x=1").await.body.starts_with("sub=person-1"));
}

/// security.md 94.
#[tokio::test]
async fn the_session_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let site = Site::start().await;
    let answer = site.browser().sign_in(&site.op).await;
    let cookies = answer.headers.get_all("set-cookie").iter();
    let cookie = cookies
        .map(|cookie| cookie.to_str().unwrap())
        .find(|cookie| cookie.starts_with("test_session="))
        .unwrap();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!format!("{answer:?}").contains("eyJhbGci"), "a token reached the browser");
}

/// security.md 94: neither addresses nor pages nor cookies of a whole visit hold a token. The one
/// exception is the hint of a sign-out, which OpenID Connect has in the address.
#[tokio::test]
async fn tokens_stay_in_the_program() {
    let site = Site::start().await;
    let held = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = held.clone();
    site.op.answer(move |answer| {
        for name in ["access_token", "id_token", "refresh_token"] {
            seen.lock().unwrap().push(answer[name].as_str().unwrap().to_owned());
        }
    });
    let mut browser = site.browser();
    let mut answers = vec![browser.sign_in(&site.op).await, browser.get("/").await];
    site.op.pass(601);
    answers.push(browser.get("/").await);
    answers.push(browser.get("/api/me").await);
    let tokens = held.lock().unwrap().clone();
    assert_eq!(tokens.len(), 6, "of the sign-in and of a renewal");
    for answer in &answers {
        let all = format!("{answer:?} {}", browser.cookies());
        for token in &tokens {
            let signature = token.rsplit('.').next().unwrap();
            assert!(!all.contains(token) && !all.contains(signature), "{all}");
        }
    }
}

#[tokio::test]
async fn a_tile_starts_a_sign_in_with_its_hint() {
    let site = Site::start().await;
    let login = format!("/login?iss={}&login_hint=aino%40x.example", site.op.issuer);
    let answer = site.browser().get(&login).await;
    assert!(answer.location().contains("login_hint=aino%40x.example"), "{answer:?}");
}

#[tokio::test]
async fn a_tile_of_another_issuer_is_refused() {
    let site = Site::start().await;
    let answer = site.browser().get("/login?iss=http%3A%2F%2Fevil.example").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

/// security.md 98.
#[tokio::test]
async fn a_target_outside_the_application_is_dropped() {
    let foreign = [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "http://localhost:9//evil.example",
        "http://localhost:10/",
        "javascript:alert(1)",
        "/.//evil.example",
        "\thttp://evil.example",
        "//evil",
        "/\\evil",
        "/\t/evil",
        "/%09/evil",
        "/%5Cevil",
        "/%0d%0aSet-Cookie:x",
        "https:evil",
        "\\\\evil.example",
        "http://localhost:9@evil.example/",
        "http:///evil.example",
    ];
    let site = Site::start().await;
    for target in foreign {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("target_link_uri", target)
            .finish();
        let mut browser = site.browser();
        let callback = browser.begin(&site.op, &format!("/login?{query}")).await;
        assert_eq!(browser.get(&callback).await.location(), "/", "{target:?}");
    }
}

/// security.md 93.
#[tokio::test]
async fn a_callback_is_used_once() {
    let site = Site::start().await;
    let mut browser = site.browser();
    let callback = browser.begin(&site.op, "/login").await;
    assert_eq!(browser.get(&callback).await.location(), "/");
    assert_eq!(browser.get(&callback).await.status, StatusCode::BAD_REQUEST);
}

/// security.md 93.
#[tokio::test]
async fn another_browser_cannot_use_a_callback_and_does_not_spoil_it() {
    let site = Site::start().await;
    let mut own = site.browser();
    let callback = own.begin(&site.op, "/login").await;
    let mut other = site.browser();
    assert_eq!(other.get(&callback).await.status, StatusCode::BAD_REQUEST);
    other.begin(&site.op, "/login").await;
    assert_eq!(other.get(&callback).await.status, StatusCode::BAD_REQUEST);
    assert!(other.get("/").await.location().starts_with("/login?"));
    assert_eq!(own.get(&callback).await.location(), "/");
}

#[tokio::test]
async fn a_callback_that_comes_too_late_is_refused() {
    let site = Site::start().await;
    let mut browser = site.browser();
    let callback = browser.begin(&site.op, "/login").await;
    site.op.pass(600);
    assert_eq!(browser.get(&callback).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_callback_with_another_state_is_refused() {
    let site = Site::start().await;
    let mut browser = site.browser();
    let callback = browser.begin(&site.op, "/login").await;
    let forged = callback.replace("state=", "state=x");
    assert_eq!(browser.get(&forged).await.status, StatusCode::BAD_REQUEST);
}

/// security.md 93, RFC 9207 section 2.4.
#[tokio::test]
async fn a_callback_without_issuer_is_refused() {
    let site = Site::start().await;
    site.op.omits_iss.store(true, Ordering::SeqCst);
    let mut browser = site.browser();
    assert_eq!(browser.sign_in(&site.op).await.status, StatusCode::BAD_REQUEST);
    assert!(browser.get("/").await.location().starts_with("/login?"));
}

/// Without the promise of RFC 9207 section 3 a missing `iss` passes, and a wrong one does not.
#[tokio::test]
async fn an_issuer_that_was_not_promised_may_be_missing_but_not_wrong() {
    let site = Site::start().await;
    *site.op.metadata.lock().unwrap() =
        json!({ "authorization_response_iss_parameter_supported": false });
    site.op.omits_iss.store(true, Ordering::SeqCst);
    assert_eq!(site.browser().sign_in(&site.op).await.location(), "/");
    let mut browser = site.browser();
    let callback = browser.begin(&site.op, "/login").await;
    let forged = format!("{callback}&iss=https%3A%2F%2Fevil.example");
    assert_eq!(browser.get(&forged).await.status, StatusCode::BAD_REQUEST);
}

/// security.md 93, RFC 9207 section 2.4.
#[tokio::test]
async fn a_callback_of_another_issuer_is_refused() {
    let site = Site::start().await;
    let mut browser = site.browser();
    let callback = browser.begin(&site.op, "/login").await;
    let forged = callback.replace("iss=http%3A%2F%2F127.0.0.1", "iss=http%3A%2F%2Fevil.example");
    assert_ne!(forged, callback);
    assert_eq!(browser.get(&forged).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_callback_with_a_doubled_parameter_is_refused() {
    let site = Site::start().await;
    let mut browser = site.browser();
    let callback = browser.begin(&site.op, "/login").await;
    let doubled = format!("{callback}&code=another");
    assert_eq!(browser.get(&doubled).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_denied_sign_in_says_whom_to_ask() {
    let site = Site::start().await;
    *site.op.error.lock().unwrap() = Some("access_denied");
    let answer = site.browser().sign_in(&site.op).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("delegated access administrator"));
    assert!(answer.body.contains("supportcenter@ecb.europa.eu"));
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_and_asked_again_later() {
    let site = Site::start().await;
    site.op.is_down.store(true, Ordering::SeqCst);
    let mut browser = site.browser();
    let answer = browser.get("/login").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers.contains_key("retry-after"));
    site.op.is_down.store(false, Ordering::SeqCst);
    site.op.pass(2);
    assert_eq!(browser.sign_in(&site.op).await.location(), "/");
}

#[tokio::test]
async fn whom_the_application_refuses_gets_no_session() {
    let site = Site::start().await;
    *site.op.person.lock().unwrap() = json!({ "sub": "p", "groups": ["banned"] });
    let mut browser = site.browser();
    let answer = browser.sign_in(&site.op).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("You are banned."));
    assert!(browser.get("/").await.location().starts_with("/login?"));
}

#[tokio::test]
async fn a_form_needs_the_token_and_the_own_origin() {
    let site = Site::start().await;
    let mut browser = site.signed_in().await;
    let token = browser.get("/").await.csrf_token();
    let good = [("text", "hello"), ("csrf_token", token.as_str())];
    assert_eq!(browser.post("/", &good).await.body, "hello");
    let cross = [("sec-fetch-site", "cross-site")];
    assert_eq!(browser.post_with("/", &good, &cross).await.status, StatusCode::FORBIDDEN);
    let same_site = [("sec-fetch-site", "same-site")];
    assert_eq!(browser.post_with("/", &good, &same_site).await.status, StatusCode::FORBIDDEN);
    let origin = [("origin", "http://localhost:10")];
    assert_eq!(browser.post_with("/", &good, &origin).await.status, StatusCode::FORBIDDEN);
    for bad in [vec![("text", "x")], vec![("text", "x"), ("csrf_token", "guess")]] {
        assert_eq!(browser.post("/", &bad).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(site.browser().post("/", &good).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let site = Site::start().await;
    for path in ["/", "/login", "/callback", "/nowhere"] {
        let answer = site.browser().get(path).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
    }
}
