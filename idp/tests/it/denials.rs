//! What a signed-in person was denied is in the trail, and cannot flood it (security.md 128).

use axum::http::StatusCode;
use portal_core::{
    audit::{AuditAction, chain::Content},
    denial::MOST,
    organisation::ThirdPartyStatus,
    permission::Sight,
};
use storage::AuditSearch;

use super::{access_requests::active, third_parties::BankE};
use crate::{
    harness::{HUGO, TestIdp},
    on_both_databases,
};

async fn denied(idp: &TestIdp) -> Vec<Content> {
    let search = AuditSearch {
        actions: vec![AuditAction::AccessDenied],
        ..AuditSearch::within(Sight::Everything)
    };
    let found = idp.app.store.list_audit(&search, None, 200).await.unwrap();
    found.into_iter().rev().map(|entry| entry.content).collect()
}

on_both_databases! {
    async fn who_was_denied_what_is_in_the_trail_and_what_is_not_there_is_not(idp) {
        let bank = BankE::new(&idp).await;
        let (_, level) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let foreign = active(&idp, "other@bank-01.example", level).await;
        let elsa_id = active(&idp, "elsa@bank-e.example", bank.level).await;
        let mut elsa = idp.signed_in("elsa@bank-e.example").await.at_address([192, 0, 2, 7]);
        let of_foreign = format!("/users/{foreign}");
        elsa.get(&of_foreign).await.expect(StatusCode::NOT_FOUND);
        elsa.get("/users").await.expect(StatusCode::FORBIDDEN);
        for nothing in ["/users/9d9c2f3e-0000-4000-8000-000000000000", "/users/x", "/nowhere"] {
            elsa.get(nothing).await.expect(StatusCode::NOT_FOUND);
        }
        idp.visitor().get(&of_foreign).await.expect(StatusCode::SEE_OTHER);
        let entries = denied(&idp).await;
        let objects: Vec<&str> = entries.iter().map(|entry| entry.object.as_str()).collect();
        assert_eq!(objects, [format!("page:{of_foreign}").as_str(), "page:/users"]);
        for (entry, asked) in entries.iter().zip(["ViewUser"; 2]) {
            assert_eq!(entry.actor, format!("user:{elsa_id}"));
            assert!(entry.detail.contains(&format!("\"asked\":\"{asked}\"")), "{}", entry.detail);
            assert_eq!(entry.ip.as_deref(), Some("192.0.2.7"));
            assert_eq!(entry.request_id.as_ref().map(String::len), Some(16));
            assert_eq!(entry.level_id, None, "for the operator alone");
        }
        let mut staff = idp.signed_in("staff@operator.example").await;
        let page = staff.get("/audit?what=access").await.expect(StatusCode::OK);
        assert!(page.body.contains("Page denied") && page.body.contains(&of_foreign));
    }
}

on_both_databases! {
    async fn nobody_floods_the_trail_with_denials(idp) {
        BankE::new(&idp).await;
        let mut hugo = idp.signed_in(HUGO).await;
        for _ in 0..MOST + 5 {
            hugo.get("/third-parties/new").await.expect(StatusCode::NOT_FOUND);
        }
        assert_eq!(denied(&idp).await.len() as u64, MOST);
        idp.clock.advance_seconds(60 * 60);
        let mut hugo = idp.signed_in(HUGO).await;
        hugo.get("/third-parties/new").await.expect(StatusCode::NOT_FOUND);
        assert_eq!(denied(&idp).await.len() as u64, MOST + 1, "an hour later again");
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
    }
}

on_both_databases! {
    async fn of_many_denials_at_once_no_more_are_written_than_may(idp) {
        let bank = BankE::new(&idp).await;
        let event = |number: u64| portal_core::audit::AuditEvent {
            at: idp.app.now(),
            actor: portal_core::audit::AuditActor::User(bank.hugo),
            action: AuditAction::AccessDenied,
            object: format!("page:/{number}"),
            level_id: None,
            detail: serde_json::json!({}),
            origin: portal_core::audit::Origin::default(),
        };
        let since = idp.app.now().plus_seconds(-60);
        let mut tries = tokio::task::JoinSet::new();
        for number in 0..12 {
            let (store, event) = (idp.app.store.clone(), event(number));
            tries.spawn(async move {
                let tx = store.begin().await.unwrap();
                let is_written = tx.append_audit_up_to(&event, since, 5).await.unwrap();
                tx.commit().await.unwrap();
                is_written
            });
        }
        let written = tries.join_all().await.into_iter().filter(|is_written| *is_written).count();
        assert_eq!((written, denied(&idp).await.len()), (5, 5));
    }
}
