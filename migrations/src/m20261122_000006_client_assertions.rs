//! Assertions by which clients proved who they are: each is good once.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("client_assertions")
                    .col(ColumnDef::new("digest").binary().not_null())
                    .col(ColumnDef::new("expires_at").big_integer().not_null())
                    .primary_key(Index::create().col("digest"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("client_assertions_expires_at")
                    .table("client_assertions")
                    .col("expires_at")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("client_assertions").to_owned()).await
    }
}
