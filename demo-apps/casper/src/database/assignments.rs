//! Assignments: who has which role on which data collection and reporting entity.

use std::collections::BTreeSet;

use sqlx::{FromRow, Sqlite, Transaction};

use super::{
    Account, Database, DatabaseError, Identity,
    audit::{self, Event, Record},
};
use crate::{
    environment::{Role, Roles},
    rules::{Actor, Denial, Pair, Target, is_external},
};

/// For how long a sleeping assignment can be confirmed (O32), in milliseconds: 90 days.
const SLEEP_LIMIT: i64 = 90 * 24 * 60 * 60 * 1000;

/// An assignment with what pages show of its data collection and entity.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Assignment {
    /// Who.
    #[sqlx(flatten)]
    pub identity: Identity,
    role: String,
    /// Code of the data collection.
    pub collection: String,
    /// Its name.
    pub collection_name: String,
    /// How often data are due.
    pub frequency: String,
    /// When data are due.
    pub deadline: String,
    /// Code of the reporting entity.
    pub entity: String,
    /// Its legal name.
    pub entity_name: String,
    /// Its Legal Entity Identifier.
    pub lei: String,
    /// The level of the portal to which the entity belongs.
    pub level: String,
    /// Who made the assignment.
    pub assigned_by_name: String,
    /// When, in Unix milliseconds.
    pub assigned_at: i64,
    /// Since when the portal no longer gives the role, in Unix milliseconds (O32).
    pub asleep_since: Option<i64>,
}

impl Assignment {
    /// The role; `None` only for text that the table does not admit.
    pub fn role(&self) -> Option<Role> {
        Role::parse(&self.role)
    }

    /// The data collection and entity.
    pub fn pair(&self) -> Pair {
        Pair { collection: self.collection.clone(), entity: self.entity.clone() }
    }

    /// Whether it counts now, for a person with `roles`: group and assignment (I21).
    pub fn is_effective(&self, roles: Roles) -> bool {
        self.asleep_since.is_none() && self.role().is_some_and(|role| roles.has(role))
    }

    /// Whether a person at `level_path` holds it from outside the organisation (O31).
    pub fn is_external(&self, level_path: &str) -> bool {
        is_external(level_path, &self.level)
    }
}

/// One assignment that somebody wants to make or take back.
#[derive(Clone, Debug)]
pub struct Change {
    /// Number of the account whose access changes.
    pub account: i64,
    /// The role.
    pub role: Role,
    /// On what.
    pub pair: Pair,
}

/// An assignment as it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grant<'a> {
    pub(super) to: &'a Identity,
    pub(super) role: Role,
    pub(super) pair: &'a Pair,
    pub(super) by: Option<&'a Identity>,
    pub(super) by_name: &'a str,
    pub(super) at: i64,
}

impl Grant<'_> {
    /// Writes the assignment, awake, and its audit row.
    pub(super) async fn write(
        self,
        tx: &mut Transaction<'static, Sqlite>,
        event: Event,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO assignment (iss, sub, role, collection, entity, assigned_by_name, \
             assigned_by_iss, assigned_by_sub, assigned_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
             ON CONFLICT (iss, sub, role, collection, entity) DO UPDATE SET \
             assigned_by_name = ?6, assigned_by_iss = ?7, assigned_by_sub = ?8, \
             assigned_at = ?9, asleep_since = NULL",
        )
        .bind(&self.to.iss)
        .bind(&self.to.sub)
        .bind(self.role.as_str())
        .bind(&self.pair.collection)
        .bind(&self.pair.entity)
        .bind(self.by_name)
        .bind(self.by.map(|by| by.iss.as_str()))
        .bind(self.by.map(|by| by.sub.as_str()))
        .bind(self.at)
        .execute(&mut **tx)
        .await?;
        let record = Record {
            at: self.at,
            event,
            actor: self.by,
            actor_name: self.by_name,
            subject: self.to,
            role: Some(self.role),
            pair: Some(self.pair),
        };
        audit::write(tx, record).await
    }
}

