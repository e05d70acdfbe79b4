//! Roles of the operator's staff (I16). What one identity administrator grants, a second one confirms: four eyes of the
//! staff are four only if two people admit each of them.

use portal_core::{
    account::UserStatus,
    audit::AuditAction,
    id::UserId,
    login::Ended,
    notice::NoticeKind,
    permission::{Action, Object, StaffRole, decide},
};
use serde_json::json;
use storage::{Account, HeldStaffRole, NewStaffRole};

use super::{
    Administration, AdministrationError, Change, Decider, Done, Rule, change::object_of,
    roles::with_person,
};

/// Roles of the staff that a save grants and revokes.
#[derive(Clone, Debug, Default)]
pub struct StaffRoleChange {
    /// The version of the account that was on the page; `None` for set-up.
    pub version: Option<i64>,
    /// To be granted.
    pub grant: Vec<StaffRole>,
    /// To be revoked.
    pub revoke: Vec<StaffRole>,
}

impl Administration<'_> {
    /// Grants and revokes roles of the staff: all of it or nothing. Staff sit at Root and belong to no third party
    /// (I16). Nobody changes the own roles, so that one identity administrator always stays (I29).
    ///
    /// # Errors
    /// [`AdministrationError::Stale`] when the account has a newer version; [`Rule::StaffOfNoThirdParty`].
    pub async fn change_staff_roles(&self, user: UserId, wanted: &StaffRoleChange) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::GrantStaffRole, &object_of(&account))?;
        if account.user.status == UserStatus::Deleted {
            return Err(AdministrationError::Missing("user"));
        }
        if account.third_party.is_some() {
            return Err(AdministrationError::Rule(Rule::StaffOfNoThirdParty));
        }
        if wanted.version.is_some_and(|version| version != account.user.version) {
            return Err(AdministrationError::Stale);
        }
        for role in &wanted.grant {
            change.grant_staff_role(&account, *role).await?;
        }
        for role in &wanted.revoke {
            change.revoke_staff_role(&account, *role).await?;
        }
        change.tx.raise_version(user).await?;
        change.commit().await
    }

    /// Who could confirm something that waits of a member of the staff, by the permission table: not whoever granted it,
    /// nor whoever had a hand in replacing the sign-in data. In the order of the addresses.
    ///
    /// # Errors
    /// [`AdministrationError::Missing`] for nobody known.
    pub async fn list_staff_confirmers(&self, user: UserId) -> Done<Vec<Account>> {
        let (change, account) = self.change_user(user).await?;
        let mut waiting = change.tx.list_staff_roles(user).await?;
        waiting.retain(|held| held.dormant_at.is_some());
        let questions: Vec<_> =
            waiting.iter().map(|held| Decider::staff_question(&account, held)).collect();
        let colleagues = change.tx.list_staff(StaffRole::IdentityAdmin, self.now).await?;
        let mut able = Vec::new();
        for colleague in change.tx.list_accounts(&colleagues).await? {
            let actor = change.tx.actor(&colleague).await?;
            let may = |(action, object): &(Action, Object)| {
                decide(&actor, *action, object, self.now).is_allowed()
            };
            if questions.iter().any(may) {
                able.push(colleague);
            }
        }
        able.sort_by(|one, other| one.user.email.cmp(&other.user.email));
        Ok(able)
    }

    /// Grants one role of the staff.
    ///
    /// # Errors
    /// As [`Administration::change_staff_roles`].
    pub async fn grant_staff_role(&self, user: UserId, role: StaffRole) -> Done<()> {
        let change = StaffRoleChange { grant: vec![role], ..StaffRoleChange::default() };
        self.change_staff_roles(user, &change).await
    }
}

impl Change<'_> {
    /// Grants a role of the staff. By a person, it waits for a second one.
    pub(super) async fn grant_staff_role(
        &mut self,
        account: &Account,
        role: StaffRole,
    ) -> Done<()> {
        let user = account.user.id;
        let new = NewStaffRole { user, role, granted_by: self.actor_id() };
        if !self.tx.insert_staff_role(&new, self.now()).await? {
            return Ok(());
        }
        let waits = new.granted_by.is_some();
        let detail =
            json!({ "role": role.as_str(), "before": false, "after": true, "waits": waits });
        self.record_of(account, AuditAction::StaffRoleGranted, detail);
        let mut facts = self.facts();
        facts.insert("role".to_owned(), role.as_str().to_owned());
        if waits {
            self.tell(account, NoticeKind::StaffRoleGiven, facts.clone());
            let facts = with_person(facts, account);
            return self.tell_staff(NoticeKind::StaffRoleWaits, &facts).await;
        }
        self.tell(account, NoticeKind::RoleGranted, facts);
        Ok(())
    }

    /// Revokes a role of the staff. Whoever is signed in by it is not any more.
    async fn revoke_staff_role(&mut self, account: &Account, role: StaffRole) -> Done<()> {
        let (user, now) = (account.user.id, self.now());
        if !self.tx.delete_staff_role(user, role).await? {
            return Ok(());
        }
        self.tx.end_logins(user, Ended::PasswordChanged, now).await?;
        self.tx.end_all_sessions(user, now).await?;
        let detail = json!({ "role": role.as_str(), "before": true, "after": false });
        self.record_of(account, AuditAction::StaffRoleRevoked, detail);
        let mut facts = self.facts();
        facts.insert("role".to_owned(), role.as_str().to_owned());
        self.tell(account, NoticeKind::RoleRevoked, facts);
        Ok(())
    }

    /// The roles of the staff end with the account. What counted stays stored, by which it is known later what its holder
    /// gave; nobody acts by a deleted account.
    pub(super) async fn end_staff_roles(&mut self, account: &Account) -> Done<()> {
        for held in self.tx.list_staff_roles(account.user.id).await? {
            if held.is_new() {
                self.revoke_staff_role(account, held.role).await?;
                continue;
            }
            let detail = json!({ "role": held.role.as_str(), "before": true, "after": false });
            self.record_of(account, AuditAction::StaffRoleRevoked, detail);
        }
        Ok(())
    }

    /// Confirms a role of the staff that waits, or takes it away.
    pub(super) async fn decide_staff_role(
        &mut self,
        account: &Account,
        (held, confirm): (&HeldStaffRole, bool),
    ) -> Done<()> {
        let role = held.role;
        if !confirm {
            return self.revoke_staff_role(account, role).await;
        }
        self.tx.wake_staff_role(account.user.id, role).await?;
        let detail = json!({
            "role": role.as_str(),
            "before": { "dormant_at": held.dormant_at.map(portal_core::Timestamp::millis) },
            "after": { "dormant_at": null },
        });
        self.record_of(account, AuditAction::RoleConfirmed, detail);
        let mut facts = self.facts();
        facts.insert("role".to_owned(), role.as_str().to_owned());
        let kind =
            if held.is_new() { NoticeKind::RoleGranted } else { NoticeKind::AccessConfirmed };
        self.tell(account, kind, facts);
        Ok(())
    }
}
