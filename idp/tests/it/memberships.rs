//! Saving memberships (manual §4): all or nothing, never on top of what somebody else changed, and over on time.

use std::collections::BTreeMap;

use idp::{
    administration::{Administration, AdministrationError, MembershipSave},
    jobs::memberships::end_memberships_that_are_over,
};
use portal_core::{
    access::Group,
    audit::Origin,
    email::EmailKey,
    expiry::ExpirationDate,
    id::UserId,
    membership::{MembershipChange, Staged},
    notice::NoticeKind,
    organisation::ThirdPartyStatus,
    permission::{Actor, Denial},
};
use storage::Account;

use crate::{
    harness::{HUGO, START, TestIdp},
    on_both_databases,
};

/// Access administrator of CASPER at BANK E.
const DAA: &str = "daa@bank-e.example";
const CASPER: &str = "CASPER_WEB_DATA_SUBMITTER";
const SSM: &str = "SSM-PORTAL_USER";

async fn account(idp: &TestIdp, email: &str) -> Account {
    let found = idp.app.store.find_account_by_email(&EmailKey::of(email)).await.unwrap();
    found.unwrap()
}

async fn group(idp: &TestIdp, name: &str) -> Group {
    idp.app.store.find_group(name).await.unwrap().unwrap()
}

/// An active person of BANK E who is access administrator of these applications.
async fn administrator(idp: &TestIdp, email: &str, applications: &[&str]) -> UserId {
    let level = account(idp, HUGO).await.level.id;
    let user = idp.create_user(email, level, None).await;
    idp.activate(user).await;
    for code in applications {
        let application = idp.app.store.find_application(code).await.unwrap().unwrap();
        idp.administration().grant_access_administrator(user, &application).await.unwrap();
    }
    user
}

async fn plain_user(idp: &TestIdp, email: &str) -> UserId {
    let level = account(idp, HUGO).await.level.id;
    let user = idp.create_user(email, level, None).await;
    idp.activate(user).await;
    user
}

async fn actor(idp: &TestIdp, user: UserId) -> Actor {
    let account = idp.app.store.find_account(user).await.unwrap().unwrap();
    idp.app.store.actor(&account).await.unwrap()
}

fn working<'a>(idp: &'a TestIdp, actor: &'a Actor) -> Administration<'a> {
    Administration { store: &idp.app.store, actor, now: START, origin: Origin::default() }
}

fn adding(groups: &[&Group]) -> Staged {
    Staged { additions: groups.iter().map(|group| (group.id, None)).collect(), ..Staged::default() }
}

fn removing(groups: &[&Group]) -> Staged {
    Staged { removals: groups.iter().map(|group| group.id).collect(), ..Staged::default() }
}

async fn version(idp: &TestIdp, user: UserId) -> i64 {
    idp.app.store.find_account(user).await.unwrap().unwrap().user.access_version
}

async fn save(idp: &TestIdp, user: UserId, staged: Staged) -> MembershipSave {
    MembershipSave { known_version: Some(version(idp, user).await), staged }
}

async fn names(idp: &TestIdp, user: UserId) -> Vec<String> {
    let held = idp.app.store.list_memberships(user).await.unwrap();
    let mut names: Vec<String> = held.into_iter().map(|held| held.group.name).collect();
    names.sort();
    names
}

async fn told(idp: &TestIdp, user: UserId) -> BTreeMap<NoticeKind, String> {
    let notices = idp.app.store.list_notices(user, None, 100).await.unwrap();
    let groups = |notice: &storage::Notice| notice.facts.get("groups").cloned().unwrap_or_default();
    notices.iter().map(|notice| (notice.kind, groups(notice))).collect()
}

fn denial(result: Result<Vec<MembershipChange>, AdministrationError>) -> Denial {
    match result.unwrap_err() {
        AdministrationError::Denied(denial) => denial,
        other => panic!("{other}"),
    }
}

on_both_databases! {
    async fn one_group_that_is_not_managed_and_the_whole_save_is_refused(idp) {
        let daa = administrator(&idp, DAA, &["CASPER"]).await;
        let user = plain_user(&idp, "user@bank-e.example").await;
        let (casper, ssm) = (group(&idp, CASPER).await, group(&idp, SSM).await);
        let actor = actor(&idp, daa).await;
        let (_, events) = idp.app.store.verify_audit().await.unwrap();
        let refused = working(&idp, &actor).save_memberships(user, &save(&idp, user, adding(&[&casper, &ssm])).await).await;
        assert_eq!(denial(refused), Denial::Forbidden);
        let both = Staged { removals: [ssm.id].into(), ..adding(&[&casper]) };
        let refused = working(&idp, &actor).save_memberships(user, &save(&idp, user, both).await).await;
        assert_eq!(denial(refused), Denial::Forbidden);
        assert!(names(&idp, user).await.is_empty());
        assert_eq!(idp.app.store.verify_audit().await.unwrap(), (None, events), "nothing was written");
        assert!(told(&idp, user).await.is_empty());
    }
}

