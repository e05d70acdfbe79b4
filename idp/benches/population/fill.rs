//! Fills a database as its own bulk loader does it: rows of CSV.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
    process::Command,
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use idp::{
    App,
    administration::Administration,
    entropy::SystemEntropy,
    secrets::{ColumnSealer, ServerKeys},
};
use portal_core::{
    access::Environment, audit::Origin, id::GroupId, organisation::LevelPath, permission::Actor,
    search_key::search_key,
};
use sqlx::{Connection as _, SqliteConnection};
use storage::{NewApplication, Sealer as _};
use uuid::Uuid;

use crate::{
    MASTER_KEY,
    people::{level_of, person},
};

/// A table's rows in a file.
struct Rows {
    table: &'static str,
    columns: &'static str,
    file: BufWriter<File>,
    path: std::path::PathBuf,
}

impl Rows {
    fn create(folder: &Path, table: &'static str, columns: &'static str) -> anyhow::Result<Self> {
        let path = folder.join(format!("{table}.csv"));
        Ok(Self { table, columns, file: BufWriter::new(File::create(&path)?), path })
    }

    /// Binary columns as hexadecimal digits; empty ones are null.
    fn push(&mut self, row: &[&str]) -> anyhow::Result<()> {
        Ok(writeln!(self.file, "{}", row.join(","))?)
    }
}

/// Root, applications with groups, third parties, people, memberships, roles.
pub(crate) async fn fill(
    app: &App,
    database: &str,
    (users, levels): (u32, u32),
) -> anyhow::Result<()> {
    let groups = registry(app).await?;
    let root = app.store.find_level(&LevelPath::root()).await?.context("root")?;
    let folder = tempfile::tempdir()?;
    let mut tables = organisations(folder.path(), levels, &root.id.to_string())?;
    tables.extend(people(folder.path(), (users, levels), &groups)?);
    for mut rows in tables {
        rows.file.flush()?;
        load(database, &rows).await.context(rows.table)?;
    }
    Ok(())
}

async fn registry(app: &App) -> anyhow::Result<Vec<GroupId>> {
    let setup = Administration {
        store: &app.store,
        actor: &Actor::Setup,
        now: app.now(),
        origin: Origin::default(),
    };
    setup.create_root().await?;
    let mut groups = Vec::new();
    for (position, code, group) in [
        (1, "SSM-PORTAL", "SSM-PORTAL_USER"),
        (2, "CASPER", "CASPER_WEB_DATA_SUBMITTER"),
        (3, "ASTRA", "ASTRA_USER"),
    ] {
        let new = NewApplication {
            code: code.to_owned(),
            title: code.to_owned(),
            subtitle: String::new(),
            environment: Environment::Production,
            position,
        };
        setup.register_application(&new).await?;
        let application = app.store.find_application(code).await?.context("application")?;
        groups.push(setup.register_group(&application, group, "for measuring").await?);
    }
    Ok(groups)
}

fn id(kind: u8, number: u32) -> String {
    Uuid::from_u128((u128::from(kind) << 120) | (0x8000_u128 << 48) | u128::from(number))
        .to_string()
}

fn organisations(folder: &Path, levels: u32, root: &str) -> anyhow::Result<Vec<Rows>> {
    let mut parties = Rows::create(
        folder,
        "third_parties",
        "id,legal_name,country,kind,administration,status,created_at",
    )?;
    let mut nodes =
        Rows::create(folder, "levels", "id,parent_id,name,third_party_id,path,created_at")?;
    for number in 0..levels {
        let (party, name) = (id(1, number), format!("BANK {number:05}"));
        parties.push(&[&party, &name, "ES", "bank", "delegated", "ACTIVE", "0"])?;
        nodes.push(&[&id(2, number), root, &name, &party, &format!("Root/{name}"), "0"])?;
    }
    Ok(vec![parties, nodes])
}

const USER_COLUMNS: &str = "id,first_name,last_name,email,email_key,phone_sealed,default_channel,\
                            credentials_changed_at,level_id,self_registered,status,locale,created_at,\
                            version,first_name_key,last_name_key,phone_key,phone_tail_key";

