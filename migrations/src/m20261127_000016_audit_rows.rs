//! On SQLite, an entry of the audit trail keeps its own number among its columns.
//!
//! A table with an integer for its key stands in the file by that number, and each row has an empty column in its
//! place, of which SQLite ignores what type it claims to be: of 255 ways to change that byte, four went unnoticed
//! (security.md 131). A table without such a key has no byte that means nothing.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{DbBackend, TransactionTrait as _},
};

/// The table of before under another name, the new one, and what was in it.
const REBUILD: [&str; 4] = [
    "ALTER TABLE audit_events RENAME TO audit_events_by_number",
    "CREATE TABLE audit_events (\
       seq integer NOT NULL PRIMARY KEY, at integer NOT NULL, actor varchar(255) NOT NULL, \
       action varchar(255) NOT NULL, object varchar(255) NOT NULL, level_id uuid_text, detail text NOT NULL, \
       ip varchar(255), request_id varchar(255), salt blob NOT NULL, previous blob NOT NULL, digest blob NOT NULL\
     ) WITHOUT ROWID",
    "INSERT INTO audit_events \
       SELECT seq, at, actor, action, object, level_id, detail, ip, request_id, salt, previous, digest \
       FROM audit_events_by_number ORDER BY seq",
    "DROP TABLE audit_events_by_number",
];

/// What the trail is looked up by, as before.
const INDEXES: [&str; 4] = [
    "CREATE INDEX audit_events_at ON audit_events (at, seq)",
    "CREATE INDEX audit_events_level_at ON audit_events (level_id, at, seq)",
    "CREATE INDEX audit_events_actor_at ON audit_events (actor, at, seq)",
    "CREATE INDEX audit_events_object_at ON audit_events (object, at, seq)",
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            // One connection: another one still knows the indexes of before, and does not look again.
            let rebuilding = manager.get_connection().begin().await?;
            for statement in REBUILD.into_iter().chain(INDEXES) {
                rebuilding.execute_unprepared(statement).await?;
            }
            rebuilding.commit().await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the audit trail does not go back to rows by number".to_owned()))
    }
}
