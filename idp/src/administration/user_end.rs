//! The end of an account (O19): deleted at once, erased after a month.

use portal_core::{
    account::UserStatus,
    administrators::{Departure, RoleKind},
    audit::AuditAction,
    id::UserId,
    notice::NoticeKind,
    permission::Action,
};
use serde_json::{Value, json};
use storage::Account;

use super::{Administration, AdministrationError, Change, Done, Rule, change::object_of};

/// What ends with an account; the dialog names it before (E73, E68).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consequences {
    /// Names of the groups.
    pub memberships: Vec<String>,
    /// Delegated roles.
    pub roles: Vec<RoleKind>,
}

impl Administration<'_> {
    /// Deletes an account: sessions end at every relying party, links are dead, memberships and roles end and stay
    /// known as former ones. Personal data are erased 30 days later.
    ///
    /// # Errors
    /// [`AdministrationError::Stale`] when the account has a newer version than the page that was confirmed; the rule
    /// of the last administrator, unless the operator gives a reason (E14, O4).
    pub async fn delete_user(
        &self,
        user: UserId,
        version: i64,
        orphan: Option<&str>,
    ) -> Done<Consequences> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::DeleteUser, &object_of(&account))?;
        if account.user.status == UserStatus::Deleted {
            return Err(AdministrationError::Missing("user"));
        }
        if account.user.version != version {
            return Err(AdministrationError::Stale);
        }
        change.keep_administrators(&account, Departure::Whole, orphan).await?;
        let ended = change.delete(&account).await?;
        let facts = change.facts();
        change.tell(&account, NoticeKind::AccountDeleted, facts);
        change.commit().await?;
        Ok(ended)
    }

    /// Deletes an account that was invited long ago and never used (domain.md 2.4). `false` when it was used meanwhile.
    pub async fn delete_unused(&self, user: UserId) -> Done<bool> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::DeleteUser, &object_of(&account))?;
        if account.user.status != UserStatus::Invited {
            return Ok(false);
        }
        change.delete(&account).await?;
        change.commit().await?;
        Ok(true)
    }

    /// Erases the personal data of an account that was deleted long ago (O19). `false` when it was done before.
    pub async fn erase_user(&self, user: UserId) -> Done<bool> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::DeleteUser, &object_of(&account))?;
        if !change.tx.erase_user(user).await? {
            return Ok(false);
        }
        change.record_of(&account, AuditAction::UserErased, Value::Null);
        change.commit().await?;
        Ok(true)
    }
}

impl Change<'_> {
    pub(super) async fn delete(&mut self, account: &Account) -> Done<Consequences> {
        let (user, now) = (account.user.id, self.now());
        let step = (account.user.status, UserStatus::Deleted);
        if !self.tx.change_status(user, step, now).await? {
            return Err(AdministrationError::Rule(Rule::NotActive));
        }
        let roles = self.revoke_all_roles(account).await?;
        let memberships = self.tx.delete_all_memberships(user, self.actor_id(), now).await?;
        self.end_everything(account).await?;
        let detail = json!({
            "before": { "status": account.user.status.as_str(), "email": account.user.email,
                "memberships": memberships },
            "after": { "status": UserStatus::Deleted.as_str() },
        });
        self.record_of(account, AuditAction::UserDeleted, detail);
        Ok(Consequences { memberships, roles: roles.iter().map(|role| role.kind).collect() })
    }
}
