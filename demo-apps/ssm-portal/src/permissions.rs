//! Permissions: one level for each account, process type and institution (domain.md I21, I23).

use std::collections::BTreeMap;

use relying_party::Person;
use sqlx::SqlitePool;

use crate::{access::Scope, accounts::Account, database, level::Level};

/// Which process types an institution may have: significant institutions all, less significant
/// ones those for them, others those that are open to third parties (O25, O26). Spelt once; `t`
/// is the process type, `i` the institution.
macro_rules! applies {
    () => {
        "(i.significance = 'SI' OR (i.significance = 'LSI' AND t.for_less_significant)
          OR (i.significance = 'NONE' AND t.open_to_third_parties))"
    };
}
pub(crate) use applies;

/// A process type.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct ProcessType {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) for_less_significant: bool,
    pub(crate) open_to_third_parties: bool,
}

impl ProcessType {
    /// For whom it is meant, in words (O27).
    pub(crate) const fn note(&self) -> &'static str {
        match (self.for_less_significant, self.open_to_third_parties) {
            (true, true) => {
                "For significant and less significant institutions and for other third parties."
            }
            (true, false) => "For significant and less significant institutions.",
            (false, true) => "For significant institutions and other third parties.",
            (false, false) => "For significant institutions only.",
        }
    }
}

/// An institution and what the account may do there.
#[derive(Clone, Debug)]
pub(crate) struct InstitutionLevel {
    pub(crate) id: i64,
    /// `bank_01 (FI - LEI)` (domain.md statement 135).
    pub(crate) label: String,
    pub(crate) level: Level,
}

/// A permission that somebody has.
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    pub(crate) process_type: String,
    pub(crate) institution: String,
    pub(crate) level: Level,
}

/// The process types that apply to at least one institution of the third party.
pub(crate) async fn process_types(
    pool: &SqlitePool,
    third_party: &str,
) -> Result<Vec<ProcessType>, sqlx::Error> {
    sqlx::query_as(concat!(
        "SELECT t.id, t.name, t.for_less_significant, t.open_to_third_parties
         FROM process_type AS t
         WHERE EXISTS (SELECT 1 FROM institution AS i WHERE i.third_party = $1 AND ",
        applies!(),
        ") ORDER BY t.id"
    ))
    .bind(third_party)
    .fetch_all(pool)
    .await
}

/// All institutions of the account's third party to which the process type applies, by name, with
/// the account's level.
pub(crate) async fn of_process_type(
    pool: &SqlitePool,
    account: &Account,
    process_type: i64,
) -> Result<Vec<InstitutionLevel>, sqlx::Error> {
    let rows: Vec<(i64, String, String, String, i64)> = sqlx::query_as(concat!(
        "SELECT i.id, i.short_name, i.country, i.lei, coalesce(p.level, 0)
         FROM institution AS i
         JOIN process_type AS t ON t.id = $1
         LEFT JOIN permission AS p ON p.account_id = $2 AND p.process_type_id = t.id
                                  AND p.institution_id = i.id
         WHERE i.third_party = $3 AND ",
        applies!(),
        " ORDER BY i.short_name COLLATE NOCASE"
    ))
    .bind(process_type)
    .bind(account.id)
    .bind(&account.third_party)
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, name, country, lei, level)| InstitutionLevel {
            id,
            label: format!("{name} ({country} - {lei})"),
            level: Level::from_number(level).unwrap_or_default(),
        })
        .collect())
}

/// What the account may do now. Rows whose institution has left the third party, or to which the
/// process type no longer applies, grant nothing.
pub(crate) async fn effective(
    pool: &SqlitePool,
    account: &Account,
) -> Result<Vec<Granted>, sqlx::Error> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(concat!(
        "SELECT t.name, i.short_name || ' (' || i.country || ' - ' || i.lei || ')', p.level
         FROM permission AS p
         JOIN process_type AS t ON t.id = p.process_type_id
         JOIN institution AS i ON i.id = p.institution_id
         WHERE p.account_id = $1 AND i.third_party = $2 AND ",
        applies!(),
        " ORDER BY t.id, i.short_name COLLATE NOCASE"
    ))
    .bind(account.id)
    .bind(&account.third_party)
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(process_type, institution, level)| Granted {
            process_type,
            institution,
            level: Level::from_number(level).unwrap_or_default(),
        })
        .collect())
}

