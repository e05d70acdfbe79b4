//! A person has the own account deleted (O19, E62).

use axum::http::StatusCode;
use idp::jobs::{accounts::end_accounts_that_are_over, notices::deliver_due};
use portal_core::{
    account::UserStatus,
    audit::AuditAction,
    id::UserId,
    notice::NoticeKind,
    permission::{Sight, StaffRole},
};
use storage::AuditSearch;

use crate::{
    harness::{HUGO, PASSWORD, Page, TestIdp, Visitor},
    on_both_databases,
    roles::{USERS, access, account_of, administrator},
};

const PAGE: &str = "/profile/delete";
const DUA: &str = "dua@bank-e.example";
const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

/// Opens the page and presses its button.
async fn delete(visitor: &mut Visitor) -> Page {
    let page = visitor.get(PAGE).await.expect(StatusCode::OK);
    let (token, version) = (page.field("csrf_token").unwrap(), page.field("version").unwrap());
    visitor.post(PAGE, &[("csrf_token", &token), ("version", &version)]).await
}

async fn status(idp: &TestIdp, user: UserId) -> UserStatus {
    idp.app.store.find_account(user).await.unwrap().unwrap().user.status
}

async fn told(idp: &TestIdp, user: UserId, kind: NoticeKind) -> usize {
    let notices = idp.app.store.list_notices(user, None, 50).await.unwrap();
    notices.iter().filter(|notice| notice.kind == kind).count()
}

/// Who deleted whom.
async fn deletions(idp: &TestIdp) -> Vec<(String, String)> {
    let actions = vec![AuditAction::UserDeleted];
    let search = AuditSearch { actions, ..AuditSearch::within(Sight::Everything) };
    let found = idp.app.store.list_audit(&search, None, 100).await.unwrap();
    found.into_iter().map(|entry| (entry.content.actor, entry.content.object)).collect()
}

on_both_databases! {
    async fn a_person_has_the_own_account_deleted_at_once_and_erased_a_month_later(idp) {
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let daa = administrator(&idp, "daa", &[access(&idp, "CASPER").await]).await;
        let hugo = account_of(&idp, HUGO).await;
        let (user, level) = (hugo.user.id, hugo.level.id);
        let mut visitor = idp.signed_in(HUGO).await;
        let mut elsewhere = idp.signed_in(HUGO).await;
        let security = visitor.get("/profile/security").await.expect(StatusCode::OK);
        assert!(security.body.contains(&format!("href=\"{PAGE}\"")), "{}", security.body);
        let page = visitor.get(PAGE).await.expect(StatusCode::OK);
        for words in ["Your access ends (2): A-CASPER_WEB_DATA_SUBMITTER", "After 30 days", "cannot be taken back"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        assert_eq!(status(&idp, user).await, UserStatus::Active, "to look deletes nothing");

        let done = delete(&mut visitor).await;
        assert_eq!(done.location(), "/account-deleted");
        assert!(!visitor.cookies.contains_key("idp_session"));
        let page = visitor.get("/account-deleted").await.expect(StatusCode::OK);
        assert!(page.body.contains("Your account is deleted"), "{}", page.body);
        assert!(elsewhere.get("/apps").await.location().starts_with("/login"));
        let refused = idp.visitor().give_password("/login", HUGO, PASSWORD).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(status(&idp, user).await, UserStatus::Deleted);
        assert!(idp.app.store.list_memberships(user).await.unwrap().is_empty());
        let oneself = format!("user:{user}");
        assert_eq!(deletions(&idp).await, [(oneself.clone(), oneself)]);

        assert_eq!(told(&idp, user, NoticeKind::OwnAccountDeleted).await, 1);
        assert_eq!(told(&idp, user, NoticeKind::AccountDeleted).await, 0);
        assert_eq!(told(&idp, dua, NoticeKind::AccountDeletedByOwner).await, 1);
        assert_eq!(told(&idp, daa, NoticeKind::AccountDeletedByOwner).await, 0);
        deliver_due(&idp.app).await.unwrap();
        assert!(idp.inbox.was_mailed(HUGO, "erased on 2026-12-21"));
        assert!(idp.inbox.was_mailed(DUA, "Hugo Belmonte had the own account deleted"));

        idp.clock.advance_seconds(30 * DAY - 1);
        end_accounts_that_are_over(&idp.app).await.unwrap();
        assert_eq!(account_of(&idp, HUGO).await.user.id, user);
        idp.clock.advance_seconds(MINUTE);
        end_accounts_that_are_over(&idp.app).await.unwrap();
        // E29: the address is free again, for somebody else.
        let successor = idp.create_user(HUGO, level, None).await;
        assert_ne!(successor, user);
    }
}

on_both_databases! {
    async fn an_open_browser_is_not_enough(idp) {
        let user = account_of(&idp, HUGO).await.user.id;
        let mut visitor = idp.signed_in(HUGO).await;
        let page = visitor.get(PAGE).await.expect(StatusCode::OK);
        let (token, version) = (page.field("csrf_token").unwrap(), page.field("version").unwrap());
        let fields = [("csrf_token", token.as_str()), ("version", version.as_str())];
        idp.clock.advance_seconds(12 * MINUTE);
        let asked = visitor.get(PAGE).await.expect(StatusCode::SEE_OTHER).location().to_owned();
        assert_eq!(asked, "/login?again=%2Fprofile%2Fdelete");
        idp.clock.advance_seconds(3 * MINUTE);
        visitor.post(PAGE, &fields).await.expect(StatusCode::FORBIDDEN);
        assert_eq!(status(&idp, user).await, UserStatus::Active);
        assert_eq!(visitor.sign_in_at(&idp, &asked, HUGO).await.location(), PAGE);
        assert_eq!(visitor.post(PAGE, &fields).await.location(), "/account-deleted");
    }
}

on_both_databases! {
    async fn the_last_administrator_stays_until_there_is_another(idp) {
        let user = administrator(&idp, "dua", &[USERS]).await;
        let mut dua = idp.signed_in(DUA).await;
        let page = delete(&mut dua).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains("last active delegated user administrator"), "{}", page.body);
        assert!(page.body.contains("Also ends DelegatedUserAdmin"), "{}", page.body);
        assert_eq!(status(&idp, user).await, UserStatus::Active);
        assert!(deletions(&idp).await.is_empty());
        administrator(&idp, "second", &[USERS]).await;
        assert_eq!(delete(&mut dua).await.location(), "/account-deleted");
        assert!(idp.app.store.list_delegated_roles(user).await.unwrap().is_empty());
    }
}

