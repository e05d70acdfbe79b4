//! What a signatory does by the one-time link, which stays good until the nomination is handed in or taken back. No row
//! of the permission table permits it: the link does.

use portal_core::{
    audit::{AuditAction, AuditActor},
    id::NominationId,
    nomination::{NominationStatus, NominationStep},
    one_time_link::LinkPurpose,
    permission::Action,
};
use serde_json::json;
use storage::{Digest, NewEvidence, Nomination, ThirdParty};

use super::{
    Administration, AdministrationError, Change, Done, Rule, Submission,
    nominations::{check_standing, new_link, nomination_object},
};
use crate::secrets;

/// What a signatory saw: whoever saves over something else is told (security.md 108).
pub fn draft_mark(draft: Option<&str>, evidence: Option<&Digest>) -> String {
    let evidence = evidence.map(|digest| secrets::hexadecimal(digest)).unwrap_or_default();
    let seen = format!("{evidence}:{}", draft.unwrap_or_default());
    secrets::hexadecimal(&secrets::digest(&seen))
}

impl Administration<'_> {
    /// Keeps what the signatory has filled in so far, in place of what was `seen`.
    ///
    /// # Errors
    /// [`AdministrationError::Missing`] when the link is not good (any more); [`AdministrationError::Stale`] when it
    /// was saved in another window meanwhile.
    pub async fn save_nomination(
        &self,
        (link, seen): (&Digest, &str),
        draft: &str,
        evidence: Option<&NewEvidence>,
    ) -> Done<()> {
        let (mut change, third_party, nomination) = self.change_by_link(link).await?;
        if nomination.status.after(NominationStep::Save).is_none() {
            return Err(AdministrationError::Rule(Rule::NominationStatus));
        }
        let id = nomination.id;
        change.check_seen(id, seen).await?;
        let before = change.tx.find_nomination_draft(id).await?;
        if before.as_deref() == Some(draft) && evidence.is_none() {
            return Ok(());
        }
        change.tx.save_nomination_draft(id, draft).await?;
        if let Some(evidence) = evidence {
            change.tx.replace_evidence(id, evidence, self.now).await?;
        }
        // That something about people is stored is evidence; what it is, is theirs until it is handed in.
        let detail = json!({ "document": evidence.is_some() });
        change.record_nomination(&third_party, (id, AuditAction::NominationSaved), detail);
        change.note_as(AuditActor::Anonymous);
        change.commit().await
    }

    /// Hands in what was `seen`, which uses the link up.
    ///
    /// # Errors
    /// [`AdministrationError::Missing`] when the link is not good (any more); [`AdministrationError::Stale`] when
    /// something else was saved meanwhile; [`Rule::NominationIncomplete`], [`Rule::NomineeElsewhere`].
    pub async fn submit_nomination(
        &self,
        (link, seen): (&Digest, &str),
        submission: &Submission,
    ) -> Done<NominationId> {
        let (mut change, third_party, nomination) = self.change_by_link(link).await?;
        let id = nomination.id;
        change.check_seen(id, seen).await?;
        let taken = change.tx.take_link(link, LinkPurpose::Nomination, self.now).await?;
        taken.ok_or(AdministrationError::Missing("link"))?;
        self.hand_in(&mut change, (&third_party, nomination), submission).await?;
        change.note_as(AuditActor::Anonymous);
        change.commit().await?;
        Ok(id)
    }

    /// Takes back a nomination that is not handed in, on behalf of its signatory.
    pub async fn withdraw_by_link(&self, link: &Digest) -> Done<NominationId> {
        let (mut change, third_party, nomination) = self.change_by_link(link).await?;
        let taken = change.tx.take_link(link, LinkPurpose::Nomination, self.now).await?;
        taken.ok_or(AdministrationError::Missing("link"))?;
        let id = nomination.id;
        self.step(&change, &nomination, NominationStep::Withdraw, None).await?;
        change.tx.drop_signatory_mails(id).await?;
        let detail = json!({
            "before": nomination.status.as_str(),
            "by": nomination.signatory.email,
        });
        change.record_nomination(&third_party, (id, AuditAction::NominationWithdrawn), detail);
        change.note_as(AuditActor::Anonymous);
        change.commit().await?;
        Ok(id)
    }

    /// Makes another link for a signatory whose turn it is; the one from before is dead. What is filled in stays.
    ///
    /// # Errors
    /// [`Rule::NominationStatus`] when it is not the signatory's turn; [`Rule::NominationOfBarred`].
    pub async fn renew_nomination_link(
        &self,
        (id, link): (NominationId, Digest),
    ) -> Done<(ThirdParty, Nomination)> {
        let (mut change, third_party, nomination) = self.change_nomination(id).await?;
        let object = nomination_object(&change, &third_party, &nomination).await?;
        change.permit(Action::FileNomination, &object)?;
        check_standing(&third_party)?;
        if !matches!(nomination.status, NominationStatus::Draft | NominationStatus::Returned) {
            return Err(AdministrationError::Rule(Rule::NominationStatus));
        }
        change.tx.insert_link(&new_link(id, link), self.now).await?;
        change.tx.insert_signatory_mail(id, self.now).await?;
        let detail = json!({ "signatory": nomination.signatory.email, "again": true });
        change.record_nomination(&third_party, (id, AuditAction::NominationInvited), detail);
        change.commit().await?;
        Ok((third_party, nomination))
    }

    /// Begins a change to the nomination of a link.
    async fn change_by_link(&self, link: &Digest) -> Done<(Change<'_>, ThirdParty, Nomination)> {
        let found = self.store.find_link(link, LinkPurpose::Nomination, self.now).await?;
        let found = found.ok_or(AdministrationError::Missing("link"))?;
        let (change, third_party, nomination) =
            self.change_nomination(NominationId(found.subject)).await?;
        // Staff may have sent another one while this waited for its turn.
        if !change.tx.is_good_link(link, LinkPurpose::Nomination, self.now).await? {
            return Err(AdministrationError::Missing("link"));
        }
        check_standing(&third_party)?;
        Ok((change, third_party, nomination))
    }
}

impl Change<'_> {
    /// Goes on only if what is stored is what was seen.
    async fn check_seen(&self, id: NominationId, seen: &str) -> Done<()> {
        let draft = self.tx.find_nomination_draft(id).await?;
        let evidence = self.tx.find_evidence_digest(id).await?;
        if draft_mark(draft.as_deref(), evidence.as_ref()) == seen {
            Ok(())
        } else {
            Err(AdministrationError::Stale)
        }
    }
}
