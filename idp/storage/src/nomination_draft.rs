//! What a signatory has filled in so far. It holds phone numbers, so it is sealed.

use portal_core::id::NominationId;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, sea_query::Expr,
};

use crate::{Sealer, StorageError, Store, Transaction, entity::nominations};

impl Store {
    /// What the signatory has filled in so far, as it was stored.
    pub async fn find_nomination_draft(
        &self,
        id: NominationId,
    ) -> Result<Option<String>, StorageError> {
        load(self.connection(), self.sealer(), id).await
    }
}

impl Transaction {
    /// What the signatory has filled in so far, as this transaction sees it.
    pub async fn find_nomination_draft(
        &self,
        id: NominationId,
    ) -> Result<Option<String>, StorageError> {
        load(self.connection(), self.sealer(), id).await
    }

    /// Keeps what the signatory has filled in so far.
    pub async fn save_nomination_draft(
        &self,
        id: NominationId,
        draft: &str,
    ) -> Result<(), StorageError> {
        let sealed = self.sealer().seal(&purpose(id), draft.as_bytes())?;
        nominations::Entity::update_many()
            .col_expr(nominations::Column::DraftSealed, Expr::value(sealed))
            .filter(nominations::Column::Id.eq(id.0))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}

async fn load(
    db: &impl ConnectionTrait,
    sealer: &dyn Sealer,
    id: NominationId,
) -> Result<Option<String>, StorageError> {
    let row = nominations::Entity::find_by_id(id.0).one(db).await?;
    let Some(draft) = row.and_then(|row| row.draft_sealed) else {
        return Ok(None);
    };
    let plain = sealer.open(&purpose(id), &draft)?;
    String::from_utf8(plain).map(Some).map_err(|_| StorageError::Corrupt("draft"))
}

fn purpose(id: NominationId) -> String {
    format!("nominations.draft:{id}")
}
