//! Clients of the OpenID Provider and its signing keys.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn clients() -> TableCreateStatement {
    Table::create()
        .table("clients")
        .col(ColumnDef::new("id").string_len(255).not_null())
        .col(ColumnDef::new("name").string_len(255).not_null())
        .col(ColumnDef::new("application_id").uuid().null())
        .col(ColumnDef::new("auth_method").string_len(255).not_null())
        .col(ColumnDef::new("secret_digests").text().not_null())
        .col(ColumnDef::new("redirect_uris").text().not_null())
        .col(ColumnDef::new("post_logout_redirect_uris").text().not_null())
        .col(ColumnDef::new("initiate_login_uri").string_len(255).null())
        .col(ColumnDef::new("grant_types").text().not_null())
        .col(ColumnDef::new("scopes").text().not_null())
        .col(ColumnDef::new("first_party").boolean().not_null())
        .col(ColumnDef::new("enabled").boolean().not_null())
        .col(ColumnDef::new("id_token_alg").string_len(255).not_null())
        .col(ColumnDef::new("extra_claims").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .primary_key(Index::create().col("id"))
        .foreign_key(
            ForeignKey::create().from("clients", "application_id").to("applications", "id"),
        )
        .to_owned()
}

fn signing_keys() -> TableCreateStatement {
    Table::create()
        .table("signing_keys")
        .col(ColumnDef::new("kid").string_len(255).not_null())
        .col(ColumnDef::new("alg").string_len(255).not_null())
        .col(ColumnDef::new("sealed").binary().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("active_from").big_integer().not_null())
        .col(ColumnDef::new("retired_at").big_integer().null())
        .primary_key(Index::create().col("kid"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(clients()).await?;
        manager.create_table(signing_keys()).await?;
        manager
            .create_index(
                Index::create()
                    .name("clients_application_id")
                    .table("clients")
                    .col("application_id")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("signing_keys").to_owned()).await?;
        manager.drop_table(Table::drop().table("clients").to_owned()).await?;
        Ok(())
    }
}
