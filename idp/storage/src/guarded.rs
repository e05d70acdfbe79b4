//! The one way in which a single-use thing is used up (design §4, security.md 15).
//!
//! The caller writes an update whose condition holds only while the thing is unused
//! (`… WHERE used_at IS NULL`), or, for a thing that others made, an insert that does nothing when the thing was here
//! before. Of any number of callers at once, on any node, exactly one sees the row.

use sea_orm::{
    ActiveModelTrait, EntityTrait, IntoActiveModel, TryInsert, TryInsertResult, UpdateMany,
};

use crate::{StorageError, Transaction};

/// Runs the guarded update; `Some` for the one caller who used the thing up, with the row as it is now.
pub(crate) async fn take<E: EntityTrait>(
    tx: &Transaction,
    update: UpdateMany<E>,
) -> Result<Option<E::Model>, StorageError> {
    let mut rows = update.exec_with_returning(tx.connection()).await?;
    if rows.len() > 1 {
        return Err(StorageError::Corrupt("a guarded update matched several rows"));
    }
    Ok(rows.pop())
}

/// Runs an insert that does nothing on a conflict; `true` for the one caller who was first.
pub(crate) async fn be_first<A>(
    tx: &Transaction,
    insert: TryInsert<A>,
) -> Result<bool, StorageError>
where
    A: ActiveModelTrait,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    let inserted = insert.exec_without_returning(tx.connection()).await?;
    Ok(matches!(inserted, TryInsertResult::Inserted(1)))
}
