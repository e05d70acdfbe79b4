//! The record of what happened to whose access.

use sqlx::{FromRow, Sqlite, Transaction};

use super::{Database, DatabaseError, Identity};
use crate::{environment::Role, rules::Pair};

/// What an audit row tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// First sign-in: the account was made.
    AccountCreated,
    /// The portal no longer gives a role; its assignments sleep.
    RoleLost,
    /// The person came to another organisation; all assignments sleep.
    Moved,
    /// An assignment was set up when the system was installed.
    Seeded,
    /// An assignment was made.
    Assigned,
    /// An assignment that slept was confirmed.
    Confirmed,
    /// An assignment was taken back.
    Removed,
}

impl Event {
    /// The event in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountCreated => "account_created",
            Self::RoleLost => "role_lost",
            Self::Moved => "moved",
            Self::Seeded => "seeded",
            Self::Assigned => "assigned",
            Self::Confirmed => "confirmed",
            Self::Removed => "removed",
        }
    }
}

/// One audit row as it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    pub(super) at: i64,
    pub(super) event: Event,
    /// Who did it; `None` is the program itself.
    pub(super) actor: Option<&'a Identity>,
    pub(super) actor_name: &'a str,
    pub(super) subject: &'a Identity,
    pub(super) role: Option<Role>,
    pub(super) pair: Option<&'a Pair>,
}

/// Writes one row in the transaction of the change.
pub(super) async fn write(
    tx: &mut Transaction<'static, Sqlite>,
    record: Record<'_>,
) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO audit (at, event, actor_iss, actor_sub, actor_name, subject_iss, \
         subject_sub, role, collection, entity) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(record.at)
    .bind(record.event.as_str())
    .bind(record.actor.map(|actor| actor.iss.as_str()))
    .bind(record.actor.map(|actor| actor.sub.as_str()))
    .bind(record.actor_name)
    .bind(&record.subject.iss)
    .bind(&record.subject.sub)
    .bind(record.role.map(Role::as_str))
    .bind(record.pair.map(|pair| pair.collection.as_str()))
    .bind(record.pair.map(|pair| pair.entity.as_str()))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// One audit row as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct AuditEntry {
    /// Unix milliseconds.
    pub at: i64,
    /// As [`Event::as_str`] writes it.
    pub event: String,
    /// Who did it.
    pub actor_name: String,
    /// As [`Role::as_str`] writes it.
    pub role: Option<String>,
    /// Code of the data collection.
    pub collection: Option<String>,
    /// Code of the reporting entity.
    pub entity: Option<String>,
}

impl Database {
    /// The latest 20 events of one person, newest first.
    pub async fn find_history(&self, of: &Identity) -> Result<Vec<AuditEntry>, DatabaseError> {
        Ok(sqlx::query_as(
            "SELECT at, event, actor_name, role, collection, entity FROM audit \
             WHERE subject_iss = ? AND subject_sub = ? ORDER BY id DESC LIMIT 20",
        )
        .bind(&of.iss)
        .bind(&of.sub)
        .fetch_all(&self.pool)
        .await?)
    }
}
