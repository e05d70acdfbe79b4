//! Access that waits for a confirmation is found without reading all access.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [(&str, &str); 2] = [
    ("memberships", "memberships_dormant_user_id"),
    ("delegated_roles", "delegated_roles_dormant_user_id"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Few rows are dormant: the index holds those alone.
        for (table, name) in TABLES {
            let index =
                format!("CREATE INDEX {name} ON {table} (user_id) WHERE dormant_at IS NOT NULL");
            manager.get_connection().execute_unprepared(&index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, name) in TABLES {
            manager.drop_index(Index::drop().table(table).name(name).to_owned()).await?;
        }
        Ok(())
    }
}
