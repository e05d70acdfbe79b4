//! People whose accounts lapse are found by their last day, and by their last use, without a look at everybody.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Index and what it holds. Its queries spell the last use alike.
const INDEXES: [(&str, &str); 4] = [
    ("users_by_last_day", "(expires_on, id) WHERE deleted_at IS NULL"),
    (
        "users_by_last_use",
        "((CASE WHEN last_login_at > credentials_changed_at THEN last_login_at \
         ELSE credentials_changed_at END), id) WHERE status = 'ACTIVE'",
    ),
    ("users_invited", "(created_at) WHERE status = 'INVITED'"),
    ("users_to_erase", "(deleted_at) WHERE deleted_at IS NOT NULL AND phone_key IS NOT NULL"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, of) in INDEXES {
            let create = format!("CREATE INDEX {name} ON users {of}");
            manager.get_connection().execute_unprepared(&create).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            manager.drop_index(Index::drop().name(name).table("users").to_owned()).await?;
        }
        Ok(())
    }
}
