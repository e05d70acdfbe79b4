//! Pushed authorization requests (RFC 9126), and which of them a pending request came from.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn pushed_requests() -> TableCreateStatement {
    Table::create()
        .table("pushed_requests")
        .col(ColumnDef::new("uri_digest").binary().not_null())
        .col(ColumnDef::new("client_id").string_len(255).not_null())
        .col(ColumnDef::new("params").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .col(ColumnDef::new("used_at").big_integer().null())
        .primary_key(Index::create().col("uri_digest"))
        .foreign_key(ForeignKey::create().from("pushed_requests", "client_id").to("clients", "id"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(pushed_requests()).await?;
        let index = Index::create()
            .name("pushed_requests_expires_at")
            .table("pushed_requests")
            .col("expires_at")
            .to_owned();
        manager.create_index(index).await?;
        manager
            .alter_table(
                Table::alter()
                    .table("pending_requests")
                    .add_column(ColumnDef::new("pushed_digest").binary().null())
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column =
            Table::alter().table("pending_requests").drop_column("pushed_digest").to_owned();
        manager.alter_table(column).await?;
        manager.drop_table(Table::drop().table("pushed_requests").to_owned()).await
    }
}
