//! SSM accounts: one for each (`iss`, `sub`), made at the first sign-in.

use relying_party::Person;
use sqlx::{QueryBuilder, Sqlite, SqlitePool};

use crate::{
    access::{self, Scope},
    permissions::applies,
};

/// A row of the Users list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Listed {
    pub(crate) id: i64,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: String,
    pub(crate) created_at: i64,
    pub(crate) modified_at: i64,
    pub(crate) institution: String,
    /// Names of the process types with any permission that counts now, joined by `, `.
    /// What another third party once gave does not show (I23).
    pub(crate) process_types: String,
}

/// One account.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Account {
    pub(crate) id: i64,
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) third_party: String,
    /// Counts saves; a form that was opened before another save carries an older one.
    pub(crate) version: i64,
}

impl Account {
    /// First and last name.
    pub(crate) fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

/// Column by which the list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    FirstName,
    LastName,
    Email,
    /// Newest first (domain.md statement 121).
    #[default]
    Created,
    Modified,
    Institution,
}

impl Sort {
    /// As written in addresses.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::FirstName => "name",
            Self::LastName => "last_name",
            Self::Email => "email",
            Self::Created => "created",
            Self::Modified => "modified",
            Self::Institution => "institution",
        }
    }

    /// The column of an address; the default for anything else.
    pub(crate) fn parse(name: &str) -> Self {
        [Self::FirstName, Self::LastName, Self::Email, Self::Modified, Self::Institution]
            .into_iter()
            .find(|sort| sort.name() == name)
            .unwrap_or_default()
    }

    /// Dates come newest first, words from A to Z; the other way round when `reversed`.
    const fn order_by(self, reversed: bool) -> &'static str {
        match (self, reversed) {
            (Self::FirstName, false) => "first_name COLLATE NOCASE, last_name COLLATE NOCASE, id",
            (Self::FirstName, true) => {
                "first_name COLLATE NOCASE DESC, last_name COLLATE NOCASE DESC, id DESC"
            }
            (Self::LastName, false) => "last_name COLLATE NOCASE, first_name COLLATE NOCASE, id",
            (Self::LastName, true) => {
                "last_name COLLATE NOCASE DESC, first_name COLLATE NOCASE DESC, id DESC"
            }
            (Self::Email, false) => "email COLLATE NOCASE, id",
            (Self::Email, true) => "email COLLATE NOCASE DESC, id DESC",
            (Self::Created, false) => "created_at DESC, id",
            (Self::Created, true) => "created_at, id DESC",
            (Self::Modified, false) => "modified_at DESC, id",
            (Self::Modified, true) => "modified_at, id DESC",
            (Self::Institution, false) => "institution COLLATE NOCASE, created_at DESC, id",
            (Self::Institution, true) => "institution COLLATE NOCASE DESC, created_at DESC, id",
        }
    }
}

/// Which accounts, in which order.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    pub(crate) scope: Scope,
    /// Part of a name, an address, an institution or a process type; searches all pages (E46).
    pub(crate) search: String,
    pub(crate) sort: Sort,
    pub(crate) reversed: bool,
}

/// Makes the account or refreshes its names, in one statement: two first sign-ins that arrive
/// together make one account (I24). The version stays, as no permission changes.
pub(crate) async fn record_sign_in(
    pool: &SqlitePool,
    person: &Person,
    now: i64,
) -> Result<(), sqlx::Error> {
    let third_party = access::third_party(person).unwrap_or_default();
    let first_name = if person.given_name.is_empty() { &person.name } else { &person.given_name };
    let institution = match &person.subsidiary {
        Some(subsidiary) => subsidiary.name.clone(),
        None => main_institution(pool, third_party).await?.unwrap_or_default(),
    };
    let search_text = search_text([first_name, &person.family_name, &person.email, &institution]);
    sqlx::query(
        "INSERT INTO account (iss, sub, first_name, last_name, email, third_party, institution,
                              app_admin, search_text, created_at, modified_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
         ON CONFLICT (iss, sub) DO UPDATE SET
             first_name = excluded.first_name, last_name = excluded.last_name,
             email = excluded.email, third_party = excluded.third_party,
             institution = excluded.institution, app_admin = excluded.app_admin,
             search_text = excluded.search_text",
    )
    .bind(&person.iss)
    .bind(&person.sub)
    .bind(first_name)
    .bind(&person.family_name)
    .bind(&person.email)
    .bind(third_party)
    .bind(&institution)
    .bind(person.app_admin)
    .bind(search_text)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// What the search box looks through.
pub(crate) fn search_text(parts: [&str; 4]) -> String {
    parts.join(" ").to_lowercase()
}

/// The first institution of a third party stands for the whole.
async fn main_institution(
    pool: &SqlitePool,
    third_party: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT short_name FROM institution WHERE third_party = $1 ORDER BY id")
        .bind(third_party)
        .fetch_optional(pool)
        .await
}

/// How many accounts the listing has on all pages.
pub(crate) async fn count(pool: &SqlitePool, listing: &Listing) -> Result<i64, sqlx::Error> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM account AS a");
    push_filter(&mut query, listing);
    query.build_query_scalar().fetch_one(pool).await
}

