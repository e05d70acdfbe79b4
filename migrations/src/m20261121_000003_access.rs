//! Applications, their groups, who is onboarded, who is a member, who administers (domain.md 1.6, 1.7).

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn applications() -> TableCreateStatement {
    Table::create()
        .table("applications")
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("code").string_len(255).not_null().unique_key())
        .col(ColumnDef::new("title").string_len(255).not_null())
        .col(ColumnDef::new("subtitle").string_len(255).not_null())
        .col(ColumnDef::new("environment").string_len(255).not_null())
        .col(ColumnDef::new("position").integer().not_null())
        .col(ColumnDef::new("enabled").boolean().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .primary_key(Index::create().col("id"))
        .to_owned()
}

fn access_groups() -> TableCreateStatement {
    Table::create()
        .table("access_groups")
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("name").string_len(255).not_null().unique_key())
        .col(ColumnDef::new("description").string_len(255).not_null())
        .col(ColumnDef::new("application_id").uuid().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .primary_key(Index::create().col("id"))
        .foreign_key(
            ForeignKey::create().from("access_groups", "application_id").to("applications", "id"),
        )
        .to_owned()
}

fn onboardings() -> TableCreateStatement {
    Table::create()
        .table("onboardings")
        .col(ColumnDef::new("third_party_id").uuid().not_null())
        .col(ColumnDef::new("application_id").uuid().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .primary_key(Index::create().col("third_party_id").col("application_id"))
        .foreign_key(
            ForeignKey::create().from("onboardings", "third_party_id").to("third_parties", "id"),
        )
        .foreign_key(
            ForeignKey::create().from("onboardings", "application_id").to("applications", "id"),
        )
        .to_owned()
}

fn memberships() -> TableCreateStatement {
    Table::create()
        .table("memberships")
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("group_id").uuid().not_null())
        .col(ColumnDef::new("assigned_by").uuid().null())
        .col(ColumnDef::new("assigned_at").big_integer().not_null())
        .primary_key(Index::create().col("user_id").col("group_id"))
        .foreign_key(ForeignKey::create().from("memberships", "user_id").to("users", "id"))
        .foreign_key(ForeignKey::create().from("memberships", "group_id").to("access_groups", "id"))
        .to_owned()
}

fn delegated_roles() -> TableCreateStatement {
    Table::create()
        .table("delegated_roles")
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("kind").string_len(255).not_null())
        .col(ColumnDef::new("level_id").uuid().not_null())
        .col(ColumnDef::new("application_id").uuid().null())
        .col(ColumnDef::new("granted_by").uuid().null())
        .col(ColumnDef::new("granted_at").big_integer().not_null())
        .col(ColumnDef::new("source").string_len(255).not_null())
        .primary_key(Index::create().col("id"))
        .foreign_key(ForeignKey::create().from("delegated_roles", "user_id").to("users", "id"))
        .foreign_key(ForeignKey::create().from("delegated_roles", "level_id").to("levels", "id"))
        .foreign_key(
            ForeignKey::create().from("delegated_roles", "application_id").to("applications", "id"),
        )
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(applications()).await?;
        manager.create_table(access_groups()).await?;
        manager.create_table(onboardings()).await?;
        manager.create_table(memberships()).await?;
        manager.create_table(delegated_roles()).await?;
        manager
            .create_index(
                Index::create()
                    .name("access_groups_application_id")
                    .table("access_groups")
                    .col("application_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("memberships_group_id")
                    .table("memberships")
                    .col("group_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("delegated_roles_user_id")
                    .table("delegated_roles")
                    .col("user_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("delegated_roles_level_id")
                    .table("delegated_roles")
                    .col("level_id")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("delegated_roles").to_owned()).await?;
        manager.drop_table(Table::drop().table("memberships").to_owned()).await?;
        manager.drop_table(Table::drop().table("onboardings").to_owned()).await?;
        manager.drop_table(Table::drop().table("access_groups").to_owned()).await?;
        manager.drop_table(Table::drop().table("applications").to_owned()).await?;
        Ok(())
    }
}
