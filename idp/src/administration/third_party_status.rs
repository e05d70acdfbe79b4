//! Third parties are suspended, come back, and are closed (E55, security.md 86; life cycle, domain.md 2.4).

use portal_core::{
    audit::AuditAction,
    id::ThirdPartyId,
    organisation::{Administration as Administered, ThirdPartyStatus},
    permission::Action,
};
use storage::{ThirdParty, UnfinishedTurn};

use super::{
    Administration, AdministrationError, Change, Done, Rule, object_of_third_party,
    transition::Transition, turn::Turn,
};

/// How a third party is barred.
struct Barring<'a> {
    to: ThirdPartyStatus,
    reason: &'a str,
    successor: Option<ThirdPartyId>,
}

impl Administration<'_> {
    /// Suspends a third party: its people lose everything at once, on every node. Then each of them is told; what
    /// fails of that is done by the job.
    ///
    /// # Errors
    /// [`Rule::ThirdPartyStatus`] when it is not in operation.
    pub async fn suspend_third_party(
        &self,
        id: ThirdPartyId,
        version: i64,
        reason: &str,
    ) -> Done<()> {
        let barring = Barring { to: ThirdPartyStatus::Suspended, reason, successor: None };
        self.bar(id, version, &barring).await
    }

    /// Puts a suspended third party back in operation. Nothing that was issued before comes back to life. Without
    /// administrators it is in the operator's hands until a nomination is confirmed (O4).
    ///
    /// # Errors
    /// [`Rule::ThirdPartyStatus`] when it is not suspended.
    pub async fn reactivate_third_party(
        &self,
        id: ThirdPartyId,
        version: i64,
        reason: &str,
    ) -> Done<ThirdPartyStatus> {
        self.finish_turn(id).await?;
        let (mut change, third_party) = self.change_third_party(id).await?;
        change.permit(Action::SuspendThirdParty, &object_of_third_party(&third_party))?;
        if third_party.status != ThirdPartyStatus::Suspended {
            return Err(AdministrationError::Rule(Rule::ThirdPartyStatus));
        }
        let is_staffed =
            third_party.administration == Administered::Operator || change.is_staffed(id).await?;
        let to = if is_staffed { ThirdPartyStatus::Active } else { ThirdPartyStatus::Orphaned };
        self.move_on(&change, &third_party, version, to).await?;
        // What was begun just before the suspension counted may bear a later instant than it.
        change.tx.void_all_until(id, self.now).await?;
        change.turn(&third_party, Turn::Reactivated, reason).await?;
        let moved = Transition::of_status(third_party.status.as_str(), to.as_str());
        let detail = moved.with("reason", reason).into_detail();
        change.record_on(&third_party, AuditAction::ThirdPartyReactivated, detail);
        change.commit().await?;
        Ok(to)
    }

    /// Closes a third party for good: roles are revoked, memberships end, nobody signs in again. It can name who
    /// carries on. As with a suspension, people are told once nothing opens anything any more.
    ///
    /// # Errors
    /// [`Rule::ThirdPartyStatus`] when it is closed already, [`Rule::Successor`] when that cannot carry on.
    pub async fn close_third_party(
        &self,
        id: ThirdPartyId,
        version: i64,
        reason: &str,
        successor: Option<ThirdPartyId>,
    ) -> Done<()> {
        let barring = Barring { to: ThirdPartyStatus::Closed, reason, successor };
        self.bar(id, version, &barring).await
    }

    /// Tells everybody of a third party that it was suspended or closed, writes down what each of them loses, and after
    /// a closure ends what they hold; `false` when nothing of that is left.
    pub async fn finish_turn(&self, id: ThirdPartyId) -> Done<bool> {
        if !self.store.has_unfinished_turn(id).await? {
            return Ok(false);
        }
        let (mut change, third_party) = self.change_third_party(id).await?;
        change.permit(Action::SuspendThirdParty, &object_of_third_party(&third_party))?;
        let Some(left) = change.tx.take_turn(id).await? else {
            return Ok(false);
        };
        if left.status == ThirdPartyStatus::Closed {
            change.turn(&third_party, Turn::Closed, &left.reason).await?;
            change.tx.end_all_access(id, self.actor_id(), self.now).await?;
            change.tx.end_accounts(id, self.now).await?;
        } else {
            change.turn(&third_party, Turn::Suspended, &left.reason).await?;
        }
        change.commit().await?;
        Ok(true)
    }

    /// Bars the people of a third party: in one short transaction, so that it counts within seconds however many they
    /// are (E55, security.md 86). What is left is told after it.
    async fn bar(&self, id: ThirdPartyId, version: i64, barring: &Barring<'_>) -> Done<()> {
        self.finish_turn(id).await?;
        let (mut change, third_party) = self.change_third_party(id).await?;
        change.permit(Action::SuspendThirdParty, &object_of_third_party(&third_party))?;
        if let Some(successor) = barring.successor {
            self.check_successor(&change, id, successor).await?;
            change.tx.set_successor(id, successor).await?;
        }
        self.move_on(&change, &third_party, version, barring.to).await?;
        change.tx.bar_third_party(id, self.now).await?;
        let reason = barring.reason.to_owned();
        let left = UnfinishedTurn { status: barring.to, reason };
        change.tx.leave_turn(id, &left, self.now).await?;
        let moved = Transition::of_status(third_party.status.as_str(), barring.to.as_str());
        let moved = moved.with("reason", barring.reason);
        if barring.to == ThirdPartyStatus::Closed {
            let ends = change.tx.count_access(id).await?;
            let withdrawn = change.withdraw_nominations(&third_party).await?;
            let detail = moved
                .with("successor", barring.successor.map(|successor| successor.to_string()))
                .with("memberships_ended", ends.memberships)
                .with("roles_revoked", ends.roles)
                .with("nominations_withdrawn", withdrawn)
                .into_detail();
            change.record_on(&third_party, AuditAction::ThirdPartyClosed, detail);
        } else {
            let detail = moved.into_detail();
            change.record_on(&third_party, AuditAction::ThirdPartySuspended, detail);
        }
        change.commit().await?;
        if let Err(error) = self.finish_turn(id).await {
            tracing::warn!(reason = %error, "the people of a barred third party are told later");
        }
        Ok(())
    }

    async fn check_successor(
        &self,
        change: &Change<'_>,
        id: ThirdPartyId,
        successor: ThirdPartyId,
    ) -> Done<()> {
        let found = change.tx.find_third_party(successor).await?;
        let carries_on = found.is_some_and(|found| found.status != ThirdPartyStatus::Closed);
        if successor == id || !carries_on {
            return Err(AdministrationError::Rule(Rule::Successor));
        }
        Ok(())
    }

    /// Brings a third party, of which the actor saw this version, into another state.
    pub(super) async fn move_on(
        &self,
        change: &Change<'_>,
        third_party: &ThirdParty,
        version: i64,
        to: ThirdPartyStatus,
    ) -> Done<()> {
        check_move(third_party, version, to)?;
        let moved = change.tx.move_third_party(third_party, to).await?;
        if moved { Ok(()) } else { Err(AdministrationError::Stale) }
    }
}

fn check_move(third_party: &ThirdParty, version: i64, to: ThirdPartyStatus) -> Done<()> {
    if third_party.version != version {
        return Err(AdministrationError::Stale);
    }
    if third_party.status.may_become(to) {
        Ok(())
    } else {
        Err(AdministrationError::Rule(Rule::ThirdPartyStatus))
    }
}
