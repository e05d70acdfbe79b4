//! The provider's answer as a form: OAuth 2.0 Form Post Response Mode.

use http::StatusCode;
use relying_party::{RelyingPartyConfig, ResponseMode};

use crate::site::Site;

fn form_post(config: &mut RelyingPartyConfig) {
    config.response_mode = ResponseMode::FormPost;
}

#[tokio::test]
async fn an_answer_may_come_as_a_form_from_another_site() {
    let site = Site::start_with(form_post).await;
    let mut browser = site.browser();
    let (action, form) = browser.begin_with_form(&site.op).await;
    assert_eq!(action, "http://localhost:9/callback");
    let answer = browser.post_across(&action, &form).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    assert_eq!(browser.post_across(&action, &form).await.status, StatusCode::BAD_REQUEST, "once");
}

/// security.md 93.
#[tokio::test]
async fn a_form_from_another_browser_makes_no_session() {
    let site = Site::start_with(form_post).await;
    let mut own = site.browser();
    let (action, form) = own.begin_with_form(&site.op).await;
    let mut other = site.browser();
    assert_eq!(other.post_across(&action, &form).await.status, StatusCode::BAD_REQUEST);
    other.begin_with_form(&site.op).await;
    assert_eq!(other.post_across(&action, &form).await.status, StatusCode::BAD_REQUEST);
    assert!(other.get("/").await.location().starts_with("/login?"));
    own.forget("test_signin");
    assert_eq!(own.post_across(&action, &form).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_answer_comes_in_the_way_that_was_asked_for_and_in_no_other() {
    let site = Site::start_with(form_post).await;
    let mut browser = site.browser();
    let (_, form) = browser.begin_with_form(&site.op).await;
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
    let answer = browser.get(&format!("/callback?{query}")).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    let (action, form) = browser.begin_with_form(&site.op).await;
    let pairs: Vec<(&str, &str)> =
        form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let json = [("content-type", "application/json")];
    assert!(browser.post_with(&action, &pairs, &json).await.status.is_client_error());

    let site = Site::start().await;
    let answer = site.browser().post_across("/callback", &form).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn the_old_session_ends_although_its_cookie_does_not_come_along() {
    let site = Site::start_with(form_post).await;
    let mut browser = site.browser();
    let (action, form) = browser.begin_with_form(&site.op).await;
    browser.post_across(&action, &form).await;
    let mut old = browser.tab();
    assert_eq!(old.get("/").await.status, StatusCode::OK);
    let (action, form) = browser.begin_with_form(&site.op).await;
    browser.forget("test_session");
    assert_eq!(browser.post_across(&action, &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    assert!(old.get("/").await.location().starts_with("/login?"));
}

/// security.md 94: the sign-in cookie alone crosses sites, over https, as it must.
#[tokio::test]
async fn cookies_are_host_bound_secure_and_lax_but_for_the_sign_in_by_form() {
    let https = |config: &mut RelyingPartyConfig| {
        config.base_url = "https://rp.example".parse().unwrap();
    };
    let site = Site::start_with(https).await;
    let cookie = site.browser().get("/login").await.headers["set-cookie"].clone();
    let cookie = cookie.to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-test_signin="), "{cookie}");
    for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");

    let site = Site::start_with(|config| {
        https(config);
        form_post(config);
    })
    .await;
    let mut browser = site.browser();
    let (action, form) = browser.begin_with_form(&site.op).await;
    let cookie = browser.get("/login").await.headers["set-cookie"].clone();
    let cookie = cookie.to_str().unwrap();
    assert!(cookie.contains("SameSite=None") && cookie.contains("Secure"), "{cookie}");
    let answer = browser.post_across(&action.replace("https", "http"), &form).await;
    let session = answer.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap());
    let session = session.filter(|c| c.starts_with("__Host-test_session=")).collect::<String>();
    assert!(session.contains("SameSite=Lax") && session.contains("Secure"), "{session}");

    // Without TLS there is no `None`; all ports of localhost are one site.
    let site = Site::start_with(form_post).await;
    let cookie = site.browser().get("/login").await.headers["set-cookie"].clone();
    assert!(cookie.to_str().unwrap().contains("SameSite=Lax"));
}
