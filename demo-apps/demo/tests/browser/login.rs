//! The ways back to step one: a late code, both Resend links, five wrong codes. The wanted page is kept on each.

use crate::{
    visitor::{Scripts, Visitor, browse},
    world::{Application, CODE, PASSWORD, SUBMITTER, World},
};

/// A page within CASPER that a link of a colleague may lead to.
const DEEP: &str = "/collections/STE_QTR";

async fn begin_at_a_deep_link(world: &World, visitor: &Visitor) {
    visitor.open(&world.at(Application::Casper, DEEP)).await;
    visitor.arrive_at("Sign in").await;
    visitor.give_password(SUBMITTER, PASSWORD).await;
    visitor.arrive_at("Enter your code").await;
}

/// Step one again, with `notice`; the address and the target are still known.
async fn expect_restart(visitor: &Visitor, notice: &str) {
    visitor.arrive_at("Sign in").await;
    let shown = visitor.read("#login-notice").await;
    assert!(shown.contains(notice), "{shown}");
    assert_eq!(visitor.value("#email").await, SUBMITTER);
    let card = visitor.read("main").await;
    assert!(card.contains("to continue to CASPER"), "{card}");
}

async fn expect_deep_page(world: &World, visitor: &Visitor) {
    visitor.arrive_at("Short-Term Exercise").await;
    assert_eq!(visitor.address().await, world.at(Application::Casper, DEEP));
}

#[tokio::test]
async fn a_late_code_leads_to_step_one_with_address_and_target_kept() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        begin_at_a_deep_link(&world, &visitor).await;
        world.advance_seconds(181).await;
        visitor.give_code(CODE).await;
        expect_restart(&visitor, "Your code has expired").await;
        visitor.sign_in(SUBMITTER).await;
        expect_deep_page(&world, &visitor).await;
    })
    .await;
}

#[tokio::test]
async fn without_scripts_the_code_page_reloads_itself_when_the_code_expires() {
    let world = World::start();
    browse(Scripts::Blocked, async |visitor| {
        begin_at_a_deep_link(&world, &visitor).await;
        let reload = visitor.find("head meta[http-equiv=refresh]").await;
        let seconds = reload.attr("content").await.unwrap().unwrap();
        let seconds: u32 = seconds.parse().unwrap();
        assert!((150..=181).contains(&seconds), "{seconds}");
        world.advance_seconds(seconds).await;
        visitor.refresh().await;
        expect_restart(&visitor, "Your code has expired").await;
    })
    .await;
}

#[tokio::test]
async fn each_resend_link_restarts_the_login_and_sets_the_default_channel() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        begin_at_a_deep_link(&world, &visitor).await;
        assert_eq!(world.newest_code_kind().await, "sms");

        visitor.click("#resend-voice").await;
        expect_restart(&visitor, "You chose a voice call").await;
        visitor.give_password(SUBMITTER, PASSWORD).await;
        visitor.arrive_at("Enter your code").await;
        assert_eq!(world.newest_code_kind().await, "voice");

        visitor.click("#resend-sms").await;
        expect_restart(&visitor, "You chose SMS").await;
        visitor.give_password(SUBMITTER, PASSWORD).await;
        visitor.arrive_at("Enter your code").await;
        assert_eq!(world.newest_code_kind().await, "sms");

        visitor.give_code(CODE).await;
        expect_deep_page(&world, &visitor).await;
    })
    .await;
}

#[tokio::test]
async fn five_wrong_codes_lead_to_step_one_with_address_and_target_kept() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        begin_at_a_deep_link(&world, &visitor).await;
        for _ in 1..=4 {
            visitor.give_code("654321").await;
            let error = visitor.read("#code-error").await;
            assert!(error.contains("not the code"), "{error}");
        }
        visitor.give_code("654321").await;
        expect_restart(&visitor, "The code was wrong five times").await;
        visitor.sign_in(SUBMITTER).await;
        expect_deep_page(&world, &visitor).await;
    })
    .await;
}