impl Database {
    /// All assignments of one person, sleeping ones included, in the order of the codes.
    pub async fn list_assignments(
        &self,
        of: &Identity,
        now: i64,
    ) -> Result<Vec<Assignment>, DatabaseError> {
        Ok(sqlx::query_as(
            "SELECT a.iss, a.sub, a.role, a.collection, c.name AS collection_name, c.frequency, \
             c.deadline, a.entity, e.legal_name AS entity_name, e.lei, e.level, \
             a.assigned_by_name, a.assigned_at, a.asleep_since \
             FROM assignment a JOIN collection c ON c.code = a.collection \
             JOIN entity e ON e.code = a.entity WHERE a.iss = ? AND a.sub = ? \
             AND (a.asleep_since IS NULL OR a.asleep_since > ?) \
             ORDER BY a.collection, a.entity, a.role",
        )
        .bind(&of.iss)
        .bind(&of.sub)
        .bind(now - SLEEP_LIMIT)
        .fetch_all(&self.pool)
        .await?)
    }

    /// What the rules ask of a person who may administer others. `roles` come from the claims
    /// of the request.
    pub async fn get_actor(&self, account: &Account) -> Result<Actor, DatabaseError> {
        let mut connection = self.pool.acquire().await?;
        load_actor(&mut connection, account).await
    }

    /// Makes an assignment, or confirms one that sleeps. The rules are asked in the transaction
    /// that writes, with the rights as they are then. The inner result is the rules' answer.
    pub async fn assign(
        &self,
        actor: &Account,
        change: &Change,
        now: i64,
    ) -> Result<Result<Event, Denial>, DatabaseError> {
        let mut tx = self.begin().await?;
        let Some(target) = find_by_id(&mut tx, change.account).await? else {
            return Ok(Err(Denial::OutOfSight));
        };
        let rights = load_actor(&mut tx, actor).await?;
        let who = Target { third_party: target.third_party.as_deref(), roles: target.roles() };
        if let Err(denial) = rights.check_assign(who, change.role, &change.pair) {
            return Ok(Err(denial));
        }
        if !pair_exists(&mut tx, &change.pair).await? {
            return Ok(Err(Denial::PairNotHeld));
        }
        let event = match find_sleep(&mut tx, &target.identity, change).await? {
            // Already as wished: nothing to write and nothing to tell.
            Some(None) => return Ok(Ok(Event::Assigned)),
            Some(Some(_)) => Event::Confirmed,
            None => Event::Assigned,
        };
        let grant = Grant {
            to: &target.identity,
            role: change.role,
            pair: &change.pair,
            by: Some(&actor.identity),
            by_name: &actor.name,
            at: now,
        };
        grant.write(&mut tx, event).await?;
        tx.commit().await?;
        Ok(Ok(event))
    }

    /// Takes an assignment back. Taking back what is not there is no error: the wish is met.
    pub async fn remove(
        &self,
        actor: &Account,
        change: &Change,
        now: i64,
    ) -> Result<Result<(), Denial>, DatabaseError> {
        let mut tx = self.begin().await?;
        let Some(target) = find_by_id(&mut tx, change.account).await? else {
            return Ok(Err(Denial::OutOfSight));
        };
        let rights = load_actor(&mut tx, actor).await?;
        let who = Target { third_party: target.third_party.as_deref(), roles: target.roles() };
        if let Err(denial) = rights.check_remove(who, &change.pair) {
            return Ok(Err(denial));
        }
        if delete(&mut tx, &target.identity, change).await? {
            let removed = Record {
                at: now,
                event: Event::Removed,
                actor: Some(&actor.identity),
                actor_name: &actor.name,
                subject: &target.identity,
                role: Some(change.role),
                pair: Some(&change.pair),
            };
            audit::write(&mut tx, removed).await?;
        }
        tx.commit().await?;
        Ok(Ok(()))
    }

