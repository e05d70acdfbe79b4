//! Nominations of administrators: who is named by whom, the evidence, and who has confirmed.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn nominations() -> TableCreateStatement {
    Table::create()
        .table("nominations")
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("third_party_id").uuid().not_null())
        .col(ColumnDef::new("status").string_len(255).not_null())
        .col(ColumnDef::new("signatory_name").string_len(255).not_null())
        .col(ColumnDef::new("signatory_function").string_len(255).not_null())
        .col(ColumnDef::new("signatory_email").string_len(255).not_null())
        .col(ColumnDef::new("applications").text().not_null())
        .col(ColumnDef::new("filed_by").uuid().null())
        .col(ColumnDef::new("on_paper").boolean().not_null())
        .col(ColumnDef::new("reviewed_by").uuid().null())
        .col(ColumnDef::new("remark").text().null())
        .col(ColumnDef::new("draft_sealed").binary().null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("submitted_at").big_integer().null())
        .col(ColumnDef::new("decided_at").big_integer().null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .primary_key(Index::create().col("id"))
        .foreign_key(
            ForeignKey::create().from("nominations", "third_party_id").to("third_parties", "id"),
        )
        .to_owned()
}

fn nominees() -> TableCreateStatement {
    Table::create()
        .table("nominees")
        .col(ColumnDef::new("nomination_id").uuid().not_null())
        .col(ColumnDef::new("place").integer().not_null())
        .col(ColumnDef::new("first_name").string_len(255).not_null())
        .col(ColumnDef::new("last_name").string_len(255).not_null())
        .col(ColumnDef::new("email").string_len(255).not_null())
        .col(ColumnDef::new("phone_sealed").binary().not_null())
        .col(ColumnDef::new("is_user_administrator").boolean().not_null())
        .col(ColumnDef::new("applications").text().not_null())
        .primary_key(Index::create().col("nomination_id").col("place"))
        .foreign_key(ForeignKey::create().from("nominees", "nomination_id").to("nominations", "id"))
        .to_owned()
}

/// The document is not in the row of its nomination: lists do not load it.
fn evidence() -> TableCreateStatement {
    Table::create()
        .table("nomination_evidence")
        .col(ColumnDef::new("nomination_id").uuid().not_null())
        .col(ColumnDef::new("file_name").string_len(255).not_null())
        .col(ColumnDef::new("bytes").integer().not_null())
        .col(ColumnDef::new("sha256").binary().not_null())
        .col(ColumnDef::new("document_sealed").blob().not_null())
        .col(ColumnDef::new("uploaded_at").big_integer().not_null())
        .primary_key(Index::create().col("nomination_id"))
        .foreign_key(
            ForeignKey::create()
                .from("nomination_evidence", "nomination_id")
                .to("nominations", "id"),
        )
        .to_owned()
}

fn confirmations() -> TableCreateStatement {
    Table::create()
        .table("nomination_confirmations")
        .col(ColumnDef::new("nomination_id").uuid().not_null())
        .col(ColumnDef::new("confirmed_by").uuid().not_null())
        .col(ColumnDef::new("confirmed_at").big_integer().not_null())
        .primary_key(Index::create().col("nomination_id").col("confirmed_by"))
        .foreign_key(
            ForeignKey::create()
                .from("nomination_confirmations", "nomination_id")
                .to("nominations", "id"),
        )
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create();
        index.name(name).table(table);
        for column in columns {
            index.col(*column);
        }
        index
    };
    vec![
        index("nominations_status", "nominations", &["status", "created_at", "id"]),
        index("nominations_created_at", "nominations", &["created_at", "id"]),
        index("nominations_third_party_id", "nominations", &["third_party_id", "created_at"]),
        index("third_parties_legal_name_key", "third_parties", &["legal_name_key", "id"]),
        index("third_parties_lei", "third_parties", &["lei"]),
        index("onboardings_application_id", "onboardings", &["application_id"]),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [nominations(), nominees(), evidence(), confirmations()] {
            manager.create_table(table).await?;
        }
        // What a list of third parties is searched and sorted by.
        let key =
            ColumnDef::new("legal_name_key").string_len(255).not_null().default("").to_owned();
        manager
            .alter_table(Table::alter().table("third_parties").add_column(key).to_owned())
            .await?;
        let connection = manager.get_connection();
        connection
            .execute_unprepared("UPDATE third_parties SET legal_name_key = lower(legal_name)")
            .await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            let change = r#"ALTER TABLE third_parties ALTER COLUMN legal_name_key TYPE varchar(255) COLLATE "C""#;
            connection.execute_unprepared(change).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["nomination_confirmations", "nomination_evidence", "nominees", "nominations"]
        {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
