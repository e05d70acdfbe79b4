//! By whose hand people came to be (I28): looked up a generation at a time, for everybody at once.

use std::collections::HashMap;

use portal_core::{
    descent::{Descent, Made},
    id::UserId,
};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use crate::{
    StorageError, Store, Transaction,
    entity::{delegated_roles, users},
    sign_in_data::replaced_sign_in_data,
};

/// Generations that are looked up. Whoever stems from further back is nobody's second administrator.
const GENERATIONS: usize = 32;

impl Store {
    /// By whom these people were made, and those, and so on.
    pub async fn descent(&self, people: &[UserId]) -> Result<Descent, StorageError> {
        load(self.connection(), people).await
    }
}

impl Transaction {
    /// By whom these people were made, as this transaction sees it.
    pub async fn descent(&self, people: &[UserId]) -> Result<Descent, StorageError> {
        load(self.connection(), people).await
    }
}

async fn load(db: &impl ConnectionTrait, people: &[UserId]) -> Result<Descent, StorageError> {
    let (mut descent, mut next) = (Descent::default(), people.to_vec());
    for _ in 0..GENERATIONS {
        if next.is_empty() {
            break;
        }
        for (person, made) in generation(db, &next).await? {
            descent.add(person, &made);
        }
        next = descent.unknown();
    }
    Ok(descent)
}

async fn generation(
    db: &impl ConnectionTrait,
    people: &[UserId],
) -> Result<HashMap<UserId, Made>, StorageError> {
    let ids = || people.iter().map(|id| id.0);
    let rows = users::Entity::find().filter(users::Column::Id.is_in(ids())).all(db).await?;
    let mut made = HashMap::new();
    for row in &rows {
        made.insert(UserId(row.id), of(row)?);
    }
    let roles = delegated_roles::Entity::find()
        .filter(delegated_roles::Column::UserId.is_in(ids()))
        .all(db)
        .await?;
    for role in roles {
        if let Some(made) = made.get_mut(&UserId(role.user_id)) {
            made.is_nominated |= role.nomination_id.is_some();
            made.granted_by.extend(role.granted_by.map(UserId));
        }
    }
    Ok(made)
}

fn of(row: &users::Model) -> Result<Made, StorageError> {
    Ok(Made {
        created_by: row.created_by.map(UserId),
        granted_by: Vec::new(),
        replaced_by: replaced_sign_in_data(row)?.taken_over_by.into_iter().collect(),
        is_nominated: false,
    })
}
