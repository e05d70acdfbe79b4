//! The registry: the top of the tree, applications with their groups, clients. Made at set-up and by the operator.

use oidc_core::client::Client;
use portal_core::{
    access::{Application, check_group_name},
    audit::AuditAction,
    id::{ApplicationId, GroupId, LevelId},
    permission::{Action, Object},
};
use serde_json::{Value, json};
use storage::NewApplication;

use super::{Administration, AdministrationError, Done, Rule};

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
            .map_err(|_| AdministrationError::Rule(Rule::GroupOfOtherEnvironment))?;
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
}
