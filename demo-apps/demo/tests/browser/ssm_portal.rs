//! The way of a user of the SSM Portal and of the administrator who gives the permissions: two people, two browsers.

use crate::{
    visitor::{Scripts, Visitor, browse},
    world::{Application, SSM_ADMINISTRATOR, SSM_USER, World},
};

const LEVEL: &str = "Read, write and submit";

#[tokio::test]
async fn a_permission_that_the_administrator_saves_shows_after_a_refresh() {
    let world = World::start();
    browse(Scripts::Allowed, async |user| {
        user.sign_in_to_my_apps(&world, SSM_USER).await;
        user.click("#tile-SSM-PORTAL").await;
        user.arrive_at("Welcome, Test").await;
        let home = user.read("main").await;
        assert!(home.contains("Permissions come next"), "{home}");
        assert!(!home.contains(LEVEL), "{home}");

        browse(Scripts::Allowed, async |administrator| {
            give_permission(&world, &administrator).await;
        })
        .await;

        user.refresh().await;
        let granted = user.read("main table").await;
        for shown in ["Fit and Proper", "bank_01", LEVEL] {
            assert!(granted.contains(shown), "{shown} is not in: {granted}");
        }
    })
    .await;
}

async fn give_permission(world: &World, administrator: &Visitor) {
    administrator.sign_in_to_my_apps(world, SSM_ADMINISTRATOR).await;
    administrator.click("#tile-SSM-PORTAL").await;
    administrator.follow("Manage Users").await;
    administrator.arrive_at("Users").await;
    assert_eq!(administrator.address().await, world.at(Application::SsmPortal, "/useradmin/"));

    administrator.fill("#q", SSM_USER).await;
    administrator.click("form.search button").await;
    administrator.click(&format!("a[aria-label^='{}']", "Test User Daa BANK_01")).await;
    administrator.arrive_at("user details").await;
    administrator.choose("#process_type", "Fit and Proper").await;
    administrator.click("#select-process-type").await;
    if administrator.has("#show-all").await {
        administrator.click("#show-all").await;
    }
    let institution = administrator.institution("bank_01").await;
    administrator.choose(&institution, LEVEL).await;
    administrator.click("#save").await;
    let saved = administrator.read("[role=status]").await;
    assert!(saved.contains("Saved. 1 permission"), "{saved}");
}

impl Visitor {
    /// The selector of the permission of an institution, on the page with user details.
    async fn institution(&self, code: &str) -> String {
        self.find("table.institutions").await;
        let rows = self.read_all("table.institutions tbody tr th").await;
        let row = rows.iter().position(|name| name.contains(code));
        let row = row.unwrap_or_else(|| panic!("{code} is not among {rows:?}"));
        format!("table.institutions tbody tr:nth-child({}) select[name]", row + 1)
    }
}
