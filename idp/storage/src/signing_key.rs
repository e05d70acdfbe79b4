//! Wrapped signing keys.

use portal_core::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, sea_query::Expr,
};

use crate::{StorageError, Store, Transaction, entity::signing_keys, guarded};

/// A signing key as it is stored: its private part only sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSigningKey {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// Its one algorithm, as JOSE spells it.
    pub alg: String,
    /// The sealed private key.
    pub sealed: Vec<u8>,
    /// From when on it signs; it is published before.
    pub active_from: Timestamp,
    /// From when on it signs no more; it is published for some time after.
    pub retired_at: Option<Timestamp>,
}

impl Store {
    /// The keys to publish: all that are not retired, or were only after `retired_after`.
    pub async fn list_signing_keys(
        &self,
        retired_after: Timestamp,
    ) -> Result<Vec<StoredSigningKey>, StorageError> {
        let rows = signing_keys::Entity::find()
            .filter(
                Condition::any()
                    .add(signing_keys::Column::RetiredAt.is_null())
                    .add(signing_keys::Column::RetiredAt.gt(retired_after.millis())),
            )
            .order_by_asc(signing_keys::Column::ActiveFrom)
            .all(self.connection())
            .await?;
        Ok(rows.into_iter().map(into_key).collect())
    }
}

impl Transaction {
    /// Stores a new key.
    pub async fn insert_signing_key(
        &self,
        new: &StoredSigningKey,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let row = signing_keys::ActiveModel {
            kid: Set(new.kid.clone()),
            alg: Set(new.alg.clone()),
            sealed: Set(new.sealed.clone()),
            created_at: Set(now.millis()),
            active_from: Set(new.active_from.millis()),
            retired_at: Set(new.retired_at.map(Timestamp::millis)),
        };
        signing_keys::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Lets a key sign no more from `at` on. `false` when that was decided before.
    pub async fn retire_signing_key(&self, kid: &str, at: Timestamp) -> Result<bool, StorageError> {
        let update = signing_keys::Entity::update_many()
            .col_expr(signing_keys::Column::RetiredAt, Expr::value(at.millis()))
            .filter(signing_keys::Column::Kid.eq(kid))
            .filter(signing_keys::Column::RetiredAt.is_null());
        Ok(guarded::take(self, update).await?.is_some())
    }
}

fn into_key(row: signing_keys::Model) -> StoredSigningKey {
    StoredSigningKey {
        kid: row.kid,
        alg: row.alg,
        sealed: row.sealed,
        active_from: Timestamp::from_millis(row.active_from),
        retired_at: row.retired_at.map(Timestamp::from_millis),
    }
}
