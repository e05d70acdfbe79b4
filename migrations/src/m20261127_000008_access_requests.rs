//! Requests for access, and what became of them.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// `open_key` names person and group while the request is open, so that there is one open request of each pair.
fn access_requests() -> TableCreateStatement {
    Table::create()
        .table("access_requests")
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("group_id").uuid().not_null())
        .col(ColumnDef::new("reason").text().not_null())
        .col(ColumnDef::new("wished_until").string_len(255).null())
        .col(ColumnDef::new("state").string_len(255).not_null())
        .col(ColumnDef::new("open_key").string_len(255).null())
        .col(ColumnDef::new("requested_at").big_integer().not_null())
        .col(ColumnDef::new("decided_by").uuid().null())
        .col(ColumnDef::new("decided_at").big_integer().null())
        .col(ColumnDef::new("answer").text().null())
        .col(ColumnDef::new("valid_until").string_len(255).null())
        .primary_key(Index::create().col("id"))
        .foreign_key(ForeignKey::create().from("access_requests", "user_id").to("users", "id"))
        .foreign_key(
            ForeignKey::create().from("access_requests", "group_id").to("access_groups", "id"),
        )
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(access_requests()).await?;
        let mut open = Index::create();
        open.name("access_requests_open_key").table("access_requests").col("open_key").unique();
        manager.create_index(open).await?;
        let mut of_user = Index::create();
        of_user.name("access_requests_user_id").table("access_requests").col("user_id").col("id");
        manager.create_index(of_user).await?;
        let mut waiting = Index::create();
        waiting.name("access_requests_state").table("access_requests").col("state").col("id");
        manager.create_index(waiting).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("access_requests").to_owned()).await
    }
}
