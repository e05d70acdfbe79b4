//! Refresh tokens: stored as digests, each used once, chained to its successor (security.md 19, 22).

use oidc_core::{
    secret::SecretDigest,
    token::{RefreshToken, Successor},
};
use portal_core::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr,
};

use crate::{StorageError, Store, Transaction, entity::refresh_tokens, guarded};

impl Store {
    /// A refresh token with the id of its grant, also one that was used or is over.
    pub async fn find_refresh_token(
        &self,
        digest: &SecretDigest,
    ) -> Result<Option<(RefreshToken, String)>, StorageError> {
        let Some(row) = refresh_tokens::Entity::find_by_id(digest.as_bytes().to_vec())
            .one(self.connection())
            .await?
        else {
            return Ok(None);
        };
        let successor = match row.successor_digest {
            None => None,
            Some(successor) => {
                refresh_tokens::Entity::find_by_id(successor).one(self.connection()).await?
            }
        };
        let token = RefreshToken {
            expires_at: row.expires_at,
            used_at: row.used_at,
            successor: successor.map(|successor| Successor { used_at: successor.used_at }),
        };
        Ok(Some((token, row.grant_id)))
    }
}

impl Transaction {
    /// Stores the first or next refresh token of a grant.
    pub async fn insert_refresh_token(
        &self,
        digest: &SecretDigest,
        grant_id: &str,
        expires_at: i64,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let row = refresh_tokens::ActiveModel {
            token_digest: Set(digest.as_bytes().to_vec()),
            grant_id: Set(grant_id.to_owned()),
            created_at: Set(now.millis()),
            expires_at: Set(expires_at),
            used_at: Set(None),
            successor_digest: Set(None),
        };
        refresh_tokens::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Uses up a token in favour of its successor. `true` for one caller only.
    pub async fn rotate_refresh_token(
        &self,
        digest: &SecretDigest,
        successor: &SecretDigest,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let update = refresh_tokens::Entity::update_many()
            .col_expr(refresh_tokens::Column::UsedAt, Expr::value(now.millis()))
            .col_expr(
                refresh_tokens::Column::SuccessorDigest,
                Expr::value(successor.as_bytes().to_vec()),
            )
            .filter(refresh_tokens::Column::TokenDigest.eq(digest.as_bytes().to_vec()))
            .filter(refresh_tokens::Column::UsedAt.is_null());
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Gives a used token another successor, after the reply with the first one was lost. The first one is used
    /// up without a successor of its own: should it turn up after all, two hold the family, and it is revoked.
    /// `false` when the first one was used meanwhile. The grace of the token is not prolonged.
    pub async fn replace_successor(
        &self,
        digest: &SecretDigest,
        successor: &SecretDigest,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let key = digest.as_bytes().to_vec();
        let row = refresh_tokens::Entity::find_by_id(key.clone()).one(self.connection()).await?;
        let Some(lost) = row.and_then(|row| row.successor_digest) else {
            return Ok(false);
        };
        let discard = refresh_tokens::Entity::update_many()
            .col_expr(refresh_tokens::Column::UsedAt, Expr::value(now.millis()))
            .filter(refresh_tokens::Column::TokenDigest.eq(lost.clone()))
            .filter(refresh_tokens::Column::UsedAt.is_null());
        if guarded::take(self, discard).await?.is_none() {
            return Ok(false);
        }
        let replace = refresh_tokens::Entity::update_many()
            .col_expr(
                refresh_tokens::Column::SuccessorDigest,
                Expr::value(successor.as_bytes().to_vec()),
            )
            .filter(refresh_tokens::Column::TokenDigest.eq(key))
            .filter(refresh_tokens::Column::SuccessorDigest.eq(lost));
        Ok(guarded::take(self, replace).await?.is_some())
    }
}
