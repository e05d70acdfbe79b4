//! Whatever changes the state of an account or of a third party is in the trail with before and after (I25).

use portal_core::{
    access_request::Answer, account::UserStatus, audit::AuditAction, expiry::ExpirationDate,
};
use serde_json::{Value, json};

use crate::{
    access_requests::{active, ask, group},
    harness::TestIdp,
    on_both_databases,
    third_parties::BankE,
    third_party_turns::entries,
};

/// What the only entry of its kind says.
async fn said(idp: &TestIdp, action: AuditAction) -> Value {
    let found = entries(idp, action, None).await;
    assert_eq!(found.len(), 1, "{action:?}");
    serde_json::from_str(&found[0].detail).unwrap()
}

/// The same, with before and after, which differ.
async fn moved(idp: &TestIdp, action: AuditAction) -> (Value, Value) {
    let mut said = said(idp, action).await;
    let said = said.as_object_mut().unwrap();
    let before = said.remove("before").unwrap_or_else(|| panic!("{action:?} has no before"));
    let after = said.remove("after").unwrap_or_else(|| panic!("{action:?} has no after"));
    assert_ne!(before, after, "{action:?}");
    (before, after)
}

fn status(of: &str) -> Value {
    json!({ "status": of })
}

on_both_databases! {
    async fn the_state_of_an_account_is_kept_before_and_after(idp) {
        let bank = BankE::new(&idp).await;
        let elsa = active(&idp, "elsa@bank-e.example", bank.level).await;
        for _ in 0..10 {
            let tx = idp.app.store.begin().await.unwrap();
            tx.count_code_try(elsa, idp.app.now()).await.unwrap();
            tx.commit().await.unwrap();
        }
        let staff = idp.acting(&bank.staff);
        staff.unlock_user(elsa).await.unwrap();
        let (before, after) = moved(&idp, AuditAction::UserUnlocked).await;
        assert!(before["failures"].as_u64() > Some(0), "{before}");
        assert!(before["until"].is_i64() || before["suspended_at"].is_i64(), "{before}");
        assert_eq!(after, json!({ "failures": 0, "until": null, "suspended_at": null }));

        staff.suspend_user(elsa, idp::administration::Suspension::default()).await.unwrap();
        let suspended = moved(&idp, AuditAction::UserSuspended).await;
        assert_eq!(suspended, (status("ACTIVE"), status("SUSPENDED")));
        staff.reinstate_user(elsa).await.unwrap();
        let reinstated = moved(&idp, AuditAction::UserReinstated).await;
        assert_eq!(reinstated, (status("SUSPENDED"), status("ACTIVE")));

        let fred = idp.create_user("fred@bank-e.example", bank.level, None).await;
        staff.resend_activation(fred, &[7; 32]).await.unwrap();
        let (_, after) = moved(&idp, AuditAction::ActivationIssued).await;
        assert_eq!(after, json!({ "status": "INVITED", "link": true }));

        let version = idp.app.store.find_account(fred).await.unwrap().unwrap().user.version;
        staff.delete_user(fred, version, None).await.unwrap();
        idp.clock.advance_seconds(31 * 24 * 60 * 60);
        idp::jobs::accounts::end_accounts_that_are_over(&idp.app).await.unwrap();
        let fred = idp.app.store.find_account(fred).await.unwrap().unwrap();
        assert_eq!(fred.user.status, UserStatus::Deleted);
        let erased = moved(&idp, AuditAction::UserErased).await;
        assert_eq!(erased, (json!({ "personal_data": true }), json!({ "personal_data": false })));
    }
}

on_both_databases! {
    async fn the_state_of_a_third_party_is_kept_before_and_after(idp) {
        let bank = BankE::new(&idp).await;
        let staff = idp.acting(&bank.staff);
        staff.suspend_third_party(bank.id, bank.version(&idp).await, "sanctions").await.unwrap();
        let suspended = moved(&idp, AuditAction::ThirdPartySuspended).await;
        assert_eq!(suspended, (status("ACTIVE"), status("SUSPENDED")));
        staff.reactivate_third_party(bank.id, bank.version(&idp).await, "lifted").await.unwrap();
        let reactivated = moved(&idp, AuditAction::ThirdPartyReactivated).await;
        assert_eq!(reactivated, (status("SUSPENDED"), status("ACTIVE")));
        staff.close_third_party(bank.id, bank.version(&idp).await, "over", None).await.unwrap();
        let closed = moved(&idp, AuditAction::ThirdPartyClosed).await;
        assert_eq!(closed, (status("ACTIVE"), status("CLOSED")));
    }
}

on_both_databases! {
    async fn access_that_was_asked_for_is_kept_before_and_after(idp) {
        let bank = BankE::new(&idp).await;
        let elsa = active(&idp, "elsa@bank-e.example", bank.level).await;
        let (ssm, _) = group(&idp, "SSM-PORTAL_USER").await;
        let id = ask(&idp, elsa, ssm).await.unwrap();
        let until = Some(ExpirationDate::from_iso("2026-12-31").unwrap());
        idp.administration().decide_access_request(id, &Answer::Grant { until }).await.unwrap();
        let found = entries(&idp, AuditAction::MembershipAssigned, Some(elsa)).await;
        let assigned: Value = serde_json::from_str(&found[0].detail).unwrap();
        assert_eq!(assigned, json!({
            "before": null,
            "after": { "until": "2026-12-31" },
            "group": "SSM-PORTAL_USER",
            "application": "SSM-PORTAL",
            "request": id,
        }));
    }
}
