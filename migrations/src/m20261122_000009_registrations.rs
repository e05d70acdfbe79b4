//! Dynamic registration: tokens that permit it, and tokens that manage what was registered.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn initial_access_tokens() -> TableCreateStatement {
    Table::create()
        .table("initial_access_tokens")
        .col(ColumnDef::new("token_digest").binary().not_null())
        .col(ColumnDef::new("application_id").uuid().not_null())
        .col(ColumnDef::new("require_pkce").boolean().not_null())
        .col(ColumnDef::new("uses_left").integer().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .primary_key(Index::create().col("token_digest"))
        .foreign_key(
            ForeignKey::create()
                .from("initial_access_tokens", "application_id")
                .to("applications", "id"),
        )
        .to_owned()
}

fn client_registrations() -> TableCreateStatement {
    Table::create()
        .table("client_registrations")
        .col(ColumnDef::new("client_id").string_len(255).not_null())
        .col(ColumnDef::new("token_digest").binary().not_null())
        .col(ColumnDef::new("registered_at").big_integer().not_null())
        .col(ColumnDef::new("ended_at").big_integer().null())
        .primary_key(Index::create().col("client_id"))
        .foreign_key(
            ForeignKey::create().from("client_registrations", "client_id").to("clients", "id"),
        )
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(initial_access_tokens()).await?;
        manager.create_table(client_registrations()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("client_registrations").to_owned()).await?;
        manager.drop_table(Table::drop().table("initial_access_tokens").to_owned()).await
    }
}
