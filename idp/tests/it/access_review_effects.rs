//! What an access review does to the people under it: at whatever level, however many, whichever review lapsed before.

use idp::{
    administration::{MembershipSave, UserSave},
    jobs,
};
use portal_core::{
    access_review::ItemDecision,
    account::NewUser,
    audit::AuditAction,
    email::Email,
    expiry::ExpirationDate,
    id::{GroupId, LevelId, UserId},
    membership::Staged,
    notice::NoticeKind,
    organisation::LevelName,
    permission::{ApplicationSight, Sight},
    phone::PhoneNumber,
};
use serde_json::{Value, json};
use storage::AuditSearch;
use uuid::Uuid;

use super::{
    access_requests::{active, actor, at_work, daa, level_of_hugo, told},
    access_reviews::{DAY, all, begin, decide, holds, items, petra_and_elsa, sign_off},
};
use crate::{harness::TestIdp, on_both_databases};

const MANY_GROUPS_ON_SQLITE: &str = "INSERT INTO access_groups (id, application_id, name, description, created_at) \
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 300) \
    SELECT randomblob(16), application_id, name || '_' || n, description, created_at FROM access_groups, numbers \
    WHERE name = 'CASPER_WEB_DATA_SUBMITTER'";
const MANY_GROUPS_ON_POSTGRES: &str = "INSERT INTO access_groups (id, application_id, name, description, created_at) \
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 300) \
    SELECT gen_random_uuid(), application_id, name || '_' || n, description, created_at FROM access_groups, numbers \
    WHERE name = 'CASPER_WEB_DATA_SUBMITTER'";
const IN_ALL_OF_THEM: &str = "INSERT INTO memberships (user_id, group_id, assigned_at) \
    SELECT users.id, access_groups.id, 0 FROM users, access_groups \
    WHERE users.email_key IN ('hugo@bank-e.example', 'elsa@bank-e.example') \
    AND access_groups.name LIKE 'CASPER_WEB_DATA_SUBMITTER_%'";

/// Elsa in a group of CASPER, at a level below that of the bank.
async fn elsa_at_a_branch(idp: &TestIdp) -> (UserId, LevelId) {
    let name = LevelName::parse("A Branch").unwrap();
    let branch = idp.administration().create_level(level_of_hugo(idp).await, &name).await.unwrap();
    let elsa = active(idp, "elsa@bank-e.example", branch).await;
    let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
    idp.administration().assign_membership(elsa, &group).await.unwrap();
    (elsa, branch)
}

/// Decides on everything alike.
async fn decide_all(idp: &TestIdp, by: UserId, review: Uuid, decision: ItemDecision) {
    let found = items(idp, review).await;
    let all: Vec<_> = found.iter().map(|item| (item.position, decision)).collect();
    decide(idp, by, review, &all).await.unwrap();
}

/// The entries on a person, with the level that they are filed under.
async fn entries(idp: &TestIdp, action: AuditAction, of: UserId) -> Vec<(Option<LevelId>, Value)> {
    let search = AuditSearch {
        actions: vec![action],
        object: Some(format!("user:{of}")),
        ..AuditSearch::within(Sight::Everything)
    };
    let found = idp.app.store.list_audit(&search, None, 100).await.unwrap();
    let contents = found.into_iter().map(|entry| entry.content);
    contents.map(|one| (one.level_id, serde_json::from_str(&one.detail).unwrap())).collect()
}

/// Gives a membership another last day.
async fn move_last_day(idp: &TestIdp, by: UserId, user: UserId, (group, day): (GroupId, &str)) {
    let last_days = [(group, Some(ExpirationDate::from_iso(day).unwrap()))].into();
    let staged = Staged { last_days, ..Staged::default() };
    let save = MembershipSave { known_version: None, staged };
    let by = actor(idp, by).await;
    at_work(idp, &by).save_memberships(user, &save).await.unwrap();
}

