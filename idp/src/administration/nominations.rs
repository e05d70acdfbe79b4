//! Nominations of administrators, until they are decided (O1, I15). What the signatory does by the one-time link is in
//! `nomination_links`; staff act by the permission table.

use portal_core::{
    Timestamp,
    administrators::Administrator,
    audit::AuditAction,
    id::{ApplicationId, NominationId, ThirdPartyId},
    nomination::{
        self, NominationStatus, NominationStep, Nominee, Remark,
        draft::{Complete, Draft},
    },
    notice::NoticeKind,
    one_time_link::LinkPurpose,
    permission::{Action, Object},
};
use serde_json::json;
use storage::{
    Administered, Digest, NewEvidence, NewLink, NewNomination, Nomination, NominationMove,
    Signatory, ThirdParty,
};

use super::{Administration, AdministrationError, Change, Done, Rule, third_parties::level_of};
use crate::secrets;

/// What is handed in.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Who signs. Address and language stay those that were invited.
    pub signatory: Signatory,
    /// The applications that are to be administered.
    pub applications: Vec<ApplicationId>,
    /// Who is to administer.
    pub nominees: Vec<Nominee>,
    /// What was filled in, for the signatory to change should there be a question.
    pub draft: String,
    /// A new document; the one that was uploaded before stays otherwise.
    pub evidence: Option<NewEvidence>,
}

impl Submission {
    /// A draft that was checked, for its signatory.
    ///
    /// # Errors
    /// None in practice.
    pub fn of(draft: &Draft, complete: Complete, signatory: &Signatory) -> Done<Self> {
        let text = serde_json::to_string(draft);
        Ok(Self {
            signatory: Signatory {
                name: complete.name,
                function: complete.function,
                ..signatory.clone()
            },
            applications: complete.applications,
            nominees: complete.nominees,
            draft: text.map_err(|_| AdministrationError::Missing("draft"))?,
            evidence: None,
        })
    }
}

