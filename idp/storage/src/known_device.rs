//! Devices on which a person has signed in before: their wrong passwords are counted apart from those of
//! strangers, so that a stranger cannot lock the person out (security.md 63).

use portal_core::{Timestamp, id::UserId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::OnConflict,
};

use crate::{Digest, StorageError, Store, Transaction, entity::known_devices};

impl Store {
    /// Whether the person has signed in on this device before.
    pub async fn is_known_device(
        &self,
        device: &Digest,
        user: UserId,
    ) -> Result<bool, StorageError> {
        let row = known_devices::Entity::find_by_id(device.to_vec())
            .filter(known_devices::Column::UserId.eq(user.0))
            .one(self.connection())
            .await?;
        Ok(row.is_some())
    }
}

impl Transaction {
    /// Remembers that the person signed in on this device.
    pub async fn remember_device(
        &self,
        device: &Digest,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        use known_devices::Column;
        let row = known_devices::ActiveModel {
            device_digest: Set(device.to_vec()),
            user_id: Set(user.0),
            created_at: Set(now.millis()),
            last_seen_at: Set(now.millis()),
        };
        let newest = OnConflict::column(Column::DeviceDigest)
            .update_columns([Column::UserId, Column::LastSeenAt])
            .to_owned();
        known_devices::Entity::insert(row)
            .on_conflict(newest)
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }
}