on_both_databases! {
    async fn people_below_the_top_alone_make_a_review_due_and_possible(idp) {
        let (elsa, _) = elsa_at_a_branch(&idp).await;
        idp.execute("DELETE FROM memberships WHERE user_id IN (SELECT id FROM users WHERE email_key = 'hugo@bank-e.example')").await;
        idp.create_third_party("BANK_01", portal_core::organisation::ThirdPartyStatus::Active).await;
        let offered = idp.app.store.list_reviewable(&ApplicationSight::Everything, 10).await.unwrap();
        let offered: Vec<(&str, &str)> = offered
            .iter()
            .map(|one| (one.level_name.as_str(), one.application_title.as_str()))
            .collect();
        assert_eq!(offered, [("BANK E", "CASPER")], "and nothing that nobody has access to");
        idp.clock.advance_seconds(367 * DAY);
        jobs::access::advance(&idp.app).await.unwrap();
        let begun = all(&idp).await;
        assert_eq!(begun.len(), 1);
        let found = items(&idp, begun[0].id).await;
        assert_eq!(found.iter().map(|item| item.user).collect::<Vec<_>>(), [elsa]);
    }
}

on_both_databases! {
    /// O20: the administrators of the person's level read it.
    async fn what_a_review_does_to_somebody_is_filed_at_the_level_of_the_person(idp) {
        let petra = daa(&idp, "petra@bank-e.example", level_of_hugo(&idp).await, "CASPER").await;
        let (elsa, branch) = elsa_at_a_branch(&idp).await;
        let lapsed = begin(&idp, petra).await.unwrap();
        idp.clock.advance_seconds(31 * DAY);
        jobs::access::advance(&idp.app).await.unwrap();
        let of = |review: Uuid, before: Value, after: Value| json!({
            "group": "CASPER_WEB_DATA_SUBMITTER",
            "application": "CASPER",
            "review": review,
            "before": before,
            "after": after,
        });
        let entry = entries(&idp, AuditAction::ReviewLapsed, elsa).await;
        assert_eq!(entry, [(Some(branch), of(lapsed, json!("counts"), json!("dormant")))]);
        decide_all(&idp, petra, lapsed, ItemDecision::Keep).await;
        sign_off(&idp, petra, lapsed).await.unwrap();
        let entry = entries(&idp, AuditAction::MembershipConfirmed, elsa).await;
        assert_eq!(entry, [(Some(branch), of(lapsed, json!("dormant"), json!("counts")))]);
        let next = begin(&idp, petra).await.unwrap();
        decide_all(&idp, petra, next, ItemDecision::Remove).await;
        sign_off(&idp, petra, next).await.unwrap();
        let mut removal = of(next, json!({ "until": null }), Value::Null);
        removal["decided_by"] = json!(petra);
        let entry = entries(&idp, AuditAction::MembershipRemoved, elsa).await;
        assert_eq!(entry, [(Some(branch), removal)]);
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
    }
}

on_both_databases! {
    async fn what_an_earlier_review_let_lapse_counts_again_when_a_later_one_keeps_it(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        begin(&idp, petra).await.unwrap();
        idp.clock.advance_seconds(31 * DAY);
        jobs::access::advance(&idp.app).await.unwrap();
        assert!(!holds(&idp, elsa).await, "it lapsed");
        let later = begin(&idp, petra).await.unwrap();
        decide_all(&idp, petra, later, ItemDecision::Keep).await;
        assert!(!holds(&idp, elsa).await, "not before the sign-off");
        sign_off(&idp, petra, later).await.unwrap();
        assert!(holds(&idp, elsa).await);
        assert!(told(&idp, elsa).await.contains(&NoticeKind::AccessConfirmed));
    }
}

on_both_databases! {
    async fn what_a_later_review_let_lapse_does_not_count_again_by_an_earlier_one(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        let earlier = begin(&idp, petra).await.unwrap();
        decide_all(&idp, petra, earlier, ItemDecision::Keep).await;
        idp.clock.advance_seconds(31 * DAY);
        jobs::access::advance(&idp.app).await.unwrap();
        assert!(holds(&idp, elsa).await, "it was kept");
        begin(&idp, petra).await.unwrap();
        idp.clock.advance_seconds(31 * DAY);
        jobs::access::advance(&idp.app).await.unwrap();
        assert!(!holds(&idp, elsa).await, "nobody confirmed it the second time");
        sign_off(&idp, petra, earlier).await.unwrap();
        assert!(!holds(&idp, elsa).await);
    }
}

