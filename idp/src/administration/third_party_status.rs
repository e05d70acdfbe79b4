//! Third parties are suspended, come back, and are closed (E55, security.md 86; life cycle, domain.md 2.4).

use portal_core::{
    audit::AuditAction,
    id::ThirdPartyId,
    organisation::{Administration as Administered, ThirdPartyStatus},
    permission::Action,
};
use serde_json::json;
use storage::ThirdParty;

use super::{
    Administration, AdministrationError, Change, Done, Rule, object_of_third_party, turn::Turn,
};

impl Administration<'_> {
    /// Suspends a third party: its people lose everything at once, on every node.
    ///
    /// # Errors
    /// [`Rule::ThirdPartyStatus`] when it is not in operation.
    pub async fn suspend_third_party(
        &self,
        id: ThirdPartyId,
        version: i64,
        reason: &str,
    ) -> Done<()> {
        self.bar_at_once(id, version, (ThirdPartyStatus::Suspended, None)).await?;
        let (mut change, third_party) = self.change_third_party(id).await?;
        change.permit(Action::SuspendThirdParty, &object_of_third_party(&third_party))?;
        self.move_on(&change, &third_party, version, ThirdPartyStatus::Suspended).await?;
        change.tx.bar_third_party(id, self.now).await?;
        change.turn(&third_party, Turn::Suspended, reason).await?;
        let detail = json!({ "before": third_party.status.as_str(), "reason": reason });
        change.record_on(&third_party, AuditAction::ThirdPartySuspended, detail);
        change.commit().await
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
        let (mut change, third_party) = self.change_third_party(id).await?;
        change.permit(Action::SuspendThirdParty, &object_of_third_party(&third_party))?;
        if third_party.status != ThirdPartyStatus::Suspended {
            return Err(AdministrationError::Rule(Rule::ThirdPartyStatus));
        }
        let is_staffed = third_party.administration == Administered::Operator
            || change.has_user_administrator(id).await?;
        let to = if is_staffed { ThirdPartyStatus::Active } else { ThirdPartyStatus::Orphaned };
        self.move_on(&change, &third_party, version, to).await?;
        change.turn(&third_party, Turn::Reactivated, reason).await?;
        let detail = json!({ "after": to.as_str(), "reason": reason });
        change.record_on(&third_party, AuditAction::ThirdPartyReactivated, detail);
        change.commit().await?;
        Ok(to)
    }

    /// Closes a third party for good: roles are revoked, memberships end, nobody signs in again. It can name who
    /// carries on.
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
        self.bar_at_once(id, version, (ThirdPartyStatus::Closed, successor)).await?;
        let (mut change, third_party) = self.change_third_party(id).await?;
        change.permit(Action::SuspendThirdParty, &object_of_third_party(&third_party))?;
        if let Some(successor) = successor {
            self.check_successor(&change, id, successor).await?;
            change.tx.set_successor(id, successor).await?;
        }
        self.move_on(&change, &third_party, version, ThirdPartyStatus::Closed).await?;
        change.turn(&third_party, Turn::Closed, reason).await?;
        change.tx.bar_third_party(id, self.now).await?;
        let ended = change.tx.end_all_access(id, self.actor_id(), self.now).await?;
        let withdrawn = change.tx.withdraw_nominations(id, self.now).await?;
        change.tx.end_accounts(id, self.now).await?;
        let detail = json!({
            "before": third_party.status.as_str(),
            "reason": reason,
            "successor": successor.map(|successor| successor.to_string()),
            "memberships_ended": ended.memberships,
            "roles_revoked": ended.roles,
            "nominations_withdrawn": withdrawn,
        });
        change.record_on(&third_party, AuditAction::ThirdPartyClosed, detail);
        change.commit().await
    }

    /// Ends at once what the people of a third party are signed in by, and the links that were sent, once it is known that
    /// the change can be made. What follows writes down what each of them loses, which takes a while where there are many.
    async fn bar_at_once(
        &self,
        id: ThirdPartyId,
        version: i64,
        (to, successor): (ThirdPartyStatus, Option<ThirdPartyId>),
    ) -> Done<()> {
        let (mut change, third_party) = self.change_third_party(id).await?;
        change.permit(Action::SuspendThirdParty, &object_of_third_party(&third_party))?;
        if let Some(successor) = successor {
            self.check_successor(&change, id, successor).await?;
        }
        check_move(&third_party, version, to)?;
        change.tx.bar_third_party(id, self.now).await?;
        let detail = json!({ "signed_out": true, "becomes": to.as_str() });
        change.record_on(&third_party, AuditAction::ThirdPartyModified, detail);
        change.commit().await
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
