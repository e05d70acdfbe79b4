//! What can go wrong here, without a word of the database library.

use sea_orm::{DbErr, SqlErr};
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
        match error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Self::Unavailable(Box::new(error)),
            other => Self::Backend(Box::new(other)),
        }
    }
}
