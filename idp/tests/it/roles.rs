//! Delegated roles: one save, the last administrator, and what waits for a second one.

use idp::administration::{
    Administration, AdministrationError, DormantChoice, RoleChange, Rule, StaffRoleChange,
    Suspension, UserSave,
};
use idp::jobs::administrators::warn_of_last_administrators;
use portal_core::{
    administrators::RoleKind,
    audit::Origin,
    email::{Email, EmailKey},
    id::{LevelId, UserId},
    notice::NoticeKind,
    organisation::ThirdPartyStatus,
    permission::{Actor, Denial, StaffRole},
    phone::PhoneNumber,
};
use storage::Account;

use crate::{
    harness::{HUGO, START, TestIdp},
    on_both_databases,
};

pub(crate) const USERS: RoleKind = RoleKind::UserAdministrator;

pub(crate) async fn account_of(idp: &TestIdp, email: &str) -> Account {
    idp.app.store.find_account_by_email(&EmailKey::of(email)).await.unwrap().unwrap()
}

async fn bank_e(idp: &TestIdp) -> LevelId {
    account_of(idp, HUGO).await.level.id
}

/// The role for an application.
pub(crate) async fn access(idp: &TestIdp, code: &str) -> RoleKind {
    let application = idp.app.store.find_application(code).await.unwrap().unwrap();
    RoleKind::AccessAdministrator(application.id)
}

/// Somebody in use at BANK E with these roles.
pub(crate) async fn administrator(idp: &TestIdp, name: &str, roles: &[RoleKind]) -> UserId {
    let level = bank_e(idp).await;
    let user = idp.create_user(&format!("{name}@bank-e.example"), level, None).await;
    idp.activate(user).await;
    let change = RoleChange { grant: roles.to_vec(), ..RoleChange::default() };
    idp.administration().change_roles(user, &change).await.unwrap();
    user
}

async fn staff(idp: &TestIdp) -> UserId {
    let root = portal_core::organisation::LevelPath::root();
    let root = idp.app.store.find_level(&root).await.unwrap().unwrap();
    let user = idp.create_user("staff@operator.example", root.id, None).await;
    idp.activate(user).await;
    idp.administration().grant_staff_role(user, StaffRole::IdentityAdmin).await.unwrap();
    user
}

pub(crate) async fn actor(idp: &TestIdp, user: UserId) -> Actor {
    let account = idp.app.store.find_account(user).await.unwrap().unwrap();
    idp.app.store.actor(&account).await.unwrap()
}

pub(crate) fn acting<'a>(idp: &'a TestIdp, actor: &'a Actor) -> Administration<'a> {
    Administration { store: &idp.app.store, actor, now: START, origin: Origin::default() }
}

pub(crate) async fn save(
    idp: &TestIdp,
    by: UserId,
    user: UserId,
    change: RoleChange,
) -> Result<(), AdministrationError> {
    let actor = actor(idp, by).await;
    acting(idp, &actor).change_roles(user, &change).await
}

pub(crate) fn grant(roles: &[RoleKind]) -> RoleChange {
    RoleChange { grant: roles.to_vec(), ..RoleChange::default() }
}

fn revoke(roles: &[RoleKind]) -> RoleChange {
    RoleChange { revoke: roles.to_vec(), ..RoleChange::default() }
}

pub(crate) async fn held(idp: &TestIdp, user: UserId) -> Vec<RoleKind> {
    let roles = idp.app.store.list_delegated_roles(user).await.unwrap();
    let mut kinds: Vec<RoleKind> = roles.into_iter().map(|role| role.kind).collect();
    kinds.sort_unstable();
    kinds
}

async fn told(idp: &TestIdp, user: UserId) -> Vec<NoticeKind> {
    let notices = idp.app.store.list_notices(user, None, 50).await.unwrap();
    notices.into_iter().map(|notice| notice.kind).collect()
}

pub(crate) fn denial(result: Result<(), AdministrationError>) -> Denial {
    match result.unwrap_err() {
        AdministrationError::Denied(denial) => denial,
        other => panic!("{other}"),
    }
}

fn broken_rule(result: Result<(), AdministrationError>) -> Rule {
    match result.unwrap_err() {
        AdministrationError::Rule(rule) => rule,
        other => panic!("{other}"),
    }
}

