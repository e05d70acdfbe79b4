//! A suspension or a closure counts at once and for good, whatever becomes of what is told about it (E55,
//! security.md 86).

use axum::http::StatusCode;
use idp::{
    administration::{Administration, Merger},
    jobs::third_parties::finish_turns,
};
use portal_core::{
    account::UserStatus,
    audit::AuditAction,
    notice::NoticeKind,
    organisation::{LevelName, ThirdPartyStatus},
};
use serde_json::{Value, json};

use crate::{
    harness::{HUGO, PASSWORD, TestIdp},
    on_both_databases,
    third_parties::BankE,
    third_party_turns::{detail, entries, notices},
};

/// From now on nobody can be told anything.
async fn silence(idp: &TestIdp) {
    idp.execute("ALTER TABLE notices RENAME TO notices_away").await;
}

async fn speak(idp: &TestIdp) {
    idp.execute("ALTER TABLE notices_away RENAME TO notices").await;
}

/// Staff at work at this moment.
fn now<'a>(idp: &'a TestIdp, bank: &'a BankE) -> Administration<'a> {
    Administration { now: idp.app.now(), ..idp.acting(&bank.staff) }
}

async fn entry_of(idp: &TestIdp, action: AuditAction) -> Value {
    let found = entries(idp, action, None).await;
    assert_eq!(found.len(), 1, "{action:?}");
    serde_json::from_str(&found[0].detail).unwrap()
}

on_both_databases! {
    async fn a_suspension_counts_although_nobody_can_be_told_and_the_job_tells_later_once(idp) {
        let bank = BankE::new(&idp).await;
        let mut here = idp.signed_in(HUGO).await;
        silence(&idp).await;
        let version = bank.version(&idp).await;
        now(&idp, &bank).suspend_third_party(bank.id, version, "sanctions").await.unwrap();
        assert_eq!(idp.status_of(bank.id).await, ThirdPartyStatus::Suspended);
        assert_eq!(entry_of(&idp, AuditAction::ThirdPartySuspended).await, json!({
            "before": { "status": "ACTIVE" },
            "after": { "status": "SUSPENDED" },
            "reason": "sanctions",
        }));
        assert_eq!(here.get("/apps").await.location(), "/login");
        let refused = idp.visitor().give_password("/login", HUGO, PASSWORD).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody signs in again");
        assert!(entries(&idp, AuditAction::AccessBarred, None).await.is_empty());

        speak(&idp).await;
        assert_eq!(finish_turns(&idp.app).await.unwrap(), 0, "the request may be at work still");
        idp.clock.advance_seconds(4 * 60);
        let (one, other) = tokio::join!(finish_turns(&idp.app), finish_turns(&idp.app));
        assert_eq!(one.unwrap() + other.unwrap(), 1);
        let told = notices(&idp, bank.hugo, NoticeKind::ThirdPartySuspended).await;
        assert_eq!((told.len(), told[0].facts["reason"].as_str()), (1, "sanctions"));
        assert_eq!(detail(&idp, AuditAction::AccessBarred, bank.hugo).await["groups"]["after"], json!([]));
        assert_eq!(finish_turns(&idp.app).await.unwrap(), 0);
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
    }
}

on_both_databases! {
    async fn a_closure_counts_although_nobody_can_be_told_and_the_job_ends_what_is_held(idp) {
        let bank = BankE::new(&idp).await;
        silence(&idp).await;
        let version = bank.version(&idp).await;
        now(&idp, &bank).close_third_party(bank.id, version, "licence withdrawn", None).await.unwrap();
        assert_eq!(idp.status_of(bank.id).await, ThirdPartyStatus::Closed);
        assert_eq!(entry_of(&idp, AuditAction::ThirdPartyClosed).await, json!({
            "before": { "status": "ACTIVE" },
            "after": { "status": "CLOSED" },
            "reason": "licence withdrawn",
            "successor": null,
            "memberships_ended": 2,
            "roles_revoked": 2,
            "nominations_withdrawn": 0,
        }));
        let refused = idp.visitor().give_password("/login", HUGO, PASSWORD).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        speak(&idp).await;
        idp.clock.advance_seconds(4 * 60);
        assert_eq!(finish_turns(&idp.app).await.unwrap(), 1);
        let left = idp.app.store.count_access(bank.id, None).await.unwrap();
        assert_eq!((left.memberships, left.roles), (0, 0));
        let hugo = idp.app.store.find_account(bank.hugo).await.unwrap().unwrap();
        assert_eq!(hugo.user.status, UserStatus::Suspended);
        assert_eq!(notices(&idp, bank.hugo, NoticeKind::ThirdPartyClosed).await.len(), 1);
    }
}

on_both_databases! {
    async fn whoever_signed_in_while_a_suspension_was_being_made_is_not_revived_by_its_end(idp) {
        let bank = BankE::new(&idp).await;
        let version = bank.version(&idp).await;
        let began = now(&idp, &bank);
        idp.clock.advance_seconds(5);
        let mut here = idp.signed_in(HUGO).await;
        began.suspend_third_party(bank.id, version, "sanctions").await.unwrap();
        assert_eq!(here.get("/apps").await.location(), "/login");
        idp.clock.advance_seconds(1);
        let version = bank.version(&idp).await;
        now(&idp, &bank).reactivate_third_party(bank.id, version, "lifted").await.unwrap();
        assert_eq!(here.get("/apps").await.location(), "/login");
        idp.clock.advance_seconds(1);
        idp.signed_in(HUGO).await.get("/apps").await.expect(StatusCode::OK);
    }
}

on_both_databases! {
    async fn whoever_signed_in_while_a_suspension_was_being_made_is_not_revived_by_a_merger(idp) {
        let bank = BankE::new(&idp).await;
        let (target, _) = idp.create_third_party("GRUPO", ThirdPartyStatus::Active).await;
        let version = bank.version(&idp).await;
        let began = now(&idp, &bank);
        idp.clock.advance_seconds(5);
        let mut here = idp.signed_in(HUGO).await;
        began.suspend_third_party(bank.id, version, "sanctions").await.unwrap();
        idp.clock.advance_seconds(1);
        let staff = now(&idp, &bank);
        let foreseen = staff.preview_merger(bank.id, target).await.unwrap().foreseen();
        let name = LevelName::parse("BANK E").unwrap();
        let merger = Merger { source: bank.id, target, name: &name, reason: "sold", foreseen };
        staff.merge_third_parties(&merger).await.unwrap();
        assert_eq!(here.get("/apps").await.location(), "/login");
    }
}

on_both_databases! {
    async fn a_third_party_comes_back_once_its_suspension_is_told(idp) {
        let bank = BankE::new(&idp).await;
        silence(&idp).await;
        let version = bank.version(&idp).await;
        now(&idp, &bank).suspend_third_party(bank.id, version, "sanctions").await.unwrap();
        speak(&idp).await;
        let version = bank.version(&idp).await;
        now(&idp, &bank).reactivate_third_party(bank.id, version, "lifted").await.unwrap();
        for kind in [NoticeKind::ThirdPartySuspended, NoticeKind::ThirdPartyReactivated] {
            assert_eq!(notices(&idp, bank.hugo, kind).await.len(), 1, "{kind:?}");
        }
        idp.clock.advance_seconds(4 * 60);
        assert_eq!(finish_turns(&idp.app).await.unwrap(), 0);
    }
}
