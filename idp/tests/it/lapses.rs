//! Accounts that lapse by themselves: told ahead, deleted, suspended (O17, domain.md 2.4); and what else is told.

use axum::http::{Method, StatusCode};
use idp::jobs::accounts::end_accounts_that_lapse;
use portal_core::{account::UserStatus, id::UserId, notice::NoticeKind};

use crate::{
    harness::{HUGO, TestIdp},
    on_both_databases,
    roles::{USERS, access, account_of, administrator},
};

const DAY: i64 = 24 * 60 * 60;

async fn told(idp: &TestIdp, user: UserId, kind: NoticeKind) -> usize {
    let notices = idp.app.store.list_notices(user, None, 50).await.unwrap();
    notices.iter().filter(|notice| notice.kind == kind).count()
}

async fn temporary(idp: &TestIdp, last_day: &str) -> UserId {
    let level = account_of(idp, HUGO).await.level.id;
    let user = idp.create_user("temporary@bank-e.example", level, Some(last_day)).await;
    idp.activate(user).await;
    user
}

async fn status(idp: &TestIdp, user: UserId) -> UserStatus {
    idp.app.store.find_account(user).await.unwrap().unwrap().user.status
}

on_both_databases! {
    async fn the_end_of_an_account_is_told_thirty_seven_and_one_days_ahead_and_the_account_deleted_later(idp) {
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let daa = administrator(&idp, "daa", &[access(&idp, "CASPER").await]).await;
        let user = temporary(&idp, "2026-12-25").await;
        let mut counts = Vec::new();
        for _ in 0..36 {
            end_accounts_that_lapse(&idp.app).await.unwrap();
            // Looked at twice a day, and by two nodes at once.
            let (one, other) = tokio::join!(end_accounts_that_lapse(&idp.app), end_accounts_that_lapse(&idp.app));
            assert_eq!(one.unwrap() + other.unwrap(), 0);
            counts.push(told(&idp, user, NoticeKind::ExpirationNear).await);
            idp.clock.advance_seconds(DAY);
        }
        // From 21 November on: the notices of 25 November, 18 December and 24 December.
        assert_eq!((counts[3], counts[4], counts[26], counts[27], counts[32], counts[33], counts[35]), (0, 1, 1, 2, 2, 3, 3), "{counts:?}");
        assert_eq!(told(&idp, dua, NoticeKind::ExpirationNear).await, 3);
        assert_eq!(told(&idp, daa, NoticeKind::ExpirationNear).await, 0);
        idp.clock.advance_seconds(178 * DAY);
        end_accounts_that_lapse(&idp.app).await.unwrap();
        assert_eq!(status(&idp, user).await, UserStatus::Active, "expired, and kept");
        idp.clock.advance_seconds(2 * DAY);
        end_accounts_that_lapse(&idp.app).await.unwrap();
        assert_eq!(status(&idp, user).await, UserStatus::Deleted);
        assert_eq!(told(&idp, user, NoticeKind::AccountEnded).await, 1);
    }
}

on_both_databases! {
    async fn two_nodes_at_once_tell_of_an_end_once(idp) {
        let user = temporary(&idp, "2026-11-22").await;
        let (one, other) = tokio::join!(end_accounts_that_lapse(&idp.app), end_accounts_that_lapse(&idp.app));
        assert_eq!(one.unwrap() + other.unwrap(), 1);
        assert_eq!(told(&idp, user, NoticeKind::ExpirationNear).await, 1);
    }
}

on_both_databases! {
    async fn an_account_that_nobody_uses_is_told_and_then_suspended_but_not_the_last_administrator(idp) {
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        idp.clock.advance_seconds(364 * DAY);
        assert_eq!(end_accounts_that_lapse(&idp.app).await.unwrap(), 0);
        idp.clock.advance_seconds(2 * DAY);
        assert_eq!(end_accounts_that_lapse(&idp.app).await.unwrap(), 2);
        assert_eq!(end_accounts_that_lapse(&idp.app).await.unwrap(), 0, "once");
        assert_eq!(told(&idp, hugo, NoticeKind::AccountUnused).await, 1);
        idp.clock.advance_seconds(30 * DAY);
        assert_eq!(end_accounts_that_lapse(&idp.app).await.unwrap(), 1);
        assert_eq!(status(&idp, hugo).await, UserStatus::Suspended);
        assert_eq!(status(&idp, dua).await, UserStatus::Active, "I14");
        assert_eq!(told(&idp, hugo, NoticeKind::AccountUnusedSuspended).await, 1);
        // Reinstated, it is used for as long again.
        let administration = idp::administration::Administration { now: idp.app.now(), ..idp.administration() };
        administration.reinstate_user(hugo).await.unwrap();
        assert_eq!(end_accounts_that_lapse(&idp.app).await.unwrap(), 0);
        assert_eq!(status(&idp, hugo).await, UserStatus::Active);
    }
}

