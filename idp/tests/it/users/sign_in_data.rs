//! Address and number that are replaced one after the other (I28, security.md 82): the first is over only when the
//! person has signed in since; everybody who could notice is told.

use axum::http::StatusCode;
use portal_core::id::UserId;

use super::{DAA, DUA, FOREIGN, OTHER_DUA, casper, populate, post_again, save, user};
use crate::{
    harness::{HUGO, PHONE, TestIdp},
    on_both_databases,
};

const WEEKS: i64 = 8 * 24 * 60 * 60;
const NUMBER: (&str, &str) = ("phone_number", "+34123456789");
const ADDRESS: (&str, &str) = ("email", "new@bank-e.example");

/// Saves one change of somebody, with a sign-in of its own.
async fn change(idp: &TestIdp, id: UserId, change: (&str, &str)) -> crate::harness::Page {
    let mut dua = idp.signed_in(DUA).await;
    save(&mut dua, &format!("/users/{id}/edit"), &[change]).await
}

async fn holds(idp: &TestIdp, id: UserId) -> bool {
    let held = idp.app.store.holdings(id, idp.app.now()).await.unwrap();
    !held.of(casper(idp).await.id).groups.is_empty()
}

async fn told(idp: &TestIdp, email: &str) -> Vec<&'static str> {
    let notices = idp.app.store.list_notices(user(idp, email).await.id, None, 50).await.unwrap();
    notices.iter().map(|notice| notice.kind.as_str()).collect()
}

on_both_databases! {
    async fn whoever_waits_between_number_and_address_replaces_both_all_the_same(idp) {
        populate(&idp).await;
        let hugo = user(&idp, HUGO).await.id;
        assert!(change(&idp, hugo, NUMBER).await.location().ends_with("?done=saved"));
        idp.clock.advance_seconds(WEEKS);
        let saved = change(&idp, hugo, ADDRESS).await;
        assert!(saved.location().ends_with("?done=saved-link-dormant"), "{}", saved.body);
        assert!(!holds(&idp, hugo).await);
    }
}

on_both_databases! {
    async fn a_sign_in_between_them_proves_the_person_after_a_week(idp) {
        populate(&idp).await;
        let hugo = user(&idp, HUGO).await.id;
        change(&idp, hugo, NUMBER).await;
        idp.clock.advance_seconds(60);
        idp.signed_in(HUGO).await;
        idp.clock.advance_seconds(WEEKS);
        assert!(change(&idp, hugo, ADDRESS).await.location().ends_with("?done=saved-link"));
        assert!(holds(&idp, hugo).await);
    }
}

on_both_databases! {
    async fn a_peer_never_replaces_both_of_an_administrator_who_has_not_signed_in_since(idp) {
        populate(&idp).await;
        let daa = user(&idp, DAA).await.id;
        assert_eq!(change(&idp, daa, NUMBER).await.status, StatusCode::SEE_OTHER);
        idp.clock.advance_seconds(WEEKS);
        assert_eq!(change(&idp, daa, ADDRESS).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

on_both_databases! {
    async fn the_old_number_and_the_other_administrators_are_told_and_sessions_end(idp) {
        populate(&idp).await;
        let hugo = user(&idp, HUGO).await.id;
        change(&idp, hugo, NUMBER).await;
        assert_eq!((idp.inbox.texts_to(PHONE), idp.inbox.texts_to(NUMBER.1)), (1, 0));
        for other in [DAA, OTHER_DUA] {
            assert!(told(&idp, other).await.contains(&"sign-in-data-replaced"), "{other}");
        }
        assert!(!told(&idp, DUA).await.contains(&"sign-in-data-replaced"), "whoever did it knows");
        idp.clock.advance_seconds(60);
        let mut signed_in = idp.signed_in(HUGO).await;
        idp.clock.advance_seconds(60);
        change(&idp, hugo, ADDRESS).await;
        assert!(!holds(&idp, hugo).await, "within a week, whoever signed in");
        assert!(signed_in.get("/apps").await.location().starts_with("/login"));
    }
}

on_both_databases! {
    async fn a_save_that_is_refused_for_its_roles_does_not_say_which_addresses_are_taken(idp) {
        populate(&idp).await;
        let mut dua = idp.signed_in(DUA).await;
        idp.execute("UPDATE users SET status = 'SUSPENDED' WHERE email_key = 'hugo@bank-e.example'").await;
        let hugo = user(&idp, HUGO).await;
        for (address, is_taken) in [(FOREIGN, true), ("free@bank-f.example", false)] {
            let page = dua.get(&format!("/users/{}/edit", hugo.id)).await.expect(StatusCode::OK);
            let boxes = [("email", address), ("offered.DelegatedUserAdmin", ""), ("role.DelegatedUserAdmin", "on")];
            let refused = post_again(&mut dua, &format!("/users/{}/edit", hugo.id), &page, &boxes).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{is_taken}: {}", refused.body);
            assert!(refused.body.contains("id=\"role-DelegatedUserAdmin-error\""), "{is_taken}: {}", refused.body);
            assert!(!refused.body.contains("id=\"email-error\""), "{is_taken}: {}", refused.body);
        }
    }
}
