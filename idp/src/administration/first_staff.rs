//! The first members of the operator's staff, made at set-up: nobody in the portal could (security.md 111).

use portal_core::{
    account::{Channel, NewUser, UserStatus},
    audit::AuditAction,
    first_staff::{self, FirstStaff},
    id::{LevelId, UserId},
    organisation::LevelPath,
    permission::{Action, Object, StaffRole},
};
use serde_json::json;
use storage::{Account, Digest};

use super::{Administration, AdministrationError, Change, Done, Rule};

impl Administration<'_> {
    /// Invites one of the first identity administrators, and makes the top of the tree where there is none. Whoever is
    /// invited already gets another link; the one from before is dead.
    ///
    /// # Errors
    /// [`Rule::SetUpOver`] once anybody of the staff is or was in office, or enough are invited;
    /// [`Rule::NomineeElsewhere`] for an address that has another account.
    pub async fn bootstrap(&self, person: &FirstStaff, link: &Digest) -> Done<UserId> {
        let root = match self.store.find_level(&LevelPath::root()).await? {
            Some(root) => root.id,
            None => self.create_root().await?,
        };
        let known = self.store.find_account_by_email(person.email.key()).await?;
        let mut change = self.change(None).await?;
        change.permit(Action::CreateUser, &Object::Level(LevelPath::root()))?;
        let invited = match known {
            Some(account) => {
                let account = change.tx.find_account(account.user.id).await?;
                Some(account.ok_or(AdministrationError::Missing("user"))?)
            }
            None => None,
        };
        if let Some(account) = &invited
            && (account.level.id != root || account.user.status == UserStatus::Deleted)
        {
            return Err(AdministrationError::Rule(Rule::NomineeElsewhere));
        }
        let so_far = change.tx.staff_so_far(root).await?;
        first_staff::check(so_far, invited.is_some())
            .map_err(|over| AdministrationError::Rule(Rule::SetUpOver(over)))?;
        let account = match invited {
            Some(account) => account,
            None => self.invite_first(&mut change, person, root).await?,
        };
        let user = account.user.id;
        let issued = change.issue_activation(&account, link).await?;
        let email = account.user.email.as_str();
        let detail = issued.with("email", email).with("set_up", true).into_detail();
        change.record_of(&account, AuditAction::ActivationIssued, detail);
        change.commit().await?;
        Ok(user)
    }

    async fn invite_first(
        &self,
        change: &mut Change<'_>,
        person: &FirstStaff,
        root: LevelId,
    ) -> Done<Account> {
        let new = NewUser {
            first_name: person.first_name.clone(),
            last_name: person.last_name.clone(),
            email: person.email.clone(),
            phone: person.phone.clone(),
            company_id: None,
            expires_on: None,
            level_id: root,
            subsidiary_id: None,
            default_channel: Channel::Sms,
        };
        let id = change.tx.insert_user(&new, UserStatus::Invited, None, self.now).await?;
        let account = change.tx.find_account(id).await?;
        let account = account.ok_or(AdministrationError::Missing("user"))?;
        let detail = json!({ "status": "INVITED", "email": person.email.as_str() });
        change.record_of(&account, AuditAction::UserCreated, detail);
        change.grant_staff_role(&account, StaffRole::IdentityAdmin).await?;
        Ok(account)
    }
}
