//! What ends a nomination, or a link to it, from outside (I25, O1, security.md 108).

use idp::{administration::AdministrationError, secrets};
use portal_core::{
    audit::AuditAction,
    id::NominationId,
    nomination::NominationStatus,
    permission::{Actor, Sight},
};
use storage::AuditSearch;

use crate::{
    harness::TestIdp,
    nominations::{Dunav, mark_of, signatory, state_of},
    on_both_databases,
};

/// What the trail says of one, oldest first: which action, and its detail.
async fn trail_of(idp: &TestIdp, id: NominationId) -> Vec<(String, String)> {
    let search = AuditSearch {
        object: Some(format!("nomination:{id}")),
        ..AuditSearch::within(Sight::Everything)
    };
    let found = idp.app.store.list_audit(&search, None, 100).await.unwrap();
    found.into_iter().rev().map(|entry| (entry.content.action, entry.content.detail)).collect()
}

on_both_databases! {
    async fn a_third_party_that_is_closed_withdraws_each_open_nomination_with_its_entry(idp) {
        let dunav = Dunav::new(&idp).await;
        let id = dunav.in_review(&idp).await;
        let staff = idp.acting(&dunav.first);
        let version = idp.app.store.find_third_party(dunav.id).await.unwrap().unwrap().version;
        staff.close_third_party(dunav.id, version, "licence withdrawn", None).await.unwrap();
        assert_eq!(state_of(&idp, id).await, NominationStatus::Withdrawn);
        let detail = r#"{"before":"IN_REVIEW","reason":"the third party ends"}"#.to_owned();
        let last = trail_of(&idp, id).await.pop().unwrap();
        assert_eq!(last, (AuditAction::NominationWithdrawn.as_str().to_owned(), detail));
    }
}

on_both_databases! {
    async fn nothing_is_saved_by_a_link_after_another_one_was_sent(idp) {
        let dunav = Dunav::new(&idp).await;
        let (staff, signs) = (idp.acting(&dunav.filer), idp.acting(&Actor::Setup));
        let first = secrets::digest("link 0");
        let id = staff.invite_signatory(dunav.id, signatory(), first).await.unwrap();
        for round in 0..10 {
            let (old, new) = (format!("link {round}"), format!("link {}", round + 1));
            let (old, new) = (secrets::digest(&old), secrets::digest(&new));
            let (seen, draft) = (mark_of(&idp, id).await, format!("draft {round}"));
            let (saved, renewed) = tokio::join!(
                signs.save_nomination((&old, &seen), &draft, None),
                staff.renew_nomination_link((id, new))
            );
            renewed.unwrap();
            assert!(matches!(saved, Ok(()) | Err(AdministrationError::Missing("link"))), "{saved:?}");
            let trail: Vec<_> = trail_of(&idp, id).await.into_iter().map(|entry| entry.0).collect();
            assert_eq!(trail.last().unwrap(), AuditAction::NominationInvited.as_str(), "round {round}: saved after it");
        }
    }
}
