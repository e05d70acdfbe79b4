//! What is done with an account that stays: suspended and reinstated, unlocked, invited again (domain.md 2.4).

use portal_core::{
    account::UserStatus, administrators::Departure, audit::AuditAction, id::UserId, login::Ended,
    notice::NoticeKind, one_time_link::LinkPurpose, permission::Action,
};
use serde_json::{Value, json};
use storage::{Account, Digest};

use super::{Administration, AdministrationError, Change, Done, Rule, change::object_of};

impl Administration<'_> {
    /// Ends an account for now: sessions end at every relying party, delegated roles end, memberships wait.
    ///
    /// # Errors
    /// [`Rule::NotActive`]; that of the last administrator (E14, E68).
    pub async fn suspend_user(&self, user: UserId, reason: &str) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::SuspendUser, &object_of(&account))?;
        change.keep_administrators(&account, Departure::Whole, None).await?;
        let step = (UserStatus::Active, UserStatus::Suspended);
        if !change.tx.change_status(user, step, self.now).await? {
            return Err(AdministrationError::Rule(Rule::NotActive));
        }
        change.revoke_all_roles(&account).await?;
        change.end_everything(&account).await?;
        change.record_of(&account, AuditAction::UserSuspended, json!({ "reason": reason }));
        let mut facts = change.facts();
        facts.insert("reason".to_owned(), reason.to_owned());
        change.tell(&account, NoticeKind::AccountSuspended, facts);
        change.commit().await
    }

    /// Ends a suspension. What was issued before it stays void.
    ///
    /// # Errors
    /// [`Rule::NotSuspended`].
    pub async fn reinstate_user(&self, user: UserId) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::SuspendUser, &object_of(&account))?;
        let step = (UserStatus::Suspended, UserStatus::Active);
        if !change.tx.change_status(user, step, self.now).await? {
            return Err(AdministrationError::Rule(Rule::NotSuspended));
        }
        change.record_of(&account, AuditAction::UserReinstated, Value::Null);
        let facts = change.facts();
        change.tell(&account, NoticeKind::AccountReinstated, facts);
        change.commit().await
    }

    /// Ends a lock that wrong codes caused.
    ///
    /// # Errors
    /// [`Rule::NotLocked`] when there is nothing to end.
    pub async fn unlock_user(&self, user: UserId) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::UnlockUser, &object_of(&account))?;
        if !self.store.code_failures(user).await?.bars(self.now) {
            return Err(AdministrationError::Rule(Rule::NotLocked));
        }
        change.tx.clear_code_failures(user).await?;
        change.record_of(&account, AuditAction::UserUnlocked, Value::Null);
        let facts = change.facts();
        change.tell(&account, NoticeKind::AccountUnlocked, facts);
        change.commit().await
    }

    /// "Resend activation" (O9): a new link, and the one from before is dead. The caller sends it.
    ///
    /// # Errors
    /// [`Rule::NotInvited`].
    pub async fn resend_activation(&self, user: UserId, link: &Digest) -> Done<Account> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::ResendActivation, &object_of(&account))?;
        if account.user.status != UserStatus::Invited {
            return Err(AdministrationError::Rule(Rule::NotInvited));
        }
        change.insert_activation(user, link).await?;
        change.record_of(&account, AuditAction::ActivationIssued, Value::Null);
        change.commit().await?;
        Ok(account)
    }
}

impl Change<'_> {
    /// Sessions, pending logins and links of somebody whose account ends.
    pub(super) async fn end_everything(&self, account: &Account) -> Done<()> {
        let (user, now) = (account.user.id, self.now());
        self.tx.end_logins(user, Ended::PasswordChanged, now).await?;
        self.tx.end_all_sessions(user, now).await?;
        for purpose in [LinkPurpose::Activation, LinkPurpose::NewEmail, LinkPurpose::PhoneProof] {
            self.tx.void_links(purpose, user.0, now).await?;
        }
        Ok(())
    }
}
