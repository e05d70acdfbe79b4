//! What is still to be told to the people of a third party that was suspended or closed: it is barred first, in a short
//! transaction, and what each of them loses is told and written down after it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("unfinished_turns")
            .col(ColumnDef::new("third_party_id").uuid().not_null().primary_key())
            .col(ColumnDef::new("status").string_len(255).not_null())
            .col(ColumnDef::new("reason").text().not_null())
            .col(ColumnDef::new("begun_at").big_integer().not_null())
            .foreign_key(
                ForeignKey::create()
                    .from("unfinished_turns", "third_party_id")
                    .to("third_parties", "id"),
            )
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("unfinished_turns").to_owned()).await
    }
}