on_both_databases! {
    async fn people_of_another_level_do_not_exist_for_an_access_administrator(idp) {
        let daa = administrator(&idp, DAA, &["CASPER"]).await;
        let (_, level) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let foreign = idp.create_user("foreign@bank-01.example", level, None).await;
        let casper = group(&idp, CASPER).await;
        let actor = actor(&idp, daa).await;
        let refused = working(&idp, &actor).save_memberships(foreign, &save(&idp, foreign, adding(&[&casper])).await).await;
        assert_eq!(denial(refused), Denial::NotFound);
        // Not even when nothing is staged.
        let nothing = save(&idp, foreign, Staged::default()).await;
        assert_eq!(denial(working(&idp, &actor).save_memberships(foreign, &nothing).await), Denial::NotFound);
    }
}

on_both_databases! {
    async fn access_is_given_only_where_the_third_party_is_onboarded(idp) {
        let (_, level) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let user = idp.create_user("user@bank-01.example", level, None).await;
        let casper = group(&idp, CASPER).await;
        let refused = idp.administration().save_memberships(user, &save(&idp, user, adding(&[&casper])).await).await;
        assert_eq!(denial(refused), Denial::NotOnboarded);
    }
}

on_both_databases! {
    async fn a_save_tells_the_person_and_writes_before_and_after(idp) {
        let daa = administrator(&idp, DAA, &["CASPER", "SSM-PORTAL"]).await;
        let user = plain_user(&idp, "user@bank-e.example").await;
        let (casper, ssm) = (group(&idp, CASPER).await, group(&idp, SSM).await);
        let actor = actor(&idp, daa).await;
        let day = ExpirationDate::from_iso("2026-12-31").unwrap();
        let staged = Staged { additions: [(casper.id, None), (ssm.id, Some(day))].into(), ..Staged::default() };
        let changes = working(&idp, &actor).save_memberships(user, &save(&idp, user, staged).await).await.unwrap();
        assert_eq!(changes.len(), 2);
        let mut expected = vec![CASPER, SSM];
        expected.sort_unstable();
        assert_eq!(names(&idp, user).await, expected);
        let notices = told(&idp, user).await;
        assert!(notices[&NoticeKind::MembershipAssigned].contains("SSM-PORTAL_USER (– 2026-12-31)"), "{notices:?}");
        let staged = Staged { last_days: [(ssm.id, None)].into(), ..removing(&[&casper]) };
        working(&idp, &actor).save_memberships(user, &save(&idp, user, staged).await).await.unwrap();
        assert_eq!(told(&idp, user).await[&NoticeKind::MembershipRemoved], CASPER);
        assert_eq!(names(&idp, user).await, [SSM]);
        // Who gave which time stays known.
        let former = idp.app.store.list_former_memberships(user).await.unwrap();
        let ended: Vec<_> = former.iter().map(|one| (one.group, one.valid_until, one.removed_by)).collect();
        assert!(ended.contains(&(ssm.id, Some(day), Some(daa))) && ended.contains(&(casper.id, None, Some(daa))));
    }
}

on_both_databases! {
    async fn what_is_added_and_removed_before_the_save_leaves_no_trace(idp) {
        let daa = administrator(&idp, DAA, &["CASPER"]).await;
        let user = plain_user(&idp, "user@bank-e.example").await;
        let casper = group(&idp, CASPER).await;
        let actor = actor(&idp, daa).await;
        let (_, events) = idp.app.store.verify_audit().await.unwrap();
        let before = version(&idp, user).await;
        let staged = Staged { removals: [casper.id].into(), ..adding(&[&casper]) };
        let changes = working(&idp, &actor).save_memberships(user, &save(&idp, user, staged).await).await.unwrap();
        assert_eq!((changes.len(), version(&idp, user).await), (0, before));
        assert_eq!(idp.app.store.verify_audit().await.unwrap(), (None, events));
    }
}

