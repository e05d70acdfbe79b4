//! Roles of the operator's staff.

use portal_core::{
    audit::AuditAction,
    id::UserId,
    notice::NoticeKind,
    permission::{Action, StaffRole},
};
use serde_json::json;

use super::{Administration, AdministrationError, Done, Rule, change::object_of};

impl Administration<'_> {
    /// Grants a staff role. Staff sit at Root and belong to no third party (I16).
    pub async fn grant_staff_role(&self, user: UserId, role: StaffRole) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::GrantStaffRole, &object_of(&account))?;
        if account.third_party.is_some() {
            return Err(AdministrationError::Rule(Rule::StaffOfNoThirdParty));
        }
        if change.tx.insert_staff_role(user, role, self.now).await? {
            let detail = json!({ "role": role.as_str(), "before": false, "after": true });
            change.record_of(&account, AuditAction::RoleGranted, detail);
            let mut facts = change.facts();
            facts.insert("role".to_owned(), role.as_str().to_owned());
            change.tell(&account, NoticeKind::RoleGranted, facts);
            change.tx.raise_version(user).await?;
        }
        change.commit().await
    }

    /// Revokes a staff role. Nobody revokes an own one, so that one identity administrator always stays (I29).
    pub async fn revoke_staff_role(&self, user: UserId, role: StaffRole) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::GrantStaffRole, &object_of(&account))?;
        if change.tx.delete_staff_role(user, role).await? {
            let detail = json!({ "role": role.as_str(), "before": true, "after": false });
            change.record_of(&account, AuditAction::RoleRevoked, detail);
            let mut facts = change.facts();
            facts.insert("role".to_owned(), role.as_str().to_owned());
            change.tell(&account, NoticeKind::RoleRevoked, facts);
            change.tx.raise_version(user).await?;
        }
        change.commit().await
    }
}
