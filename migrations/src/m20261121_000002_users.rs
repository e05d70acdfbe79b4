//! People, their staff roles, the devices they are known on. `id` is the subject (`sub`), never reused (I6).

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn users() -> TableCreateStatement {
    Table::create()
        .table("users")
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("first_name").string_len(255).not_null())
        .col(ColumnDef::new("last_name").string_len(255).not_null())
        .col(ColumnDef::new("email").string_len(255).not_null())
        .col(ColumnDef::new("email_key").string_len(255).not_null().unique_key())
        .col(ColumnDef::new("phone_sealed").binary().not_null())
        .col(ColumnDef::new("phone_verified_at").big_integer().null())
        .col(ColumnDef::new("default_channel").string_len(255).not_null())
        .col(ColumnDef::new("password_hash").text().null())
        .col(ColumnDef::new("credentials_changed_at").big_integer().not_null())
        .col(ColumnDef::new("level_id").uuid().not_null())
        .col(ColumnDef::new("subsidiary_id").uuid().null())
        .col(ColumnDef::new("company_id").string_len(255).null())
        .col(ColumnDef::new("expires_on").string_len(255).null())
        .col(ColumnDef::new("self_registered").boolean().not_null())
        .col(ColumnDef::new("status").string_len(255).not_null())
        .col(ColumnDef::new("locale").string_len(255).not_null())
        .col(ColumnDef::new("created_by").uuid().null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("last_login_at").big_integer().null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .primary_key(Index::create().col("id"))
        .foreign_key(ForeignKey::create().from("users", "level_id").to("levels", "id"))
        .foreign_key(ForeignKey::create().from("users", "subsidiary_id").to("subsidiaries", "id"))
        .to_owned()
}

fn staff_roles() -> TableCreateStatement {
    Table::create()
        .table("staff_roles")
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("role").string_len(255).not_null())
        .col(ColumnDef::new("granted_at").big_integer().not_null())
        .primary_key(Index::create().col("user_id").col("role"))
        .foreign_key(ForeignKey::create().from("staff_roles", "user_id").to("users", "id"))
        .to_owned()
}

fn known_devices() -> TableCreateStatement {
    Table::create()
        .table("known_devices")
        .col(ColumnDef::new("device_digest").binary().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("last_seen_at").big_integer().not_null())
        .primary_key(Index::create().col("device_digest"))
        .foreign_key(ForeignKey::create().from("known_devices", "user_id").to("users", "id"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(users()).await?;
        manager.create_table(staff_roles()).await?;
        manager.create_table(known_devices()).await?;
        manager
            .create_index(
                Index::create().name("users_level_id").table("users").col("level_id").to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("known_devices_user_id")
                    .table("known_devices")
                    .col("user_id")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("known_devices").to_owned()).await?;
        manager.drop_table(Table::drop().table("staff_roles").to_owned()).await?;
        manager.drop_table(Table::drop().table("users").to_owned()).await?;
        Ok(())
    }
}