on_both_databases! {
    async fn a_save_of_roles_is_refused_whole_when_one_of_them_is(idp) {
        let (casper, ssm) = (access(&idp, "CASPER").await, access(&idp, "SSM-PORTAL").await);
        let daa = administrator(&idp, "daa", &[casper]).await;
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let peer = administrator(&idp, "peer", &[]).await;
        assert_eq!(denial(save(&idp, daa, peer, grant(&[casper, ssm])).await), Denial::Forbidden);
        assert_eq!(denial(save(&idp, daa, peer, grant(&[casper, USERS])).await), Denial::Forbidden);
        assert_eq!(denial(save(&idp, dua, peer, grant(&[USERS, casper])).await), Denial::Forbidden);
        assert_eq!(held(&idp, peer).await, []);
        save(&idp, daa, peer, grant(&[casper])).await.unwrap();
        save(&idp, dua, peer, grant(&[USERS])).await.unwrap();
        assert_eq!(held(&idp, peer).await, [USERS, casper]);
        let told_peer = told(&idp, peer).await;
        assert_eq!(told_peer.iter().filter(|kind| **kind == NoticeKind::RoleGranted).count(), 2);
        assert!(told(&idp, dua).await.contains(&NoticeKind::AdministratorAdded));
    }
}

on_both_databases! {
    async fn nobody_makes_administrators_of_another_organisation(idp) {
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let (_, elsewhere) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let foreign = idp.create_user("foreign@bank-01.example", elsewhere, None).await;
        assert_eq!(denial(save(&idp, dua, foreign, grant(&[USERS])).await), Denial::NotFound);
        let casper = access(&idp, "CASPER").await;
        let not_onboarded = idp.administration().change_roles(foreign, &grant(&[casper])).await;
        assert_eq!(denial(not_onboarded), Denial::NotOnboarded);
    }
}

on_both_databases! {
    async fn a_save_on_top_of_an_older_state_is_stale(idp) {
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let peer = administrator(&idp, "peer", &[]).await;
        let version = idp.app.store.find_account(peer).await.unwrap().unwrap().user.version;
        let change = RoleChange { version: Some(version), ..grant(&[USERS]) };
        save(&idp, dua, peer, change.clone()).await.unwrap();
        let again = RoleChange { version: Some(version), ..revoke(&[USERS]) };
        assert!(matches!(save(&idp, dua, peer, again).await, Err(AdministrationError::Stale)));
        assert_eq!(held(&idp, peer).await, [USERS]);
    }
}

on_both_databases! {
    async fn one_of_three_roles_is_revoked_and_the_others_stay(idp) {
        let (casper, ssm) = (access(&idp, "CASPER").await, access(&idp, "SSM-PORTAL").await);
        let pre = access(&idp, "A-CASPER").await;
        let daa = administrator(&idp, "daa", &[casper, ssm]).await;
        let peer = administrator(&idp, "peer", &[casper, ssm, pre]).await;
        save(&idp, daa, peer, revoke(&[ssm])).await.unwrap();
        let mut left = vec![casper, pre];
        left.sort_unstable();
        assert_eq!(held(&idp, peer).await, left);
        assert!(told(&idp, daa).await.contains(&NoticeKind::OneAdministratorLeft));
        assert_eq!(denial(save(&idp, daa, peer, revoke(&[pre])).await), Denial::Forbidden);
    }
}

on_both_databases! {
    async fn the_last_administrator_of_a_kind_stays_until_there_is_another(idp) {
        let casper = access(&idp, "CASPER").await;
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let daa = administrator(&idp, "daa", &[casper]).await;
        assert_eq!(broken_rule(save(&idp, dua, dua, revoke(&[USERS])).await), Rule::LastUserAdministrator);
        let RoleKind::AccessAdministrator(id) = casper else { panic!("an application") };
        let last = Rule::LastAccessAdministrator(id);
        assert_eq!(broken_rule(save(&idp, daa, daa, revoke(&[casper])).await), last);
        let acting_dua = actor(&idp, dua).await;
        assert_eq!(broken_rule(acting(&idp, &acting_dua).suspend_user(daa, Suspension::default()).await), last);
        let version = idp.app.store.find_account(daa).await.unwrap().unwrap().user.version;
        let deleted = acting(&idp, &acting_dua).delete_user(daa, version, None).await;
        assert_eq!(broken_rule(deleted), last);

        let invited = idp.create_user("second@bank-e.example", bank_e(&idp).await, None).await;
        save(&idp, dua, invited, grant(&[USERS])).await.unwrap();
        assert_eq!(broken_rule(save(&idp, dua, dua, revoke(&[USERS])).await), Rule::LastUserAdministrator, "an invited one does not count");
        idp.activate(invited).await;
        save(&idp, dua, dua, revoke(&[USERS])).await.unwrap();
        assert_eq!(held(&idp, dua).await, []);
        assert!(told(&idp, invited).await.contains(&NoticeKind::OneAdministratorLeft));
    }
}

