//! Since when a membership is held, whoever moved its last day in between: what a review looked at stays what it was.
//! A row without it is held since it was assigned.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let since = ColumnDef::new("held_since").big_integer().to_owned();
        let alter = Table::alter().table("memberships").add_column(since).to_owned();
        manager.alter_table(alter).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let alter = Table::alter().table("memberships").drop_column("held_since").to_owned();
        manager.alter_table(alter).await
    }
}
