//! What is done with an account that stays: suspended and reinstated, unlocked, invited again (domain.md 2.4).

use portal_core::{
    Timestamp, account::UserStatus, administrators::Departure, audit::AuditAction,
    failures::CodeFailures, id::UserId, login::Ended, notice::NoticeKind,
    one_time_link::LinkPurpose, permission::Action,
};
use serde_json::{Value, json};
use storage::{Account, Digest};

use super::{
    Administration, AdministrationError, Change, Done, Rule, change::object_of,
    transition::Transition,
};

/// Why an account is suspended.
#[derive(Clone, Copy, Debug, Default)]
pub struct Suspension<'a> {
    /// The version of the account that was on the page; `None` for jobs and set-up.
    pub version: Option<i64>,
    /// What the person is told; may be empty.
    pub reason: &'a str,
    /// The operator's reason to go on when nobody is left to administer (O4).
    pub orphan: Option<&'a str>,
}

impl Administration<'_> {
    /// Ends an account for now: sessions end at every relying party, delegated roles end, memberships wait.
    ///
    /// # Errors
    /// [`AdministrationError::Stale`] when the account has a newer version than the page that was confirmed;
    /// [`Rule::NotActive`]; that of the last administrator (E14, E68), unless the operator gives a reason (O4).
    pub async fn suspend_user(&self, user: UserId, suspension: Suspension<'_>) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::SuspendUser, &object_of(&account))?;
        if suspension.version.is_some_and(|seen| seen != account.user.version) {
            return Err(AdministrationError::Stale);
        }
        change.suspend(&account, suspension).await?;
        let mut facts = change.facts();
        facts.insert("reason".to_owned(), suspension.reason.to_owned());
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
        let detail = Transition::of_status(step.0.as_str(), step.1.as_str()).into_detail();
        change.record_of(&account, AuditAction::UserReinstated, detail);
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
        let failures = change.tx.code_failures(user).await?;
        if !failures.bars(self.now) {
            return Err(AdministrationError::Rule(Rule::NotLocked));
        }
        change.tx.clear_code_failures(user).await?;
        let unlocked = Transition::between(lock(failures), lock(CodeFailures::default()));
        change.record_of(&account, AuditAction::UserUnlocked, unlocked.into_detail());
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
        let detail = change.issue_activation(&account, link).await?.into_detail();
        change.record_of(&account, AuditAction::ActivationIssued, detail);
        change.commit().await?;
        Ok(account)
    }
}

impl Change<'_> {
    /// What [`Administration::suspend_user`] does, without its notice.
    pub(super) async fn suspend(
        &mut self,
        account: &Account,
        suspension: Suspension<'_>,
    ) -> Done<()> {
        self.keep_administrators(account, Departure::Whole, suspension.orphan).await?;
        let step = (UserStatus::Active, UserStatus::Suspended);
        if !self.tx.change_status(account.user.id, step, self.now()).await? {
            return Err(AdministrationError::Rule(Rule::NotActive));
        }
        self.revoke_all_roles(account).await?;
        self.end_everything(account).await?;
        let detail = Transition::of_status(step.0.as_str(), step.1.as_str())
            .with("reason", suspension.reason)
            .into_detail();
        self.record_of(account, AuditAction::UserSuspended, detail);
        Ok(())
    }

    /// Stores the link that activates an account. One from before is dead; whether it could still be used, the trail
    /// knows.
    pub(super) async fn issue_activation(
        &self,
        account: &Account,
        link: &Digest,
    ) -> Done<Transition> {
        let user = account.user.id;
        let link_before = self.tx.find_link_of(LinkPurpose::Activation, user.0, self.now()).await?;
        self.insert_activation(user, link).await?;
        let status = account.user.status.as_str();
        let state = |has_link: bool| json!({ "status": status, "link": has_link });
        Ok(Transition::between(state(link_before.is_some()), state(true)))
    }

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

/// What wrong codes have brought about.
fn lock(failures: CodeFailures) -> Value {
    json!({
        "failures": failures.consecutive,
        "until": failures.locked_until.map(Timestamp::millis),
        "suspended_at": failures.suspended_at.map(Timestamp::millis),
    })
}
