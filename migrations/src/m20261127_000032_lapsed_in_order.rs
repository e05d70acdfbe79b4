//! Whoever was invited and never came, and whoever is to be erased, is read in batches by instant and id: the indexes
//! have both, so that a batch is neither sorted nor begun anew.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Index, what it holds, and the one that it takes the place of, with what that held.
const INDEXES: [[&str; 4]; 2] = [
    [
        "users_by_invitation",
        "(created_at, id) WHERE status = 'INVITED'",
        "users_invited",
        "(created_at) WHERE status = 'INVITED'",
    ],
    [
        "users_by_deletion",
        "(deleted_at, id) WHERE deleted_at IS NOT NULL AND phone_key IS NOT NULL",
        "users_to_erase",
        "(deleted_at) WHERE deleted_at IS NOT NULL AND phone_key IS NOT NULL",
    ],
];

async fn exchange(
    manager: &SchemaManager<'_>,
    (name, of): (&str, &str),
    old: &str,
) -> Result<(), DbErr> {
    manager
        .get_connection()
        .execute_unprepared(&format!("CREATE INDEX {name} ON users {of}"))
        .await?;
    manager.drop_index(Index::drop().name(old).table("users").to_owned()).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for [name, of, old, _] in INDEXES {
            exchange(manager, (name, of), old).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for [name, _, old, of] in INDEXES {
            exchange(manager, (old, of), name).await?;
        }
        Ok(())
    }
}
