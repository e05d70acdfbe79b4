//! What a fresh CASPER is filled with by whoever installs it.

use serde::Deserialize;

use super::{Database, DatabaseError, Identity, assignments::Grant, audit::Event};
use crate::{environment::Role, rules::Pair};

/// A person at the portal, who need not have signed in here yet.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SeedPerson {
    /// Issuer.
    pub iss: String,
    /// Subject at that issuer.
    pub sub: String,
}

/// A reporting entity.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SeedEntity {
    /// Short name, such as `MERID_BE`.
    pub code: String,
    /// Legal name.
    pub legal_name: String,
    /// ISO 3166 code.
    pub country: String,
    /// Legal Entity Identifier.
    pub lei: String,
    /// Name of its level under Root at the portal, such as `MERIDIAAN`.
    pub level: String,
}

/// A data collection of this environment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SeedCollection {
    /// Such as `STE_QTR`.
    pub code: String,
    /// Name.
    pub name: String,
    /// How often data are due.
    pub frequency: String,
    /// When data are due.
    pub deadline: String,
    /// Name of the owner, a person or a team.
    pub owner_name: String,
    /// The owner, when it is one person of the portal.
    #[serde(default)]
    pub owner: Option<SeedPerson>,
}

/// An assignment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SeedAssignment {
    /// Issuer of the person.
    pub iss: String,
    /// Subject of the person.
    pub sub: String,
    /// `WEB_DATA_SUBMITTER` or `WEB_USER_ADMIN`.
    pub role: Role,
    /// Code of the data collection.
    pub collection: String,
    /// Code of the reporting entity.
    pub entity: String,
    /// Who made it: name for display.
    pub assigned_by: String,
}

/// All that a fresh CASPER of one environment starts with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedData {
    /// Reporting entities.
    pub entities: Vec<SeedEntity>,
    /// Data collections of this environment only.
    pub collections: Vec<SeedCollection>,
    /// Assignments; their codes must be among the above or in the database already.
    pub assignments: Vec<SeedAssignment>,
}

/// What [`Database::seed`] wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeedReport {
    /// Assignments made by this call.
    pub assignments: usize,
    /// Assignments left as people have made them since an earlier call.
    pub left_alone: usize,
}

impl Database {
    /// Writes reporting entities, data collections and assignments, in one transaction. Safe to
    /// repeat: names and deadlines are brought up to date, and an assignment that was seeded
    /// once is never touched again, so what people removed stays removed.
    pub async fn seed(&self, data: &SeedData, now: i64) -> Result<SeedReport, DatabaseError> {
        let mut tx = self.begin().await?;
        for entity in &data.entities {
            sqlx::query(
                "INSERT INTO entity (code, legal_name, country, lei, level) \
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (code) DO UPDATE SET \
                 legal_name = ?2, country = ?3, lei = ?4, level = ?5",
            )
            .bind(&entity.code)
            .bind(&entity.legal_name)
            .bind(&entity.country)
            .bind(&entity.lei)
            .bind(&entity.level)
            .execute(&mut *tx)
            .await?;
        }
        for collection in &data.collections {
            insert_collection(&mut tx, collection).await?;
        }
        let mut report = SeedReport::default();
        for assignment in &data.assignments {
            if insert_once(&mut tx, assignment, now).await? {
                report.assignments += 1;
            } else {
                report.left_alone += 1;
            }
        }
        tx.commit().await?;
        Ok(report)
    }
}

async fn insert_collection(
    tx: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    collection: &SeedCollection,
) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO collection (code, name, frequency, deadline, owner_name, owner_iss, \
         owner_sub) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (code) DO UPDATE SET \
         name = ?2, frequency = ?3, deadline = ?4, owner_name = ?5, owner_iss = ?6, \
         owner_sub = ?7",
    )
    .bind(&collection.code)
    .bind(&collection.name)
    .bind(&collection.frequency)
    .bind(&collection.deadline)
    .bind(&collection.owner_name)
    .bind(collection.owner.as_ref().map(|owner| owner.iss.as_str()))
    .bind(collection.owner.as_ref().map(|owner| owner.sub.as_str()))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes the assignment unless the audit trail says that it was seeded before.
async fn insert_once(
    tx: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    assignment: &SeedAssignment,
    now: i64,
) -> Result<bool, DatabaseError> {
    let seeded: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM audit WHERE event = ? AND subject_iss = ? \
         AND subject_sub = ? AND role = ? AND collection = ? AND entity = ?)",
    )
    .bind(Event::Seeded.as_str())
    .bind(&assignment.iss)
    .bind(&assignment.sub)
    .bind(assignment.role.as_str())
    .bind(&assignment.collection)
    .bind(&assignment.entity)
    .fetch_one(&mut **tx)
    .await?;
    if seeded {
        return Ok(false);
    }
    let to = Identity { iss: assignment.iss.clone(), sub: assignment.sub.clone() };
    let pair =
        Pair { collection: assignment.collection.clone(), entity: assignment.entity.clone() };
    let grant = Grant {
        to: &to,
        role: assignment.role,
        pair: &pair,
        by: None,
        by_name: &assignment.assigned_by,
        at: now,
    };
    grant.write(tx, Event::Seeded).await?;
    Ok(true)
}