on_both_databases! {
    async fn an_administrator_whose_account_ends_before_is_no_other_one(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        let level = bank_e(&idp).await;
        let other = idp.create_user("temporary@bank-e.example", level, Some("2026-12-31")).await;
        idp.activate(other).await;
        idp.administration().change_roles(other, &grant(&[USERS])).await.unwrap();
        let boss = staff(&idp).await;
        let acting_staff = actor(&idp, boss).await;
        let dua = account_of(&idp, "dua@bank-e.example").await;
        let set = |day: &'static str| {
            let details = portal_core::account::NewUser {
                expires_on: Some(portal_core::expiry::ExpirationDate::from_iso(day).unwrap()),
                ..TestIdp::new_user("dua@bank-e.example", dua.level.id)
            };
            UserSave { version: dua.user.version, details, link: [0; 32] }
        };
        let administration = acting(&idp, &acting_staff);
        let refused = administration.modify_user(dua.user.id, &set("2026-12-31")).await;
        assert_eq!(broken_rule(refused.map(|_| ())), Rule::LastUserAdministrator);
        administration.modify_user(dua.user.id, &set("2026-12-30")).await.unwrap();
    }
}

on_both_databases! {
    async fn the_operator_goes_on_with_a_reason_and_the_third_party_is_orphaned(idp) {
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let with_reason = || RoleChange { orphan: Some("left the bank".into()), ..revoke(&[USERS]) };
        let own = save(&idp, dua, dua, with_reason()).await;
        assert_eq!(denial(own), Denial::Forbidden, "only the operator may");
        let boss = staff(&idp).await;
        let daa = administrator(&idp, "daa", &[]).await;
        let casper = idp.app.store.find_application("CASPER").await.unwrap().unwrap();
        idp.administration().grant_access_administrator(daa, &casper).await.unwrap();
        save(&idp, boss, dua, with_reason()).await.unwrap();
        let notices = idp.app.store.list_notices(daa, None, 50).await.unwrap();
        let orphaned = notices.iter().find(|one| one.kind == NoticeKind::LastAdministratorGone).unwrap();
        assert_eq!(orphaned.facts["third_party"], "BANK E, S.A.");
        assert_eq!(orphaned.facts["reason"], "left the bank");
        let third_party = account_of(&idp, HUGO).await.third_party.unwrap();
        assert_eq!(third_party.status, ThirdPartyStatus::Orphaned);
        assert_eq!(held(&idp, dua).await, []);
    }
}

on_both_databases! {
    async fn a_grant_waits_for_the_operator_where_it_confirms_every_administrator(idp) {
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let peer = administrator(&idp, "peer", &[]).await;
        let boss = staff(&idp).await;
        idp.execute("UPDATE third_parties SET confirms_administrators = TRUE").await;
        save(&idp, dua, peer, grant(&[USERS])).await.unwrap();
        let Actor::Person { roles, .. } = actor(&idp, peer).await else { panic!("a person") };
        assert!(roles.is_empty(), "it counts for nothing yet");
        let told_boss = told(&idp, boss).await;
        assert!(told_boss.contains(&NoticeKind::GrantToConfirm));
        assert!(!told_boss.contains(&NoticeKind::ConfirmationNeeded), "no address was replaced");
        let told_peer = told(&idp, peer).await;
        assert!(told_peer.contains(&NoticeKind::RoleWaits));
        assert!(!told_peer.contains(&NoticeKind::RoleGranted), "it is not a role yet");
        let roles = [(USERS, bank_e(&idp).await)].into();
        let choice = DormantChoice { roles, confirm: true, ..DormantChoice::default() };
        for nobody in [dua, peer] {
            let acting_nobody = actor(&idp, nobody).await;
            assert!(acting(&idp, &acting_nobody).decide_dormant(peer, &choice).await.is_err());
        }
        let acting_staff = actor(&idp, boss).await;
        acting(&idp, &acting_staff).decide_dormant(peer, &choice).await.unwrap();
        let Actor::Person { roles, .. } = actor(&idp, peer).await else { panic!("a person") };
        assert_eq!(roles.len(), 1);
        let again = acting(&idp, &acting_staff).decide_dormant(peer, &choice).await;
        assert!(matches!(again, Err(AdministrationError::Stale)));
        let other = administrator(&idp, "other", &[]).await;
        save(&idp, boss, other, grant(&[USERS])).await.unwrap();
        let Actor::Person { roles, .. } = actor(&idp, other).await else { panic!("a person") };
        assert_eq!(roles.len(), 1, "what the operator grants counts at once");
    }
}

