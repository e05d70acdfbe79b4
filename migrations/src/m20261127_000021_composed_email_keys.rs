//! Addresses are compared with their letters composed (NFC): the keys of accounts from before are written anew (I5).
//!
//! A key whose composed form another account has already stays as it is: the two are one address, and it signs in to the
//! account that was found by it before. A user administrator gives the other one an address of its own.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{DbBackend, Statement, TryGetable as _},
};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use uuid::Uuid;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let backend = db.get_database_backend();
        // Only what is not ASCII throughout can have two forms.
        let is_odd = match backend {
            DbBackend::Sqlite => "length(CAST(email_key AS BLOB)) <> length(email_key)",
            _ => "octet_length(email_key) <> char_length(email_key)",
        };
        let find = format!("SELECT id, email_key FROM users WHERE {is_odd}");
        for row in db.query_all_raw(Statement::from_string(backend, find)).await? {
            let (id, key) =
                (Uuid::try_get(&row, "", "id")?, String::try_get(&row, "", "email_key")?);
            if is_nfc(&key) {
                continue;
            }
            let composed: String = key.nfc().collect();
            let taken = "SELECT id FROM users WHERE email_key = $1";
            let taken = Statement::from_sql_and_values(backend, taken, [composed.clone().into()]);
            if db.query_one_raw(taken).await?.is_none() {
                let write = "UPDATE users SET email_key = $1 WHERE id = $2";
                let values = [composed.into(), id.into()];
                db.execute_raw(Statement::from_sql_and_values(backend, write, values)).await?;
            }
        }
        Ok(())
    }

    /// Both forms are found by the composed key.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
