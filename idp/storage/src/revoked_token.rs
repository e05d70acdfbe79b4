//! Access tokens that were revoked one by one: those of clients that act for themselves (RFC 7009). Tokens of a person
//! end with their grant.

use sea_orm::{ActiveValue::Set, EntityTrait as _};

use crate::{Digest, StorageError, Store, Transaction, entity::revoked_tokens, guarded};

impl Store {
    /// Whether the token with this digest of its `jti` was revoked.
    pub async fn is_token_revoked(&self, jti_digest: &Digest) -> Result<bool, StorageError> {
        let row = revoked_tokens::Entity::find_by_id(jti_digest.to_vec()).one(self.connection());
        Ok(row.await?.is_some())
    }
}

impl Transaction {
    /// Revokes a token; `until` is its own end, Unix milliseconds, after which nobody has to remember it. `false` when
    /// it was revoked before.
    pub async fn revoke_token(
        &self,
        jti_digest: &Digest,
        until: i64,
    ) -> Result<bool, StorageError> {
        let row = revoked_tokens::ActiveModel {
            jti_digest: Set(jti_digest.to_vec()),
            expires_at: Set(until),
        };
        let insert = revoked_tokens::Entity::insert(row)
            .on_conflict_do_nothing_on([revoked_tokens::Column::JtiDigest]);
        guarded::be_first(self, insert).await
    }
}
