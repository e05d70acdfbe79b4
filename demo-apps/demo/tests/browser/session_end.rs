//! The warning before a session ends (O18): asked for at the server, kept by a button, and over in the end.

use std::time::Duration;

use serde_json::Value;
use thirtyfour::prelude::Key;

use crate::{
    accessibility::Inspector,
    visitor::{Scripts, Visitor, browse},
    world::{SUBMITTER, World},
};

impl Visitor {
    async fn run(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.unwrap().json().clone()
    }

    /// What another tab tells: that so many seconds are left.
    async fn hear_of_seconds_left(&self, idle: u32, overall: u32) {
        let script = format!(
            "const now = Date.now(); new BroadcastChannel('session-end').postMessage(\
             {{ idle: now + {idle} * 1000, overall: now + {overall} * 1000 }});"
        );
        self.run(&script).await;
    }

    /// Waits until the page has asked the server that often.
    async fn has_asked(&self, times: u64) {
        let script = "return performance.getEntriesByType('resource')\
                      .filter((entry) => entry.name.endsWith('/session')).length;";
        for _ in 0..1_200 {
            if self.run(script).await.as_u64() >= Some(times) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server was not asked {times} times");
    }
}

#[tokio::test]
async fn who_is_warned_stays_by_a_button_and_other_tabs_keep_a_page_from_warning() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.sign_in_to_my_apps(&world, SUBMITTER).await;
        // The server knows of work elsewhere that this tab has not heard of.
        visitor.hear_of_seconds_left(90, 40_000).await;
        visitor.has_asked(1).await;
        assert!(!visitor.has("dialog[open]").await, "the session has half an hour");
        world.advance_seconds(1_700).await;
        visitor.run("document.getElementById('sign-out').focus();").await;
        visitor.hear_of_seconds_left(90, 40_000).await;
        visitor.find("dialog[open][role='alertdialog']").await;
        assert_eq!(visitor.focused().await, "stay-signed-in");
        assert!(visitor.read("dialog [data-state='idle'] [data-left]").await.starts_with("1:"));
        let mut inspector = Inspector::new(&visitor);
        inspector.look().await;
        inspector.finish();
        visitor.push("#stay-signed-in").await;
        visitor.find("dialog#session-end:not([open])").await;
        assert_eq!(visitor.focused().await, "sign-out", "the focus is where it was");
        world.advance_seconds(1_700).await;
        visitor.refresh().await;
        visitor.arrive_at("My Apps").await;
    })
    .await;
}

#[tokio::test]
async fn a_warning_is_waved_away_and_the_end_leads_back_to_the_page() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.sign_in_to_my_apps(&world, SUBMITTER).await;
        visitor.open(&world.portal("/profile/security?from=here+and+there")).await;
        world.advance_seconds(1_700).await;
        visitor.hear_of_seconds_left(90, 40_000).await;
        visitor.find("dialog[open]").await;
        visitor.press(Key::Escape).await;
        assert!(!visitor.has("dialog[open]").await, "Escape closes it");
        world.advance_seconds(200).await;
        visitor.hear_of_seconds_left(0, 40_000).await;
        visitor.find("dialog[open] [data-state='over']:not([hidden])").await;
        assert_eq!(visitor.focused().await, "session-end-again");
        visitor.click("#session-end-again").await;
        visitor.sign_in(SUBMITTER).await;
        visitor.find("#phone-heading").await;
        assert!(visitor.address().await.ends_with("/profile/security?from=here+and+there"));
    })
    .await;
}

#[tokio::test]
async fn the_end_after_twelve_hours_offers_to_sign_in_again_and_not_to_stay() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.sign_in_to_my_apps(&world, SUBMITTER).await;
        for _ in 0..25 {
            world.advance_seconds(1_720).await;
            visitor.refresh().await;
        }
        // Of some 200 seconds that are left by now, 100.
        let left = visitor.find("#session-end").await.attr("data-overall").await.unwrap();
        let left: u32 = left.unwrap().parse().unwrap();
        world.advance_seconds(left - 100).await;
        visitor.hear_of_seconds_left(1_700, 90).await;
        visitor.find("dialog[open] [data-state='overall']:not([hidden])").await;
        assert_eq!(visitor.focused().await, "session-end-renew");
        assert!(!visitor.find("#stay-signed-in").await.is_displayed().await.unwrap());
    })
    .await;
}
