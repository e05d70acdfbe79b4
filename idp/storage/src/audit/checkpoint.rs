//! What was signed of the trail, and the keys that sign it (ADR 29).

use portal_core::{Timestamp, audit::chain::Place};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait as _, QueryOrder as _};

use super::{HEAD, into_place};
use crate::{
    StorageError, Store, Transaction,
    entity::{audit_checkpoints, audit_head, audit_keys},
};

/// A checkpoint as it is stored. What it signs is only in the signed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// The last entry that it signs.
    pub seq: i64,
    /// When it was made.
    pub at: Timestamp,
    /// The signed text.
    pub jws: String,
}

/// A key of the audit trail as it is stored: its private part only sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAuditKey {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// The sealed private key.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Store {
    /// The end of the trail.
    pub async fn audit_end(&self) -> Result<Place, StorageError> {
        let head = audit_head::Entity::find_by_id(HEAD).one(self.connection()).await?;
        head.and_then(into_place).ok_or(StorageError::Corrupt("audit head"))
    }

    /// The newest checkpoint.
    pub async fn latest_audit_checkpoint(&self) -> Result<Option<StoredCheckpoint>, StorageError> {
        latest(self.connection()).await
    }

    /// The keys of the trail, oldest first. The last one signs.
    pub async fn list_audit_keys(&self) -> Result<Vec<StoredAuditKey>, StorageError> {
        list(self.connection()).await
    }
}

impl Transaction {
    /// The newest checkpoint.
    pub async fn latest_audit_checkpoint(&self) -> Result<Option<StoredCheckpoint>, StorageError> {
        latest(self.connection()).await
    }

    /// Stores a checkpoint; nothing happens when there is one of this place.
    pub async fn insert_audit_checkpoint(
        &self,
        new: &StoredCheckpoint,
    ) -> Result<(), StorageError> {
        let row = audit_checkpoints::ActiveModel {
            seq: Set(new.seq),
            at: Set(new.at.millis()),
            jws: Set(new.jws.clone()),
        };
        audit_checkpoints::Entity::insert(row)
            .on_conflict_do_nothing_on([audit_checkpoints::Column::Seq])
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Stores a key, which signs from now on.
    pub async fn insert_audit_key(&self, new: &StoredAuditKey) -> Result<(), StorageError> {
        let row = audit_keys::ActiveModel {
            kid: Set(new.kid.clone()),
            sealed: Set(new.sealed.clone()),
            created_at: Set(new.created_at.millis()),
        };
        audit_keys::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// The keys of the trail, as [`Store::list_audit_keys`] gives them.
    pub async fn list_audit_keys(&self) -> Result<Vec<StoredAuditKey>, StorageError> {
        list(self.connection()).await
    }
}

async fn latest(
    connection: &impl ConnectionTrait,
) -> Result<Option<StoredCheckpoint>, StorageError> {
    let row = audit_checkpoints::Entity::find()
        .order_by_desc(audit_checkpoints::Column::Seq)
        .one(connection)
        .await?;
    Ok(row.map(into_checkpoint))
}

async fn list(connection: &impl ConnectionTrait) -> Result<Vec<StoredAuditKey>, StorageError> {
    let rows = audit_keys::Entity::find()
        .order_by_asc(audit_keys::Column::CreatedAt)
        .order_by_asc(audit_keys::Column::Kid)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(into_key).collect())
}

pub(super) fn into_checkpoint(row: audit_checkpoints::Model) -> StoredCheckpoint {
    StoredCheckpoint { seq: row.seq, at: Timestamp::from_millis(row.at), jws: row.jws }
}

fn into_key(row: audit_keys::Model) -> StoredAuditKey {
    StoredAuditKey {
        kid: row.kid,
        sealed: row.sealed,
        created_at: Timestamp::from_millis(row.created_at),
    }
}
