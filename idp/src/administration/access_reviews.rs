//! Access reviews: begun when they are due, decided and signed off by access administrators (domain.md 4.3).

use portal_core::{
    access_review::{self, ItemDecision},
    audit::AuditAction,
    expiry::ExpirationDate,
    id::{ApplicationId, ThirdPartyId, UserId},
    notice::NoticeKind,
    permission::{Action, Object},
};
use serde_json::json;
use storage::{AccessReview, ItemsWanted, NoticeFacts, ReviewItem, StorageError};
use uuid::Uuid;

use super::{
    Administration, AdministrationError, Change, Done, Rule, audience::Audience,
    review_evidence::Evidence,
};

/// Memberships that are read at once.
const PAGE: u64 = 500;

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

    /// Decides on memberships under review; all of them, or none. Nothing happens to them before the sign-off.
    ///
    /// # Errors
    /// [`Rule::Review`]; [`AdministrationError::Missing`] for a position that the review does not have.
    pub async fn decide_review(&self, id: Uuid, decisions: &[(i32, ItemDecision)]) -> Done<()> {
        let (mut change, review) = self.change_review(id).await?;
        let others = self.other_reviewers(&change, &review).await?;
        let positions: Vec<i32> = decisions.iter().map(|(position, _)| *position).collect();
        let items = change.tx.list_review_items_at(id, &positions).await?;
        if items.len() != positions.len() {
            return Err(AdministrationError::Missing("membership"));
        }
        let mut detail = Vec::new();
        for item in &items {
            let is_own = self.actor_id() == Some(item.user);
            access_review::check_decision(review.state, is_own, others)
                .map_err(|error| AdministrationError::Rule(Rule::Review(error)))?;
            let after = decisions.iter().find(|(at, _)| *at == item.position).map(|(_, to)| *to);
            detail.push(json!({
                "user": item.user,
                "group": item.group_name,
                "before": item.decision.map(ItemDecision::as_str),
                "after": after.map(ItemDecision::as_str),
            }));
        }
        for decision in [ItemDecision::Keep, ItemDecision::Remove] {
            let chosen = decisions.iter().filter(|(_, to)| *to == decision);
            let chosen: Vec<i32> = chosen.map(|(position, _)| *position).collect();
            if !chosen.is_empty() {
                let by = self.actor_id();
                change.tx.decide_review_items(id, (&chosen, decision), by, self.now).await?;
            }
        }
        record(&mut change, &review, AuditAction::ReviewDecided, json!({ "decided": detail }));
        change.commit().await
    }

    /// Signs a review off: removals take effect, what lapsed and is to be kept counts again, and the evidence gets
    /// its digest. Returns how many memberships were removed.
    ///
    /// # Errors
    /// [`Rule::Review`] when something waits for a decision, or it was signed off before.
    pub async fn sign_off_review(&self, id: Uuid) -> Done<usize> {
        let (mut change, review) = self.change_review(id).await?;
        let progress = change.tx.review_progress(id).await?;
        access_review::check_sign_off(review.state, progress)
            .map_err(|error| AdministrationError::Rule(Rule::Review(error)))?;
        let removed = self.remove_decided(&mut change, &review).await?;
        let others = change.of_one_hand_under(&review).await?;
        let restored = change.tx.restore_confirmed(&review, &others).await?;
        let mut facts = change.facts();
        facts.insert("groups".to_owned(), review.application_title.clone());
        change.tell_all(&restored, NoticeKind::AccessConfirmed, &facts).await?;
        let digest = self.digest(&change, &review).await?;
        if !change.tx.sign_off_access_review(id, self.actor_id(), &digest, self.now).await? {
            return Err(AdministrationError::Stale);
        }
        let detail = json!({
            "before": review.state.as_str(),
            "kept": progress.kept,
            "removed": removed,
            "restored": restored.len(),
            "digest": digest,
        });
        record(&mut change, &review, AuditAction::ReviewSignedOff, detail);
        change.commit().await?;
        Ok(removed)
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

    async fn change_review(&self, id: Uuid) -> Done<(Change<'_>, AccessReview)> {
        let missing = || AdministrationError::Missing("review");
        let review = self.store.find_access_review(id).await?.ok_or_else(missing)?;
        let change = self.change(Some(review.third_party)).await?;
        let review = change.tx.find_access_review(id).await?.ok_or_else(missing)?;
        change.permit(Action::ReviewAccess, &object_of_review(&review))?;
        Ok((change, review))
    }

    /// Removes what was decided so and is still what was looked at. Each person is told once.
    async fn remove_decided(&self, change: &mut Change<'_>, review: &AccessReview) -> Done<usize> {
        let mut removed: Vec<(UserId, String)> = Vec::new();
        let mut wanted = ItemsWanted {
            decision: Some(ItemDecision::Remove),
            limit: PAGE,
            ..ItemsWanted::default()
        };
        loop {
            let items = change.tx.list_review_items(review.id, &wanted).await?;
            let Some(last) = items.last() else {
                break;
            };
            wanted.after = last.position;
            for item in &items {
                if self.remove_one(change, review, item).await? {
                    removed.push((item.user, item.group_name.clone()));
                }
            }
        }
        let count = removed.len();
        let mut people: Vec<UserId> = removed.iter().map(|(user, _)| *user).collect();
        people.dedup();
        for account in change.tx.list_accounts(&people).await? {
            let groups = removed.iter().filter(|(user, _)| *user == account.user.id);
            let groups: Vec<&str> = groups.map(|(_, group)| group.as_str()).collect();
            let mut facts = change.facts();
            facts.insert("groups".to_owned(), groups.join(", "));
            change.tell(&account, NoticeKind::MembershipRemoved, facts);
        }
        Ok(count)
    }

    async fn remove_one(
        &self,
        change: &mut Change<'_>,
        review: &AccessReview,
        item: &ReviewItem,
    ) -> Done<bool> {
        let by = item.decided_by;
        if !change.tx.is_as_reviewed(item).await?
            || !change.tx.delete_membership(item.user, item.group, by, self.now).await?
        {
            return Ok(false);
        }
        let detail = json!({ "group": item.group_name, "review": review.id, "decided_by": by });
        let object = format!("user:{}", item.user);
        change.record(AuditAction::MembershipRemoved, object, Some(review.level_id), detail);
        Ok(true)
    }

    async fn digest(&self, change: &Change<'_>, review: &AccessReview) -> Done<String> {
        let mut evidence = Evidence::begin(review);
        let mut wanted = ItemsWanted { limit: PAGE, ..ItemsWanted::default() };
        loop {
            let items = change.tx.list_review_items(review.id, &wanted).await?;
            let Some(last) = items.last() else {
                return Ok(evidence.finish());
            };
            wanted.after = last.position;
            for item in &items {
                evidence.add(item);
            }
        }
    }
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
