//! Manual §3 to §5 with the keyboard alone: somebody with both roles makes an account, gives it a role and a
//! membership, and deletes it.

use thirtyfour::prelude::Key;

use crate::{
    visitor::{Scripts, Visitor, browse},
    world::World,
};

/// Delegated user administrator and access administrator of one organisation.
const BOTH: &str = "onni.lehtikari@bank-01.example";
const EMAIL: &str = "pia.tastatur@bank-01.example";

impl Visitor {
    /// Presses Tab until this has the focus.
    async fn tab_to(&self, selector: &str) {
        for _ in 0..120 {
            self.press(Key::Tab).await;
            if self.has(&format!("{selector}:focus")).await {
                return;
            }
        }
        panic!("{selector} at {} is out of reach", self.address().await);
    }

    /// Presses Tab until this has the focus, and Enter to go where it leads.
    async fn tab_to_and_follow(&self, selector: &str) {
        self.tab_to(selector).await;
        self.press_to_leave(Key::Enter).await;
    }

    async fn tab_to_and_tick(&self, selector: &str) {
        self.tab_to(selector).await;
        self.press(Key::Space).await;
    }
}

#[tokio::test]
async fn an_account_is_made_and_ended_with_the_keyboard_alone() {
    for scripts in [Scripts::Allowed, Scripts::Blocked] {
        let world = World::start();
        browse(scripts, async |visitor| {
            visitor.sign_in_to_my_apps(&world, BOTH).await;
            visitor.tab_to_and_follow(".main-nav a[href='/users']").await;
            visitor.arrive_at("Users").await;
            create(&visitor).await;
            give_a_role(&world, &visitor).await;
            give_a_membership(&world, &visitor, scripts).await;
            delete(&world, &visitor).await;
        })
        .await;
    }
}

async fn create(visitor: &Visitor) {
    visitor.tab_to_and_follow("#create-user").await;
    visitor.arrive_at("Create a new user").await;
    for (field, text) in [
        ("#first_name", "Pia"),
        ("#last_name", "Tastatur"),
        ("#email", EMAIL),
        ("#phone_number", "+46701740699"),
    ] {
        visitor.tab_to(field).await;
        visitor.press(text).await;
    }
    visitor.press_to_leave(Key::Enter).await;
    visitor.find(".notice").await;
}

async fn find_person(world: &World, visitor: &Visitor) {
    visitor.open(&world.portal("/users")).await;
    visitor.tab_to("#email").await;
    visitor.press(EMAIL).await;
    visitor.press_to_leave(Key::Enter).await;
    assert_eq!(visitor.read("#users-count").await, "1 - 1 of 1");
}

async fn give_a_role(world: &World, visitor: &Visitor) {
    find_person(world, visitor).await;
    visitor.tab_to_and_follow("main table a[href*='/edit']").await;
    visitor.arrive_at("Pia Tastatur").await;
    visitor.tab_to_and_tick("[id='role-DelegatedUserAdmin']").await;
    visitor.tab_to_and_follow("#user-save").await;
    visitor.find(".notice").await;
    let held = visitor.read("[aria-labelledby='held-roles-heading']").await;
    assert!(held.contains("DelegatedUserAdmin"), "{held}");
}

async fn give_a_membership(world: &World, visitor: &Visitor, scripts: Scripts) {
    find_person(world, visitor).await;
    visitor.tab_to_and_follow("main table a[href*='/memberships']").await;
    visitor.arrive_at("Assign Memberships").await;
    let picker = if scripts == Scripts::Allowed {
        visitor.tab_to("#add-memberships").await;
        visitor.press(Key::Enter).await;
        visitor.find("dialog[open]").await;
        visitor.press(Key::Escape).await;
        assert!(!visitor.has("dialog[open]").await, "Escape closes the picker");
        assert_eq!(visitor.focused().await, "add-memberships");
        visitor.press(Key::Enter).await;
        "dialog[open]"
    } else {
        visitor.tab_to_and_follow("#add-memberships").await;
        "main"
    };
    visitor.find(&format!("{picker} input[name^='pick.']")).await;
    visitor.tab_to_and_tick(&format!("{picker} input[name^='pick.']")).await;
    visitor.tab_to_and_follow("button[value='add']").await;
    visitor.find(".staged-added").await;
    visitor.tab_to_and_follow("#save").await;
    assert!(visitor.read(".notice-success").await.contains("Added: 1"));
}

async fn delete(world: &World, visitor: &Visitor) {
    find_person(world, visitor).await;
    visitor.tab_to_and_follow("main table a[href*='/delete']").await;
    visitor.arrive_at("Delete Pia Tastatur?").await;
    visitor.tab_to_and_follow("#delete-confirm").await;
    visitor.find(".notice").await;
    visitor.arrive_at("Users").await;
}