impl Administration<'_> {
    /// Invites a signatory to nominate: the link goes to the address, and nowhere else.
    ///
    /// # Errors
    /// [`Rule::NominationOfBarred`] when the third party is suspended or closed.
    pub async fn invite_signatory(
        &self,
        third_party: ThirdPartyId,
        signatory: Signatory,
        link: Digest,
    ) -> Done<NominationId> {
        let (mut change, third_party) = self.change_third_party(third_party).await?;
        let new = NewNomination {
            third_party: third_party.id,
            signatory,
            filed_by: self.actor_id(),
            on_paper: false,
        };
        let id = self.begin(&change, &third_party, &new).await?;
        change.tx.insert_link(&new_link(id, link), self.now).await?;
        change.tx.insert_signatory_mail(id, self.now).await?;
        let detail = json!({ "signatory": new.signatory.email });
        change.record_nomination(&third_party, (id, AuditAction::NominationInvited), detail);
        change.commit().await?;
        Ok(id)
    }

    /// Files a nomination that came on paper.
    ///
    /// # Errors
    /// [`Rule::NominationOfBarred`], [`Rule::NominationIncomplete`], [`Rule::NomineeElsewhere`].
    pub async fn file_nomination(
        &self,
        third_party: ThirdPartyId,
        submission: &Submission,
    ) -> Done<NominationId> {
        let (mut change, third_party) = self.change_third_party(third_party).await?;
        let new = NewNomination {
            third_party: third_party.id,
            signatory: submission.signatory.clone(),
            filed_by: self.actor_id(),
            on_paper: true,
        };
        let id = self.begin(&change, &third_party, &new).await?;
        let missing = AdministrationError::Missing("nomination");
        let nomination = change.tx.find_nomination(id).await?.ok_or(missing)?;
        self.hand_in(&mut change, (&third_party, nomination), submission).await?;
        change.commit().await?;
        Ok(id)
    }

    async fn begin(
        &self,
        change: &Change<'_>,
        third_party: &ThirdParty,
        new: &NewNomination,
    ) -> Done<NominationId> {
        let level = level_of(third_party)?.path.clone();
        let object = Object::Nomination { level, originators: Vec::new() };
        change.permit(Action::FileNomination, &object)?;
        check_standing(third_party)?;
        Ok(change.tx.insert_nomination(new, self.now).await?)
    }

    /// Begins a change to a nomination, and loads it within.
    pub(super) async fn change_nomination(
        &self,
        id: NominationId,
    ) -> Done<(Change<'_>, ThirdParty, Nomination)> {
        let missing = || AdministrationError::Missing("nomination");
        let found = self.store.find_nomination(id).await?.ok_or_else(missing)?;
        let (change, third_party) = self.change_third_party(found.third_party).await?;
        let nomination = change.tx.find_nomination(id).await?.ok_or_else(missing)?;
        Ok((change, third_party, nomination))
    }

    /// Checks what is handed in, and puts it into the queue.
    pub(super) async fn hand_in(
        &self,
        change: &mut Change<'_>,
        (third_party, nomination): (&ThirdParty, Nomination),
        submission: &Submission,
    ) -> Done<()> {
        change.tx.save_nomination_draft(nomination.id, &submission.draft).await?;
        if let Some(evidence) = &submission.evidence {
            change.tx.replace_evidence(nomination.id, evidence, self.now).await?;
        }
        let digest = change.tx.find_evidence_digest(nomination.id).await?;
        let digest = digest.ok_or(AdministrationError::Rule(Rule::NominationIncomplete))?;
        let signatory = nomination.signatory.email.as_str();
        self.check_submission(change, (third_party, signatory), submission).await?;
        let id = nomination.id;
        self.step(change, &nomination, NominationStep::Submit, None).await?;
        change.tx.drop_signatory_mails(id).await?;
        let nomination = Nomination {
            signatory: Signatory {
                email: nomination.signatory.email,
                locale: nomination.signatory.locale,
                ..submission.signatory.clone()
            },
            applications: submission.applications.clone(),
            ..nomination
        };
        change.tx.replace_nominees(&nomination, &submission.nominees, self.now).await?;
        let detail = json!({
            "signatory": nomination.signatory.email,
            "on_paper": nomination.on_paper,
            "evidence_sha256": secrets::hexadecimal(&digest),
            "nominees": nominees_of(&submission.nominees),
        });
        change.record_nomination(third_party, (id, AuditAction::NominationSubmitted), detail);
        let mut facts = change.facts();
        facts.insert("third_party".to_owned(), third_party.legal_name.clone());
        change.tell_staff(NoticeKind::NominationFiled, &facts).await
    }

    async fn check_submission(
        &self,
        change: &Change<'_>,
        (third_party, signatory): (&ThirdParty, &str),
        submission: &Submission,
    ) -> Done<()> {
        let is_bounded = submission.nominees.len() <= nomination::MOST_NOMINEES;
        let administered = change.tx.find_administered(third_party.id).await?;
        let office = in_office(administered, self.now);
        let (nominees, asked_for) = (&submission.nominees, &submission.applications);
        let faults = nomination::check(nominees, asked_for, &office, signatory);
        if submission.nominees.is_empty() || !is_bounded || !faults.is_empty() {
            return Err(AdministrationError::Rule(Rule::NominationIncomplete));
        }
        for nominee in &submission.nominees {
            super::appointment::check_address(change, third_party, nominee).await?;
        }
        Ok(())
    }

    /// Begins to look at a nomination, of which the actor saw this version.
    pub async fn review_nomination(&self, id: NominationId, version: i64) -> Done<()> {
        let (mut change, third_party, nomination) = self.change_nomination(id).await?;
        let object = nomination_object(&change, &third_party, &nomination).await?;
        change.permit(Action::RefuseNomination, &object)?;
        check_version(&nomination, version)?;
        let step = NominationStep::TakeInReview;
        self.step(&change, &nomination, step, None).await?;
        let detail = json!({ "before": nomination.status.as_str() });
        change.record_nomination(&third_party, (id, AuditAction::NominationInReview), detail);
        change.commit().await
    }

    /// Sends a nomination back with a question; a new link goes to the signatory. Confirmations are void.
    ///
    /// # Errors
    /// [`Rule::NominationStatus`] for one that is not in review.
    pub async fn return_nomination(
        &self,
        (id, version): (NominationId, i64),
        question: &Remark,
        link: Digest,
    ) -> Done<Nomination> {
        let (mut change, third_party, nomination) = self.change_nomination(id).await?;
        let object = nomination_object(&change, &third_party, &nomination).await?;
        change.permit(Action::RefuseNomination, &object)?;
        check_version(&nomination, version)?;
        let step = NominationStep::Return;
        self.step(&change, &nomination, step, Some(question.as_str())).await?;
        change.tx.insert_link(&new_link(id, link), self.now).await?;
        change.tx.insert_signatory_mail(id, self.now).await?;
        let detail = json!({ "question": question.as_str() });
        change.record_nomination(&third_party, (id, AuditAction::NominationReturned), detail);
        change.commit().await?;
        Ok(nomination)
    }

    /// Refuses a nomination, with a reason.
    ///
    /// # Errors
    /// [`Rule::NominationStatus`] for one that is not in review.
    pub async fn reject_nomination(
        &self,
        (id, version): (NominationId, i64),
        reason: &Remark,
    ) -> Done<Nomination> {
        let of = ((id, version), AuditAction::NominationRejected);
        self.end_nomination(of, NominationStep::Reject, reason).await
    }

    /// Takes a nomination out of the queue, with a reason. Its link is dead.
    ///
    /// # Errors
    /// [`Rule::NominationStatus`] for one that is decided.
    pub async fn withdraw_nomination(
        &self,
        (id, version): (NominationId, i64),
        reason: &Remark,
    ) -> Done<Nomination> {
        let of = ((id, version), AuditAction::NominationWithdrawn);
        self.end_nomination(of, NominationStep::Withdraw, reason).await
    }

    async fn end_nomination(
        &self,
        ((id, version), action): ((NominationId, i64), AuditAction),
        step: NominationStep,
        reason: &Remark,
    ) -> Done<Nomination> {
        let (mut change, third_party, nomination) = self.change_nomination(id).await?;
        let object = nomination_object(&change, &third_party, &nomination).await?;
        change.permit(Action::RefuseNomination, &object)?;
        check_version(&nomination, version)?;
        self.step(&change, &nomination, step, Some(reason.as_str())).await?;
        change.tx.void_links(LinkPurpose::Nomination, id.0, self.now).await?;
        change.tx.insert_signatory_mail(id, self.now).await?;
        let detail = json!({ "before": nomination.status.as_str(), "reason": reason.as_str() });
        change.record_nomination(&third_party, (id, action), detail);
        change.commit().await?;
        Ok(nomination)
    }

    /// Takes a step of the life cycle.
    pub(super) async fn step(
        &self,
        change: &Change<'_>,
        nomination: &Nomination,
        step: NominationStep,
        remark: Option<&str>,
    ) -> Done<NominationStatus> {
        let to = nomination.status.after(step);
        let to = to.ok_or(AdministrationError::Rule(Rule::NominationStatus))?;
        let reviewed_by = match step {
            NominationStep::TakeInReview => self.actor_id(),
            _ => None,
        };
        let moved = NominationMove { to, reviewed_by, remark };
        if change.tx.move_nomination(nomination, &moved, self.now).await? {
            Ok(to)
        } else {
            Err(AdministrationError::Stale)
        }
    }
}

