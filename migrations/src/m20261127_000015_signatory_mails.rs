//! Mails to signatories, who have no account and so no notices. A mail waits here until a gateway has taken it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn signatory_mails() -> TableCreateStatement {
    Table::create()
        .table("signatory_mails")
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("nomination_id").uuid().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("mail_due_at").big_integer().null())
        .col(ColumnDef::new("mail_tries").integer().not_null().default(0))
        .col(ColumnDef::new("mailed_at").big_integer().null())
        .primary_key(Index::create().col("id"))
        .foreign_key(
            ForeignKey::create().from("signatory_mails", "nomination_id").to("nominations", "id"),
        )
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(signatory_mails()).await?;
        for (name, column) in [
            ("signatory_mails_mail_due_at", "mail_due_at"),
            ("signatory_mails_nomination_id", "nomination_id"),
        ] {
            let index = Index::create().name(name).table("signatory_mails").col(column).to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("signatory_mails").to_owned()).await
    }
}
