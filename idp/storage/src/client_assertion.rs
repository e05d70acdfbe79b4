//! Assertions of clients: remembered until they are over, so that none is good twice, on any node (security.md 32).

use sea_orm::{ActiveValue::Set, EntityTrait as _};

use crate::{Digest, StorageError, Transaction, entity::client_assertions, guarded};

impl Transaction {
    /// Uses up an assertion. `true` for one caller only, however many come at once. `digest` is that of the client and
    /// its `jti`, `until` the instant (Unix milliseconds) from which the assertion is refused by its own time.
    pub async fn take_client_assertion(
        &self,
        digest: &Digest,
        until: i64,
    ) -> Result<bool, StorageError> {
        let row =
            client_assertions::ActiveModel { digest: Set(digest.to_vec()), expires_at: Set(until) };
        let insert = client_assertions::Entity::insert(row)
            .on_conflict_do_nothing_on([client_assertions::Column::Digest]);
        guarded::be_first(self, insert).await
    }
}