on_both_databases! {
    async fn the_last_identity_administrator_stays_by_either_way(idp) {
        let user = idp.staff("first@operator.example", StaffRole::IdentityAdmin).await;
        let mut first = idp.signed_in("first@operator.example").await;
        let page = delete(&mut first).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains("last identity administrator"), "{}", page.body);
        let path = format!("/users/{user}/delete");
        let page = first.get(&path).await.expect(StatusCode::OK);
        let (token, version) = (page.field("csrf_token").unwrap(), page.field("version").unwrap());
        let fields = [("csrf_token", token.as_str()), ("version", version.as_str())];
        let page = first.post(&path, &fields).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains("last identity administrator"), "{}", page.body);
        let second = idp.staff("second@operator.example", StaffRole::IdentityAdmin).await;
        let expires = "UPDATE users SET expires_on = '2026-01-01' WHERE email = 'second@operator.example'";
        idp.execute(expires).await;
        let page = delete(&mut first).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains("last identity administrator"), "an expired account is no other one");
        idp.execute("UPDATE users SET expires_on = NULL").await;
        assert_eq!(delete(&mut first).await.location(), "/account-deleted");
        assert_eq!(told(&idp, second, NoticeKind::AccountDeletedByOwner).await, 1);
    }
}

on_both_databases! {
    async fn what_was_not_shown_is_not_confirmed(idp) {
        let user = account_of(&idp, HUGO).await.user.id;
        let mut visitor = idp.signed_in(HUGO).await;
        let page = visitor.get(PAGE).await.expect(StatusCode::OK);
        let (token, version) = (page.field("csrf_token").unwrap(), page.field("version").unwrap());
        let form = |extra| [("csrf_token", token.as_str()), ("version", version.as_str()), extra];
        visitor.post(PAGE, &form(("orphan_reason", "x"))).await.expect(StatusCode::BAD_REQUEST);
        visitor.post(PAGE, &[("version", version.as_str())]).await.expect(StatusCode::FORBIDDEN);
        idp.execute("UPDATE users SET version = version + 1").await;
        let fields = [("csrf_token", token.as_str()), ("version", version.as_str())];
        let page = visitor.post(PAGE, &fields).await.expect(StatusCode::CONFLICT);
        assert!(page.body.contains("Check what ends with it now"), "{}", page.body);
        assert_eq!(status(&idp, user).await, UserStatus::Active);
        assert_eq!(delete(&mut visitor).await.location(), "/account-deleted");
    }
}

on_both_databases! {
    async fn of_two_deletions_at_once_one_is_made(idp) {
        let mut one = idp.signed_in(HUGO).await;
        let page = one.get(PAGE).await.expect(StatusCode::OK);
        let (token, version) = (page.field("csrf_token").unwrap(), page.field("version").unwrap());
        let fields = [("csrf_token", token.as_str()), ("version", version.as_str())];
        let mut other = one.clone();
        let (first, second) = tokio::join!(one.post(PAGE, &fields), other.post(PAGE, &fields));
        let leads_on = |page: &Page| page.headers.get("location").is_some_and(|to| to == "/account-deleted");
        assert_eq!([first, second].iter().filter(|page| leads_on(page)).count(), 1);
        assert_eq!(deletions(&idp).await.len(), 1);
    }
}
