//! Mails to signatories: brought by the job when the gateway did not take them or the program died, and never twice
//! or out of date. And what a signatory saves is written down, without what it is.

use axum::http::StatusCode;
use idp::{administration::draft_mark, jobs::notices::deliver_due, secrets};
use portal_core::{
    audit::{AuditAction, AuditActor},
    id::NominationId,
    nomination::{NominationStatus, Remark},
    permission::{Actor, Sight},
};
use storage::{AuditSearch, NewEvidence};

use crate::{
    harness::TestIdp,
    nomination_form::{Filled, SIGNATORY, link_in},
    nominations::{Dunav, PDF, signatory, state_of, version_of},
    on_both_databases,
};

/// Who did that, and what is noted of it.
async fn trail(idp: &TestIdp, action: AuditAction) -> Vec<(String, String)> {
    let search = AuditSearch { actions: vec![action], ..AuditSearch::within(Sight::Everything) };
    let found = idp.app.store.list_audit(&search, None, 100).await.unwrap();
    found.into_iter().map(|entry| (entry.content.actor, entry.content.detail)).collect()
}

/// A nomination that somebody was invited to by a program that died before it wrote.
async fn invited(idp: &TestIdp, dunav: &Dunav) -> NominationId {
    let link = secrets::digest("lost");
    idp.acting(&dunav.filer).invite_signatory(dunav.id, signatory(), link).await.unwrap()
}

/// How many mails the signatory has got.
fn mails(idp: &TestIdp) -> usize {
    idp.inbox.mails().iter().filter(|to| *to == SIGNATORY).count()
}

/// The same, once the job has looked.
async fn brought(idp: &TestIdp) -> usize {
    deliver_due(&idp.app).await.unwrap();
    mails(idp)
}

on_both_databases! {
    async fn a_mail_to_a_signatory_survives_the_program_and_goes_once(idp) {
        let dunav = Dunav::new(&idp).await;
        invited(&idp, &dunav).await;
        assert_eq!(mails(&idp), 0);
        let (one, other) = tokio::join!(deliver_due(&idp.app), deliver_due(&idp.app));
        assert!(one.is_ok() && other.is_ok());
        assert_eq!(mails(&idp), 1);
        let mut milena = idp.visitor();
        milena.get(&link_in(&idp.inbox.text_to(SIGNATORY))).await.expect(StatusCode::SEE_OTHER);
        milena.get("/nominate").await.expect(StatusCode::OK);
        idp.clock.advance_seconds(24 * 60 * 60);
        assert_eq!(brought(&idp).await, 1);
    }
}

on_both_databases! {
    async fn a_mail_that_is_not_taken_is_tried_again_with_a_link_of_its_own(idp) {
        let dunav = Dunav::new(&idp).await;
        idp.inbox.refuse(true);
        let id = invited(&idp, &dunav).await;
        assert_eq!(brought(&idp).await, 0);
        idp.inbox.refuse(false);
        assert_eq!(brought(&idp).await, 0, "not before its time");
        idp.clock.advance_seconds(60);
        assert_eq!(brought(&idp).await, 1);
        let mut milena = idp.visitor();
        milena.get(&link_in(&idp.inbox.text_to(SIGNATORY))).await.expect(StatusCode::SEE_OTHER);
        milena.get("/nominate").await.expect(StatusCode::OK);
        assert_eq!(state_of(&idp, id).await, NominationStatus::Draft);
        assert_eq!(trail(&idp, AuditAction::NominationMailGivenUp).await, []);
    }
}

on_both_databases! {
    async fn a_mail_that_nobody_takes_is_given_up_and_written_down(idp) {
        let dunav = Dunav::new(&idp).await;
        idp.inbox.refuse(true);
        invited(&idp, &dunav).await;
        for tried in 0..10 {
            assert_eq!(trail(&idp, AuditAction::NominationMailGivenUp).await, [], "{tried}");
            assert_eq!(brought(&idp).await, 0);
            idp.clock.advance_seconds(24 * 60 * 60);
        }
        let system = AuditActor::System.to_text();
        let given_up = [(system, r#"{"status":"DRAFT"}"#.to_owned())];
        assert_eq!(trail(&idp, AuditAction::NominationMailGivenUp).await, given_up);
        idp.inbox.refuse(false);
        assert_eq!(brought(&idp).await, 0);
    }
}

on_both_databases! {
    async fn what_a_mail_says_is_what_holds_when_it_goes(idp) {
        let dunav = Dunav::new(&idp).await;
        idp.inbox.refuse(true);
        let id = dunav.in_review(&idp).await;
        let staff = idp.acting(&dunav.first);
        let question = Remark::parse("Who is that?").unwrap();
        let seen = (id, version_of(&idp, id).await);
        staff.return_nomination(seen, &question, secrets::digest("lost")).await.unwrap();
        let reason = Remark::parse("The third party asked for it.").unwrap();
        let seen = (id, version_of(&idp, id).await);
        staff.withdraw_nomination(seen, &reason).await.unwrap();
        idp.inbox.refuse(false);
        assert_eq!(brought(&idp).await, 1);
        let mail = idp.inbox.text_to(SIGNATORY);
        assert!(mail.contains("The third party asked for it.") && !mail.contains("/nominate"), "{mail}");
        // Whoever withdrew it needs no mail about it.
        let link = secrets::digest("known");
        let other = idp.acting(&dunav.filer).invite_signatory(dunav.id, signatory(), link).await.unwrap();
        idp.acting(&Actor::Setup).withdraw_by_link(&link).await.unwrap();
        assert_eq!(state_of(&idp, other).await, NominationStatus::Withdrawn);
        assert_eq!(brought(&idp).await, 1);
    }
}

on_both_databases! {
    async fn a_page_that_writes_at_once_leaves_nothing_to_be_tried_again(idp) {
        let dunav = Dunav::new(&idp).await;
        let (_, link) = Filled::invite(&idp, &dunav).await;
        idp.clock.advance_seconds(60 * 60);
        assert_eq!(brought(&idp).await, 1);
        let mut milena = idp.visitor();
        milena.get(&link).await.expect(StatusCode::SEE_OTHER);
        milena.get("/nominate").await.expect(StatusCode::OK);
    }
}

on_both_databases! {
    async fn a_save_is_written_down_without_what_was_saved(idp) {
        let dunav = Dunav::new(&idp).await;
        let id = invited(&idp, &dunav).await;
        let (link, signs) = (secrets::digest("lost"), idp.acting(&Actor::Setup));
        let evidence = NewEvidence { file_name: "secret.pdf".to_owned(), document: PDF.to_vec() };
        let first = draft_mark(None, None);
        signs.save_nomination((&link, &first), "radka@dunav.example", None).await.unwrap();
        let seen = draft_mark(Some("radka@dunav.example"), None);
        signs.save_nomination((&link, &seen), "radka@dunav.example", None).await.unwrap();
        signs.save_nomination((&link, &seen), "radka@dunav.example", Some(&evidence)).await.unwrap();
        let anonymous = AuditActor::Anonymous.to_text();
        let [with, without] = [true, false].map(|document| format!(r#"{{"document":{document}}}"#));
        let expected = [(anonymous.clone(), with), (anonymous, without)];
        assert_eq!(trail(&idp, AuditAction::NominationSaved).await, expected, "nothing changed, nothing written");
        assert_eq!(state_of(&idp, id).await, NominationStatus::Draft);
    }
}
