//! What can go wrong here, without a word of the database library.

use sea_orm::{DbErr, RuntimeErr, SqlErr, SqlxError};
use thiserror::Error;

/// An error of storage.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The database cannot be reached, or answers too late: 503, nothing was stored.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A value that must be unique exists already.
    #[error("it exists already: {0}")]
    Conflict(String),
    /// What was read does not have the shape that was written.
    #[error("a stored value is not readable: {0}")]
    Corrupt(&'static str),
    /// Anything else.
    #[error("the database refused")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<DbErr> for StorageError {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(what)) = error.sql_err() {
            return Self::Conflict(what);
        }
        if is_unreadable(&error) {
            return Self::Corrupt("a row");
        }
        if is_passing(&error) {
            return Self::Unavailable(Box::new(error));
        }
        match error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Self::Unavailable(Box::new(error)),
            other => Self::Backend(Box::new(other)),
        }
    }
}

/// Whether the database answered, and what it has stored is damaged or not of the type that was written.
fn is_unreadable(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner))) =
        error
    else {
        return matches!(error, DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. });
    };
    match inner.as_ref() {
        SqlxError::ColumnDecode { .. } | SqlxError::Decode(_) => true,
        // SQLite: 11 corrupt (779: an index), 26 not a database. SQLSTATE: XX001 data, XX002 an index, 22021 text.
        SqlxError::Database(refused) => refused.code().is_some_and(|code| {
            ["11", "267", "523", "779", "26", "XX001", "XX002", "22021"].contains(&code.as_ref())
        }),
        _ => false,
    }
}

/// Whether the same call may well succeed a moment later: the server went away or is going, is out of connections, or
/// stopped one of two transactions in each other's way. Whoever was stopped changed nothing.
fn is_passing(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner))) =
        error
    else {
        return false;
    };
    let Some(refused) = inner.as_database_error() else {
        // No answer of the database at all: a broken or closed connection, a pool that ran dry.
        return true;
    };
    // SQLSTATE classes: 08 connection, 53 resources, 57P administrator; 40001 and 40P01 serialization and deadlock.
    // SQLite: 5 busy, 6 locked.
    refused.code().is_some_and(|code| {
        ["08", "53", "57P"].iter().any(|class| code.starts_with(class))
            || ["40001", "40P01", "5", "6", "261", "517"].contains(&code.as_ref())
    })
}