    /// How many web user administrators would remain for `pair` without this account (E49).
    pub async fn count_other_administrators(
        &self,
        pair: &Pair,
        without: &Identity,
    ) -> Result<i64, DatabaseError> {
        Ok(sqlx::query_scalar(
            "SELECT COUNT(*) FROM assignment WHERE collection = ? AND entity = ? \
             AND role = 'WEB_USER_ADMIN' AND asleep_since IS NULL AND NOT (iss = ? AND sub = ?)",
        )
        .bind(&pair.collection)
        .bind(&pair.entity)
        .bind(&without.iss)
        .bind(&without.sub)
        .fetch_one(&self.pool)
        .await?)
    }
}

async fn load_actor(
    connection: &mut sqlx::SqliteConnection,
    account: &Account,
) -> Result<Actor, DatabaseError> {
    let administered: Vec<(String, String)> = sqlx::query_as(
        "SELECT collection, entity FROM assignment WHERE iss = ? AND sub = ? \
         AND role = 'WEB_USER_ADMIN' AND asleep_since IS NULL",
    )
    .bind(&account.identity.iss)
    .bind(&account.identity.sub)
    .fetch_all(&mut *connection)
    .await?;
    let owned: Vec<String> =
        sqlx::query_scalar("SELECT code FROM collection WHERE owner_iss = ? AND owner_sub = ?")
            .bind(&account.identity.iss)
            .bind(&account.identity.sub)
            .fetch_all(&mut *connection)
            .await?;
    let pairs = administered.into_iter().map(|(collection, entity)| Pair { collection, entity });
    Ok(Actor {
        third_party: account.third_party.clone(),
        roles: account.roles(),
        administered: pairs.collect::<BTreeSet<_>>(),
        owned: owned.into_iter().collect(),
    })
}

async fn find_by_id(
    tx: &mut Transaction<'static, Sqlite>,
    id: i64,
) -> Result<Option<Account>, DatabaseError> {
    Ok(sqlx::query_as("SELECT * FROM account WHERE id = ?")
        .bind(id)
        .fetch_optional(&mut **tx)
        .await?)
}

async fn pair_exists(
    tx: &mut Transaction<'static, Sqlite>,
    pair: &Pair,
) -> Result<bool, DatabaseError> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM collection WHERE code = ?) \
         AND EXISTS (SELECT 1 FROM entity WHERE code = ?)",
    )
    .bind(&pair.collection)
    .bind(&pair.entity)
    .fetch_one(&mut **tx)
    .await?)
}

/// Removes the row; whether there was one.
async fn delete(
    tx: &mut Transaction<'static, Sqlite>,
    of: &Identity,
    change: &Change,
) -> Result<bool, DatabaseError> {
    let done = sqlx::query(
        "DELETE FROM assignment WHERE iss = ? AND sub = ? AND role = ? AND collection = ? \
         AND entity = ?",
    )
    .bind(&of.iss)
    .bind(&of.sub)
    .bind(change.role.as_str())
    .bind(&change.pair.collection)
    .bind(&change.pair.entity)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// `None`: no such assignment; `Some(None)`: it is awake; `Some(since)`: it sleeps.
async fn find_sleep(
    tx: &mut Transaction<'static, Sqlite>,
    of: &Identity,
    change: &Change,
) -> Result<Option<Option<i64>>, DatabaseError> {
    Ok(sqlx::query_scalar(
        "SELECT asleep_since FROM assignment WHERE iss = ? AND sub = ? AND role = ? \
         AND collection = ? AND entity = ?",
    )
    .bind(&of.iss)
    .bind(&of.sub)
    .bind(change.role.as_str())
    .bind(&change.pair.collection)
    .bind(&change.pair.entity)
    .fetch_optional(&mut **tx)
    .await?)
}
