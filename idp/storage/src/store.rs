//! Opening the database, reading, and transactions.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use migrations::{Migrator, MigratorTrait as _};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::{Sealer, StorageError};

/// A caller waits no longer than this for a connection: then it is told 503 (design §7).
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// Where the data live.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// `sqlite://path?mode=rwc` or `postgres://…`.
    pub url: String,
    /// Most connections at once.
    pub max_connections: u32,
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    db: DatabaseConnection,
    sealer: Arc<dyn Sealer>,
    /// SQLite has one writer. Waiting here is fair and cannot time out as busy; only one process has the file.
    writer: Option<Arc<Semaphore>>,
    logouts: Arc<Notify>,
    barred: Arc<Notify>,
    statements: Arc<AtomicU64>,
}

/// A write transaction. Dropped without [`Transaction::commit`], it leaves nothing behind.
pub struct Transaction {
    tx: DatabaseTransaction,
    sealer: Arc<dyn Sealer>,
    _writer: Option<OwnedSemaphorePermit>,
    logouts: Arc<Notify>,
    has_enqueued_logouts: AtomicBool,
    barred: Arc<Notify>,
    has_barred_people: AtomicBool,
}

impl Store {
    /// Connects; nothing is created yet.
    pub async fn open(
        settings: &StoreSettings,
        sealer: Arc<dyn Sealer>,
    ) -> Result<Self, StorageError> {
        let mut options = ConnectOptions::new(&settings.url);
        options
            .max_connections(settings.max_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .sqlx_logging(false)
            .test_before_acquire(false)
            .map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .busy_timeout(ACQUIRE_TIMEOUT)
                    .foreign_keys(true)
                    .pragma("journal_mode", "WAL")
                    .pragma("synchronous", "NORMAL")
                    // What is deleted or moved is overwritten: erased data and old copies of rows do not linger.
                    .pragma("secure_delete", "ON")
            });
        let mut db = Database::connect(options).await?;
        let statements = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&statements);
        db.set_metric_callback(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let is_sqlite = db.get_database_backend() == DbBackend::Sqlite;
        let writer = is_sqlite.then(|| Arc::new(Semaphore::new(1)));
        let (logouts, barred) = Default::default();
        Ok(Self { db, sealer, writer, logouts, barred, statements })
    }

    /// Applies all migrations that are missing.
    pub async fn migrate(&self) -> Result<(), StorageError> {
        Migrator::up(&self.db, None).await?;
        self.fill_in_user_keys().await?;
        self.prepare_audit().await
    }

    /// Names of migrations, oldest first, and whether each is applied.
    pub async fn migration_status(&self) -> Result<Vec<(String, bool)>, StorageError> {
        let all = Migrator::get_migration_with_status(&self.db).await?;
        let applied =
            |m: &migrations::Migration| m.status() == migrations::MigrationStatus::Applied;
        Ok(all.iter().map(|m| (m.name().to_owned(), applied(m))).collect())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StorageError> {
        Ok(self.db.ping().await?)
    }

    /// Begins a write transaction; on SQLite IMMEDIATE, so that it cannot fail half-way for being second.
    pub async fn begin(&self) -> Result<Transaction, StorageError> {
        let permit = match &self.writer {
            None => None,
            Some(writer) => {
                let turn =
                    tokio::time::timeout(ACQUIRE_TIMEOUT, Arc::clone(writer).acquire_owned()).await;
                let turn = turn.map_err(|late| StorageError::Unavailable(Box::new(late)))?;
                Some(turn.map_err(|closed| StorageError::Unavailable(Box::new(closed)))?)
            }
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = self.db.begin_with_options(options).await?;
        Ok(Transaction {
            tx,
            sealer: Arc::clone(&self.sealer),
            _writer: permit,
            logouts: Arc::clone(&self.logouts),
            has_enqueued_logouts: AtomicBool::new(false),
            barred: Arc::clone(&self.barred),
            has_barred_people: AtomicBool::new(false),
        })
    }

    /// Wakes whoever delivers logout tokens in this process, after a transaction wrote some.
    pub fn logouts_enqueued(&self) -> Arc<Notify> {
        Arc::clone(&self.logouts)
    }

    /// Wakes whoever ends sessions in this process, after a transaction barred the people of a third party.
    pub fn people_barred(&self) -> Arc<Notify> {
        Arc::clone(&self.barred)
    }

    /// How many statements were sent through this store since it was opened: by it, pages are held to a number that
    /// does not grow with what they show.
    pub fn statements_so_far(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    pub(crate) fn connection(&self) -> &DatabaseConnection {
        &self.db
    }

    pub(crate) fn sealer(&self) -> &dyn Sealer {
        self.sealer.as_ref()
    }
}

impl Transaction {
    /// Makes everything that was written in it last.
    pub async fn commit(self) -> Result<(), StorageError> {
        self.tx.commit().await?;
        if self.has_enqueued_logouts.into_inner() {
            self.logouts.notify_one();
        }
        if self.has_barred_people.into_inner() {
            self.barred.notify_one();
        }
        Ok(())
    }

    /// Wakes the delivery once this transaction is committed.
    pub(crate) fn tell_of_enqueued_logouts(&self) {
        self.has_enqueued_logouts.store(true, Ordering::Relaxed);
    }

    /// Wakes whoever ends sessions, once this transaction is committed.
    pub(crate) fn tell_of_barred_people(&self) {
        self.has_barred_people.store(true, Ordering::Relaxed);
    }

    pub(crate) fn connection(&self) -> &impl ConnectionTrait {
        &self.tx
    }

    pub(crate) fn sealer(&self) -> &dyn Sealer {
        self.sealer.as_ref()
    }

    /// Whether rows can be locked: SQLite needs no row locks, its write transactions come one after the other.
    pub(crate) fn locks_rows(&self) -> bool {
        self.tx.get_database_backend() == DbBackend::Postgres
    }
}
