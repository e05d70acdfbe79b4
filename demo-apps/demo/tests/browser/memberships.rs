//! The way of a delegated access administrator: a membership is staged, undone, staged again and saved, with script and
//! without.

use crate::{
    visitor::{Scripts, Visitor, browse},
    world::{SSM_ADMINISTRATOR, SSM_USER, World},
};

const GROUP: &str = "SSM-PORTAL_USER";

#[tokio::test]
async fn an_access_administrator_takes_access_away_and_gives_it_again() {
    for scripts in [Scripts::Allowed, Scripts::Blocked] {
        let world = World::start();
        browse(scripts, async |administrator| {
            open_memberships(&world, &administrator).await;
            let before = administrator.read("#list-heading").await;
            administrator.click("button[value^='remove.']").await;
            administrator.find(".staged-removed").await;
            assert_ne!(administrator.read("#list-heading").await, before, "the count follows");
            administrator.click("#save").await;
            let saved = administrator.read(".notice-success").await;
            assert!(saved.contains("Removed: 1"), "{saved}");

            give(&administrator, scripts).await;
            administrator.click("#save").await;
            let saved = administrator.read(".notice-success").await;
            assert!(saved.contains("Added: 1"), "{saved}");
            assert_eq!(administrator.read("#list-heading").await, before);
            administrator.open(&world.portal("/access/matrix")).await;
            assert!(administrator.read("main table").await.contains(GROUP));
        })
        .await;
    }
}

async fn open_memberships(world: &World, administrator: &Visitor) {
    administrator.sign_in_to_my_apps(world, SSM_ADMINISTRATOR).await;
    administrator.open(&world.portal(&format!("/users?email={SSM_USER}"))).await;
    administrator.click("main table a[href*='/memberships']").await;
    administrator.arrive_at("Assign Memberships").await;
}

/// Through the picker: a dialog with script, a step of the page without.
async fn give(administrator: &Visitor, scripts: Scripts) {
    if scripts == Scripts::Allowed {
        administrator.push("#add-memberships").await;
        administrator.find("dialog[open]").await;
        assert_eq!(administrator.focused().await, "picker-search");
        administrator.fill("#picker-search", "ssm").await;
    } else {
        administrator.click("#add-memberships").await;
        administrator.fill("#picker-search", "ssm").await;
        administrator.click(".picker [data-plain]").await;
    }
    administrator.push("input[name^='pick.']").await;
    administrator.click("button[value='add']").await;
    administrator.find(".staged-added").await;
}
