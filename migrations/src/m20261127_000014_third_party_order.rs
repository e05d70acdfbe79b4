//! The list of third parties is sorted by LEI, country and state as well as by name.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What the list is sorted by: its queries spell these expressions alike.
const ORDERS: [(&str, &str); 3] = [
    ("third_parties_by_lei", "(coalesce(lei, '') || ' ' || legal_name_key)"),
    ("third_parties_by_country", "(country || ' ' || legal_name_key)"),
    ("third_parties_by_status", "(status || ' ' || legal_name_key)"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, order) in ORDERS {
            let create = format!("CREATE INDEX {name} ON third_parties ({order}, id)");
            manager.get_connection().execute_unprepared(&create).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in ORDERS {
            manager.drop_index(Index::drop().name(name).table("third_parties").to_owned()).await?;
        }
        Ok(())
    }
}