/// `limit` rows after the first `offset`.
pub(crate) async fn list(
    pool: &SqlitePool,
    listing: &Listing,
    limit: i64,
    offset: i64,
) -> Result<Vec<Listed>, sqlx::Error> {
    let mut query = QueryBuilder::new(concat!(
        "SELECT a.id, a.first_name, a.last_name, a.email, a.created_at, a.modified_at,
                a.institution, coalesce((
                    SELECT group_concat(name, ', ') FROM (
                        SELECT t.name FROM process_type AS t
                        WHERE EXISTS (SELECT 1 FROM permission AS p
                                      JOIN institution AS i ON i.id = p.institution_id
                                      WHERE p.account_id = a.id AND p.process_type_id = t.id
                                        AND i.third_party = a.third_party AND ",
        applies!(),
        ") ORDER BY t.id)), '') AS process_types
         FROM account AS a",
    ));
    push_filter(&mut query, listing);
    query.push(" ORDER BY ").push(listing.sort.order_by(listing.reversed));
    query.push(" LIMIT ").push_bind(limit).push(" OFFSET ").push_bind(offset);
    query.build_query_as().fetch_all(pool).await
}

fn push_filter(query: &mut QueryBuilder<Sqlite>, listing: &Listing) {
    query.push(" WHERE true");
    if let Some(own) = listing.scope.third_party() {
        query.push(" AND a.third_party = ").push_bind(own.to_owned());
    }
    let wanted = listing.search.trim().to_lowercase();
    if !wanted.is_empty() {
        query.push(" AND (instr(a.search_text, ").push_bind(wanted.clone());
        query
            .push(concat!(
                ") > 0 OR EXISTS (SELECT 1 FROM permission AS p
                   JOIN process_type AS t ON t.id = p.process_type_id
                   JOIN institution AS i ON i.id = p.institution_id
                   WHERE p.account_id = a.id AND i.third_party = a.third_party AND ",
                applies!(),
                " AND instr(lower(t.name), ",
            ))
            .push_bind(wanted)
            .push(") > 0))");
    }
}

/// The account if it lies in the scope; a foreign one looks like none.
pub(crate) async fn find(
    pool: &SqlitePool,
    id: i64,
    scope: &Scope,
) -> Result<Option<Account>, sqlx::Error> {
    let account: Option<Account> = sqlx::query_as(
        "SELECT id, iss, sub, first_name, last_name, third_party, version
         FROM account WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(pool)
    .await?;
    Ok(account.filter(|account| scope.covers(&account.third_party)))
}

/// The account of a person.
pub(crate) async fn find_of(
    pool: &SqlitePool,
    iss: &str,
    sub: &str,
) -> Result<Option<Account>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, iss, sub, first_name, last_name, third_party, version
         FROM account WHERE iss = $1 AND sub = $2",
    )
    .bind(iss)
    .bind(sub)
    .fetch_optional(pool)
    .await
}

/// Names of the administrators of a third party who have signed in once: whom a person without
/// permissions may ask (E37).
pub(crate) async fn administrators(
    pool: &SqlitePool,
    third_party: &str,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT trim(first_name || ' ' || last_name) FROM account
         WHERE third_party = $1 AND app_admin ORDER BY last_name, first_name LIMIT 5",
    )
    .bind(third_party)
    .fetch_all(pool)
    .await
}
