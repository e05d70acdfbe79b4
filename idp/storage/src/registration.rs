//! Dynamic registration: who may register clients, and who may change one (RFC 7591, RFC 7592).

use oidc_core::secret::SecretDigest;
use portal_core::{Timestamp, access::Application};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    sea_query::Expr,
};

use crate::{
    StorageError, Store, Transaction,
    entity::{applications, client_registrations, clients, grants, initial_access_tokens},
    guarded,
};

/// What the operator granted with an initial access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitialAccessToken {
    /// The application of the clients that are registered with it.
    pub application: String,
    /// Whether their requests need a code challenge.
    pub require_pkce: bool,
}

/// A client that registered itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The client.
    pub client_id: String,
    /// When.
    pub registered_at: Timestamp,
}

impl Store {
    /// What an initial access token grants; `None` for one that is unknown, over or used up.
    pub async fn find_initial_access_token(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
    ) -> Result<Option<InitialAccessToken>, StorageError> {
        let token = initial_access_tokens::Entity::find_by_id(digest.as_bytes().to_vec())
            .filter(initial_access_tokens::Column::UsesLeft.gt(0))
            .filter(initial_access_tokens::Column::ExpiresAt.gt(now.millis()))
            .one(self.connection())
            .await?;
        let Some(token) = token else {
            return Ok(None);
        };
        let application =
            applications::Entity::find_by_id(token.application_id).one(self.connection()).await?;
        let application = application.ok_or(StorageError::Corrupt("application of a token"))?;
        Ok(Some(InitialAccessToken {
            application: application.code,
            require_pkce: token.require_pkce,
        }))
    }

    /// The registration that a registration access token manages. `None` when it ended, or the token is another's.
    pub async fn find_registration(
        &self,
        client_id: &str,
        digest: &SecretDigest,
    ) -> Result<Option<Registration>, StorageError> {
        let row = client_registrations::Entity::find_by_id(client_id)
            .filter(client_registrations::Column::TokenDigest.eq(digest.as_bytes().to_vec()))
            .filter(client_registrations::Column::EndedAt.is_null())
            .one(self.connection())
            .await?;
        Ok(row.map(|row| Registration {
            client_id: row.client_id,
            registered_at: Timestamp::from_millis(row.registered_at),
        }))
    }
}

impl Transaction {
    /// Stores an initial access token for so many registrations.
    pub async fn insert_initial_access_token(
        &self,
        digest: &SecretDigest,
        (application, require_pkce): (&Application, bool),
        (uses, expires_at): (i32, Timestamp),
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let row = initial_access_tokens::ActiveModel {
            token_digest: Set(digest.as_bytes().to_vec()),
            application_id: Set(application.id.0),
            require_pkce: Set(require_pkce),
            uses_left: Set(uses),
            created_at: Set(now.millis()),
            expires_at: Set(expires_at.millis()),
        };
        initial_access_tokens::Entity::insert(row)
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Takes one use of an initial access token. `false` when none is left, however many come at once.
    pub async fn take_initial_access_token(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let left = initial_access_tokens::Column::UsesLeft;
        let update = initial_access_tokens::Entity::update_many()
            .col_expr(left, Expr::col(left).sub(1))
            .filter(initial_access_tokens::Column::TokenDigest.eq(digest.as_bytes().to_vec()))
            .filter(initial_access_tokens::Column::ExpiresAt.gt(now.millis()))
            .filter(left.gt(0));
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Stores the token that manages a client.
    pub async fn insert_registration(
        &self,
        client_id: &str,
        digest: &SecretDigest,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let row = client_registrations::ActiveModel {
            client_id: Set(client_id.to_owned()),
            token_digest: Set(digest.as_bytes().to_vec()),
            registered_at: Set(now.millis()),
            ended_at: Set(None),
        };
        client_registrations::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Ends a registration, once: its client is disabled and its grants are revoked. `false` when it had ended
    /// before. Rows stay, as the audit trail names them.
    pub async fn end_registration(
        &self,
        client_id: &str,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let end = client_registrations::Entity::update_many()
            .col_expr(client_registrations::Column::EndedAt, Expr::value(now.millis()))
            .filter(client_registrations::Column::ClientId.eq(client_id))
            .filter(client_registrations::Column::EndedAt.is_null());
        let has_ended = guarded::take(self, end).await?.is_some();
        if has_ended {
            self.disable_client(client_id, now).await?;
        }
        Ok(has_ended)
    }

    /// Takes a client out of service and revokes all its grants. `false` when it was out of service, or is unknown.
    pub async fn disable_client(
        &self,
        client_id: &str,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let disable = clients::Entity::update_many()
            .col_expr(clients::Column::Enabled, Expr::value(false))
            .filter(clients::Column::Id.eq(client_id))
            .filter(clients::Column::Enabled.eq(true));
        let was_enabled = guarded::take(self, disable).await?.is_some();
        self.revoke_grants(grants::Column::ClientId.eq(client_id), now).await?;
        Ok(was_enabled)
    }
}
