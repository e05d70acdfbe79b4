//! Changes of other people's accounts and rights need a fresh sign-in (O18).

use axum::http::StatusCode;
use portal_core::{account::UserStatus, id::UserId};

use crate::{
    harness::{HUGO, TestIdp},
    on_both_databases,
    roles::{USERS, account_of, administrator},
};

const DUA: &str = "dua@bank-e.example";
const MINUTE: i64 = 60;

async fn status(idp: &TestIdp, user: UserId) -> UserStatus {
    idp.app.store.find_account(user).await.unwrap().unwrap().user.status
}

on_both_databases! {
    async fn a_form_that_changes_others_asks_for_a_sign_in_younger_than_ten_minutes_and_comes_back(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        let edit = format!("/users/{hugo}/edit");
        let mut visitor = idp.signed_in(DUA).await;
        idp.clock.advance_seconds(10 * MINUTE - 1);
        visitor.get(&edit).await.expect(StatusCode::OK);
        idp.clock.advance_seconds(1);
        let asked = visitor.get(&edit).await.expect(StatusCode::SEE_OTHER);
        let login = asked.location().to_owned();
        assert_eq!(login, format!("/login?again=%2Fusers%2F{hugo}%2Fedit"));
        let page = visitor.get(&login).await.expect(StatusCode::OK);
        assert!(page.body.contains("Please sign in again to open it.") && page.body.contains(DUA), "{}", page.body);
        // To look is free, and so is what is one's own.
        let user = format!("/users/{hugo}");
        for path in ["/users", &user, "/confirmations", "/profile/security", "/users/export"] {
            visitor.get(path).await.expect(StatusCode::OK);
        }
        let done = visitor.sign_in_at(&idp, &login, DUA).await;
        assert_eq!(done.location(), edit);
        visitor.get(&edit).await.expect(StatusCode::OK);
        // Who is fresh is not asked once more.
        assert_eq!(visitor.get(&login).await.location(), edit);
    }
}

on_both_databases! {
    async fn a_form_that_was_open_for_too_long_is_sent_again_after_a_sign_in_beside_it(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        administrator(&idp, "second", &[USERS]).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        let mut visitor = idp.signed_in(DUA).await;
        let token = visitor.get(&format!("/users/{hugo}")).await.field("csrf_token").unwrap();
        let (path, fields) = (format!("/users/{hugo}/suspend"), [("csrf_token", token.as_str()), ("reason", "leave")]);
        idp.clock.advance_seconds(15 * MINUTE);
        let late = visitor.post(&path, &fields).await.expect(StatusCode::FORBIDDEN);
        assert!(late.body.contains("nothing of what you typed is lost"), "{}", late.body);
        let login = format!("/login?again=%2Fusers%2F{hugo}");
        assert!(late.body.contains(&format!("href=\"{login}\" target=\"_blank\"")), "{}", late.body);
        assert_eq!(status(&idp, hugo).await, UserStatus::Active);
        let done = visitor.sign_in_at(&idp, &login, DUA).await;
        assert_eq!(done.location(), format!("/users/{hugo}"));
        visitor.post(&path, &fields).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(status(&idp, hugo).await, UserStatus::Suspended);
    }
}

on_both_databases! {
    async fn the_sign_in_that_is_asked_for_leads_to_pages_of_the_portal_only(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        for path in ["//evil.example", "/\\evil.example", "https://evil.example", "/users/../../x", "/a?b=//evil.example"] {
            let encoded: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
            let login = format!("/login?again={encoded}");
            let mut visitor = idp.visitor();
            let done = visitor.sign_in_at(&idp, &login, DUA).await;
            assert_eq!(done.location(), "/apps", "{path}");
        }
    }
}

on_both_databases! {
    async fn nobody_is_told_by_an_old_sign_in_what_there_is(idp) {
        let mut visitor = idp.signed_in(HUGO).await;
        idp.clock.advance_seconds(20 * MINUTE);
        let there = account_of(&idp, HUGO).await.user.id;
        let nowhere = uuid::Uuid::from_u128(7);
        for id in [there.to_string(), nowhere.to_string()] {
            visitor.get(&format!("/users/{id}/edit")).await.expect(StatusCode::SEE_OTHER);
        }
    }
}

on_both_databases! {
    async fn roles_are_changed_with_a_fresh_sign_in_only(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        let path = format!("/users/{hugo}/roles");
        let mut visitor = idp.signed_in(DUA).await;
        let token = visitor.get(&path).await.expect(StatusCode::OK).field("csrf_token").unwrap();
        idp.clock.advance_seconds(15 * MINUTE);
        visitor.get(&path).await.expect(StatusCode::SEE_OTHER);
        let late = [("csrf_token", token.as_str()), ("role.DelegatedUserAdmin", "yes")];
        visitor.post(&path, &late).await.expect(StatusCode::FORBIDDEN);
        assert!(idp.app.store.list_delegated_roles(hugo).await.unwrap().is_empty());
    }
}