on_both_databases! {
    async fn a_review_of_more_than_is_read_at_once_is_signed_off_as_a_whole(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        let on_sqlite = idp.database.url().starts_with("sqlite");
        idp.execute(if on_sqlite { MANY_GROUPS_ON_SQLITE } else { MANY_GROUPS_ON_POSTGRES }).await;
        idp.execute(IN_ALL_OF_THEM).await;
        let review = begin(&idp, petra).await.unwrap();
        let found = items(&idp, review).await;
        assert_eq!(found.len(), 2 * 301);
        let kept = found.last().unwrap().clone();
        let decisions: Vec<_> = found
            .iter()
            .map(|item| {
                let is_kept = item.position == kept.position;
                (item.position, if is_kept { ItemDecision::Keep } else { ItemDecision::Remove })
            })
            .collect();
        decide(&idp, petra, review, &decisions).await.unwrap();
        assert_eq!(sign_off(&idp, petra, review).await.unwrap(), 601);
        let hugo = found.iter().find(|item| item.user != elsa).unwrap().user;
        for user in [elsa, hugo] {
            assert_eq!(holds(&idp, user).await, user == kept.user);
            let told = told(&idp, user).await;
            let removed = told.iter().filter(|kind| **kind == NoticeKind::MembershipRemoved);
            assert_eq!(removed.count(), 1, "once, of whatever portions");
        }
    }
}

on_both_databases! {
    /// Another last day makes no other membership: it neither keeps what is to go nor loses what is to stay.
    async fn what_has_another_last_day_since_is_what_was_looked_at(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        let move_to = async |day: &str| move_last_day(&idp, petra, elsa, (group.id, day)).await;
        move_to("2030-12-31").await;
        let review = begin(&idp, petra).await.unwrap();
        let of_elsa = items(&idp, review).await.into_iter().find(|item| item.user == elsa).unwrap();
        idp.clock.advance_seconds(1);
        for day in ["2029-12-31", "2031-12-31"] {
            move_to(day).await;
        }
        idp.clock.advance_seconds(31 * DAY);
        jobs::access::advance(&idp.app).await.unwrap();
        assert!(!holds(&idp, elsa).await, "nobody confirmed it");
        move_to("2029-12-31").await;
        for item in items(&idp, review).await {
            decide(&idp, petra, review, &[(item.position, ItemDecision::Keep)]).await.unwrap();
        }
        sign_off(&idp, petra, review).await.unwrap();
        assert!(holds(&idp, elsa).await, "it counts again");
        let review = begin(&idp, petra).await.unwrap();
        move_to("2031-12-31").await;
        for item in items(&idp, review).await {
            let decision = if item.user == elsa { ItemDecision::Remove } else { ItemDecision::Keep };
            decide(&idp, petra, review, &[(item.position, decision)]).await.unwrap();
        }
        assert_eq!(sign_off(&idp, petra, review).await.unwrap(), 1);
        assert!(!holds(&idp, elsa).await);
        assert_eq!(of_elsa.assigned_by, Some(petra), "who gave the last day that was looked at");
    }
}

on_both_databases! {
    /// I28: time that a taker gives to what a review let lapse waits for a second administrator who has seen it.
    async fn a_review_that_lapsed_brings_no_time_along_that_a_taker_gave_since(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        let paul = daa(&idp, "paul@bank-e.example", level_of_hugo(&idp).await, "CASPER").await;
        idp.administration().grant_user_administrator(paul).await.unwrap();
        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        move_last_day(&idp, petra, elsa, (group.id, "2030-12-31")).await;
        let review = begin(&idp, petra).await.unwrap();
        idp.clock.advance_seconds(31 * DAY);
        jobs::access::advance(&idp.app).await.unwrap();
        let account = crate::access_requests::account(&idp, elsa).await;
        let details = NewUser {
            phone: PhoneNumber::parse("+447700900099").unwrap(),
            email: Email::parse("taken@bank-e.example").unwrap(),
            ..TestIdp::new_user("elsa@bank-e.example", account.level.id)
        };
        let save = UserSave { version: account.user.version, details, link: [7; 32] };
        let by = actor(&idp, paul).await;
        assert!(at_work(&idp, &by).modify_user(elsa, &save).await.unwrap().is_dormant);
        idp.clock.advance_seconds(1);
        move_last_day(&idp, paul, elsa, (group.id, "2031-12-31")).await;
        for item in items(&idp, review).await {
            decide(&idp, petra, review, &[(item.position, ItemDecision::Keep)]).await.unwrap();
        }
        sign_off(&idp, petra, review).await.unwrap();
        assert!(!holds(&idp, elsa).await, "nobody but the taker has seen that day");
    }
}
