//! The pages of users with script (manual §3, §5): the icons in the manual's order, Reset, the box above those of the
//! applications, and the question before a changed form is left.

use serde::de::DeserializeOwned;

use crate::{
    visitor::{Scripts, Visitor, browse},
    world::World,
};

const BOTH: &str = "onni.lehtikari@bank-01.example";
const PERSON: &str = "test.user.daa@bank-01.example";
const CASPER: &str = "[id='role-ApplicationAccessAdmin.CASPER']";
const PARENT: &str = "[data-role-parent]";
const PARENT_STATE: &str = "
    const box = document.querySelector('[data-role-parent]');
    return box.indeterminate ? 'some' : box.checked ? 'all' : 'none';";
const TICKED: &str = "return document.querySelectorAll('input[name^=\"role.ApplicationAccessAdmin.\"]:checked').length;";
const ICONS: &str = "
    const icons = document.querySelector('main tbody .row-actions').querySelectorAll('a');
    return Array.from(icons).map((icon) => new URL(icon.href).pathname.split('/')[3] ?? 'view');";
/// Whether nothing asks before the page is left.
const LEAVES: &str =
    "return window.dispatchEvent(new Event('beforeunload', { cancelable: true }));";

async fn ask<T: DeserializeOwned>(visitor: &Visitor, script: &str) -> T {
    visitor.driver.execute(script, []).await.unwrap().convert().unwrap()
}

#[tokio::test]
async fn the_list_of_users_has_the_icons_of_the_manual_and_a_search_that_is_reset() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.sign_in_to_my_apps(&world, BOTH).await;
        visitor.open(&world.portal("/users")).await;
        visitor.find("#users-count").await;
        let icons: Vec<String> = ask(&visitor, ICONS).await;
        assert_eq!(icons, ["view", "memberships", "edit", "delete"]);
        visitor.fill("#email", "nobody@").await;
        visitor.click("#users-search").await;
        visitor.find(".empty").await;
        assert_eq!(visitor.value("#email").await, "nobody@");
        visitor.click("#users-reset").await;
        visitor.find("#users-count").await;
        assert_eq!(visitor.value("#email").await, "");
    })
    .await;
}

#[tokio::test]
async fn the_box_of_all_applications_follows_theirs_and_a_changed_form_asks_before_it_is_left() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.sign_in_to_my_apps(&world, BOTH).await;
        visitor.open(&world.portal(&format!("/users?email={PERSON}"))).await;
        visitor.click("main table a[href*='/edit']").await;
        visitor.find(PARENT).await;
        assert_eq!(ask::<String>(&visitor, PARENT_STATE).await, "none");
        assert!(ask::<bool>(&visitor, LEAVES).await, "nothing was changed");
        visitor.push(CASPER).await;
        assert_eq!(ask::<String>(&visitor, PARENT_STATE).await, "some");
        assert!(!ask::<bool>(&visitor, LEAVES).await, "a changed form asks");
        visitor.push(PARENT).await;
        assert_eq!(ask::<String>(&visitor, PARENT_STATE).await, "all");
        assert_eq!(ask::<u64>(&visitor, TICKED).await, 4);
        visitor.push(PARENT).await;
        assert_eq!(ask::<u64>(&visitor, TICKED).await, 0);
        assert!(ask::<bool>(&visitor, LEAVES).await, "it is as it was");
        visitor.push(CASPER).await;
        visitor.click("#user-save").await;
        let held = visitor.read("[aria-labelledby='held-roles-heading']").await;
        assert!(held.contains("CASPER"), "{held}");
    })
    .await;
}
