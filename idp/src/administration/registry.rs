//! The registry: the top of the tree, applications with their groups, clients. Made at set-up and by the operator.

use oidc_core::client::Client;
use portal_core::{
    access::{Application, check_group_name},
    audit::AuditAction,
    id::{ApplicationId, GroupId, LevelId},
    organisation::LevelPath,
    permission::{Action, Object},
};
use serde_json::{Value, json};
use storage::NewApplication;

use super::{Administration, AdministrationError, Done, Rule, transition::Transition};
use crate::client_facts;

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
            (Some(id), created(json!({ "path": LevelPath::root().as_str() }))),
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
        let detail = created(json!({
            "title": new.title,
            "subtitle": new.subtitle,
            "environment": new.environment.as_str(),
            "position": new.position,
        }));
        self.write_down(
            &tx,
            AuditAction::RegistryChanged,
            format!("application:{}", new.code),
            (None, detail),
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
        let detail = created(json!({
            "application": application.code,
            "name": name,
            "description": description,
        }));
        self.write_down(&tx, AuditAction::RegistryChanged, format!("group:{name}"), (None, detail))
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Registers a client.
    pub async fn register_client(&self, client: &Client) -> Done<()> {
        self.permit(Action::RegisterApplication, &Object::Everything)?;
        let tx = self.store.begin().await?;
        tx.insert_client(client, self.now).await?;
        let detail = client_facts::registered(client, "operator");
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

/// What was not there before.
fn created(facts: Value) -> Value {
    Transition::between(Value::Null, facts).into_detail()
}
