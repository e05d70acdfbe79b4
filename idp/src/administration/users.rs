//! Accounts: who creates them and what happens to them (manual §3).

use portal_core::{
    account::{NewUser, UserStatus},
    audit::AuditAction,
    id::UserId,
    permission::{Action, Object},
};
use serde_json::{Value, json};

use storage::Digest;

use super::{Administration, AdministrationError, Change, Done, Rule};

impl Administration<'_> {
    /// Creates an account (manual §3). It is INVITED, or NOMINATED until its nomination is confirmed.
    pub async fn create_user(&self, new: &NewUser, status: UserStatus) -> Done<UserId> {
        let (change, id) = self.begin_user(new, status).await?;
        change.commit().await?;
        Ok(id)
    }

    /// Creates an INVITED account together with the link that activates it (O9). The caller sends the link once this
    /// has returned.
    /// `locale` is the language in which the person is written to until another one is known.
    pub async fn invite(&self, new: &NewUser, link: &Digest, locale: &str) -> Done<UserId> {
        let (change, id) = self.begin_user(new, UserStatus::Invited).await?;
        change.tx.set_locale(&[id], locale).await?;
        change.insert_activation(id, link).await?;
        change.commit().await?;
        Ok(id)
    }

    async fn begin_user(&self, new: &NewUser, status: UserStatus) -> Done<(Change<'_>, UserId)> {
        if !matches!(status, UserStatus::Invited | UserStatus::Nominated) {
            return Err(AdministrationError::Rule(Rule::NewAccountState));
        }
        let level = self
            .store
            .find_level_by_id(new.level_id)
            .await?
            .ok_or(AdministrationError::Missing("level"))?;
        let mut change = self.change(level.third_party_id).await?;
        change.permit(Action::CreateUser, &Object::Level(level.path))?;
        if let Some(subsidiary) = new.subsidiary_id
            && change.tx.find_level_of_subsidiary(subsidiary).await? != Some(new.level_id)
        {
            return Err(AdministrationError::Missing("subsidiary"));
        }
        let id = change.insert_account(new, status).await?;
        Ok((change, id))
    }

    /// INVITED becomes ACTIVE: the person has set a password and proved the phone. No row of the table permits it:
    /// the proof of the person does.
    pub async fn activate_user(&self, user: UserId, password_hash: &str) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        if !change.tx.activate_user(user, password_hash, self.now).await? {
            return Err(AdministrationError::Rule(Rule::NotInvited));
        }
        change.record_of(&account, AuditAction::UserActivated, Value::Null);
        change.commit().await
    }
}

impl Change<'_> {
    /// Creates an account, with its evidence. The caller has been permitted that.
    pub(super) async fn insert_account(
        &mut self,
        new: &NewUser,
        status: UserStatus,
    ) -> Done<UserId> {
        let id = self.tx.insert_user(new, status, self.actor_id(), self.now()).await?;
        let detail = json!({ "status": status.as_str(), "email": new.email.as_str() });
        self.record(AuditAction::UserCreated, format!("user:{id}"), Some(new.level_id), detail);
        Ok(id)
    }
}
