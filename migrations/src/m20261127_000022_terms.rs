//! What a person acknowledged of the supplement for administrators, and of which versions of both documents the person
//! knows (O16). Whoever acknowledged a version knows of it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TEXTS: [&str; 3] =
    ["terms_told_version", "administrator_terms_version", "administrator_terms_told_version"];
const INSTANT: &str = "administrator_terms_accepted_at";

/// Index and column: whoever is to be told of a new version is found without a look at everybody.
const INDEXES: [(&str, &str); 2] = [
    ("users_told_of_terms", "terms_told_version"),
    ("users_told_of_administrator_terms", "administrator_terms_told_version"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let texts = TEXTS.map(|name| ColumnDef::new(name).string_len(255).null().to_owned());
        let instant = ColumnDef::new(INSTANT).big_integer().null().to_owned();
        // SQLite adds one column a statement.
        for column in texts.into_iter().chain([instant]) {
            let add = Table::alter().table("users").add_column(column).to_owned();
            manager.alter_table(add).await?;
        }
        let db = manager.get_connection();
        db.execute_unprepared(
            "UPDATE users SET terms_told_version = terms_version WHERE terms_version IS NOT NULL",
        )
        .await?;
        for (name, column) in INDEXES {
            let create =
                format!("CREATE INDEX {name} ON users ({column}, id) WHERE {column} IS NOT NULL");
            db.execute_unprepared(&create).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            manager.drop_index(Index::drop().name(name).table("users").to_owned()).await?;
        }
        for column in TEXTS.into_iter().chain([INSTANT]) {
            let drop = Table::alter().table("users").drop_column(column).to_owned();
            manager.alter_table(drop).await?;
        }
        Ok(())
    }
}
