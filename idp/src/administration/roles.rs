//! Delegated roles (manual §5) and roles of the operator's staff.

use portal_core::{
    access::Application,
    audit::AuditAction,
    id::{ApplicationId, UserId},
    permission::{Action, StaffRole},
};
use serde_json::json;
use storage::{Account, NewDelegatedRole};

use super::{Administration, AdministrationError, Change, Done, Rule, change::object_of};

impl Administration<'_> {
    /// Grants `DelegatedUserAdmin` (manual §5, I11). Staff never hold delegated roles (I16).
    pub async fn grant_user_administrator(&self, user: UserId) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::GrantUserAdministrator, &object_of(&account))?;
        self.grant_role(&mut change, &account, None, "DelegatedUserAdmin").await?;
        change.commit().await
    }

    /// Grants `ApplicationAccessAdmin` for one application (manual §5, I11).
    pub async fn grant_access_administrator(
        &self,
        user: UserId,
        application: &Application,
    ) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        let object = change.access(&account, application.id).await?;
        change.permit(Action::GrantAccessAdministrator, &object)?;
        let name = format!("ApplicationAccessAdmin:{}", application.code);
        self.grant_role(&mut change, &account, Some(application.id), &name).await?;
        change.commit().await
    }

    /// Grants a staff role. Staff sit at Root and belong to no third party (I16).
    pub async fn grant_staff_role(&self, user: UserId, role: StaffRole) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::GrantStaffRole, &object_of(&account))?;
        if account.third_party.is_some() {
            return Err(AdministrationError::Rule(Rule::StaffOfNoThirdParty));
        }
        if change.tx.insert_staff_role(user, role, self.now).await? {
            let detail = json!({ "role": role.as_str() });
            change.record_of(&account, AuditAction::RoleGranted, detail);
        }
        change.commit().await
    }

    async fn grant_role(
        &self,
        change: &mut Change<'_>,
        account: &Account,
        application: Option<ApplicationId>,
        name: &str,
    ) -> Done<()> {
        if account.third_party.is_none() {
            return Err(AdministrationError::Rule(Rule::StaffHoldNoDelegatedRole));
        }
        let role = NewDelegatedRole {
            user: account.user.id,
            level: account.level.id,
            application,
            granted_by: self.actor_id(),
            nomination: None,
        };
        if change.tx.insert_delegated_role(&role, self.now).await? {
            change.record_of(account, AuditAction::RoleGranted, json!({ "role": name }));
        }
        Ok(())
    }
}