/// The days until which a person was warned, the latest first.
async fn warned_until(idp: &TestIdp, user: UserId) -> Vec<String> {
    let notices = idp.app.store.list_notices(user, None, 50).await.unwrap();
    let warnings = notices.iter().filter(|notice| notice.kind == NoticeKind::AccountUnused);
    warnings.map(|notice| notice.facts["until"].clone()).collect()
}

on_both_databases! {
    async fn an_account_that_is_unused_for_years_is_warned_a_month_before_it_is_suspended(idp) {
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        // The job was off, or is new: 2026-11-21 and 500 days.
        idp.clock.advance_seconds(500 * DAY);
        assert_eq!(end_accounts_that_lapse(&idp.app).await.unwrap(), 2);
        assert_eq!(status(&idp, hugo).await, UserStatus::Active, "told first");
        assert_eq!(warned_until(&idp, hugo).await, ["2028-05-04"]);
        for days in [0, 1, 28] {
            idp.clock.advance_seconds(days * DAY);
            assert_eq!(end_accounts_that_lapse(&idp.app).await.unwrap(), 0);
        }
        assert_eq!(status(&idp, hugo).await, UserStatus::Active);
        idp.clock.advance_seconds(DAY);
        let (one, other) = tokio::join!(end_accounts_that_lapse(&idp.app), end_accounts_that_lapse(&idp.app));
        assert_eq!(one.unwrap() + other.unwrap(), 1);
        assert_eq!(status(&idp, hugo).await, UserStatus::Suspended);
        assert_eq!(status(&idp, dua).await, UserStatus::Active, "I14");
        for _ in 0..3 {
            idp.clock.advance_seconds(400 * DAY);
            assert_eq!(end_accounts_that_lapse(&idp.app).await.unwrap(), 0, "once");
        }
        assert_eq!(warned_until(&idp, hugo).await.len(), 1);
        assert_eq!(told(&idp, hugo, NoticeKind::AccountUnusedSuspended).await, 1);
    }
}

on_both_databases! {
    async fn a_warning_counts_for_the_disuse_of_which_it_was_told_alone(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        idp.clock.advance_seconds(370 * DAY);
        assert_eq!(end_accounts_that_lapse(&idp.app).await.unwrap(), 2);
        assert_eq!(warned_until(&idp, hugo).await, ["2027-12-26"], "not 396 days after, which is sooner");
        idp.clock.advance_seconds(DAY);
        idp.signed_in(HUGO).await;
        idp.clock.advance_seconds(397 * DAY);
        end_accounts_that_lapse(&idp.app).await.unwrap();
        assert_eq!(status(&idp, hugo).await, UserStatus::Active, "told of the first one only");
        assert_eq!(warned_until(&idp, hugo).await.len(), 2);
        idp.clock.advance_seconds(30 * DAY);
        end_accounts_that_lapse(&idp.app).await.unwrap();
        assert_eq!(status(&idp, hugo).await, UserStatus::Suspended);
    }
}

on_both_databases! {
    async fn whoever_signs_in_keeps_the_account(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        idp.clock.advance_seconds(380 * DAY);
        idp.signed_in(HUGO).await;
        idp.clock.advance_seconds(30 * DAY);
        end_accounts_that_lapse(&idp.app).await.unwrap();
        assert_eq!(status(&idp, hugo).await, UserStatus::Active);
        assert_eq!(told(&idp, hugo, NoticeKind::AccountUnused).await, 0);
    }
}

