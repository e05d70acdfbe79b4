//! Who changed or took away what. Changes of permissions are written by the save itself, in its
//! transaction; here is the rest, and reading.

use relying_party::Person;
use sqlx::SqlitePool;

use crate::{accounts::Account, level::Level};

/// How many changes the history of an account shows.
const SHOWN: i64 = 20;

/// A change of one permission.
#[derive(Clone, Debug)]
pub(crate) struct Changed {
    /// Unix milliseconds.
    pub(crate) at: i64,
    /// Name of the administrator at that time.
    pub(crate) actor: String,
    pub(crate) process_type: String,
    pub(crate) institution: String,
    pub(crate) before: Level,
    pub(crate) after: Level,
}

/// The latest changes of an account's permissions at its present third party, newest first.
pub(crate) async fn history(
    pool: &SqlitePool,
    account: &Account,
) -> Result<Vec<Changed>, sqlx::Error> {
    let rows: Vec<(i64, String, String, String, i64, i64)> = sqlx::query_as(
        "SELECT c.at, c.actor_name, t.name, i.short_name, c.level_before, c.level_after
         FROM trail AS c
         JOIN process_type AS t ON t.id = c.process_type_id
         JOIN institution AS i ON i.id = c.institution_id
         WHERE c.account_id = $1 AND i.third_party = $2 ORDER BY c.id DESC LIMIT $3",
    )
    .bind(account.id)
    .bind(&account.third_party)
    .bind(SHOWN)
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(at, actor, process_type, institution, before, after)| Changed {
            at,
            actor,
            process_type,
            institution,
            before: Level::from_number(before).unwrap_or_default(),
            after: Level::from_number(after).unwrap_or_default(),
        })
        .collect())
}

/// Notes that `actor` took the list of users away (domain.md E45: personal data leave).
pub(crate) async fn note_export(
    pool: &SqlitePool,
    actor: &Person,
    search: &str,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO trail (at, actor_iss, actor_sub, actor_name, event, detail)
         VALUES ($1, $2, $3, $4, 'users.exported', $5)",
    )
    .bind(now)
    .bind(&actor.iss)
    .bind(&actor.sub)
    .bind(&actor.name)
    .bind(search)
    .execute(pool)
    .await?;
    Ok(())
}
