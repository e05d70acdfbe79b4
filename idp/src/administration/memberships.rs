//! Memberships: the access right of the portal (manual §4).

use portal_core::{access::Group, audit::AuditAction, id::UserId, permission::Action};
use serde_json::json;
use storage::NewMembership;

use super::{Administration, Done};

impl Administration<'_> {
    /// Assigns a group membership (manual §4, I10).
    pub async fn assign_membership(&self, user: UserId, group: &Group) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        let object = change.access(&account, group.application_id).await?;
        change.permit(Action::AssignMembership, &object)?;
        let new = NewMembership {
            user,
            group: group.id,
            assigned_by: self.actor_id(),
            valid_until: None,
        };
        if change.tx.insert_membership(&new, self.now).await? {
            let detail = json!({ "group": group.name });
            change.record_of(&account, AuditAction::MembershipAssigned, detail);
        }
        change.commit().await
    }

    /// Removes a group membership (manual §4: "using the same interface").
    pub async fn remove_membership(&self, user: UserId, group: &Group) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        let object = change.access(&account, group.application_id).await?;
        change.permit(Action::AssignMembership, &object)?;
        if change.tx.delete_membership(user, group.id, self.actor_id(), self.now).await? {
            let detail = json!({ "group": group.name });
            change.record_of(&account, AuditAction::MembershipRemoved, detail);
        }
        change.commit().await
    }
}
