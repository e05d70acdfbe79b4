//! Administration: who creates and grants what. Each function asks the permission table, checks the rule, writes the
//! change and its audit event in one transaction. Pages, API and set-up call these and nothing beneath them.

use oidc_core::client::Client;
use portal_core::{
    Timestamp,
    access::{Application, Group, check_group_name},
    account::{NewUser, UserStatus},
    audit::{AuditAction, AuditActor, AuditEvent, Origin},
    id::{ApplicationId, GroupId, LevelId, SubsidiaryId, ThirdPartyId, UserId},
    organisation::{LevelPath, NewSubsidiary, NewThirdParty},
    permission::{self, Action, Actor, Decision, Denial, Object, StaffRole},
};
use serde_json::{Value, json};
use storage::{Account, NewApplication, NewDelegatedRole, StorageError, Store, Transaction};

mod clients;

pub use clients::RegistrationPermit;

/// Somebody who administers, at an instant.
pub struct Administration<'a> {
    /// The database.
    pub store: &'a Store,
    /// Who acts.
    pub actor: &'a Actor,
    /// When.
    pub now: Timestamp,
    /// Where from.
    pub origin: Origin,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// The permission table says no.
    #[error("not permitted: {0:?}")]
    Denied(Denial),
    /// What it refers to does not exist.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// A rule of the portal says no.
    #[error("{0}")]
    Rule(&'static str),
    /// Storage failed, or it exists already.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

type Done<T> = Result<T, AdministrationError>;

impl Administration<'_> {
    /// Creates the top of the tree, at set-up.
    pub async fn create_root(&self) -> Done<LevelId> {
        self.permit(Action::CreateThirdParty, &Object::Everything)?;
        let tx = self.store.begin().await?;
        let id = tx.insert_root(self.now).await?;
        self.write_down(
            &tx,
            AuditAction::RegistryChanged,
            format!("level:{id}"),
            (Some(id), Value::Null),
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Registers an application.
    pub async fn register_application(&self, new: &NewApplication) -> Done<ApplicationId> {
        self.permit(Action::RegisterApplication, &Object::Everything)?;
        let tx = self.store.begin().await?;
        let id = tx.insert_application(new, self.now).await?;
        self.write_down(
            &tx,
            AuditAction::RegistryChanged,
            format!("application:{}", new.code),
            (None, Value::Null),
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Creates a group; its name belongs to the application's environment (I18).
    pub async fn register_group(
        &self,
        application: &Application,
        name: &str,
        description: &str,
    ) -> Done<GroupId> {
        self.permit(Action::RegisterApplication, &Object::Everything)?;
        check_group_name(name, application)
            .map_err(|_| AdministrationError::Rule("the group belongs to the other environment"))?;
        let tx = self.store.begin().await?;
        let id = tx.insert_group(application.id, name, description, self.now).await?;
        self.write_down(
            &tx,
            AuditAction::RegistryChanged,
            format!("group:{name}"),
            (None, Value::Null),
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Registers a client.
    pub async fn register_client(&self, client: &Client) -> Done<()> {
        self.permit(Action::RegisterApplication, &Object::Everything)?;
        let tx = self.store.begin().await?;
        tx.insert_client(client, self.now).await?;
        let detail = json!({ "redirect_uris": client.redirect_uris });
        self.write_down(
            &tx,
            AuditAction::ClientRegistered,
            format!("client:{}", client.id),
            (None, detail),
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// Creates a third party with its level under Root.
    pub async fn create_third_party(&self, new: &NewThirdParty) -> Done<(ThirdPartyId, LevelId)> {
        self.permit(Action::CreateThirdParty, &Object::Everything)?;
        let root = self
            .store
            .find_level(&LevelPath::root())
            .await?
            .ok_or(AdministrationError::Missing("level"))?;
        let tx = self.store.begin().await?;
        let (id, level) = tx.insert_third_party(new, &root, self.now).await?;
        let detail = json!({ "legal_name": new.legal_name, "country": new.country });
        self.write_down(
            &tx,
            AuditAction::ThirdPartyCreated,
            format!("third_party:{id}"),
            (Some(level), detail),
        )
        .await?;
        tx.commit().await?;
        Ok((id, level))
    }

    /// Creates a subsidiary under a level.
    pub async fn create_subsidiary(&self, new: &NewSubsidiary) -> Done<SubsidiaryId> {
        self.permit(Action::CreateThirdParty, &Object::Everything)?;
        let tx = self.store.begin().await?;
        let id = tx.insert_subsidiary(new, self.now).await?;
        let detail = json!({ "short_name": new.short_name });
        self.write_down(
            &tx,
            AuditAction::RegistryChanged,
            format!("subsidiary:{id}"),
            (Some(new.level_id), detail),
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Onboards a third party to an application: only then can access to it be given (I10, O37).
    pub async fn onboard(&self, third_party: ThirdPartyId, application: &Application) -> Done<()> {
        self.permit(Action::OnboardThirdParty, &Object::Everything)?;
        let tx = self.store.begin().await?;
        if tx.insert_onboarding(third_party, application.id, self.now).await? {
            let detail = json!({ "application": application.code });
            self.write_down(
                &tx,
                AuditAction::ThirdPartyOnboarded,
                format!("third_party:{third_party}"),
                (None, detail),
            )
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Creates an account (manual §3). It is INVITED, or NOMINATED until its nomination is confirmed.
    pub async fn create_user(&self, new: &NewUser, status: UserStatus) -> Done<UserId> {
        if !matches!(status, UserStatus::Invited | UserStatus::Nominated) {
            return Err(AdministrationError::Rule("a new account is invited or nominated"));
        }
        let level = self
            .store
            .find_level_by_id(new.level_id)
            .await?
            .ok_or(AdministrationError::Missing("level"))?;
        self.permit(Action::CreateUser, &Object::Level(level.path))?;
        if let Some(subsidiary) = new.subsidiary_id
            && self.store.find_level_of_subsidiary(subsidiary).await? != Some(new.level_id)
        {
            return Err(AdministrationError::Missing("subsidiary"));
        }
        let tx = self.store.begin().await?;
        let id = tx.insert_user(new, status, self.actor_id(), self.now).await?;
        let detail = json!({ "status": status.as_str(), "email": new.email.as_str() });
        self.write_down(
            &tx,
            AuditAction::UserCreated,
            format!("user:{id}"),
            (Some(new.level_id), detail),
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// INVITED becomes ACTIVE: the person has set a password and proved the phone. No row of the table permits it:
    /// the proof of the person does.
    pub async fn activate_user(&self, user: UserId, password_hash: &str) -> Done<()> {
        let account = self.account(user).await?;
        let tx = self.store.begin().await?;
        if !tx.activate_user(user, password_hash, self.now).await? {
            return Err(AdministrationError::Rule("only an invited account is activated"));
        }
        self.write_down(
            &tx,
            AuditAction::UserActivated,
            format!("user:{user}"),
            (Some(account.level.id), Value::Null),
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// Grants `DelegatedUserAdmin` (manual §5, I11). Staff never hold delegated roles (I16).
    pub async fn grant_user_administrator(&self, user: UserId) -> Done<()> {
        let account = self.account(user).await?;
        let object = Object::User { id: user, level: account.level.path.clone() };
        self.permit(Action::GrantUserAdministrator, &object)?;
        self.grant_role(&account, None, "DelegatedUserAdmin").await
    }

    /// Grants `ApplicationAccessAdmin` for one application (manual §5, I11).
    pub async fn grant_access_administrator(
        &self,
        user: UserId,
        application: &Application,
    ) -> Done<()> {
        let account = self.account(user).await?;
        self.permit(
            Action::GrantAccessAdministrator,
            &self.access(&account, application.id).await?,
        )?;
        let name = format!("ApplicationAccessAdmin:{}", application.code);
        self.grant_role(&account, Some(application.id), &name).await
    }

    /// Grants a staff role. Staff sit at Root and belong to no third party (I16).
    pub async fn grant_staff_role(&self, user: UserId, role: StaffRole) -> Done<()> {
        self.permit(Action::GrantStaffRole, &Object::Everything)?;
        let account = self.account(user).await?;
        if account.third_party.is_some() {
            return Err(AdministrationError::Rule(
                "staff of the operator belong to no third party",
            ));
        }
        let tx = self.store.begin().await?;
        if tx.insert_staff_role(user, role, self.now).await? {
            let object = format!("user:{user}");
            let detail = json!({ "role": role.as_str() });
            self.write_down(
                &tx,
                AuditAction::RoleGranted,
                object,
                (Some(account.level.id), detail),
            )
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Assigns a group membership (manual §4, I10): the access right of the portal.
    pub async fn assign_membership(&self, user: UserId, group: &Group) -> Done<()> {
        let account = self.account(user).await?;
        self.permit(Action::AssignMembership, &self.access(&account, group.application_id).await?)?;
        let tx = self.store.begin().await?;
        if tx.insert_membership(user, group.id, self.actor_id(), self.now).await? {
            let detail = json!({ "group": group.name });
            self.write_down(
                &tx,
                AuditAction::MembershipAssigned,
                format!("user:{user}"),
                (Some(account.level.id), detail),
            )
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Removes a group membership (manual §4: "using the same interface").
    pub async fn remove_membership(&self, user: UserId, group: &Group) -> Done<()> {
        let account = self.account(user).await?;
        self.permit(Action::AssignMembership, &self.access(&account, group.application_id).await?)?;
        let tx = self.store.begin().await?;
        if tx.delete_membership(user, group.id, self.now).await? {
            let detail = json!({ "group": group.name });
            self.write_down(
                &tx,
                AuditAction::MembershipRemoved,
                format!("user:{user}"),
                (Some(account.level.id), detail),
            )
            .await?;
        }
        Ok(tx.commit().await?)
    }

    async fn grant_role(
        &self,
        account: &Account,
        application: Option<ApplicationId>,
        name: &str,
    ) -> Done<()> {
        if account.third_party.is_none() {
            return Err(AdministrationError::Rule("staff of the operator hold no delegated role"));
        }
        let (user, level) = (account.user.id, account.level.id);
        let tx = self.store.begin().await?;
        let role = NewDelegatedRole { user, level, application, granted_by: self.actor_id() };
        if tx.insert_delegated_role(&role, self.now).await? {
            let detail = json!({ "role": name });
            self.write_down(
                &tx,
                AuditAction::RoleGranted,
                format!("user:{user}"),
                (Some(level), detail),
            )
            .await?;
        }
        Ok(tx.commit().await?)
    }

    async fn account(&self, user: UserId) -> Done<Account> {
        self.store.find_account(user).await?.ok_or(AdministrationError::Missing("user"))
    }

    async fn access(&self, account: &Account, application: ApplicationId) -> Done<Object> {
        let onboarded = match &account.third_party {
            Some(third_party) => self.store.is_onboarded(third_party.id, application).await?,
            None => false,
        };
        Ok(Object::Access {
            user: account.user.id,
            level: account.level.path.clone(),
            application,
            onboarded,
        })
    }

    fn permit(&self, action: Action, object: &Object) -> Done<()> {
        match permission::decide(self.actor, action, object, self.now) {
            Decision::Allow(_) => Ok(()),
            Decision::Deny(denial) => Err(AdministrationError::Denied(denial)),
        }
    }

    const fn actor_id(&self) -> Option<UserId> {
        match self.actor {
            Actor::Setup => None,
            Actor::Person { id, .. } => Some(*id),
        }
    }

    async fn write_down(
        &self,
        tx: &Transaction,
        action: AuditAction,
        object: String,
        (level_id, detail): (Option<LevelId>, Value),
    ) -> Done<()> {
        let actor = self.actor_id().map_or(AuditActor::System, AuditActor::User);
        let origin = self.origin.clone();
        Ok(tx
            .append_audit(&AuditEvent {
                at: self.now,
                actor,
                action,
                object,
                level_id,
                detail,
                origin,
            })
            .await?)
    }
}
