//! What is changed of users: two saves of one page, sign-in data (I28), suspension, deletion, locks.

use axum::http::StatusCode;
use portal_core::{account::UserStatus, id::UserId};

use super::{DAA, DUA, OTHER_DUA, STAFF, casper, populate, post_again, save, user};
use crate::{
    harness::{HUGO, PHONE, TestIdp},
    on_both_databases,
};

on_both_databases! {
    async fn of_two_saves_of_the_same_page_the_second_is_told_what_differs(idp) {
        populate(&idp).await;
        let path = format!("/users/{}/edit", user(&idp, HUGO).await.id);
        let (mut one, mut two) = (idp.signed_in(DUA).await, idp.signed_in(OTHER_DUA).await);
        let (first, second) = (one.get(&path).await, two.get(&path).await);
        let saved = post_again(&mut one, &path, &first, &[("first_name", "Hugolino")]).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
        let stale = post_again(&mut two, &path, &second, &[("company_id", "C-99")]).await;
        assert_eq!(stale.status, StatusCode::CONFLICT);
        assert!(stale.body.contains("<strong>Hugolino</strong>") && stale.body.contains("value=\"C-99\""), "{}", stale.body);
        assert_eq!(user(&idp, HUGO).await.company_id.as_deref(), Some("C-17"), "nothing was stored");
        let again = post_again(&mut two, &path, &stale, &[]).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
        assert_eq!(user(&idp, HUGO).await.company_id.as_deref(), Some("C-99"));
    }
}

on_both_databases! {
    async fn two_saves_at_once_are_one_save_and_one_conflict(idp) {
        populate(&idp).await;
        let path = format!("/users/{}/edit", user(&idp, HUGO).await.id);
        let (mut one, mut two) = (idp.signed_in(DUA).await, idp.signed_in(OTHER_DUA).await);
        let (first, second) = (one.get(&path).await, two.get(&path).await);
        let (a, b) = tokio::join!(
            post_again(&mut one, &path, &first, &[("first_name", "A")]),
            post_again(&mut two, &path, &second, &[("first_name", "B")]),
        );
        let mut statuses = [a.status, b.status];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
    }
}

on_both_databases! {
    async fn a_new_number_counts_at_once_and_ends_sessions(idp) {
        populate(&idp).await;
        let mut hugo = idp.signed_in(HUGO).await;
        idp.clock.advance_seconds(60);
        let mut dua = idp.signed_in(DUA).await;
        let path = format!("/users/{}/edit", user(&idp, HUGO).await.id);
        let saved = save(&mut dua, &path, &[("phone_number", "+34123456789")]).await;
        assert!(saved.location().ends_with("?done=saved"), "{}", saved.body);
        assert!(hugo.get("/apps").await.location().starts_with("/login"));
        assert_eq!(user(&idp, HUGO).await.phone.as_e164(), "+34123456789");
        idp.clock.advance_seconds(1);
        hugo.sign_in(&idp, HUGO).await;
        hugo.get("/apps").await.expect(StatusCode::OK);
        let held = idp.app.store.holdings(user(&idp, HUGO).await.id, idp.app.now()).await.unwrap();
        assert_eq!(held.of(casper(&idp).await.id).groups.len(), 1, "one of the two alone changes no access");
    }
}

on_both_databases! {
    async fn address_and_number_within_seven_days_make_access_wait(idp) {
        populate(&idp).await;
        let mut dua = idp.signed_in(DUA).await;
        let hugo = user(&idp, HUGO).await.id;
        let path = format!("/users/{hugo}/edit");
        let both = [("phone_number", "+34123456789"), ("email", "new@bank-e.example")];
        let saved = save(&mut dua, &path, &both).await;
        assert!(saved.location().ends_with("?done=saved-link-dormant"), "{}", saved.body);
        let held = idp.app.store.holdings(hugo, idp.app.now()).await.unwrap();
        assert!(held.of(casper(&idp).await.id).groups.is_empty(), "I28");
        assert_eq!(user(&idp, HUGO).await.id, hugo, "the old address counts until the new one is proved");
        assert!(idp.inbox.text_to("new@bank-e.example").contains("/activate?link=al_"));
        let kinds = |notices: Vec<storage::Notice>| notices.iter().map(|n| n.kind.as_str()).collect::<Vec<_>>();
        let told = kinds(idp.app.store.list_notices(user(&idp, DAA).await.id, None, 50).await.unwrap());
        assert!(told.contains(&"confirmation-needed"), "{told:?}");
        let told = kinds(idp.app.store.list_notices(hugo, None, 50).await.unwrap());
        for kind in ["email-replaced", "phone-replaced", "access-dormant"] {
            assert!(told.contains(&kind), "{kind}: {told:?}");
        }
    }
}

