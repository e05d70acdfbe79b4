//! Third parties that are barred, and whose people are still to be told of it. Nothing that they hold opens anything
//! meanwhile; what is left is done by whoever comes first, once.

use portal_core::{Timestamp, id::ThirdPartyId, organisation::ThirdPartyStatus};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use uuid::Uuid;

use crate::{StorageError, Store, Transaction, entity::unfinished_turns};

/// Most third parties in one go.
const BATCH: u64 = 100;

/// What is left to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfinishedTurn {
    /// What the third party has become.
    pub status: ThirdPartyStatus,
    /// The reason, for administrators.
    pub reason: String,
}

impl Store {
    /// Whether something is left to be told to the people of a third party.
    pub async fn has_unfinished_turn(&self, id: ThirdPartyId) -> Result<bool, StorageError> {
        let found = unfinished_turns::Entity::find_by_id(id.0).one(self.connection()).await?;
        Ok(found.is_some())
    }

    /// Third parties that were barred before then with something left to be told, a batch behind `after`.
    pub async fn list_unfinished_turns(
        &self,
        before: Timestamp,
        after: Option<ThirdPartyId>,
    ) -> Result<Vec<ThirdPartyId>, StorageError> {
        use unfinished_turns::Column;
        let mut find = unfinished_turns::Entity::find()
            .select_only()
            .column(Column::ThirdPartyId)
            .filter(Column::BegunAt.lt(before.millis()));
        if let Some(after) = after {
            find = find.filter(Column::ThirdPartyId.gt(after.0));
        }
        let ids: Vec<Uuid> = find
            .order_by_asc(Column::ThirdPartyId)
            .limit(BATCH)
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(ids.into_iter().map(ThirdPartyId).collect())
    }
}

impl Transaction {
    /// Leaves it to be told that a third party was suspended or closed.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when something is left from before.
    pub async fn leave_turn(
        &self,
        id: ThirdPartyId,
        turn: &UnfinishedTurn,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let row = unfinished_turns::ActiveModel {
            third_party_id: Set(id.0),
            status: Set(turn.status.as_str().to_owned()),
            reason: Set(turn.reason.clone()),
            begun_at: Set(now.millis()),
        };
        unfinished_turns::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Takes what is left to be told, once. `None` for whoever comes second. Hold the organisation before.
    pub async fn take_turn(
        &self,
        id: ThirdPartyId,
    ) -> Result<Option<UnfinishedTurn>, StorageError> {
        let Some(row) = unfinished_turns::Entity::find_by_id(id.0).one(self.connection()).await?
        else {
            return Ok(None);
        };
        let taken = unfinished_turns::Entity::delete_by_id(id.0)
            .exec(self.connection())
            .await?
            .rows_affected;
        let status = ThirdPartyStatus::parse(&row.status);
        let status = status.ok_or(StorageError::Corrupt("third party status"))?;
        Ok((taken == 1).then_some(UnfinishedTurn { status, reason: row.reason }))
    }
}
