//! What people allowed clients, and what they answered to the request that asked.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// One row for each pair of person and client. What was taken back stays as a row without effect.
fn consents() -> TableCreateStatement {
    Table::create()
        .table("consents")
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("client_id").string_len(255).not_null())
        .col(ColumnDef::new("scope").text().not_null())
        .col(ColumnDef::new("resources").text().not_null())
        .col(ColumnDef::new("granted_at").big_integer().not_null())
        .col(ColumnDef::new("used_at").big_integer().null())
        .col(ColumnDef::new("revoked_at").big_integer().null())
        .primary_key(Index::create().col("user_id").col("client_id"))
        .foreign_key(ForeignKey::create().from("consents", "user_id").to("users", "id"))
        .foreign_key(ForeignKey::create().from("consents", "client_id").to("clients", "id"))
        .to_owned()
}

fn answer_columns() -> [ColumnDef; 3] {
    [
        ColumnDef::new("answered_by").uuid().null().to_owned(),
        ColumnDef::new("answered_at").big_integer().null().to_owned(),
        ColumnDef::new("is_allowed").boolean().null().to_owned(),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(consents()).await?;
        // SQLite alters one column at a time.
        for column in answer_columns() {
            let table = Table::alter().table("pending_requests").add_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["is_allowed", "answered_at", "answered_by"] {
            let table = Table::alter().table("pending_requests").drop_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        manager.drop_table(Table::drop().table("consents").to_owned()).await
    }
}