fn people(
    folder: &Path,
    (users, levels): (u32, u32),
    groups: &[GroupId],
) -> anyhow::Result<Vec<Rows>> {
    let keys = Arc::new(ServerKeys::derive(&MASTER_KEY));
    let sealer = ColumnSealer::new(keys, Arc::new(SystemEntropy));
    let mut accounts = Rows::create(folder, "users", USER_COLUMNS)?;
    let mut memberships = Rows::create(folder, "memberships", "user_id,group_id,assigned_at")?;
    let mut roles =
        Rows::create(folder, "delegated_roles", "id,user_id,kind,level_id,granted_at,source")?;
    for number in 0..users {
        let level = level_of(number, users, levels);
        let (user, level_id, person) = (id(3, number), id(2, level), person(number, level));
        let number_sealed = sealer.seal(&format!("users.phone:{user}"), person.phone.as_bytes())?;
        let phone_key = sealer.index("users.phone", person.phone.as_bytes());
        let tail = person.phone.get(person.phone.len() - 4..).unwrap_or_default();
        let tail_key = sealer.index("users.phone_tail", tail.as_bytes());
        accounts.push(&[
            &user,
            &person.first_name,
            &person.last_name,
            &person.email,
            &person.email,
            &hex(&number_sealed),
            "sms",
            "0",
            &level_id,
            "0",
            "ACTIVE",
            "en",
            "0",
            "0",
            &search_key(&person.first_name),
            &search_key(&person.last_name),
            &hex(&phone_key),
            &hex(&tail_key),
        ])?;
        for (every, group) in [1, 3, 10].into_iter().zip(groups) {
            if number % every == 0 {
                memberships.push(&[&user, &group.to_string(), "0"])?;
            }
        }
        // Two user administrators of each level, and two for the first, large one.
        let is_administrator =
            number < 2 || (number >= users / 50 && number < users / 50 + 2 * levels);
        if is_administrator {
            roles.push(&[
                &id(4, number),
                &user,
                "DelegatedUserAdmin",
                &level_id,
                "0",
                "nomination",
            ])?;
        }
    }
    Ok(vec![accounts, memberships, roles])
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::from("\\x");
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

async fn load(database: &str, rows: &Rows) -> anyhow::Result<()> {
    if let Some(path) = database.strip_prefix("sqlite://") {
        return load_sqlite(path, rows).await;
    }
    let columns = rows.columns.replace(' ', "");
    let file = File::open(&rows.path)?;
    let copy = format!("\\copy {} ({columns}) FROM STDIN CSV", rows.table);
    let status = Command::new("psql")
        .args([database, "-q", "-v", "ON_ERROR_STOP=1", "-c", &copy])
        .stdin(file)
        .status()?;
    ensure!(status.success(), "psql could not copy");
    let analyze = format!("ANALYZE {}", rows.table);
    ensure!(Command::new("psql").args([database, "-q", "-c", &analyze]).status()?.success());
    Ok(())
}

/// Identifiers and binary columns are bytes in SQLite.
async fn load_sqlite(path: &str, rows: &Rows) -> anyhow::Result<()> {
    let columns: Vec<&str> = rows.columns.split(',').map(str::trim).collect();
    let places = vec!["?"; columns.len()].join(",");
    let insert = format!("INSERT INTO {} ({}) VALUES ({places})", rows.table, columns.join(","));
    let mut connection = SqliteConnection::connect(&format!("sqlite://{path}")).await?;
    let text = std::fs::read_to_string(&rows.path)?;
    let mut transaction = connection.begin().await?;
    for line in text.lines() {
        let mut query = sqlx::query(sqlx::AssertSqlSafe(insert.clone()));
        for (column, value) in columns.iter().zip(line.split(',')) {
            query = if *column == "id" || column.ends_with("_id") {
                query.bind(Uuid::parse_str(value)?.into_bytes().to_vec())
            } else if let Some(digits) = value.strip_prefix("\\x") {
                query.bind(bytes(digits))
            } else if let Ok(number) = value.parse::<i64>() {
                query.bind(number)
            } else {
                query.bind(value.to_owned())
            };
        }
        query.execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    sqlx::query("ANALYZE").execute(&mut connection).await?;
    Ok(())
}

fn bytes(digits: &str) -> Vec<u8> {
    (0..digits.len() / 2)
        .filter_map(|n| u8::from_str_radix(digits.get(2 * n..2 * n + 2)?, 16).ok())
        .collect()
}
