//! CASPER's own database: an SQLite file. The only place of this crate that knows SQL.

mod accounts;
mod assignments;
mod audit;
mod catalogue;
mod seed;

use std::{path::Path, time::Duration};

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub(crate) use accounts::PAGE_SIZE;
pub use accounts::{Account, AccountPage, Claims, Identity, ListedAccount};
pub use assignments::{Assignment, Change};
pub use audit::{AuditEntry, Event};
pub use catalogue::{Assignee, Collection, Entity, Stewardship};
pub use seed::{SeedAssignment, SeedCollection, SeedData, SeedEntity, SeedPerson, SeedReport};

/// The database could not do what was asked. The message is for the log, never for a page.
#[derive(Debug, thiserror::Error)]
#[error("CASPER's database failed")]
pub struct DatabaseError(#[from] sqlx::Error);

/// A handle to the database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    pool: SqlitePool,
}

impl Database {
    /// Opens the file at `path`, makes it when it is missing, and brings its tables up.
    pub async fn open(path: &Path) -> Result<Self, DatabaseError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(2))
            .connect_with(options)
            .await?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&pool).await?;
        Ok(Self { pool })
    }

    /// Begins a transaction that will write. A deferred one would fail with "busy snapshot"
    /// when two of them read first and write then.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, DatabaseError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}
