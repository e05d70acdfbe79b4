//! Access reviews: begun when they are due, and decided by access administrators (domain.md 4.3).

use std::collections::HashMap;

use portal_core::{
    access_review::{self, ItemDecision},
    audit::AuditAction,
    expiry::ExpirationDate,
    id::{ApplicationId, ThirdPartyId},
    notice::NoticeKind,
    permission::{Action, Object},
};
use serde_json::json;
use storage::{AccessReview, NoticeFacts, StorageError};
use uuid::Uuid;

use super::{Administration, AdministrationError, Change, Done, Rule, audience::Audience};

/// What is chosen for one membership under review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewChoice {
    /// Where it stands.
    pub position: i32,
    /// What was decided when the actor looked at it.
    pub was: Option<ItemDecision>,
    /// What is to be decided.
    pub decision: ItemDecision,
}

/// The access that a review is about, as an object of the permission table.
pub fn object_of_review(review: &AccessReview) -> Object {
    Object::Application { level: review.level.clone(), application: review.application }
}

impl Administration<'_> {
    /// Begins a review of everybody's access to an application in a third party. Whoever is in charge of it
    /// is told.
    ///
    /// # Errors
    /// [`AdministrationError::Stale`] when one is open; [`Rule::NothingToReview`].
    pub async fn begin_access_review(
        &self,
        third_party: ThirdPartyId,
        application: ApplicationId,
    ) -> Done<Uuid> {
        let mut change = self.change(Some(third_party)).await?;
        let administered = change.tx.find_administered(third_party).await?;
        let top = administered.ok_or(AdministrationError::Missing("third party"))?.top;
        let object = Object::Application { level: top.clone(), application };
        change.permit(Action::ReviewAccess, &object)?;
        if !change.tx.is_onboarded(third_party, application).await? {
            return Err(AdministrationError::Missing("application"));
        }
        let level = change.tx.find_level(&top).await?;
        let level = level.ok_or(AdministrationError::Missing("level"))?;
        let begun = change
            .tx
            .begin_access_review((third_party, level.id), application, self.actor_id(), self.now)
            .await;
        let (id, count) = match begun {
            Err(StorageError::Conflict(_)) => return Err(AdministrationError::Stale),
            begun => begun?.ok_or(AdministrationError::Rule(Rule::NothingToReview))?,
        };
        let review = change.tx.find_access_review(id).await?;
        let review = review.ok_or(AdministrationError::Missing("review"))?;
        let detail = json!({ "application": review.application_code, "memberships": count });
        record(&mut change, &review, AuditAction::ReviewBegun, detail);
        self.tell_reviewers(&mut change, &review, NoticeKind::ReviewStarted).await?;
        change.commit().await?;
        Ok(id)
    }

    /// Decides on memberships under review; all of them, or none. Nothing happens to them before the sign-off. What is
    /// decided so already stays as it is, with whoever decided it.
    ///
    /// # Errors
    /// [`Rule::Review`]; [`AdministrationError::Stale`] when somebody decided otherwise since what the actor looked at
    /// (I27); [`AdministrationError::Missing`] for a position that the review does not have.
    pub async fn decide_review(&self, id: Uuid, choices: &[ReviewChoice]) -> Done<()> {
        let (mut change, review) = self.change_review(id).await?;
        check_decision(&review, false, 0)?;
        let others = self.other_reviewers(&change, &review).await?;
        let chosen: HashMap<i32, &ReviewChoice> =
            choices.iter().map(|choice| (choice.position, choice)).collect();
        let positions: Vec<i32> = chosen.keys().copied().collect();
        let items = change.tx.list_review_items_at(id, &positions).await?;
        if items.len() != positions.len() {
            return Err(AdministrationError::Missing("membership"));
        }
        let (mut detail, mut decided) = (Vec::new(), Vec::new());
        for item in &items {
            check_decision(&review, self.actor_id() == Some(item.user), others)?;
            let Some(choice) = chosen.get(&item.position) else {
                continue;
            };
            if item.decision == Some(choice.decision) {
                continue;
            }
            if item.decision != choice.was {
                return Err(AdministrationError::Stale);
            }
            detail.push(json!({
                "user": item.user,
                "group": item.group_name,
                "before": item.decision.map(ItemDecision::as_str),
                "after": choice.decision.as_str(),
            }));
            decided.push((item.position, choice.decision));
        }
        if decided.is_empty() {
            return Ok(());
        }
        for decision in [ItemDecision::Keep, ItemDecision::Remove] {
            let chosen = decided.iter().filter(|(_, to)| *to == decision);
            let chosen: Vec<i32> = chosen.map(|(position, _)| *position).collect();
            if !chosen.is_empty() {
                let by = self.actor_id();
                change.tx.decide_review_items(id, (&chosen, decision), by, self.now).await?;
            }
        }
        record(&mut change, &review, AuditAction::ReviewDecided, json!({ "decided": detail }));
        change.commit().await
    }

    /// Notes that the evidence of a review leaves the portal.
    ///
    /// # Errors
    /// [`AdministrationError`].
    pub async fn export_review(&self, id: Uuid, form: &str) -> Done<AccessReview> {
        let missing = || AdministrationError::Missing("review");
        let review = self.store.find_access_review(id).await?.ok_or_else(missing)?;
        let mut change = self.change(Some(review.third_party)).await?;
        change.permit(Action::ViewAccessReview, &object_of_review(&review))?;
        record(&mut change, &review, AuditAction::ReviewExported, json!({ "form": form }));
        change.commit().await?;
        Ok(review)
    }

    /// How many administrators could decide on a membership of the actor's own.
    pub(super) async fn other_reviewers(
        &self,
        change: &Change<'_>,
        review: &AccessReview,
    ) -> Done<usize> {
        let (level, application) = (&review.level, review.application);
        let all = change.tx.list_application_administrators(level, application, self.now).await?;
        Ok(all.into_iter().filter(|user| Some(*user) != self.actor_id()).count())
    }

    /// Tells whoever is in charge of access to the application at the level.
    pub(super) async fn tell_reviewers(
        &self,
        change: &mut Change<'_>,
        review: &AccessReview,
        kind: NoticeKind,
    ) -> Done<()> {
        let audience = Audience::AccessAdministrators(review.application);
        let told = change.in_charge(&review.level, audience, &[]).await?;
        let facts = facts_of(review, change.facts());
        change.tell_all(&told, kind, &facts).await
    }

    /// Begins a change to a review, if the actor may decide in it.
    pub(super) async fn change_review(&self, id: Uuid) -> Done<(Change<'_>, AccessReview)> {
        let missing = || AdministrationError::Missing("review");
        let review = self.store.find_access_review(id).await?.ok_or_else(missing)?;
        let change = self.change(Some(review.third_party)).await?;
        let review = change.tx.find_access_review(id).await?.ok_or_else(missing)?;
        change.permit(Action::ReviewAccess, &object_of_review(&review))?;
        Ok((change, review))
    }
}

fn check_decision(review: &AccessReview, is_own: bool, others: usize) -> Done<()> {
    let checked = access_review::check_decision(review.state, is_own, others);
    checked.map_err(|error| AdministrationError::Rule(Rule::Review(error)))
}

/// Notes an audit event on a review.
pub(super) fn record(
    change: &mut Change<'_>,
    review: &AccessReview,
    action: AuditAction,
    detail: serde_json::Value,
) {
    change.record(action, format!("access_review:{}", review.id), Some(review.level_id), detail);
}

/// The facts of a notice on a review.
pub(super) fn facts_of(review: &AccessReview, mut facts: NoticeFacts) -> NoticeFacts {
    let day = ExpirationDate::days_from(review.due_at, 0);
    facts.insert("application".to_owned(), review.application_title.clone());
    facts.insert("date".to_owned(), day.map(ExpirationDate::to_iso).unwrap_or_default());
    facts
}
