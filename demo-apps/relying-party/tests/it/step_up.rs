//! A recent or a stronger sign-in, demanded by a page or an API: RFC 9470.

use std::sync::atomic::Ordering;

use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{browser::Browser, site::Site};

const MINUTE: i64 = 60;

/// A site whose person signed in at the provider just now, and a browser with a session.
async fn start() -> (Site, Browser) {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    (site, browser)
}

/// The provider says who it is again, and the browser is back: where.
async fn step_up(browser: &mut Browser, site: &Site, login: &str) -> String {
    let callback = browser.begin(&site.op, login).await;
    let answer = browser.get(&callback).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.stopped);
    answer.location().to_owned()
}

#[tokio::test]
async fn a_page_asks_for_a_fresh_sign_in_and_comes_back() {
    let (site, mut browser) = start().await;
    assert_eq!(browser.get("/fresh?x=1").await.status, StatusCode::OK);
    site.op.pass(20 * MINUTE);
    browser.get("/").await;
    site.op.pass(25 * MINUTE);
    assert_eq!(browser.get("/fresh?x=1").await.status, StatusCode::OK, "45 minutes");
    site.op.pass(1);
    let answer = browser.get("/fresh?x=1").await;
    assert_eq!(
        answer.location(),
        "/login?target_link_uri=%2Ffresh%3Fx%3D1&max_age=2700",
        "sooner than the hour that the form has, to leave time to type"
    );
    let login = answer.location().to_owned();
    assert_eq!(step_up(&mut browser, &site, &login).await, "/fresh?x=1");
    assert_eq!(browser.get("/fresh?x=1").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_form_that_comes_too_late_is_held_and_can_be_sent_again() {
    let (site, mut browser) = start().await;
    let csrf = browser.get("/fresh").await.csrf_token();
    let form = [("text", "a <long> & careful note"), ("csrf_token", csrf.as_str())];
    assert_eq!(browser.post("/fresh", &form).await.body, "a <long> & careful note");
    for _ in 0..3 {
        site.op.pass(20 * MINUTE);
        assert_eq!(browser.post("/fresh", &form).await.status, StatusCode::OK);
    }
    site.op.pass(1);
    let held = browser.post("/fresh", &form).await;
    assert_eq!(held.status, StatusCode::UNAUTHORIZED);
    assert!(held.body.contains("action=\"/fresh\""), "{}", held.body);
    assert!(held.body.contains("value=\"a &#60;long&#62; &#38; careful note\""), "{}", held.body);
    assert_eq!(held.csrf_token_of_held_form(), csrf);

    let (_, link) = held.body.split_once("href=\"/login?").unwrap();
    let link = link.split_once('"').unwrap().0.replace("&#38;", "&");
    let mut new_tab = browser.tab();
    let landed = step_up(&mut new_tab, &site, &format!("/login?{link}")).await;
    assert_eq!(landed, "/confirmed");
    assert!(new_tab.get("/confirmed").await.body.contains("that was you"));
    // The tabs of one browser share their cookies; the session is new, the form is still good.
    let answer = new_tab.post("/fresh", &form).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "a <long> & careful note"));
    assert_eq!(browser.post("/fresh", &form).await.status, StatusCode::UNAUTHORIZED, "old cookie");
}

#[tokio::test]
async fn another_person_does_not_inherit_the_form() {
    let (site, mut browser) = start().await;
    let csrf = browser.get("/fresh").await.csrf_token();
    *site.op.person.lock().unwrap() = json!({ "sub": "person-2" });
    browser.sign_in(&site.op).await;
    let form = [("text", "x"), ("csrf_token", csrf.as_str())];
    assert_eq!(browser.post("/fresh", &form).await.status, StatusCode::FORBIDDEN);
}

/// OpenID Connect Core 3.1.3.7 numbers 12 and 13: what was asked for is checked, so a provider
/// that ignores it neither passes nor sends the browser round in circles.
#[tokio::test]
async fn an_authentication_that_is_not_the_one_asked_for_makes_no_session() {
    let (site, mut browser) = start().await;
    site.op.ignores_max_age.store(true, Ordering::SeqCst);
    site.op.pass(25 * MINUTE);
    for login in ["/login?max_age=60", "/login?acr_values=urn%3Astrong"] {
        let callback = browser.begin(&site.op, login).await;
        let answer = browser.get(&callback).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.stopped.contains("authentication"), "{}", answer.stopped);
    }
    site.op.tell(|_, claims| drop(claims.as_object_mut().unwrap().remove("auth_time")));
    let callback = browser.begin(&site.op, "/login?max_age=60").await;
    assert_eq!(browser.get(&callback).await.status, StatusCode::BAD_REQUEST, "no auth_time");
    *site.op.lie.lock().unwrap() = None;
    site.op.ignores_max_age.store(false, Ordering::SeqCst);
    for login in ["/login?max_age=60", "/login?acr_values=urn%3Astrong+urn%3Aother"] {
        assert_eq!(step_up(&mut browser, &site, login).await, "/");
    }
}

async fn call(site: &Site, change: impl FnOnce(&mut Value)) -> (StatusCode, String) {
    let mut claims = site.op.access_claims();
    claims["auth_time"] = json!(site.op.seconds());
    claims["acr"] = json!("urn:strong");
    change(&mut claims);
    let token = site.op.sign(&site.op.header("at+jwt"), &claims);
    let request = Request::get("/api/fresh")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(axum::body::Body::empty())
        .unwrap();
    let response = site.app.clone().oneshot(request).await.unwrap();
    let challenge = response.headers().get(header::WWW_AUTHENTICATE);
    let challenge = challenge.map(|value| value.to_str().unwrap().to_owned());
    (response.status(), challenge.unwrap_or_default())
}

#[tokio::test]
async fn rfc9470_3_an_api_says_what_authentication_it_wants() {
    let site = Site::start().await;
    let now = site.op.seconds();
    assert_eq!(call(&site, |_| ()).await.0, StatusCode::OK);
    assert_eq!(call(&site, |c| c["auth_time"] = json!(now - 300)).await.0, StatusCode::OK);
    let lies: [fn(&mut Value, i64); 4] = [
        |c, now| c["auth_time"] = json!(now - 301),
        |c, _| drop(c.as_object_mut().unwrap().remove("auth_time")),
        |c, _| c["acr"] = json!("urn:weak"),
        |c, _| drop(c.as_object_mut().unwrap().remove("acr")),
    ];
    for lie in lies {
        let (status, challenge) = call(&site, |c| lie(c, now)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert!(challenge.starts_with("Bearer error=\"insufficient_user_authentication\""));
        assert!(challenge.ends_with(", max_age=\"300\", acr_values=\"urn:strong urn:stronger\""));
    }
}
