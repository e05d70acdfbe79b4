//! The end of an account (O19): deleted at once, erased after a month.

use portal_core::{
    account::UserStatus,
    administrators::Departure,
    audit::AuditAction,
    expiry::ExpirationDate,
    id::UserId,
    notice::NoticeKind,
    permission::{Action, StaffRole},
};
use serde_json::json;
use storage::{Account, NoticeFacts};

use super::{
    Administration, AdministrationError, Change, Done, Rule, audience::Audience, change::object_of,
    roles::with_person, transition::Transition,
};

/// Personal data are erased so many days after an account was deleted (O19).
pub const ERASED_AFTER_DAYS: i64 = 30;

impl Administration<'_> {
    /// Deletes an account: sessions end at every relying party, links are dead, memberships and roles end and stay
    /// known as former ones. Personal data are erased [`ERASED_AFTER_DAYS`] later.
    ///
    /// # Errors
    /// [`AdministrationError::Stale`] when the account has a newer version than the page that was confirmed; the rule
    /// of the last administrator, unless the operator gives a reason (E14, O4).
    pub async fn delete_user(&self, user: UserId, version: i64, orphan: Option<&str>) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::DeleteUser, &object_of(&account))?;
        if account.user.status == UserStatus::Deleted {
            return Err(AdministrationError::Missing("user"));
        }
        if account.user.version != version {
            return Err(AdministrationError::Stale);
        }
        change.keep_identity_administrator(&account).await?;
        change.keep_administrators(&account, Departure::Whole, orphan).await?;
        change.delete(&account).await?;
        let facts = change.facts();
        change.tell(&account, NoticeKind::AccountDeleted, facts);
        change.commit().await
    }

    /// Deletes the account of the person who acts, at the person's own wish (O19, E62): at once, as an administrator
    /// would. The person is told at the address that the account had, and so are the user administrators of the level.
    ///
    /// # Errors
    /// As [`Administration::delete_user`]; nobody can go on without a last administrator here.
    pub async fn delete_own_account(&self, version: i64) -> Done<()> {
        let user = self.actor_id().ok_or(AdministrationError::Missing("user"))?;
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::DeleteOwnAccount, &object_of(&account))?;
        if account.user.version != version {
            return Err(AdministrationError::Stale);
        }
        change.keep_identity_administrator(&account).await?;
        change.keep_administrators(&account, Departure::Whole, None).await?;
        let memberships = change.delete(&account).await?;
        let day = ExpirationDate::days_from(self.now, ERASED_AFTER_DAYS);
        let date = day.map(ExpirationDate::to_iso).unwrap_or_default();
        let facts = NoticeFacts::from([("date".to_owned(), date)]);
        change.tell(&account, NoticeKind::OwnAccountDeleted, facts);
        let mut facts = with_person(NoticeFacts::new(), &account);
        let groups = Some(memberships.join(", ")).filter(|groups| !groups.is_empty());
        facts.insert("groups".to_owned(), groups.unwrap_or_else(|| "–".to_owned()));
        let whom = (&account.level.path, Audience::UserAdministrators);
        change.tell_in_charge(whom, user, (NoticeKind::AccountDeletedByOwner, &facts)).await?;
        change.commit().await
    }

    /// Deletes an account that was invited long ago and never used (domain.md 2.4). `false` when it was used meanwhile.
    /// Whoever administers users there is told: somebody expected the person to come.
    pub async fn delete_unused(&self, user: UserId) -> Done<bool> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::DeleteUser, &object_of(&account))?;
        if account.user.status != UserStatus::Invited {
            return Ok(false);
        }
        change.delete(&account).await?;
        let facts = with_person(change.facts(), &account);
        let whom = (&account.level.path, Audience::UserAdministrators);
        change.tell_in_charge(whom, user, (NoticeKind::InvitationLapsed, &facts)).await?;
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
        let kept = |kept: bool| json!({ "personal_data": kept });
        let detail = Transition::between(kept(true), kept(false)).into_detail();
        change.record_of(&account, AuditAction::UserErased, detail);
        change.commit().await?;
        Ok(true)
    }
}

impl Change<'_> {
    /// Keeps the operator from being left without an identity administrator: nobody else can make one. Nobody but the
    /// last one itself could bring that about, since whoever deletes another is one.
    async fn keep_identity_administrator(&self, account: &Account) -> Done<()> {
        let user = account.user.id;
        if self.actor_id() != Some(user) || account.third_party.is_some() {
            return Ok(());
        }
        let left = self.tx.list_staff(StaffRole::IdentityAdmin, self.now()).await?;
        if left == [user] {
            return Err(AdministrationError::Rule(Rule::LastIdentityAdministrator));
        }
        Ok(())
    }

    /// Ends the account and everything with it. Returns the names of the groups that the person was in.
    pub(super) async fn delete(&mut self, account: &Account) -> Done<Vec<String>> {
        let (user, now) = (account.user.id, self.now());
        let step = (account.user.status, UserStatus::Deleted);
        if !self.tx.change_status(user, step, now).await? {
            return Err(AdministrationError::Rule(Rule::NotActive));
        }
        self.revoke_all_roles(account).await?;
        self.end_staff_roles(account).await?;
        let memberships = self.tx.delete_all_memberships(user, self.actor_id(), now).await?;
        self.end_everything(account).await?;
        let detail = json!({
            "before": { "status": account.user.status.as_str(), "email": account.user.email,
                "memberships": memberships },
            "after": { "status": UserStatus::Deleted.as_str() },
        });
        self.record_of(account, AuditAction::UserDeleted, detail);
        Ok(memberships)
    }
}
