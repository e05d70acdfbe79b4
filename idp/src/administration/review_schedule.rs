//! What becomes of access reviews by themselves: they begin, remind and lapse. Called by the job.

use portal_core::{
    access_review::{self, Next},
    audit::AuditAction,
    notice::NoticeKind,
    permission::StaffRole,
};
use serde_json::json;
use storage::{AccessReview, ReviewDue};

use super::{
    Administration, AdministrationError, Done, Rule,
    access_reviews::{facts_of, record},
    audience::Audience,
    review_people::ReviewPeople,
};

/// Reviews that are looked at in one go.
const AT_ONCE: u64 = 100;

impl Administration<'_> {
    /// Begins the reviews that are due; one portion of them, and the rest next time. Returns how many were begun. Those
    /// that cannot begin do not hold up the others, however many they are.
    pub async fn begin_due_reviews(&self) -> Done<usize> {
        let (mut begun, mut after) = (0, None);
        while begun == 0 {
            let due = self.store.list_reviews_due(self.now, after, AT_ONCE).await?;
            let Some(last) = due.last() else {
                break;
            };
            after = Some((last.third_party, last.application));
            for due in &due {
                begun += usize::from(self.begin_due_review(due).await);
            }
        }
        Ok(begun)
    }

    /// Begins one, and returns whether that could be done.
    async fn begin_due_review(&self, due: &ReviewDue) -> bool {
        let (third_party, application) = (due.third_party, due.application);
        match self.begin_access_review(third_party, application).await {
            Ok(_) => true,
            // Another node was first, or the last membership has just gone.
            Err(AdministrationError::Stale | AdministrationError::Rule(Rule::NothingToReview)) => {
                false
            }
            Err(error) => {
                tracing::warn!(%third_party, %application, reason = %error, "a review cannot begin");
                false
            }
        }
    }

    /// Reminds of the open reviews that are near their end, and lets those lapse that have reached it. One that cannot
    /// go on does not stop the others.
    pub async fn advance_reviews(&self) -> Done<()> {
        let first = access_review::REMINDERS.into_iter().max().unwrap_or_default();
        let until = self.now.plus_seconds(first * 24 * 60 * 60);
        let mut after = None;
        loop {
            let open = self.store.list_open_access_reviews(until, after, AT_ONCE).await?;
            let Some(last) = open.last() else {
                return Ok(());
            };
            after = Some(last.id);
            for review in &open {
                let moved = match access_review::next(review.due_at, review.reminded, self.now) {
                    Next::Wait => Ok(()),
                    Next::Remind(reminded) => self.remind(review, reminded).await,
                    Next::Lapse => self.lapse(review).await,
                };
                if let Err(error) = moved {
                    tracing::warn!(review = %review.id, reason = %error, "a review cannot go on");
                }
            }
        }
    }

    async fn remind(&self, review: &AccessReview, reminded: i32) -> Done<()> {
        let mut change = self.change(Some(review.third_party)).await?;
        if change.tx.note_review_reminder(review, reminded).await? {
            self.tell_reviewers(&mut change, review, NoticeKind::ReviewDue).await?;
            change.commit().await?;
        }
        Ok(())
    }

    /// What nobody confirmed becomes dormant, a portion at a time, so that nobody else waits long. Then everybody who
    /// can do something about it is told.
    async fn lapse(&self, review: &AccessReview) -> Done<()> {
        while self.suspend_some(review).await? {}
        let mut change = self.change(Some(review.third_party)).await?;
        if change.tx.lapse_access_review(review.id).await? {
            let progress = change.tx.review_progress(review.id).await?;
            let not_confirmed = progress.total - progress.kept;
            let detail = json!({ "kept": progress.kept, "not_confirmed": not_confirmed });
            record(&mut change, review, AuditAction::ReviewLapsed, detail);
            let audience = Audience::AccessAdministrators(review.application);
            let mut told = change.in_charge(&review.level, audience, &[]).await?;
            // Staff may be in charge themselves; nobody is told twice.
            told.extend(change.tx.list_staff(StaffRole::IdentityAdmin, change.now()).await?);
            told.sort_unstable();
            told.dedup();
            let facts = facts_of(review, change.facts());
            change.tell_all(&told, NoticeKind::ReviewLapsed, &facts).await?;
            change.commit().await?;
        }
        Ok(())
    }

    /// Suspends a portion; `false` when nothing is left. The people are told.
    async fn suspend_some(&self, review: &AccessReview) -> Done<bool> {
        let mut change = self.change(Some(review.third_party)).await?;
        let suspended = change.tx.suspend_unconfirmed(review, self.now).await?;
        let mut people = ReviewPeople::default();
        people.load(&change, suspended.iter().map(|(user, _)| *user)).await?;
        for (user, group) in &suspended {
            let detail = json!({
                "group": group,
                "application": review.application_code,
                "review": review.id,
                "before": "counts",
                "after": "dormant",
            });
            let account = people.note(*user, group)?;
            change.record_of(account, AuditAction::ReviewLapsed, detail);
        }
        let facts = facts_of(review, change.facts());
        people.tell(&mut change, NoticeKind::AccessUnconfirmed, &facts);
        change.commit().await?;
        Ok(!suspended.is_empty())
    }
}