on_both_databases! {
    async fn a_save_on_top_of_an_older_state_is_stale(idp) {
        let daa = administrator(&idp, DAA, &["CASPER", "SSM-PORTAL"]).await;
        let user = plain_user(&idp, "user@bank-e.example").await;
        let (casper, ssm) = (group(&idp, CASPER).await, group(&idp, SSM).await);
        let actor = actor(&idp, daa).await;
        let (first, second) = (save(&idp, user, adding(&[&casper])).await, save(&idp, user, adding(&[&ssm])).await);
        working(&idp, &actor).save_memberships(user, &first).await.unwrap();
        let stale = working(&idp, &actor).save_memberships(user, &second).await;
        assert!(matches!(stale, Err(AdministrationError::Stale)));
        assert_eq!(names(&idp, user).await, [CASPER]);
    }
}

on_both_databases! {
    async fn of_two_saves_at_once_one_is_stale(idp) {
        let daa = administrator(&idp, DAA, &["CASPER", "SSM-PORTAL"]).await;
        let (casper, ssm) = (group(&idp, CASPER).await, group(&idp, SSM).await);
        let actor = actor(&idp, daa).await;
        for round in 0..10 {
            let user = plain_user(&idp, &format!("user-{round}@bank-e.example")).await;
            let (first, second) = (save(&idp, user, adding(&[&casper])).await, save(&idp, user, adding(&[&ssm])).await);
            let administration = working(&idp, &actor);
            let (one, other) = tokio::join!(
                administration.save_memberships(user, &first),
                administration.save_memberships(user, &second),
            );
            assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
            let stale = one.err().or(other.err()).unwrap();
            assert!(matches!(stale, AdministrationError::Stale), "{stale}");
            assert_eq!(names(&idp, user).await.len(), 1);
        }
    }
}

on_both_databases! {
    async fn who_gives_access_to_oneself_is_marked_and_the_others_hear_of_it(idp) {
        let daa = administrator(&idp, DAA, &["CASPER"]).await;
        let other = administrator(&idp, "other@bank-e.example", &["SSM-PORTAL"]).await;
        let casper = group(&idp, CASPER).await;
        let actor = actor(&idp, daa).await;
        working(&idp, &actor).save_memberships(daa, &save(&idp, daa, adding(&[&casper])).await).await.unwrap();
        assert_eq!(told(&idp, other).await[&NoticeKind::SelfAssigned], CASPER);
        let own = told(&idp, daa).await;
        assert!(own.contains_key(&NoticeKind::MembershipAssigned) && !own.contains_key(&NoticeKind::SelfAssigned));
        // To give something up is no news to the others.
        working(&idp, &actor).save_memberships(daa, &save(&idp, daa, removing(&[&casper])).await).await.unwrap();
        let notices = idp.app.store.list_notices(other, None, 100).await.unwrap();
        assert_eq!(notices.iter().filter(|notice| notice.kind == NoticeKind::SelfAssigned).count(), 1);
        assert!(notices.iter().all(|notice| notice.kind != NoticeKind::MembershipRemoved));
    }
}

on_both_databases! {
    async fn a_membership_ends_with_its_last_day_and_the_person_is_told(idp) {
        let hugo = account(&idp, HUGO).await.user.id;
        let casper = group(&idp, CASPER).await;
        let today = ExpirationDate::days_from(START, 0).unwrap();
        let staged = Staged { last_days: [(casper.id, Some(today))].into(), ..Staged::default() };
        idp.administration().save_memberships(hugo, &save(&idp, hugo, staged).await).await.unwrap();
        assert_eq!(end_memberships_that_are_over(&idp.app).await.unwrap(), 0, "its last day is not over");
        // Midnight in Berlin is 23:00 UTC in November.
        idp.clock.advance_seconds(11 * 60 * 60);
        assert_eq!(idp.app.store.holdings(hugo, idp.app.now()).await.unwrap().of(casper.application_id).groups.len(), 0);
        assert_eq!(end_memberships_that_are_over(&idp.app).await.unwrap(), 1);
        assert_eq!(end_memberships_that_are_over(&idp.app).await.unwrap(), 0);
        assert_eq!(names(&idp, hugo).await, ["A-CASPER_WEB_DATA_SUBMITTER"]);
        assert_eq!(told(&idp, hugo).await[&NoticeKind::MembershipEnded], CASPER);
        let former = idp.app.store.list_former_memberships(hugo).await.unwrap();
        assert!(former.iter().any(|one| one.group == casper.id && one.removed_by.is_none()));
    }
}
