//! The audit trail: append-only, each entry chained to the one before (I25, I26).

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn audit_events() -> TableCreateStatement {
    Table::create()
        .table("audit_events")
        .col(ColumnDef::new("seq").big_integer().not_null())
        .col(ColumnDef::new("at").big_integer().not_null())
        .col(ColumnDef::new("actor").string_len(255).not_null())
        .col(ColumnDef::new("action").string_len(255).not_null())
        .col(ColumnDef::new("object").string_len(255).not_null())
        .col(ColumnDef::new("level_id").uuid().null())
        .col(ColumnDef::new("detail").text().not_null())
        .col(ColumnDef::new("ip").string_len(255).null())
        .col(ColumnDef::new("request_id").string_len(255).null())
        .col(ColumnDef::new("previous").binary().not_null())
        .col(ColumnDef::new("digest").binary().not_null())
        .primary_key(Index::create().col("seq"))
        .to_owned()
}

fn audit_head() -> TableCreateStatement {
    Table::create()
        .table("audit_head")
        .col(ColumnDef::new("id").integer().not_null())
        .col(ColumnDef::new("seq").big_integer().not_null())
        .col(ColumnDef::new("digest").binary().not_null())
        .primary_key(Index::create().col("id"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(audit_events()).await?;
        manager.create_table(audit_head()).await?;
        manager
            .create_index(
                Index::create()
                    .name("audit_events_object")
                    .table("audit_events")
                    .col("object")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("audit_events_actor")
                    .table("audit_events")
                    .col("actor")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("audit_head").to_owned()).await?;
        manager.drop_table(Table::drop().table("audit_events").to_owned()).await?;
        Ok(())
    }
}
