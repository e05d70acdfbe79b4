//! Clients: who may register themselves, and who is taken out of service.

use oidc_core::secret::{Secret, SecretDigest};
use portal_core::{
    Timestamp,
    access::Application,
    audit::AuditAction,
    permission::{Action, Object},
};
use serde_json::json;

use super::{Administration, AdministrationError, Done};
use crate::client_facts;

/// Permission for clients to register themselves (RFC 7591 3).
#[derive(Clone, Debug)]
pub struct RegistrationPermit {
    /// The application whose groups the clients will see.
    pub application: Application,
    /// Whether their requests need a code challenge; without only for a suite of tests.
    pub require_pkce: bool,
    /// How many clients.
    pub uses: i32,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Administration<'_> {
    /// Lets whoever holds the initial access token register clients.
    ///
    /// # Errors
    /// [`AdministrationError`].
    pub async fn allow_registration(
        &self,
        token: &Secret,
        permit: &RegistrationPermit,
    ) -> Done<()> {
        self.permit(Action::RegisterApplication, &Object::Everything)?;
        let digest: SecretDigest = token.digest();
        let tx = self.store.begin().await?;
        tx.insert_initial_access_token(
            &digest,
            (&permit.application, permit.require_pkce),
            (permit.uses, permit.expires_at),
            self.now,
        )
        .await?;
        let detail = json!({
            "uses": permit.uses,
            "expires_at": permit.expires_at.millis(),
            "require_pkce": permit.require_pkce,
        });
        let object = format!("application:{}", permit.application.code);
        self.write_down(&tx, AuditAction::RegistrationAllowed, object, (None, detail)).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a client out of service: its tokens are dead and it gets no new ones.
    ///
    /// # Errors
    /// [`AdministrationError::Missing`] when there is no such client in service.
    pub async fn disable_client(&self, id: &str) -> Done<()> {
        self.permit(Action::RegisterApplication, &Object::Everything)?;
        let tx = self.store.begin().await?;
        if !tx.disable_client(id, self.now).await? {
            return Err(AdministrationError::Missing("client"));
        }
        let object = format!("client:{id}");
        let change = (None, client_facts::disabled("operator"));
        self.write_down(&tx, AuditAction::ClientDisabled, object, change).await?;
        Ok(tx.commit().await?)
    }
}
