//! The first administrators of a third party come from a nomination (I15): the staff add to those who are in office.

use axum::http::StatusCode;
use idp::{
    administration::{AdministrationError, DormantChoice, RoleChange, Rule},
    jobs::administrators::warn_of_last_administrators,
};
use portal_core::{
    administrators::RoleKind, id::UserId, organisation::ThirdPartyStatus, permission::StaffRole,
};

use crate::{
    harness::{HUGO, TestIdp},
    on_both_databases,
    role_pages::send,
    roles::{USERS, access, account_of, acting, actor, administrator, grant, held, save},
};

const BOSS: &str = "boss@operator.example";

async fn boss(idp: &TestIdp) -> UserId {
    idp.staff(BOSS, StaffRole::IdentityAdmin).await
}

async fn refusal(idp: &TestIdp, by: UserId, user: UserId, kind: RoleKind) -> Rule {
    match save(idp, by, user, grant(&[kind])).await {
        Err(AdministrationError::Rule(rule)) => rule,
        other => panic!("{other:?}"),
    }
}

on_both_databases! {
    async fn a_member_of_the_staff_makes_no_first_administrator_and_adds_to_those_there_are(idp) {
        let (boss, casper) = (boss(&idp).await, access(&idp, "CASPER").await);
        let elsa = administrator(&idp, "elsa", &[]).await;
        for kind in [USERS, casper] {
            assert_eq!(refusal(&idp, boss, elsa, kind).await, Rule::FirstByNomination(kind));
        }
        assert_eq!(held(&idp, elsa).await, []);
        administrator(&idp, "dua", &[USERS]).await;
        assert_eq!(refusal(&idp, boss, elsa, casper).await, Rule::FirstByNomination(casper));
        save(&idp, boss, elsa, grant(&[USERS])).await.unwrap();
        assert_eq!(held(&idp, elsa).await, [USERS]);
    }
}

on_both_databases! {
    /// The way round: take the organisation over, make somebody its administrator, and hand it back.
    async fn neither_does_one_where_the_operator_administers_or_nobody_is_left(idp) {
        let boss = boss(&idp).await;
        let elsa = administrator(&idp, "elsa", &[]).await;
        idp.execute("UPDATE third_parties SET administration = 'operator'").await;
        assert_eq!(refusal(&idp, boss, elsa, USERS).await, Rule::FirstByNomination(USERS));
        idp.execute("UPDATE third_parties SET administration = 'delegated'").await;
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let leaves = RoleChange { revoke: vec![USERS], orphan: Some("left".into()), ..RoleChange::default() };
        save(&idp, boss, dua, leaves).await.unwrap();
        assert_eq!(refusal(&idp, boss, elsa, USERS).await, Rule::FirstByNomination(USERS));
        // Whoever is in office, and has run out, fills the role no more.
        administrator(&idp, "late", &[USERS]).await;
        idp.execute("UPDATE users SET expires_on = '2020-01-01' WHERE email_key = 'late@bank-e.example'").await;
        assert_eq!(refusal(&idp, boss, elsa, USERS).await, Rule::FirstByNomination(USERS));
    }
}

on_both_databases! {
    async fn the_box_says_that_a_nomination_is_the_way(idp) {
        boss(&idp).await;
        let elsa = administrator(&idp, "elsa", &[]).await;
        let mut staff = idp.signed_in(BOSS).await;
        let page = send(&mut staff, elsa, &["DelegatedUserAdmin"], &[]).await;
        let page = page.expect(StatusCode::UNPROCESSABLE_ENTITY).body;
        assert!(page.contains("id=\"role-DelegatedUserAdmin-error\""), "{page}");
        assert!(page.contains("come from a nomination"), "{page}");
        assert_eq!(held(&idp, elsa).await, []);
    }
}

on_both_databases! {
    async fn spaces_are_no_reason_to_leave_nobody_in_charge(idp) {
        boss(&idp).await;
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let mut staff = idp.signed_in(BOSS).await;
        send(&mut staff, dua, &[], &[("orphan_reason", "  ")]).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        let long = "x".repeat(501);
        send(&mut staff, dua, &[], &[("orphan_reason", &long)]).await.expect(StatusCode::BAD_REQUEST);
        assert_eq!(held(&idp, dua).await, [USERS]);
        let by = actor(&idp, dua).await;
        let version = account_of(&idp, "dua@bank-e.example").await.user.version;
        let last = acting(&idp, &by).delete_own_account(version).await;
        assert!(matches!(last, Err(AdministrationError::Rule(Rule::LastUserAdministrator))), "{last:?}");
    }
}

async fn status(idp: &TestIdp) -> ThirdPartyStatus {
    account_of(idp, HUGO).await.third_party.unwrap().status
}

on_both_databases! {
    /// I14, O4: where one role has nobody, the others are kept all the same, and one that comes back is not enough.
    async fn an_organisation_without_an_access_administrator_keeps_the_others_and_stays_orphaned(idp) {
        let (boss, casper, ssm) = (boss(&idp).await, access(&idp, "CASPER").await, access(&idp, "SSM-PORTAL").await);
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let carl = administrator(&idp, "carl", &[casper]).await;
        let simon = administrator(&idp, "simon", &[ssm]).await;
        let leaves = |kind, reason: Option<&str>| RoleChange {
            revoke: vec![kind], orphan: reason.map(str::to_owned), ..RoleChange::default()
        };
        save(&idp, boss, carl, leaves(casper, Some("left the bank"))).await.unwrap();
        assert_eq!(status(&idp).await, ThirdPartyStatus::Orphaned);
        let last = save(&idp, dua, dua, leaves(USERS, None)).await;
        assert!(matches!(last, Err(AdministrationError::Rule(Rule::LastUserAdministrator))), "{last:?}");
        let last = save(&idp, simon, simon, leaves(ssm, None)).await;
        assert!(matches!(last, Err(AdministrationError::Rule(Rule::LastAccessAdministrator(_)))), "{last:?}");

        let level = account_of(&idp, HUGO).await.level.id;
        let confirm = async |user, kind| {
            idp.execute("UPDATE delegated_roles SET dormant_at = granted_at + 1").await;
            let choice = DormantChoice { roles: [(kind, level)].into(), confirm: true, ..DormantChoice::default() };
            let by = actor(&idp, boss).await;
            acting(&idp, &by).decide_dormant(user, &choice).await.unwrap();
        };
        confirm(dua, USERS).await;
        assert_eq!(status(&idp).await, ThirdPartyStatus::Orphaned, "CASPER has nobody");
        // Somebody comes, without anything that is confirmed: the daily look finds it.
        idp.execute("UPDATE delegated_roles SET dormant_at = NULL").await;
        warn_of_last_administrators(&idp.app).await.unwrap();
        assert_eq!(status(&idp).await, ThirdPartyStatus::Orphaned);
        idp.administration().change_roles(carl, &grant(&[casper])).await.unwrap();
        warn_of_last_administrators(&idp.app).await.unwrap();
        assert_eq!(status(&idp).await, ThirdPartyStatus::Active);
    }
}