/// A wish to set levels, made on a page that showed `version` of the account.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) account_id: i64,
    pub(crate) version: i64,
    pub(crate) process_type: i64,
    /// Level by institution.
    pub(crate) levels: BTreeMap<i64, Level>,
}

/// How a save came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saved {
    /// So many permissions differ from before.
    Changed(usize),
    /// Somebody else saved since the page was opened; nothing was stored.
    Stale,
    /// No such account in the scope, or a process type or institution that is not on offer for
    /// it (I23); nothing was stored.
    NotOnOffer,
}

/// Stores `change`, all or nothing, with one line of the trail for each permission that differs.
pub(crate) async fn save(
    pool: &SqlitePool,
    actor: &Person,
    scope: &Scope,
    change: &Change,
    now: i64,
) -> Result<Saved, sqlx::Error> {
    let mut tx = database::begin(pool).await?;
    let account: Option<(String, i64)> =
        sqlx::query_as("SELECT third_party, version FROM account WHERE id = $1")
            .bind(change.account_id)
            .fetch_optional(&mut *tx)
            .await?;
    let Some((third_party, version)) = account.filter(|(owner, _)| scope.covers(owner)) else {
        return Ok(Saved::NotOnOffer);
    };
    let before = offered(&mut tx, change, &third_party).await?;
    if change.levels.keys().any(|institution| !before.contains_key(institution)) {
        return Ok(Saved::NotOnOffer);
    }
    if version != change.version {
        return Ok(Saved::Stale);
    }
    let different: Vec<(i64, i64, i64)> = change
        .levels
        .iter()
        .filter_map(|(institution, after)| {
            let before = *before.get(institution)?;
            (before != after.number()).then_some((*institution, before, after.number()))
        })
        .collect();
    if different.is_empty() {
        return Ok(Saved::Changed(0));
    }
    write(&mut tx, actor, change, &different, now).await?;
    tx.commit().await?;
    Ok(Saved::Changed(different.len()))
}

/// Stored level by institution, for every institution on offer.
async fn offered(
    tx: &mut sqlx::SqliteConnection,
    change: &Change,
    third_party: &str,
) -> Result<BTreeMap<i64, i64>, sqlx::Error> {
    let rows: Vec<(i64, i64)> = sqlx::query_as(concat!(
        "SELECT i.id, coalesce(p.level, 0)
         FROM institution AS i
         JOIN process_type AS t ON t.id = $1
         LEFT JOIN permission AS p ON p.account_id = $2 AND p.process_type_id = t.id
                                  AND p.institution_id = i.id
         WHERE i.third_party = $3 AND ",
        applies!()
    ))
    .bind(change.process_type)
    .bind(change.account_id)
    .bind(third_party)
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().collect())
}

/// Each of the four statements writes all rows at once, from one JSON list.
async fn write(
    tx: &mut sqlx::SqliteConnection,
    actor: &Person,
    change: &Change,
    different: &[(i64, i64, i64)],
    now: i64,
) -> Result<(), sqlx::Error> {
    let rows = serde_json::json!(different).to_string();
    sqlx::query(
        "DELETE FROM permission WHERE account_id = $1 AND process_type_id = $2
         AND institution_id IN (SELECT value ->> 0 FROM json_each($3))",
    )
    .bind(change.account_id)
    .bind(change.process_type)
    .bind(&rows)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO permission (account_id, process_type_id, institution_id, level)
         SELECT $1, $2, value ->> 0, value ->> 2 FROM json_each($3) WHERE value ->> 2 > 0",
    )
    .bind(change.account_id)
    .bind(change.process_type)
    .bind(&rows)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO trail (at, actor_iss, actor_sub, actor_name, event, account_id,
                            process_type_id, institution_id, level_before, level_after)
         SELECT $1, $2, $3, $4, 'permission.changed', $5, $6, value ->> 0, value ->> 1, value ->> 2
         FROM json_each($7)",
    )
    .bind(now)
    .bind(&actor.iss)
    .bind(&actor.sub)
    .bind(&actor.name)
    .bind(change.account_id)
    .bind(change.process_type)
    .bind(&rows)
    .execute(&mut *tx)
    .await?;
    sqlx::query("UPDATE account SET version = version + 1, modified_at = $1 WHERE id = $2")
        .bind(now)
        .bind(change.account_id)
        .execute(&mut *tx)
        .await?;
    Ok(())
}
