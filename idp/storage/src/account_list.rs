//! Several accounts at once, by their subjects or their addresses.

use portal_core::{email::EmailKey, id::UserId};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, Select, sea_query::Expr,
};

use crate::{
    Account, Sealer, StorageError, Store, Transaction,
    account::{AccountRow, accounts, into_account},
    entity::users,
};

/// Accounts that one statement asks for.
const PORTION: usize = 500;

impl Store {
    /// The accounts of several subjects, in no order.
    pub async fn list_accounts(&self, ids: &[UserId]) -> Result<Vec<Account>, StorageError> {
        load_subjects(ids, self.connection(), self.sealer()).await
    }

    /// The accounts of several addresses, in no order.
    pub async fn list_accounts_of(&self, keys: &[EmailKey]) -> Result<Vec<Account>, StorageError> {
        load(of_addresses(keys), self.connection(), self.sealer()).await
    }
}

impl Transaction {
    /// The accounts of several subjects, in no order, as this transaction sees them.
    pub async fn list_accounts(&self, ids: &[UserId]) -> Result<Vec<Account>, StorageError> {
        load_subjects(ids, self.connection(), self.sealer()).await
    }

    /// The accounts of several addresses, in no order, as this transaction sees them.
    pub async fn list_accounts_of(&self, keys: &[EmailKey]) -> Result<Vec<Account>, StorageError> {
        load(of_addresses(keys), self.connection(), self.sealer()).await
    }

    /// Sets the language in which these people are written to.
    pub async fn set_locale(&self, users: &[UserId], locale: &str) -> Result<(), StorageError> {
        users::Entity::update_many()
            .col_expr(users::Column::Locale, Expr::value(locale))
            .filter(users::Column::Id.is_in(users.iter().map(|id| id.0)))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}

/// A portion at a time: a statement takes so many values and no more.
async fn load_subjects(
    ids: &[UserId],
    db: &impl ConnectionTrait,
    sealer: &dyn Sealer,
) -> Result<Vec<Account>, StorageError> {
    let mut all = Vec::with_capacity(ids.len());
    for some in ids.chunks(PORTION) {
        all.append(&mut load(of_subjects(some), db, sealer).await?);
    }
    Ok(all)
}

fn of_subjects(ids: &[UserId]) -> Select<users::Entity> {
    accounts().filter(users::Column::Id.is_in(ids.iter().map(|id| id.0)))
}

fn of_addresses(keys: &[EmailKey]) -> Select<users::Entity> {
    accounts().filter(users::Column::EmailKey.is_in(keys.iter().map(EmailKey::as_str)))
}

async fn load(
    select: Select<users::Entity>,
    db: &impl ConnectionTrait,
    sealer: &dyn Sealer,
) -> Result<Vec<Account>, StorageError> {
    let rows = select.into_model::<AccountRow>().all(db).await?;
    rows.into_iter().map(|row| into_account(row, sealer)).collect()
}
