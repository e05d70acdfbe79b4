//! Nominations as what gave somebody a role: who signed, filed, reviewed and confirmed them (domain.md 4.3, O1).

use portal_core::{
    Timestamp,
    id::{NominationId, UserId},
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use crate::{
    Confirmation, Nomination, StorageError, Store,
    entity::{nomination_confirmations, nominations},
    nomination::into_nomination,
};

/// A nomination with everybody who confirmed it.
#[derive(Clone, Debug)]
pub struct NominationOrigin {
    /// The nomination.
    pub nomination: Nomination,
    /// In the order of time.
    pub confirmations: Vec<Confirmation>,
}

impl NominationOrigin {
    /// Everybody of the staff who had a part in it.
    pub fn people(&self) -> impl Iterator<Item = UserId> {
        let nomination = &self.nomination;
        let confirmed = self.confirmations.iter().map(|one| one.by);
        nomination.filed_by.into_iter().chain(nomination.reviewed_by).chain(confirmed)
    }
}

impl Store {
    /// These nominations, each with its confirmations.
    ///
    /// # Errors
    /// [`StorageError`] when the database fails or a row cannot be read.
    pub async fn list_nomination_origins(
        &self,
        ids: &[NominationId],
    ) -> Result<Vec<NominationOrigin>, StorageError> {
        let ids = || ids.iter().map(|id| id.0);
        let found = nominations::Entity::find()
            .filter(nominations::Column::Id.is_in(ids()))
            .all(self.connection())
            .await?;
        let confirmed = nomination_confirmations::Entity::find()
            .filter(nomination_confirmations::Column::NominationId.is_in(ids()))
            .order_by_asc(nomination_confirmations::Column::ConfirmedAt)
            .order_by_asc(nomination_confirmations::Column::ConfirmedBy)
            .all(self.connection())
            .await?;
        let origin = |row: nominations::Model| {
            let of_it = confirmed.iter().filter(|one| one.nomination_id == row.id);
            let confirmations = of_it
                .map(|one| Confirmation {
                    by: UserId(one.confirmed_by),
                    at: Timestamp::from_millis(one.confirmed_at),
                })
                .collect();
            Ok(NominationOrigin { nomination: into_nomination(row)?, confirmations })
        };
        found.into_iter().map(origin).collect()
    }
}
