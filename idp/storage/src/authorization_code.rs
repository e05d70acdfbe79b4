//! Authorization codes: stored as digests, redeemed once (security.md 11, 15).

use oidc_core::{pkce::CodeChallenge, secret::SecretDigest, token::AuthorizationCode};
use portal_core::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr,
};

use crate::{StorageError, Store, Transaction, entity::authorization_codes, guarded};

impl Store {
    /// A code, also one that was used or is over.
    pub async fn find_authorization_code(
        &self,
        digest: &SecretDigest,
    ) -> Result<Option<AuthorizationCode>, StorageError> {
        let row = authorization_codes::Entity::find_by_id(digest.as_bytes().to_vec())
            .one(self.connection())
            .await?;
        Ok(row.map(into_code))
    }
}

impl Transaction {
    /// Stores a new code of a stored grant.
    pub async fn insert_authorization_code(
        &self,
        digest: &SecretDigest,
        new: &AuthorizationCode,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let row = authorization_codes::ActiveModel {
            code_digest: Set(digest.as_bytes().to_vec()),
            grant_id: Set(new.grant_id.clone()),
            client_id: Set(new.client_id.clone()),
            redirect_uri: Set(new.redirect_uri.clone()),
            code_challenge: Set(new
                .code_challenge
                .as_ref()
                .map_or_else(String::new, |challenge| challenge.as_str().to_owned())),
            nonce: Set(new.nonce.clone()),
            created_at: Set(now.millis()),
            expires_at: Set(new.expires_at),
            used_at: Set(None),
        };
        authorization_codes::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Uses up a code. `true` for one caller only, however many come at once.
    pub async fn take_authorization_code(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let update = authorization_codes::Entity::update_many()
            .col_expr(authorization_codes::Column::UsedAt, Expr::value(now.millis()))
            .filter(authorization_codes::Column::CodeDigest.eq(digest.as_bytes().to_vec()))
            .filter(authorization_codes::Column::UsedAt.is_null());
        Ok(guarded::take(self, update).await?.is_some())
    }
}

fn into_code(row: authorization_codes::Model) -> AuthorizationCode {
    AuthorizationCode {
        grant_id: row.grant_id,
        client_id: row.client_id,
        redirect_uri: row.redirect_uri,
        code_challenge: CodeChallenge::from_stored(row.code_challenge),
        nonce: row.nonce,
        expires_at: row.expires_at,
        used_at: row.used_at,
    }
}
