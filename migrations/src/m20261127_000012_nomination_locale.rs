//! The language in which a signatory is written to.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column =
            ColumnDef::new("signatory_locale").string_len(255).not_null().default("en").to_owned();
        let table = Table::alter().table("nominations").add_column(column).to_owned();
        manager.alter_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter().table("nominations").drop_column("signatory_locale").to_owned();
        manager.alter_table(table).await
    }
}