impl Change<'_> {
    /// Notes an audit event on a nomination. It is read at the level of its third party.
    pub(super) fn record_nomination(
        &mut self,
        of: &ThirdParty,
        (id, action): (NominationId, AuditAction),
        detail: serde_json::Value,
    ) {
        let level = of.level.as_ref().map(|level| level.id);
        self.record(action, format!("nomination:{id}"), level, detail);
    }

    /// Withdraws what is open of a third party that ends; each has its entry (I25). Returns how many.
    pub(super) async fn withdraw_nominations(&mut self, of: &ThirdParty) -> Done<usize> {
        let withdrawn = self.tx.withdraw_nominations(of.id, self.now()).await?;
        for (id, status) in &withdrawn {
            let detail = json!({ "before": status.as_str(), "reason": "the third party ends" });
            self.record_nomination(of, (*id, AuditAction::NominationWithdrawn), detail);
        }
        Ok(withdrawn.len())
    }
}

/// The administrators whose accounts have not expired.
pub fn in_office(administered: Option<Administered>, now: Timestamp) -> Vec<Administrator> {
    let mut office = administered.map(|of| of.administrators).unwrap_or_default();
    office.retain(|holder| !holder.expires_on.is_some_and(|date| date.is_over(now)));
    office
}

/// A nomination as an object of the permission table: whoever filed or confirmed it does not confirm it (E58, I29).
pub(super) async fn nomination_object(
    change: &Change<'_>,
    third_party: &ThirdParty,
    nomination: &Nomination,
) -> Done<Object> {
    let confirmed = change.tx.list_confirmations(nomination.id).await?;
    let confirmed = confirmed.iter().map(|confirmation| confirmation.by);
    let originators = nomination.filed_by.into_iter().chain(confirmed).collect();
    Ok(Object::Nomination { level: level_of(third_party)?.path.clone(), originators })
}

/// Whoever decides must have seen what is decided on.
pub(super) const fn check_version(nomination: &Nomination, version: i64) -> Done<()> {
    if nomination.version == version { Ok(()) } else { Err(AdministrationError::Stale) }
}

/// A third party that is barred gets no administrators.
pub(super) const fn check_standing(third_party: &ThirdParty) -> Done<()> {
    if third_party.status.takes_nominations() {
        Ok(())
    } else {
        Err(AdministrationError::Rule(Rule::NominationOfBarred))
    }
}

pub(super) const fn new_link(id: NominationId, digest: Digest) -> NewLink {
    NewLink { digest, purpose: LinkPurpose::Nomination, subject: id.0, detail: String::new() }
}

/// Who is named for what, without phone numbers.
fn nominees_of(nominees: &[Nominee]) -> serde_json::Value {
    let of = |nominee: &Nominee| {
        json!({
            "email": nominee.email.as_str(),
            "user_administrator": nominee.is_user_administrator,
            "applications": nominee.applications,
        })
    };
    nominees.iter().map(of).collect()
}
