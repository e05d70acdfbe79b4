//! Authorization requests, codes, grants (token families), refresh tokens, the clients of a session.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn pending_requests() -> TableCreateStatement {
    Table::create()
        .table("pending_requests")
        .col(ColumnDef::new("id_digest").binary().not_null())
        .col(ColumnDef::new("browser_digest").binary().not_null())
        .col(ColumnDef::new("client_id").string_len(255).not_null())
        .col(ColumnDef::new("params").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .col(ColumnDef::new("completed_at").big_integer().null())
        .primary_key(Index::create().col("id_digest"))
        .foreign_key(ForeignKey::create().from("pending_requests", "client_id").to("clients", "id"))
        .to_owned()
}

fn grants() -> TableCreateStatement {
    Table::create()
        .table("grants")
        .col(ColumnDef::new("id").string_len(255).not_null())
        .col(ColumnDef::new("client_id").string_len(255).not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("session_sid").string_len(255).not_null())
        .col(ColumnDef::new("scope").string_len(255).not_null())
        .col(ColumnDef::new("auth_time").big_integer().not_null())
        .col(ColumnDef::new("acr").string_len(255).not_null())
        .col(ColumnDef::new("amr").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .col(ColumnDef::new("revoked_at").big_integer().null())
        .primary_key(Index::create().col("id"))
        .foreign_key(ForeignKey::create().from("grants", "client_id").to("clients", "id"))
        .foreign_key(ForeignKey::create().from("grants", "user_id").to("users", "id"))
        .to_owned()
}

fn authorization_codes() -> TableCreateStatement {
    Table::create()
        .table("authorization_codes")
        .col(ColumnDef::new("code_digest").binary().not_null())
        .col(ColumnDef::new("grant_id").string_len(255).not_null())
        .col(ColumnDef::new("client_id").string_len(255).not_null())
        .col(ColumnDef::new("redirect_uri").text().not_null())
        .col(ColumnDef::new("code_challenge").string_len(255).not_null())
        .col(ColumnDef::new("nonce").text().null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .col(ColumnDef::new("used_at").big_integer().null())
        .primary_key(Index::create().col("code_digest"))
        .foreign_key(
            ForeignKey::create().from("authorization_codes", "grant_id").to("grants", "id"),
        )
        .to_owned()
}

fn refresh_tokens() -> TableCreateStatement {
    Table::create()
        .table("refresh_tokens")
        .col(ColumnDef::new("token_digest").binary().not_null())
        .col(ColumnDef::new("grant_id").string_len(255).not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .col(ColumnDef::new("used_at").big_integer().null())
        .col(ColumnDef::new("successor_digest").binary().null())
        .primary_key(Index::create().col("token_digest"))
        .foreign_key(ForeignKey::create().from("refresh_tokens", "grant_id").to("grants", "id"))
        .to_owned()
}

fn session_clients() -> TableCreateStatement {
    Table::create()
        .table("session_clients")
        .col(ColumnDef::new("session_sid").string_len(255).not_null())
        .col(ColumnDef::new("client_id").string_len(255).not_null())
        .col(ColumnDef::new("first_at").big_integer().not_null())
        .primary_key(Index::create().col("session_sid").col("client_id"))
        .foreign_key(ForeignKey::create().from("session_clients", "client_id").to("clients", "id"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(pending_requests()).await?;
        manager.create_table(grants()).await?;
        manager.create_table(authorization_codes()).await?;
        manager.create_table(refresh_tokens()).await?;
        manager.create_table(session_clients()).await?;
        manager
            .create_index(
                Index::create()
                    .name("pending_requests_expires_at")
                    .table("pending_requests")
                    .col("expires_at")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("grants_user_id").table("grants").col("user_id").to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("grants_session_sid")
                    .table("grants")
                    .col("session_sid")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("authorization_codes_grant_id")
                    .table("authorization_codes")
                    .col("grant_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("refresh_tokens_grant_id")
                    .table("refresh_tokens")
                    .col("grant_id")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("session_clients").to_owned()).await?;
        manager.drop_table(Table::drop().table("refresh_tokens").to_owned()).await?;
        manager.drop_table(Table::drop().table("authorization_codes").to_owned()).await?;
        manager.drop_table(Table::drop().table("grants").to_owned()).await?;
        manager.drop_table(Table::drop().table("pending_requests").to_owned()).await?;
        Ok(())
    }
}
