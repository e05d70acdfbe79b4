//! Demo data: institutions, process types, and accounts that were there before.

use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::{accounts, database, dates, level::Level};

/// Issuer of the fixture accounts: nobody signs in with it.
const FIXTURE_ISSUER: &str = "urn:fixture:imas";

/// What [`seed`] writes. The names are those of the demo data, so that the whole document can be
/// read into it; what is not listed here is ignored.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct SeedData {
    /// Supervised institutions and others, each under its third party.
    pub institutions: Vec<SeedInstitution>,
    /// Process types, in the order of the selector.
    pub process_types: Vec<SeedProcessType>,
    /// The manual's list of users, newest first.
    #[serde(default)]
    pub imas_manage_users_fixture: Vec<SeedFixture>,
    /// Accounts of people who can sign in, with their permissions.
    #[serde(default)]
    pub accounts: Vec<SeedAccount>,
}

/// An institution.
#[derive(Clone, Debug, Deserialize)]
pub struct SeedInstitution {
    /// Short name, such as `bank_01`.
    pub code: String,
    /// Name in the register.
    pub legal_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Legal Entity Identifier.
    pub lei: String,
    /// `SI`, `LSI` or `NONE`.
    pub significance: String,
    /// Level of its third party, such as `BANK_01`.
    pub third_party: String,
}

/// A process type.
#[derive(Clone, Debug, Deserialize)]
pub struct SeedProcessType {
    /// Words of the selector.
    pub name: String,
    /// `SI` alone, or a text with `LSI` in it.
    pub significance: String,
    /// Whether third parties that are not supervised may use it.
    pub open_to_third_parties: bool,
}

/// A row of the manual's list of users.
#[derive(Clone, Debug, Deserialize)]
pub struct SeedFixture {
    /// First name.
    pub name: String,
    /// Last name.
    pub last_name: String,
    /// Address.
    pub email: String,
    /// `2020-10-02`.
    pub created: String,
    /// `2020-10-02`.
    pub last_modified: String,
    /// Short name of the institution.
    pub institution: String,
    /// Names of process types, separated by `, `; the account may read them at its institution.
    pub process_types: String,
}

/// An account of a person who can sign in.
#[derive(Clone, Debug, Deserialize)]
pub struct SeedAccount {
    /// Issuer identifier of the portal.
    pub iss: String,
    /// Subject there.
    pub sub: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Address.
    pub email: String,
    /// Level, such as `BANK_01`.
    pub third_party: String,
    /// Short name of the institution.
    pub institution: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// What the account may do.
    #[serde(default)]
    pub permissions: Vec<SeedPermission>,
}

/// A permission of a [`SeedAccount`].
#[derive(Clone, Debug, Deserialize)]
pub struct SeedPermission {
    /// Name of the process type.
    pub process_type: String,
    /// Short name of the institution.
    pub institution: String,
    /// Words of the selector, such as `Read and write`.
    pub level: String,
}

/// Writes `data` into the database file, creating it if need be. Doing it again changes nothing:
/// what is there already stays as it is.
pub async fn seed(file: &Path, data: &SeedData) -> anyhow::Result<()> {
    let pool = database::open(file).await.with_context(|| file.display().to_string())?;
    let mut tx = database::begin(&pool).await?;
    for institution in &data.institutions {
        write_institution(&mut tx, institution).await?;
    }
    for process_type in &data.process_types {
        write_process_type(&mut tx, process_type).await?;
    }
    for (row, fixture) in data.imas_manage_users_fixture.iter().enumerate() {
        let account = fixture_account(&mut tx, row, fixture).await?;
        let modified_at = dates::parse_day(&fixture.last_modified).context("last_modified")?;
        write_account(&mut tx, &account, modified_at).await?;
    }
    for account in &data.accounts {
        write_account(&mut tx, account, account.created_at).await?;
    }
    tx.commit().await?;
    pool.close().await;
    Ok(())
}

async fn write_institution(
    tx: &mut SqliteConnection,
    institution: &SeedInstitution,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO institution (short_name, legal_name, country, lei, significance, third_party)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (short_name) DO NOTHING",
    )
    .bind(&institution.code)
    .bind(&institution.legal_name)
    .bind(&institution.country)
    .bind(&institution.lei)
    .bind(&institution.significance)
    .bind(&institution.third_party)
    .execute(tx)
    .await?;
    Ok(())
}

async fn write_process_type(
    tx: &mut SqliteConnection,
    process_type: &SeedProcessType,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO process_type (name, for_less_significant, open_to_third_parties)
         VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
    )
    .bind(&process_type.name)
    .bind(process_type.significance.contains("LSI"))
    .bind(process_type.open_to_third_parties)
    .execute(tx)
    .await?;
    Ok(())
}

async fn fixture_account(
    tx: &mut SqliteConnection,
    row: usize,
    fixture: &SeedFixture,
) -> anyhow::Result<SeedAccount> {
    let third_party: String =
        sqlx::query_scalar("SELECT third_party FROM institution WHERE short_name = $1")
            .bind(&fixture.institution)
            .fetch_optional(tx)
            .await?
            .with_context(|| format!("unknown institution {}", fixture.institution))?;
    let permissions = fixture
        .process_types
        .split(", ")
        .filter(|name| !name.is_empty())
        .map(|name| SeedPermission {
            process_type: name.to_owned(),
            institution: fixture.institution.clone(),
            level: Level::Read.label().to_owned(),
        })
        .collect();
    Ok(SeedAccount {
        iss: FIXTURE_ISSUER.to_owned(),
        sub: format!("row-{:03}", row + 1),
        first_name: fixture.name.clone(),
        last_name: fixture.last_name.clone(),
        email: fixture.email.clone(),
        third_party,
        institution: fixture.institution.clone(),
        created_at: dates::parse_day(&fixture.created).context("created")?,
        permissions,
    })
}

async fn write_account(
    tx: &mut SqliteConnection,
    account: &SeedAccount,
    modified_at: i64,
) -> anyhow::Result<()> {
    let made: Option<i64> = sqlx::query_scalar(
        "INSERT INTO account (iss, sub, first_name, last_name, email, third_party, institution,
                              app_admin, search_text, created_at, modified_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, false, $8, $9, $10)
         ON CONFLICT (iss, sub) DO NOTHING RETURNING id",
    )
    .bind(&account.iss)
    .bind(&account.sub)
    .bind(&account.first_name)
    .bind(&account.last_name)
    .bind(&account.email)
    .bind(&account.third_party)
    .bind(&account.institution)
    .bind(accounts::search_text([
        &account.first_name,
        &account.last_name,
        &account.email,
        &account.institution,
    ]))
    .bind(account.created_at)
    .bind(modified_at)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(id) = made else { return Ok(()) };
    for permission in &account.permissions {
        write_permission(tx, id, permission).await?;
    }
    Ok(())
}

async fn write_permission(
    tx: &mut SqliteConnection,
    account: i64,
    permission: &SeedPermission,
) -> anyhow::Result<()> {
    let level = Level::from_label(&permission.level).context("unknown level")?;
    let written = sqlx::query(
        "INSERT INTO permission (account_id, process_type_id, institution_id, level)
         SELECT $1, t.id, i.id, $2 FROM process_type AS t, institution AS i
         WHERE t.name = $3 AND i.short_name = $4",
    )
    .bind(account)
    .bind(level.number())
    .bind(&permission.process_type)
    .bind(&permission.institution)
    .execute(tx)
    .await?;
    anyhow::ensure!(written.rows_affected() == 1, "unknown process type or institution");
    Ok(())
}