on_both_databases! {
    async fn user_administrators_hear_of_an_account_that_became_permanent(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        let other = administrator(&idp, "other", &[USERS]).await;
        let user = temporary(&idp, "2026-12-25").await;
        let mut visitor = idp.signed_in("dua@bank-e.example").await;
        let page = visitor.get(&format!("/users/{user}/edit")).await.expect(StatusCode::OK);
        let level = account_of(&idp, HUGO).await.level.id.to_string();
        let hidden = ["csrf_token", "version"].map(|name| (name, page.field(name).unwrap()));
        let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (*n, v.as_str())).collect();
        fields.extend([
            ("first_name", "Hugo"),
            ("last_name", "Belmonte"),
            ("email", "temporary@bank-e.example"),
            ("phone_number", crate::harness::PHONE),
            ("company_id", "C-17"),
            ("account_expiration_date", ""),
            ("level", &level),
            ("subsidiary", ""),
        ]);
        visitor.post(&format!("/users/{user}/edit"), &fields).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(told(&idp, other, NoticeKind::AccountPermanent).await, 1);
        assert_eq!(told(&idp, user, NoticeKind::ExpirationChanged).await, 1);
    }
}

on_both_databases! {
    async fn an_invitation_is_written_in_the_language_of_whoever_invites(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        let mut visitor = idp.signed_in("dua@bank-e.example").await;
        let level = account_of(&idp, HUGO).await.level.id.to_string();
        let token = visitor.get("/users/new").await.field("csrf_token").unwrap();
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("csrf_token", token.as_str()),
                ("first_name", "Ada"),
                ("last_name", "Lind"),
                ("email", "ada@bank-e.example"),
                ("phone_number", "+46701740605"),
                ("level", &level),
            ])
            .finish();
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept-language", "de")];
        let created = visitor.send(Method::POST, "/users/new", &headers, body.into()).await;
        created.expect(StatusCode::SEE_OTHER);
        assert!(idp.inbox.text_to("ada@bank-e.example").starts_with("Willkommen"), "{}", idp.inbox.text_to("ada@bank-e.example"));
        assert_eq!(account_of(&idp, "ada@bank-e.example").await.user.locale, "de");
    }
}

on_both_databases! {
    async fn the_operator_gives_a_reason_to_suspend_or_delete_the_last_administrator(idp) {
        let dua = administrator(&idp, "dua", &[USERS]).await;
        // Nobody else is heard with a reason.
        let mut own = idp.signed_in("dua@bank-e.example").await;
        let delete = format!("/users/{dua}/delete");
        let page = own.get(&delete).await.expect(StatusCode::OK);
        let (token, version) = (page.field("csrf_token").unwrap(), page.field("version").unwrap());
        let fields = [("csrf_token", token.as_str()), ("version", &version), ("orphan_reason", "why not")];
        own.post(&delete, &fields).await.expect(StatusCode::FORBIDDEN);
        let refused = own.post(&delete, &fields[..2]).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!refused.body.contains("orphan_reason"));
        let root = idp.app.store.find_level(&portal_core::organisation::LevelPath::root()).await.unwrap().unwrap();
        let staff = idp.create_user("staff@operator.example", root.id, None).await;
        idp.activate(staff).await;
        idp.administration().grant_staff_role(staff, portal_core::permission::StaffRole::IdentityAdmin).await.unwrap();
        let mut visitor = idp.signed_in("staff@operator.example").await;
        let user = format!("/users/{dua}");
        let suspend = format!("{user}/suspend");
        let page = visitor.get(&suspend).await.expect(StatusCode::OK);
        let (token, seen) = (page.field("csrf_token").unwrap(), page.field("version").unwrap());
        let fields = [("csrf_token", token.as_str()), ("version", &seen), ("reason", "leave")];
        let refused = visitor.post(&suspend, &fields).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("name=\"orphan_reason\""), "{}", refused.body);
        assert!(refused.body.contains("value=\"leave\""), "what was typed stays: {}", refused.body);
        let delete = format!("{user}/delete");
        let version = visitor.get(&delete).await.field("version").unwrap();
        let fields = [("csrf_token", token.as_str()), ("version", &version)];
        let refused = visitor.post(&delete, &fields).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("name=\"orphan_reason\""), "{}", refused.body);
        let fields = [("csrf_token", token.as_str()), ("version", &seen), ("reason", "leave"), ("orphan_reason", "they left")];
        visitor.post(&suspend, &fields).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(status(&idp, dua).await, UserStatus::Suspended);
    }
}
