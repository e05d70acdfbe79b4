//! Wrapped signing keys.

use portal_core::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select,
};

use crate::{
    StorageError, Store, Transaction,
    entity::{audit_head, signing_keys},
};

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
        let rows = published(retired_after).all(self.connection()).await?;
        Ok(rows.into_iter().map(into_key).collect())
    }
}

impl Transaction {
    /// The keys to publish, as [`Store::list_signing_keys`] gives them, and no other node changes them before the end
    /// of this transaction. It waits for the nodes before it.
    ///
    /// The row that is locked is the head of the audit trail: an empty table of keys has none.
    pub async fn hold_signing_keys(
        &self,
        retired_after: Timestamp,
    ) -> Result<Vec<StoredSigningKey>, StorageError> {
        if self.locks_rows() {
            let head = audit_head::Entity::find().lock_exclusive().one(self.connection()).await?;
            head.ok_or(StorageError::Corrupt("audit head"))?;
        }
        let rows = published(retired_after).all(self.connection()).await?;
        Ok(rows.into_iter().map(into_key).collect())
    }

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
}

fn published(retired_after: Timestamp) -> Select<signing_keys::Entity> {
    signing_keys::Entity::find()
        .filter(
            Condition::any()
                .add(signing_keys::Column::RetiredAt.is_null())
                .add(signing_keys::Column::RetiredAt.gt(retired_after.millis())),
        )
        .order_by_asc(signing_keys::Column::ActiveFrom)
        .order_by_asc(signing_keys::Column::Kid)
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
