//! The sign-off of an access review: removals take effect, what lapsed and is kept counts again, and the evidence gets
//! its digest (domain.md 4.3).

use std::collections::HashSet;

use portal_core::{
    access_review::{self, ItemDecision},
    audit::AuditAction,
    id::UserId,
    notice::NoticeKind,
};
use serde_json::json;
use storage::{AccessReview, ItemsWanted, ReviewItem};
use uuid::Uuid;

use super::{
    Administration, AdministrationError, Change, Done, Rule,
    access_reviews::record,
    review_evidence::{self, Evidence},
    review_people::ReviewPeople,
};

/// Memberships that are read at once.
const PAGE: u64 = 500;

impl Administration<'_> {
    /// Signs a review off: removals take effect, what lapsed and is to be kept counts again, and the evidence gets
    /// its digest. `known` is [`review_evidence::mark`] of the decisions that the actor looked at; `None` for whoever
    /// looked at none. Returns how many memberships were removed.
    ///
    /// # Errors
    /// [`Rule::Review`] when something waits for a decision, or it was signed off before;
    /// [`AdministrationError::Stale`] when the decisions are others by now.
    pub async fn sign_off_review(&self, id: Uuid, known: Option<&str>) -> Done<usize> {
        let (mut change, review) = self.change_review(id).await?;
        let progress = change.tx.review_progress(id).await?;
        access_review::check_sign_off(review.state, progress)
            .map_err(|error| AdministrationError::Rule(Rule::Review(error)))?;
        if let Some(known) = known {
            let removals = change.tx.list_review_removals(id).await?;
            if review_evidence::mark(review.state, &removals) != known {
                return Err(AdministrationError::Stale);
            }
        }
        let removed = self.remove_decided(&mut change, &review).await?;
        let restored = restore_kept(&mut change, &review).await?;
        let digest = digest(&change, &review).await?;
        if !change.tx.sign_off_access_review(id, self.actor_id(), &digest, self.now).await? {
            return Err(AdministrationError::Stale);
        }
        let detail = json!({
            "before": review.state.as_str(),
            "kept": progress.kept,
            "removed": removed,
            "restored": restored,
            "digest": digest,
        });
        record(&mut change, &review, AuditAction::ReviewSignedOff, detail);
        change.commit().await?;
        Ok(removed)
    }

    /// Removes what was decided so and is still what was looked at. Each person is told once.
    async fn remove_decided(&self, change: &mut Change<'_>, review: &AccessReview) -> Done<usize> {
        let mut people = ReviewPeople::default();
        let mut count = 0;
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
            people.load(change, items.iter().map(|item| item.user)).await?;
            let positions: Vec<i32> = items.iter().map(|item| item.position).collect();
            let as_reviewed = change.tx.list_as_reviewed(review.id, &positions).await?;
            for item in items.iter().filter(|item| as_reviewed.contains(&item.position)) {
                let (by, now) = (item.decided_by, self.now);
                if change.tx.delete_membership(item.user, item.group, by, now).await? {
                    note_removal(change, &mut people, (review, item))?;
                    count += 1;
                }
            }
        }
        let facts = change.facts();
        people.tell(change, NoticeKind::MembershipRemoved, &facts);
        Ok(count)
    }
}

/// The trail of the person says what was lost: it is filed at the person's level, as any removal is (O20).
fn note_removal(
    change: &mut Change<'_>,
    people: &mut ReviewPeople,
    (review, item): (&AccessReview, &ReviewItem),
) -> Done<()> {
    let detail = json!({
        "group": item.group_name,
        "application": review.application_code,
        "review": review.id,
        "decided_by": item.decided_by,
        "before": { "until": item.valid_until },
        "after": null,
    });
    let account = people.note(item.user, &item.group_name)?;
    change.record_of(account, AuditAction::MembershipRemoved, detail);
    Ok(())
}

/// What lapsed and is kept counts again, but for people for whom the actor is no second administrator. Each is told,
/// and each membership has an entry in the trail of its person.
async fn restore_kept(change: &mut Change<'_>, review: &AccessReview) -> Done<usize> {
    let others: HashSet<UserId> = change.of_one_hand_under(review).await?.into_iter().collect();
    let restored = change.tx.restore_confirmed(review, &others).await?;
    let mut people = ReviewPeople::default();
    people.load(change, restored.iter().map(|one| one.user)).await?;
    for one in &restored {
        let detail = json!({
            "group": one.group,
            "application": review.application_code,
            "review": review.id,
            "before": "dormant",
            "after": "counts",
        });
        let account = people.note(one.user, &one.group)?;
        change.record_of(account, AuditAction::MembershipConfirmed, detail);
    }
    let facts = change.facts();
    people.tell(change, NoticeKind::AccessConfirmed, &facts);
    Ok(restored.len())
}

async fn digest(change: &Change<'_>, review: &AccessReview) -> Done<String> {
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
