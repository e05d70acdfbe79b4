//! Wrapped signing keys.

use portal_core::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select, sea_query::Expr,
};

use crate::{
    StorageError, Store, Transaction,
    entity::{audit_head, signing_keys},
    guarded,
};

/// A signing key as it is stored: its private part only sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSigningKey {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// Its one algorithm, as JOSE spells it.
    pub alg: String,
    /// The sealed private key; empty once it was forgotten.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it signs; it is published before.
    pub active_from: Timestamp,
    /// From when on it signs no more; it is published for some time after.
    pub retired_at: Option<Timestamp>,
    /// From when on nothing that it signed counts.
    pub revoked_at: Option<Timestamp>,
}

impl Store {
    /// The keys that may sign or verify: none that was revoked, and none that was retired at `retired_after` or before.
    pub async fn list_signing_keys(
        &self,
        retired_after: Timestamp,
    ) -> Result<Vec<StoredSigningKey>, StorageError> {
        let rows = usable(retired_after).all(self.connection()).await?;
        Ok(rows.into_iter().map(into_key).collect())
    }

    /// Every key that there ever was, in the order in which they became active.
    pub async fn list_all_signing_keys(&self) -> Result<Vec<StoredSigningKey>, StorageError> {
        let rows = in_order(signing_keys::Entity::find()).all(self.connection()).await?;
        Ok(rows.into_iter().map(into_key).collect())
    }
}

impl Transaction {
    /// The keys that may sign or verify, as [`Store::list_signing_keys`] gives them, and no other node changes them
    /// before the end of this transaction. It waits for the nodes before it.
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
        let rows = usable(retired_after).all(self.connection()).await?;
        Ok(rows.into_iter().map(into_key).collect())
    }

    /// A key, whatever its state.
    pub async fn find_signing_key(
        &self,
        kid: &str,
    ) -> Result<Option<StoredSigningKey>, StorageError> {
        let row = signing_keys::Entity::find_by_id(kid).one(self.connection()).await?;
        Ok(row.map(into_key))
    }

    /// Stores a new key.
    pub async fn insert_signing_key(&self, new: &StoredSigningKey) -> Result<(), StorageError> {
        let row = signing_keys::ActiveModel {
            kid: Set(new.kid.clone()),
            alg: Set(new.alg.clone()),
            sealed: Set(new.sealed.clone()),
            created_at: Set(new.created_at.millis()),
            active_from: Set(new.active_from.millis()),
            retired_at: Set(new.retired_at.map(Timestamp::millis)),
            revoked_at: Set(new.revoked_at.map(Timestamp::millis)),
        };
        signing_keys::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Changes when a key signs for the last time; `None` when no other follows it.
    pub async fn retire_signing_key(
        &self,
        kid: &str,
        at: Option<Timestamp>,
    ) -> Result<(), StorageError> {
        signing_keys::Entity::update_many()
            .col_expr(signing_keys::Column::RetiredAt, Expr::value(at.map(Timestamp::millis)))
            .filter(signing_keys::Column::Kid.eq(kid))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Revokes a key and forgets its private part. `false` when it is unknown or was revoked before.
    pub async fn revoke_signing_key(
        &self,
        kid: &str,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let update = signing_keys::Entity::update_many()
            .col_expr(signing_keys::Column::RevokedAt, Expr::value(now.millis()))
            .col_expr(signing_keys::Column::Sealed, Expr::value(Vec::<u8>::new()))
            .filter(signing_keys::Column::Kid.eq(kid))
            .filter(signing_keys::Column::RevokedAt.is_null());
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Forgets the private parts of the keys that were retired at `retired_until` or before: how many.
    pub async fn forget_signing_keys(&self, retired_until: Timestamp) -> Result<u64, StorageError> {
        let done = signing_keys::Entity::update_many()
            .col_expr(signing_keys::Column::Sealed, Expr::value(Vec::<u8>::new()))
            .filter(signing_keys::Column::RetiredAt.lte(retired_until.millis()))
            .filter(signing_keys::Column::Sealed.ne(Vec::<u8>::new()))
            .exec(self.connection())
            .await?;
        Ok(done.rows_affected)
    }
}

fn usable(retired_after: Timestamp) -> Select<signing_keys::Entity> {
    in_order(
        signing_keys::Entity::find().filter(signing_keys::Column::RevokedAt.is_null()).filter(
            Condition::any()
                .add(signing_keys::Column::RetiredAt.is_null())
                .add(signing_keys::Column::RetiredAt.gt(retired_after.millis())),
        ),
    )
}

fn in_order(keys: Select<signing_keys::Entity>) -> Select<signing_keys::Entity> {
    keys.order_by_asc(signing_keys::Column::ActiveFrom).order_by_asc(signing_keys::Column::Kid)
}

fn into_key(row: signing_keys::Model) -> StoredSigningKey {
    StoredSigningKey {
        kid: row.kid,
        alg: row.alg,
        sealed: row.sealed,
        created_at: Timestamp::from_millis(row.created_at),
        active_from: Timestamp::from_millis(row.active_from),
        retired_at: row.retired_at.map(Timestamp::from_millis),
        revoked_at: row.revoked_at.map(Timestamp::from_millis),
    }
}
