//! The way of a submitter: sign in once, see both CASPER tiles, open both, sign out.

use std::time::Duration;

use thirtyfour::Key;

use crate::{
    visitor::{Scripts, Visitor, browse},
    world::{Application, CODE, PASSWORD, SUBMITTER, World},
};

#[tokio::test]
async fn a_submitter_signs_in_once_and_opens_both_environments_of_casper() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        open_both_caspers(&world, &visitor).await;
    })
    .await;
}

#[tokio::test]
async fn the_whole_way_of_a_submitter_needs_no_scripts() {
    let world = World::start();
    browse(Scripts::Blocked, async |visitor| {
        open_both_caspers(&world, &visitor).await;
    })
    .await;
}

async fn open_both_caspers(world: &World, visitor: &Visitor) {
    visitor.sign_in_to_my_apps(world, SUBMITTER).await;
    assert_eq!(visitor.read_all(".tile-title").await, ["CASPER", "CASPER Pre-Production"]);

    visitor.click("#tile-CASPER").await;
    visitor.arrive_at("Welcome, Hugo Belmonte").await;
    let production = world.at(Application::Casper, "/");
    assert_eq!(visitor.address().await, production);
    let landing = visitor.read("main").await;
    for shown in ["Web data submitter", "STE_QTR", "BANK_E"] {
        assert!(landing.contains(shown), "{shown} is not in: {landing}");
    }
    assert!(!visitor.has(".band").await, "production is marked as a test");

    visitor.open(&world.portal("/apps")).await;
    visitor.click("#tile-A-CASPER").await;
    visitor.arrive_at("Welcome, Hugo Belmonte").await;
    let pre_production = world.at(Application::CasperPreProduction, "/");
    assert_eq!(visitor.address().await, pre_production);
    assert!(
        visitor.read(".band").await.contains("test data only"),
        "the test environment is not marked"
    );

    visitor.open(&world.portal("/apps")).await;
    visitor.click("#sign-out").await;
    visitor.arrive_at("You are signed out").await;
    visitor.open(&world.portal("/apps")).await;
    visitor.arrive_at("Sign in").await;
}

#[tokio::test]
async fn signing_out_of_casper_also_ends_the_session_in_the_portal() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.sign_in_to_my_apps(&world, SUBMITTER).await;
        visitor.click("#tile-CASPER").await;
        visitor.arrive_at("Welcome, Hugo Belmonte").await;
        visitor.click("#sign-out").await;
        visitor.arrive_at("You are signed out of CASPER").await;
        visitor.open(&world.portal("/apps")).await;
        visitor.arrive_at("Sign in").await;
    })
    .await;
}

/// security.md 101. Tokens of CASPER live for ten minutes: within one it learns of the sign-out from the portal, and not
/// from their age.
#[tokio::test]
async fn signing_out_of_the_portal_ends_the_session_in_casper_within_a_minute() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.sign_in_to_my_apps(&world, SUBMITTER).await;
        visitor.click("#tile-CASPER").await;
        visitor.arrive_at("Welcome, Hugo Belmonte").await;
        visitor.open(&world.portal("/apps")).await;
        visitor.click("#sign-out").await;
        visitor.arrive_at("You are signed out").await;

        let casper = world.at(Application::Casper, "/");
        let asked = async {
            // Each look is a page of CASPER, or the sign-in that it leads to.
            loop {
                visitor.open(&casper).await;
                if visitor.address().await.starts_with(&world.portal("/login")) {
                    break;
                }
            }
        };
        tokio::time::timeout(Duration::from_mins(1), asked).await.expect("CASPER goes on");
        visitor.arrive_at("Sign in").await;
    })
    .await;
}

#[tokio::test]
async fn the_keyboard_alone_leads_from_sign_in_into_casper() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.open(&world.portal("/login")).await;
        visitor.arrive_at("Sign in").await;
        visitor.find("#email:focus").await;
        visitor.press(SUBMITTER).await;
        visitor.press(Key::Tab).await;
        assert_eq!(visitor.focused().await, "password");
        visitor.press(PASSWORD).await;
        visitor.press_to_leave(Key::Enter).await;
        visitor.arrive_at("Enter your code").await;
        visitor.find("#code:focus").await;
        visitor.press(CODE).await;
        visitor.press_to_leave(Key::Enter).await;
        visitor.arrive_at("My Apps").await;
        tab_to(&visitor, "tile-CASPER").await;
        visitor.press_to_leave(Key::Enter).await;
        visitor.arrive_at("Welcome, Hugo Belmonte").await;
    })
    .await;
}

async fn tab_to(visitor: &Visitor, id: &str) {
    let mut passed = Vec::new();
    while passed.len() < 20 {
        visitor.press(Key::Tab).await;
        let focused = visitor.focused().await;
        if focused == id {
            return;
        }
        passed.push(focused);
    }
    panic!("{id} cannot be reached; the focus went over {passed:?}");
}
