//! Administration: rules hold whoever acts, and what does not hold leaves nothing behind.

use idp::administration::{Administration, AdministrationError};
use portal_core::{
    account::UserStatus,
    audit::Origin,
    organisation::{Administration as Administered, ThirdPartyDetails, ThirdPartyStatus},
    permission::Denial,
};
use storage::StorageError;

use crate::{
    harness::{START, TestIdp},
    on_both_databases,
};

on_both_databases! {
    async fn an_access_administrator_assigns_in_its_own_application_and_level_only(idp) {
        let store = &idp.app.store;
        let (_, elsewhere) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let casper = store.find_application("CASPER").await.unwrap().unwrap();
        let (casper_group, ssm_group) = (
            store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap(),
            store.find_group("SSM-PORTAL_USER").await.unwrap().unwrap(),
        );
        let hugo = store.find_account_by_email(&portal_core::email::EmailKey::of("hugo@bank-e.example")).await.unwrap().unwrap();
        let daa = idp.create_user("daa@bank-e.example", hugo.level.id, None).await;
        let other = idp.create_user("other@bank-e.example", hugo.level.id, None).await;
        let foreign = idp.create_user("foreign@bank-01.example", elsewhere, None).await;
        idp.activate(daa).await;
        idp.administration().grant_access_administrator(daa, &casper).await.unwrap();

        let account = store.find_account(daa).await.unwrap().unwrap();
        let actor = store.actor(&account).await.unwrap();
        let administration = Administration { store, actor: &actor, now: START, origin: Origin::default() };
        administration.assign_membership(other, &casper_group).await.unwrap();
        let denied = |result: Result<(), AdministrationError>| match result.unwrap_err() {
            AdministrationError::Denied(denial) => denial,
            other => panic!("{other}"),
        };
        assert_eq!(denied(administration.assign_membership(other, &ssm_group).await), Denial::Forbidden);
        assert_eq!(denied(administration.assign_membership(foreign, &casper_group).await), Denial::NotFound);
        assert_eq!(denied(administration.grant_user_administrator(other).await), Denial::Forbidden);
        assert!(store.holdings(foreign, START).await.unwrap().of(casper.id).groups.is_empty());
        administration.remove_membership(other, &casper_group).await.unwrap();
        assert!(store.holdings(other, START).await.unwrap().of(casper.id).groups.is_empty());
    }
}

on_both_databases! {
    async fn nobody_gets_access_to_what_the_third_party_is_not_onboarded_to(idp) {
        let (_, level) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let user = idp.create_user("user@bank-01.example", level, None).await;
        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        let refused = idp.administration().assign_membership(user, &group).await;
        assert!(matches!(refused, Err(AdministrationError::Denied(Denial::NotOnboarded))));
    }
}

on_both_databases! {
    async fn an_address_has_one_account_whatever_its_case(idp) {
        let hugo = idp.app.store.find_account_by_email(&portal_core::email::EmailKey::of("HUGO@bank-e.example.")).await;
        let hugo = hugo.unwrap().unwrap();
        let (_, events) = idp.app.store.verify_audit().await.unwrap();
        let new = TestIdp::new_user("Hugo@Bank-E.example", hugo.level.id);
        let refused = idp.administration().create_user(&new, UserStatus::Invited).await;
        assert!(matches!(refused, Err(AdministrationError::Storage(StorageError::Conflict(_)))));
        assert_eq!(idp.app.store.verify_audit().await.unwrap(), (None, events), "nothing was written");
    }
}

on_both_databases! {
    async fn a_group_belongs_to_the_environment_of_its_application(idp) {
        let casper = idp.app.store.find_application("CASPER").await.unwrap().unwrap();
        let refused = idp.administration().register_group(&casper, "A-CASPER_OTHER", "").await;
        assert!(matches!(refused, Err(AdministrationError::Rule(_))));
    }
}

on_both_databases! {
    async fn an_account_is_activated_once(idp) {
        let (_, level) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let user = idp.create_user("user@bank-01.example", level, None).await;
        idp.activate(user).await;
        let again = idp.administration().activate_user(user, "hash").await;
        assert!(matches!(again, Err(AdministrationError::Rule(_))));
    }
}

on_both_databases! {
    /// I14, O4: an organisation that is to administer itself, and has nobody for it, waits for a nomination.
    async fn whoever_is_handed_an_organisation_without_administrators_has_none(idp) {
        let (id, level) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let administration = idp.administration();
        let idp = &idp;
        let status = |administered: Administered| async move {
            let store = &idp.app.store;
            let version = store.find_third_party(id).await.unwrap().unwrap().version;
            let details = ThirdPartyDetails {
                legal_name: "Bank 01".to_owned(),
                country: "ES".to_owned(),
                lei: None,
                kind: "bank".to_owned(),
                administration: administered,
                forbids_self_assignment: false,
                confirms_administrators: false,
            };
            idp.administration().modify_third_party(id, version, &details).await.unwrap();
            store.find_third_party(id).await.unwrap().unwrap().status
        };
        assert_eq!(status(Administered::Operator).await, ThirdPartyStatus::Active);
        assert_eq!(status(Administered::Delegated).await, ThirdPartyStatus::Orphaned);
        assert_eq!(status(Administered::Operator).await, ThirdPartyStatus::Active);
        let user = idp.create_user("dua@bank-01.example", level, None).await;
        idp.activate(user).await;
        administration.grant_user_administrator(user).await.unwrap();
        assert_eq!(status(Administered::Delegated).await, ThirdPartyStatus::Active);
    }
}
