//! Who replaced the address, who the number, and everybody who had a hand in replacing both (I28, security.md 82). The
//! last alone forgot the one before.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const HANDS: [&str; 2] = ["email_replaced_by", "phone_replaced_by"];
/// Ids, with spaces between them.
const TAKERS: &str = "taken_over_by";
/// Nodes of the release before read it; nobody writes it any more.
const LAST: &str = "sign_in_data_replaced_by";

/// Two replacements within so many milliseconds were one.
const TOGETHER: i64 = 7 * 24 * 60 * 60 * 1000;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let hands = HANDS.map(|name| ColumnDef::new(name).uuid().null().to_owned());
        let takers = ColumnDef::new(TAKERS).text().null().to_owned();
        for column in hands.into_iter().chain([takers]) {
            let add = Table::alter().table("users").add_column(column).to_owned();
            manager.alter_table(add).await?;
        }
        let db = manager.get_connection();
        for (by, at) in HANDS.iter().zip(["email_replaced_at", "phone_replaced_at"]) {
            let fill = format!("UPDATE users SET {by} = {LAST} WHERE {at} IS NOT NULL");
            db.execute_unprepared(&fill).await?;
        }
        let last = match manager.get_database_backend() {
            DbBackend::Sqlite => format!("lower(hex({LAST}))"),
            _ => format!("CAST({LAST} AS text)"),
        };
        db.execute_unprepared(&format!(
            "UPDATE users SET {TAKERS} = {last} WHERE {LAST} IS NOT NULL \
             AND abs(email_replaced_at - phone_replaced_at) < {TOGETHER}"
        ))
        .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in HANDS.into_iter().chain([TAKERS]) {
            let drop = Table::alter().table("users").drop_column(column).to_owned();
            manager.alter_table(drop).await?;
        }
        Ok(())
    }
}