on_both_databases! {
    async fn whoever_replaced_both_sign_in_data_gets_no_access_back_by_confirming_or_giving_it_anew(idp) {
        let casper = access(&idp, "CASPER").await;
        let both = administrator(&idp, "both", &[USERS, casper]).await;
        let second = administrator(&idp, "second", &[casper]).await;
        let hugo = account_of(&idp, HUGO).await;
        let acting_both = actor(&idp, both).await;
        let administration = acting(&idp, &acting_both);
        let details = portal_core::account::NewUser {
            phone: PhoneNumber::parse("+447700900099").unwrap(),
            email: Email::parse("taken@bank-e.example").unwrap(),
            ..TestIdp::new_user(HUGO, hugo.level.id)
        };
        let save = UserSave { version: hugo.user.version, details, link: [7; 32] };
        assert!(administration.modify_user(hugo.user.id, &save).await.unwrap().is_dormant);

        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        let choice = DormantChoice { groups: [group.id].into(), confirm: true, ..DormantChoice::default() };
        let holds = || async { idp.app.store.holdings(hugo.user.id, START).await.unwrap().of(group.application_id).groups };
        assert!(matches!(denial(administration.decide_dormant(hugo.user.id, &choice).await), Denial::Excluded(_)));
        administration.remove_membership(hugo.user.id, &group).await.unwrap();
        administration.assign_membership(hugo.user.id, &group).await.unwrap();
        assert!(holds().await.is_empty(), "given anew by the same hand, it waits as well");
        let acting_second = actor(&idp, second).await;
        acting(&idp, &acting_second).decide_dormant(hugo.user.id, &choice).await.unwrap();
        assert_eq!(holds().await, ["CASPER_WEB_DATA_SUBMITTER"]);
        assert!(told(&idp, hugo.user.id).await.contains(&NoticeKind::AccessConfirmed));
    }
}

on_both_databases! {
    /// `IDP_RACE_ROUNDS` says how often; continuous integration does few.
    async fn two_last_user_administrators_untick_each_other_and_one_stays(idp) {
        let rounds = std::env::var("IDP_RACE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
        let anna = administrator(&idp, "anna", &[USERS]).await;
        let ben = administrator(&idp, "ben", &[USERS]).await;
        for round in 0..rounds {
            let (actor_a, actor_b) = (actor(&idp, anna).await, actor(&idp, ben).await);
            let (by_a, by_b) = (acting(&idp, &actor_a), acting(&idp, &actor_b));
            let change = revoke(&[USERS]);
            let (first, second) =
                tokio::join!(by_a.change_roles(ben, &change), by_b.change_roles(anna, &change));
            let left = [held(&idp, anna).await, held(&idp, ben).await].concat();
            assert_eq!(left, [USERS], "round {round}: {first:?} {second:?}");
            assert!(first.is_ok() != second.is_ok(), "round {round}");
            for user in [anna, ben] {
                idp.administration().change_roles(user, &grant(&[USERS])).await.unwrap();
            }
        }
    }
}

on_both_databases! {
    async fn nobody_revokes_an_own_role_of_the_staff(idp) {
        let boss = staff(&idp).await;
        let acting_staff = actor(&idp, boss).await;
        let administration = acting(&idp, &acting_staff);
        let revoke = StaffRoleChange { revoke: vec![StaffRole::IdentityAdmin], ..StaffRoleChange::default() };
        let own = administration.change_staff_roles(boss, &revoke).await;
        assert!(matches!(denial(own), Denial::Excluded(_)));
        idp.administration().change_staff_roles(boss, &revoke).await.unwrap();
        assert!(idp.app.store.staff_roles(boss).await.unwrap().is_empty());
    }
}

on_both_databases! {
    async fn the_last_administrator_is_warned_of_the_end_thirty_days_ahead_and_once(idp) {
        let level = bank_e(&idp).await;
        for (email, day) in [("first@bank-e.example", "2026-12-01"), ("last@bank-e.example", "2026-12-21")] {
            let user = idp.create_user(email, level, Some(day)).await;
            idp.activate(user).await;
            idp.administration().change_roles(user, &grant(&[USERS])).await.unwrap();
        }
        let boss = staff(&idp).await;
        for _ in 0..2 {
            assert_eq!(warn_of_last_administrators(&idp.app).await.unwrap(), 1);
        }
        let warned = |kinds: Vec<NoticeKind>| kinds.iter().filter(|kind| **kind == NoticeKind::AdministratorEnding).count();
        let last = account_of(&idp, "last@bank-e.example").await.user.id;
        let first = account_of(&idp, "first@bank-e.example").await.user.id;
        assert_eq!(warned(told(&idp, last).await), 1);
        assert_eq!(warned(told(&idp, boss).await), 1);
        assert_eq!(warned(told(&idp, first).await), 0, "another one is there longer");

        idp.clock.advance_seconds(31 * 24 * 60 * 60);
        for _ in 0..2 {
            assert_eq!(warn_of_last_administrators(&idp.app).await.unwrap(), 0);
        }
        let third_party = account_of(&idp, HUGO).await.third_party.unwrap();
        assert_eq!(third_party.status, ThirdPartyStatus::Orphaned, "the last account is over (O4)");
        let told = told(&idp, boss).await;
        assert_eq!(told.iter().filter(|kind| **kind == NoticeKind::ThirdPartyOrphaned).count(), 1);
    }
}
