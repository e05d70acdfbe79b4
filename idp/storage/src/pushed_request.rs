//! Pushed authorization requests: stored as digests, answered once (RFC 9126; ADR 21).

use oidc_core::{params::Params, secret::SecretDigest};
use portal_core::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr,
};

use crate::{StorageError, Store, Transaction, entity::pushed_requests, guarded, stored_list};

impl Store {
    /// The parameters that a client pushed; `None` when they are another client's, over, or answered.
    pub async fn find_pushed_request(
        &self,
        digest: &SecretDigest,
        client_id: &str,
        now: Timestamp,
    ) -> Result<Option<Params>, StorageError> {
        let row = pushed_requests::Entity::find_by_id(digest.as_bytes().to_vec())
            .filter(pushed_requests::Column::ClientId.eq(client_id))
            .filter(pushed_requests::Column::ExpiresAt.gt(now.millis()))
            .filter(pushed_requests::Column::UsedAt.is_null())
            .one(self.connection())
            .await?;
        row.map(|row| stored_list::read_params(&row.params)).transpose()
    }
}

impl Transaction {
    /// Stores what a client pushed, until it expires.
    pub async fn insert_pushed_request(
        &self,
        digest: &SecretDigest,
        (client_id, params): (&str, &Params),
        (now, expires_at): (Timestamp, Timestamp),
    ) -> Result<(), StorageError> {
        let row = pushed_requests::ActiveModel {
            uri_digest: Set(digest.as_bytes().to_vec()),
            client_id: Set(client_id.to_owned()),
            params: Set(stored_list::write_params(params)?),
            created_at: Set(now.millis()),
            expires_at: Set(expires_at.millis()),
            used_at: Set(None),
        };
        pushed_requests::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Marks a pushed request as answered. `true` for one caller only. Its time does not count any more: whoever came
    /// in time may take as long to sign in as anybody.
    pub async fn take_pushed_request(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let update = pushed_requests::Entity::update_many()
            .col_expr(pushed_requests::Column::UsedAt, Expr::value(now.millis()))
            .filter(pushed_requests::Column::UriDigest.eq(digest.as_bytes().to_vec()))
            .filter(pushed_requests::Column::UsedAt.is_null());
        Ok(guarded::take(self, update).await?.is_some())
    }
}
