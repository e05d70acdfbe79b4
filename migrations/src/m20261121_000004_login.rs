//! The login procedure: pending logins, failure counters, sessions (domain.md 1.2, security.md 48-66).

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn logins() -> TableCreateStatement {
    Table::create()
        .table("logins")
        .col(ColumnDef::new("id_digest").binary().not_null())
        .col(ColumnDef::new("browser_digest").binary().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("email").string_len(255).not_null())
        .col(ColumnDef::new("target").text().not_null())
        .col(ColumnDef::new("channel").string_len(255).not_null())
        .col(ColumnDef::new("code_mac").binary().not_null())
        .col(ColumnDef::new("code_sent_at").big_integer().not_null())
        .col(ColumnDef::new("tries").integer().not_null())
        .col(ColumnDef::new("outcome").string_len(255).null())
        .col(ColumnDef::new("ended_at").big_integer().null())
        .primary_key(Index::create().col("id_digest"))
        .foreign_key(ForeignKey::create().from("logins", "user_id").to("users", "id"))
        .to_owned()
}

fn password_failures() -> TableCreateStatement {
    Table::create()
        .table("password_failures")
        .col(ColumnDef::new("source_digest").binary().not_null())
        .col(ColumnDef::new("consecutive").integer().not_null())
        .col(ColumnDef::new("locked_until").big_integer().not_null())
        .col(ColumnDef::new("last_at").big_integer().not_null())
        .primary_key(Index::create().col("source_digest"))
        .to_owned()
}

fn code_failures() -> TableCreateStatement {
    Table::create()
        .table("code_failures")
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("consecutive").integer().not_null())
        .col(ColumnDef::new("locked_until").big_integer().not_null())
        .col(ColumnDef::new("suspended_at").big_integer().null())
        .col(ColumnDef::new("last_at").big_integer().not_null())
        .primary_key(Index::create().col("user_id"))
        .foreign_key(ForeignKey::create().from("code_failures", "user_id").to("users", "id"))
        .to_owned()
}

fn sessions() -> TableCreateStatement {
    Table::create()
        .table("sessions")
        .col(ColumnDef::new("id_digest").binary().not_null())
        .col(ColumnDef::new("sid").string_len(255).not_null().unique_key())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("auth_time").big_integer().not_null())
        .col(ColumnDef::new("acr").string_len(255).not_null())
        .col(ColumnDef::new("amr").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("last_seen_at").big_integer().not_null())
        .col(ColumnDef::new("ended_at").big_integer().null())
        .primary_key(Index::create().col("id_digest"))
        .foreign_key(ForeignKey::create().from("sessions", "user_id").to("users", "id"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(logins()).await?;
        manager.create_table(password_failures()).await?;
        manager.create_table(code_failures()).await?;
        manager.create_table(sessions()).await?;
        manager
            .create_index(
                Index::create().name("logins_user_id").table("logins").col("user_id").to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("sessions_user_id")
                    .table("sessions")
                    .col("user_id")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("sessions").to_owned()).await?;
        manager.drop_table(Table::drop().table("code_failures").to_owned()).await?;
        manager.drop_table(Table::drop().table("password_failures").to_owned()).await?;
        manager.drop_table(Table::drop().table("logins").to_owned()).await?;
        Ok(())
    }
}
