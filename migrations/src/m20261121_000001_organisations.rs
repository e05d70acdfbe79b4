//! Third parties, the tree of levels, subsidiaries (domain.md 2.2).

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn third_parties() -> TableCreateStatement {
    Table::create()
        .table("third_parties")
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("legal_name").string_len(255).not_null())
        .col(ColumnDef::new("country").string_len(255).not_null())
        .col(ColumnDef::new("lei").string_len(255).null())
        .col(ColumnDef::new("kind").string_len(255).not_null())
        .col(ColumnDef::new("administration").string_len(255).not_null())
        .col(ColumnDef::new("status").string_len(255).not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .primary_key(Index::create().col("id"))
        .to_owned()
}

fn levels() -> TableCreateStatement {
    Table::create()
        .table("levels")
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("parent_id").uuid().null())
        .col(ColumnDef::new("name").string_len(255).not_null())
        .col(ColumnDef::new("third_party_id").uuid().null())
        .col(ColumnDef::new("path").string_len(255).not_null().unique_key())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .primary_key(Index::create().col("id"))
        .foreign_key(
            ForeignKey::create().from("levels", "third_party_id").to("third_parties", "id"),
        )
        .foreign_key(ForeignKey::create().from("levels", "parent_id").to("levels", "id"))
        .to_owned()
}

fn subsidiaries() -> TableCreateStatement {
    Table::create()
        .table("subsidiaries")
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("level_id").uuid().not_null())
        .col(ColumnDef::new("short_name").string_len(255).not_null())
        .col(ColumnDef::new("legal_name").string_len(255).not_null())
        .col(ColumnDef::new("country").string_len(255).not_null())
        .col(ColumnDef::new("lei").string_len(255).not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .primary_key(Index::create().col("id"))
        .foreign_key(ForeignKey::create().from("subsidiaries", "level_id").to("levels", "id"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(third_parties()).await?;
        manager.create_table(levels()).await?;
        manager.create_table(subsidiaries()).await?;
        manager
            .create_index(
                Index::create()
                    .name("subsidiaries_level_id_short_name")
                    .table("subsidiaries")
                    .col("level_id")
                    .col("short_name")
                    .unique()
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("subsidiaries").to_owned()).await?;
        manager.drop_table(Table::drop().table("levels").to_owned()).await?;
        manager.drop_table(Table::drop().table("third_parties").to_owned()).await?;
        Ok(())
    }
}
