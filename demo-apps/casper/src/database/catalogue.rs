//! Data collections and reporting entities.

use sqlx::FromRow;

use super::{Database, DatabaseError, Identity};
use crate::rules::Pair;

/// A data collection.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Collection {
    /// Such as `STE_QTR`.
    pub code: String,
    /// Such as `Short-Term Exercise (quarterly)`.
    pub name: String,
    /// How often data are due.
    pub frequency: String,
    /// When data are due.
    pub deadline: String,
    /// Who answers for it at the ECB.
    pub owner_name: String,
}

/// A reporting entity: an institution that reports.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Entity {
    /// Such as `MERID_BE`.
    pub code: String,
    /// Such as `Meridiaan België NV`.
    pub legal_name: String,
    /// ISO 3166 code.
    pub country: String,
    /// Legal Entity Identifier.
    pub lei: String,
    /// The level of the portal to which it belongs.
    pub level: String,
}

/// A data collection as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Stewardship {
    /// Code of the data collection.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How often data are due.
    pub frequency: String,
    /// When data are due.
    pub deadline: String,
    /// Reporting entities with at least one assignment.
    pub entities: i64,
    /// Assignments of data submitters that are awake.
    pub submitters: i64,
    /// Assignments of user administrators that are awake.
    pub administrators: i64,
}

/// A row of the table of who is assigned to a data collection.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Assignee {
    /// Number of the account; `None` before the first sign-in.
    pub account: Option<i64>,
    /// Display name; `None` before the first sign-in.
    pub name: Option<String>,
    /// Organisation; `None` before the first sign-in.
    pub third_party_name: Option<String>,
    /// Place in the tree of levels.
    pub level_path: Option<String>,
    /// As [`crate::Role::as_str`] writes it.
    pub role: String,
    /// Code of the reporting entity.
    pub entity: String,
    /// Its legal name.
    pub entity_name: String,
    /// The level to which the entity belongs.
    pub level: String,
    /// Who made the assignment.
    pub assigned_by_name: String,
    /// Unix milliseconds; set when the portal no longer gives the role.
    pub asleep_since: Option<i64>,
}

/// How many assignees a page of a data collection shows at most.
pub(crate) const ASSIGNEES_SHOWN: i64 = 500;

impl Database {
    /// All data collections of this environment, by code.
    pub async fn list_collections(&self) -> Result<Vec<Collection>, DatabaseError> {
        Ok(sqlx::query_as(
            "SELECT code, name, frequency, deadline, owner_name FROM collection ORDER BY code",
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// One data collection.
    pub async fn find_collection(&self, code: &str) -> Result<Option<Collection>, DatabaseError> {
        Ok(sqlx::query_as(
            "SELECT code, name, frequency, deadline, owner_name FROM collection WHERE code = ?",
        )
        .bind(code)
        .fetch_optional(&self.pool)
        .await?)
    }

    /// All reporting entities, by code without regard to case.
    pub async fn list_entities(&self) -> Result<Vec<Entity>, DatabaseError> {
        Ok(sqlx::query_as(
            "SELECT code, legal_name, country, lei, level FROM entity \
             ORDER BY code COLLATE NOCASE",
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The data collections that a person owns, with how many people work on them.
    pub async fn list_stewardships(
        &self,
        owner: &Identity,
    ) -> Result<Vec<Stewardship>, DatabaseError> {
        Ok(sqlx::query_as(
            "SELECT c.code, c.name, c.frequency, c.deadline, \
             COUNT(DISTINCT a.entity) AS entities, \
             COALESCE(SUM(a.role = 'WEB_DATA_SUBMITTER' AND a.asleep_since IS NULL), 0) \
             AS submitters, \
             COALESCE(SUM(a.role = 'WEB_USER_ADMIN' AND a.asleep_since IS NULL), 0) \
             AS administrators \
             FROM collection c LEFT JOIN assignment a ON a.collection = c.code \
             WHERE c.owner_iss = ? AND c.owner_sub = ? GROUP BY c.code ORDER BY c.code",
        )
        .bind(&owner.iss)
        .bind(&owner.sub)
        .fetch_all(&self.pool)
        .await?)
    }

    /// Pairs in the collections of this owner on which people work, but which no web user
    /// administrator looks after any more (E48, E49).
    pub async fn list_orphaned_pairs(&self, owner: &Identity) -> Result<Vec<Pair>, DatabaseError> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT a.collection, a.entity FROM assignment a \
             JOIN collection c ON c.code = a.collection \
             WHERE c.owner_iss = ? AND c.owner_sub = ? GROUP BY a.collection, a.entity \
             HAVING SUM(a.role = 'WEB_USER_ADMIN' AND a.asleep_since IS NULL) = 0 \
             ORDER BY a.collection, a.entity",
        )
        .bind(&owner.iss)
        .bind(&owner.sub)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(collection, entity)| Pair { collection, entity }).collect())
    }

    /// Everybody who is assigned to a data collection, by entity and name.
    pub async fn list_assignees(&self, code: &str) -> Result<Vec<Assignee>, DatabaseError> {
        Ok(sqlx::query_as(
            "SELECT p.id AS account, p.name, p.third_party_name, p.level_path, a.role, a.entity, \
             e.legal_name AS entity_name, e.level, a.assigned_by_name, a.asleep_since \
             FROM assignment a JOIN entity e ON e.code = a.entity \
             LEFT JOIN account p ON p.iss = a.iss AND p.sub = a.sub \
             WHERE a.collection = ? ORDER BY a.entity, p.sort_name IS NULL, p.sort_name, a.role \
             LIMIT ?",
        )
        .bind(code)
        .bind(ASSIGNEES_SHOWN)
        .fetch_all(&self.pool)
        .await?)
    }
}
