//! Logout tokens that are still to be delivered, and what became of them (OpenID Connect Back-Channel Logout 1.0).
//! `next_attempt_at` is null once a delivery is settled, so the index holds the open ones in front.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn logout_deliveries() -> TableCreateStatement {
    Table::create()
        .table("logout_deliveries")
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("session_sid").string_len(255).not_null())
        .col(ColumnDef::new("client_id").string_len(255).not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("give_up_at").big_integer().not_null())
        .col(ColumnDef::new("attempts").integer().not_null())
        .col(ColumnDef::new("next_attempt_at").big_integer().null())
        .col(ColumnDef::new("claimed_until").big_integer().null())
        .col(ColumnDef::new("delivered_at").big_integer().null())
        .col(ColumnDef::new("dead_at").big_integer().null())
        .col(ColumnDef::new("last_error").text().null())
        .primary_key(Index::create().col("id"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(logout_deliveries()).await?;
        manager
            .create_index(
                Index::create()
                    .name("logout_deliveries_next_attempt_at")
                    .table("logout_deliveries")
                    .col("next_attempt_at")
                    .to_owned(),
            )
            .await?;
        // Sessions that end by age are looked for every few seconds.
        manager
            .create_index(
                Index::create()
                    .name("sessions_ended_at_auth_time")
                    .table("sessions")
                    .col("ended_at")
                    .col("auth_time")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop().name("sessions_ended_at_auth_time").table("sessions").to_owned(),
            )
            .await?;
        manager.drop_table(Table::drop().table("logout_deliveries").to_owned()).await
    }
}
