//! A client that the operator does not vouch for: it is allowed, denied, remembered and removed by a person.

use serde_json::{Value, json};
use thirtyfour::{Key, prelude::*};

use crate::{
    visitor::{Scripts, Visitor, browse},
    world::{SUBMITTER, World},
};

/// A page that leads to the provider asks with this.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What the client tells of itself. Its return address may have any port of this machine (RFC 8252 7.3).
fn registration() -> Value {
    json!({
        "client_id": "ledger",
        "client_secret": "a secret of this test",
        "client_name": "Ledger Insights",
        "application": "CASPER",
        "first_party": false,
        "redirect_uris": ["http://127.0.0.1/callback"],
        "logo_uri": "https://logo.example/ledger.png",
        "policy_uri": "https://ledger.example/privacy",
        "tos_uri": "https://ledger.example/terms",
    })
}

/// The demo, and the client in it.
pub(crate) fn start() -> World {
    World::start_with_client(&registration())
}

/// The address of a request of the client. It comes back to the portal's own port, which shows a page for it.
pub(crate) fn request(world: &World, scope: &str) -> String {
    let query = [
        ("client_id", "ledger"),
        ("redirect_uri", &callback(world)),
        ("response_type", "code"),
        ("scope", scope),
        ("state", "st-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let portal = world.portal("/oauth2/authorize");
    reqwest::Url::parse_with_params(&portal, query).unwrap().into()
}

fn callback(world: &World) -> String {
    world.portal("/callback").replace("localhost", "127.0.0.1")
}

/// Waits until the browser is back at the client; gives a parameter of that address.
async fn returned(world: &World, visitor: &Visitor, name: &str) -> Option<String> {
    visitor.arrive_at("This page does not exist").await;
    let address = reqwest::Url::parse(&visitor.address().await).unwrap();
    assert!(address.as_str().starts_with(&callback(world)), "{address}");
    address.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn a_person_denies_allows_and_removes() {
    deny_allow_and_remove(Scripts::Allowed).await;
}

#[tokio::test]
async fn a_person_denies_allows_and_removes_without_scripts() {
    deny_allow_and_remove(Scripts::Blocked).await;
}

async fn deny_allow_and_remove(scripts: Scripts) {
    let world = start();
    browse(scripts, async |visitor| {
        visitor.open(&request(&world, "openid profile")).await;
        visitor.arrive_at("Sign in").await;
        let login = visitor.read("main").await;
        for shown in ["to continue to Ledger Insights", "Privacy policy", "Terms of use"] {
            assert!(login.contains(shown), "{shown} is not in: {login}");
        }
        visitor.find("main .client-logo[src='https://logo.example/ledger.png']").await;
        visitor.sign_in(SUBMITTER).await;
        visitor.arrive_at("Ledger Insights asks for access").await;
        visitor.click("#consent-deny").await;
        let error = returned(&world, &visitor, "error").await;
        assert_eq!(error.as_deref(), Some("access_denied"));

        visitor.open(&request(&world, "openid profile")).await;
        visitor.arrive_at("Ledger Insights asks for access").await;
        visitor.click("#consent-allow").await;
        assert!(returned(&world, &visitor, "code").await.is_some());
        visitor.open(&request(&world, "openid profile")).await;
        assert!(returned(&world, &visitor, "code").await.is_some());
        visitor.open(&request(&world, "openid profile email")).await;
        visitor.arrive_at("Ledger Insights asks for more access").await;
        assert_eq!(visitor.read("#consent-items").await.lines().count(), 2);

        visitor.open(&world.portal("/profile/applications")).await;
        let allowed = visitor.read(".consents").await;
        assert!(allowed.contains("Ledger Insights") && allowed.contains("Your name"));
        visitor.click(".consents button").await;
        let notice = visitor.read("#profile-notice").await;
        assert!(notice.contains("Ledger Insights has no access any more"), "{notice}");
        visitor.open(&request(&world, "openid profile")).await;
        visitor.arrive_at("Ledger Insights asks for access").await;
    })
    .await;
}

#[tokio::test]
async fn the_question_is_answered_by_keys_and_fits_a_small_screen() {
    let world = start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.sign_in_to_my_apps(&world, SUBMITTER).await;
        let small = json!({ "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": false });
        let tools = visitor.driver.cdp();
        tools.send_raw("Emulation.setDeviceMetricsOverride", small).await.unwrap();
        visitor.open(&request(&world, "openid profile email groups offline_access")).await;
        visitor.arrive_at("Ledger Insights asks for access").await;
        let width = "return document.documentElement.scrollWidth";
        let width: u32 = visitor.driver.execute(width, []).await.unwrap().convert().unwrap();
        assert!(width <= 390, "the page is {width} px wide");
        let mut reached = Vec::new();
        while !reached.contains(&"consent-deny".to_owned()) {
            assert!(reached.len() < 20, "{reached:?}");
            visitor.press(Key::Tab).await;
            reached.push(visitor.focused().await);
        }
        let order = ["consent-other-person", "consent-allow", "consent-deny"];
        reached.retain(|id| order.contains(&id.as_str()));
        assert_eq!(reached, order);
        let clear = "Emulation.clearDeviceMetricsOverride";
        tools.send_raw(clear, json!({})).await.unwrap();
        visitor.press_to_leave(Key::Enter).await;
        assert_eq!(returned(&world, &visitor, "error").await.as_deref(), Some("access_denied"));
    })
    .await;
}

/// security.md 13: a page of another origin cannot lay the question under something else.
#[tokio::test]
async fn the_question_stays_blank_in_a_frame_of_another_site() {
    let world = start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.sign_in_to_my_apps(&world, SUBMITTER).await;
        visitor.open(&request(&world, "openid")).await;
        visitor.arrive_at("Ledger Insights asks for access").await;
        let question = visitor.address().await;
        // A page of the same machine under another name is another site, and cookies would come along.
        visitor.open(&callback(&world)).await;
        let add = "const frame = document.createElement('iframe'); frame.src = arguments[0];
            const done = arguments[arguments.length - 1]; frame.onload = () => done(true);
            document.body.append(frame);";
        visitor.driver.execute_async(add, [json!(question)]).await.unwrap();
        visitor.find("iframe").await.enter_frame().await.unwrap();
        assert!(!visitor.has("#consent-allow").await);
        assert!(visitor.driver.find_all(By::Css("form")).await.unwrap().is_empty());
    })
    .await;
}