on_both_databases! {
    async fn nobody_replaces_both_of_an_administrator_nor_anything_of_the_own(idp) {
        populate(&idp).await;
        let mut dua = idp.signed_in(DUA).await;
        let both = [("phone_number", "+34123456789"), ("email", "new@bank-e.example")];
        let of = |id: UserId| format!("/users/{id}/edit");
        for (email, changed) in [(DAA, &both[..]), (OTHER_DUA, &both[..]), (DUA, &both[..1]), (DUA, &both[1..])] {
            let refused = save(&mut dua, &of(user(&idp, email).await.id), changed).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{email}");
            assert!(refused.body.contains("You cannot change this here"), "{}", refused.body);
            assert_eq!(user(&idp, email).await.phone.as_e164(), PHONE);
        }
        // One of them, and the other within a week.
        let daa = user(&idp, DAA).await.id;
        assert_eq!(save(&mut dua, &of(daa), &both[..1]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(save(&mut dua, &of(daa), &both[1..]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let mut staff = idp.signed_in(STAFF).await;
        let saved = save(&mut staff, &of(daa), &both[1..]).await;
        assert!(saved.location().ends_with("saved-link-dormant"), "{}", saved.body);
    }
}

on_both_databases! {
    async fn a_suspended_user_loses_everything_at_once_and_nothing_from_before_revives(idp) {
        populate(&idp).await;
        let mut hugo = idp.signed_in(HUGO).await;
        let mut dua = idp.signed_in(DUA).await;
        let id = user(&idp, HUGO).await.id;
        let view = format!("/users/{id}");
        idp.clock.advance_seconds(1);
        let suspend = format!("{view}/suspend");
        let page = dua.get(&suspend).await.expect(StatusCode::OK);
        for words in ["Suspend Hugo Belmonte?", "signed out everywhere", "Memberships (2) stay", "Cancel"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        let fields = [("version", "99"), ("reason", "leave of absence")];
        let stale = dua.fill_in(&suspend, &suspend, &fields).await.expect(StatusCode::CONFLICT);
        assert!(stale.body.contains("value=\"leave of absence\""), "{}", stale.body);
        hugo.get("/apps").await.expect(StatusCode::OK);
        let version = stale.field("version").unwrap();
        let fields = [("version", version.as_str()), ("reason", "leave")];
        let done = dua.fill_in(&suspend, &suspend, &fields).await;
        assert!(done.location().ends_with("?done=suspended"), "{}", done.body);
        let over = dua.get(&suspend).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(over.location(), format!("{view}?done=refused"), "nothing is suspended twice");
        assert!(hugo.get("/apps").await.location().starts_with("/login"));
        assert_eq!(hugo.give_password("/login", HUGO, crate::harness::PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        idp.clock.advance_seconds(1);
        let done = dua.fill_in(&view, &format!("{view}/reinstate"), &[]).await;
        assert!(done.location().ends_with("?done=reinstated"));
        assert!(hugo.get("/apps").await.location().starts_with("/login"), "no session from before");
        idp.clock.advance_seconds(1);
        hugo.sign_in(&idp, HUGO).await;
        hugo.get("/apps").await.expect(StatusCode::OK);
        let token = dua.get(&view).await.field("csrf_token").unwrap();
        let again = dua.post(&format!("{view}/reinstate"), &[("csrf_token", &token)]).await;
        assert!(again.location().ends_with("?done=refused"));
        let own = format!("/users/{}/suspend", user(&idp, DUA).await.id);
        assert_eq!(dua.get(&own).await.status, StatusCode::FORBIDDEN, "I29");
        assert_eq!(dua.post(&own, &[("csrf_token", &token)]).await.status, StatusCode::FORBIDDEN, "I29");
    }
}

on_both_databases! {
    async fn the_page_of_deletion_names_what_ends_and_deletion_ends_it(idp) {
        populate(&idp).await;
        let mut hugo = idp.signed_in(HUGO).await;
        let mut dua = idp.signed_in(DUA).await;
        let id = user(&idp, HUGO).await.id;
        let path = format!("/users/{id}/delete");
        let page = dua.get(&path).await.expect(StatusCode::OK);
        for words in ["Delete Hugo Belmonte?", "CASPER_WEB_DATA_SUBMITTER", "Cancel", HUGO] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        let stale = dua.fill_in(&path, &path, &[("version", "99")]).await;
        assert_eq!(stale.status, StatusCode::CONFLICT);
        idp.clock.advance_seconds(1);
        let version = page.field("version").unwrap();
        let done = dua.fill_in(&path, &path, &[("version", &version)]).await;
        assert_eq!(done.location(), "/users?done=deleted");
        assert!(hugo.get("/apps").await.location().starts_with("/login"));
        assert!(!dua.get("/users").await.body.contains(HUGO));
        assert_eq!(dua.get(&format!("/users/{id}")).await.status, StatusCode::NOT_FOUND);
        let held = idp.app.store.holdings(id, idp.app.now()).await.unwrap();
        assert!(held.of(casper(&idp).await.id).groups.is_empty());
        // E29: the address is free once personal data are erased.
        let level = user(&idp, DUA).await.level_id;
        let new = TestIdp::new_user(HUGO, level);
        assert!(idp.administration().create_user(&new, UserStatus::Invited).await.is_err());
        idp.clock.advance_seconds(31 * 24 * 60 * 60);
        idp::jobs::accounts::end_accounts_that_are_over(&idp.app).await.unwrap();
        let stub = idp.app.store.find_account(id).await.unwrap().unwrap().user;
        assert!(stub.first_name != "Hugo" && stub.email.starts_with("erased:") && stub.company_id.is_none());
        let again = idp.administration().create_user(&new, UserStatus::Invited).await.unwrap();
        assert_ne!(again, id, "I6: a subject is never used again");
    }
}

on_both_databases! {
    async fn the_last_user_administrator_is_neither_deleted_nor_suspended(idp) {
        populate(&idp).await;
        let mut dua = idp.signed_in(DUA).await;
        let other = user(&idp, OTHER_DUA).await.id;
        let path = format!("/users/{other}/delete");
        let version = dua.get(&path).await.field("version").unwrap();
        assert_eq!(dua.fill_in(&path, &path, &[("version", &version)]).await.status, StatusCode::SEE_OTHER);
        let own = format!("/users/{}/delete", user(&idp, DUA).await.id);
        let version = dua.get(&own).await.field("version").unwrap();
        let refused = dua.fill_in(&own, &own, &[("version", &version)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "E14");
        assert!(refused.body.contains("First give the role to somebody else"), "{}", refused.body);
    }
}

on_both_databases! {
    async fn a_lock_is_ended_by_an_administrator(idp) {
        populate(&idp).await;
        let hugo = user(&idp, HUGO).await.id;
        for _ in 0..10 {
            let tx = idp.app.store.begin().await.unwrap();
            tx.count_code_try(hugo, idp.app.now()).await.unwrap();
            tx.commit().await.unwrap();
        }
        let mut dua = idp.signed_in(DUA).await;
        let view = format!("/users/{hugo}");
        assert!(dua.get(&view).await.body.contains("Locked"));
        let done = dua.fill_in(&view, &format!("{view}/unlock"), &[]).await;
        assert!(done.location().ends_with("?done=unlocked"), "{}", done.body);
        assert!(!idp.app.store.code_failures(hugo).await.unwrap().bars(idp.app.now()));
    }
}

/// Where a link of a page leads that begins so.
fn link_beginning(page: &super::Page, begin: &str) -> String {
    let (_, rest) = page
        .body
        .split_once(&format!("href=\"{begin}"))
        .unwrap_or_else(|| panic!("{begin}: {}", page.body));
    format!("{begin}{}", rest.split('"').next().unwrap().replace("&#38;", "&"))
}

on_both_databases! {
    async fn whoever_does_something_to_a_row_comes_back_to_the_list_as_it_was(idp) {
        populate(&idp).await;
        let mut dua = idp.signed_in(DUA).await;
        let id = user(&idp, HUGO).await.id;
        let list = "/users?last_name=Bel&sort=email&order=descending";
        let rows = dua.get(list).await.expect(StatusCode::OK);
        let back = format!("href=\"{}\"", list.replace('&', "&#38;"));
        for page in ["", "/edit", "/delete"] {
            let link = link_beginning(&rows, &format!("/users/{id}{page}?from="));
            let shown = dua.get(&link).await.expect(StatusCode::OK);
            assert!(shown.body.contains(&back), "{page}: {}", shown.body);
        }
        let view = dua.get(&link_beginning(&rows, &format!("/users/{id}?from="))).await;
        let edit = dua.get(&link_beginning(&view, &format!("/users/{id}/edit?from="))).await;
        let from = edit.field("from").unwrap().replace("&#38;", "&");
        assert_eq!(format!("/users?{from}"), list);
        let fields = [("first_name", "Hugh"), ("from", from.as_str())];
        let saved = post_again(&mut dua, &format!("/users/{id}/edit"), &edit, &fields).await;
        let view = dua.get(saved.expect(StatusCode::SEE_OTHER).location()).await;
        assert!(view.body.contains(&back), "{}", view.body);
        let suspend = dua.get(&link_beginning(&view, &format!("/users/{id}/suspend?from="))).await;
        assert!(suspend.body.contains(&back), "{}", suspend.body);
        let delete = dua.get(&link_beginning(&view, &format!("/users/{id}/delete?from="))).await;
        let [token, version] = ["csrf_token", "version"].map(|name| delete.field(name).unwrap());
        let fields = [("csrf_token", token.as_str()), ("version", &version), ("from", &from)];
        let gone = dua.post(&format!("/users/{id}/delete"), &fields).await;
        assert_eq!(gone.location(), format!("{list}&done=deleted"));

        let mut daa = idp.signed_in(DAA).await;
        let other = user(&idp, DUA).await.id;
        let rows = daa.get("/users?sort=email").await.expect(StatusCode::OK);
        let assign = daa.get(&link_beginning(&rows, &format!("/users/{other}/memberships?from="))).await;
        assert_eq!(assign.body.matches("href=\"/users?sort=email\"").count(), 2, "{}", assign.body);
        let evil = daa.get(&format!("/users/{other}/memberships?from=//evil.example")).await;
        assert!(evil.body.contains("href=\"/users\"") && !evil.body.contains("evil"), "{}", evil.body);
    }
}
