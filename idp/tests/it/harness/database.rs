//! A database of its own for each test. Shared by the test binaries.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::process::{Command, Stdio};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// A file in a temporary folder.
    Sqlite,
    /// A new database on the server that `IDP_TEST_POSTGRES` names.
    Postgres,
}

impl Backend {
    /// Every one that there is.
    pub(crate) fn all() -> Vec<Self> {
        match postgres_server() {
            Some(_) => vec![Self::Sqlite, Self::Postgres],
            None => vec![Self::Sqlite],
        }
    }
}

/// The server to test on. Continuous integration always has one; a quick `cargo test` may go without.
fn postgres_server() -> Option<String> {
    let server = std::env::var("IDP_TEST_POSTGRES").ok();
    assert!(server.is_some() || std::env::var("CI").is_err(), "IDP_TEST_POSTGRES is not set");
    server
}

/// A database that nothing else uses.
pub(crate) struct TestDatabase {
    url: String,
    folder: Option<tempfile::TempDir>,
}

impl TestDatabase {
    /// Creates it; `None` when there is no PostgreSQL server.
    pub(crate) fn create(backend: Backend) -> Option<Self> {
        if backend == Backend::Sqlite {
            let folder = tempfile::tempdir().unwrap();
            let url =
                format!("sqlite://{}?mode=rwc", folder.path().join("portal.sqlite").display());
            return Some(Self { url, folder: Some(folder) });
        }
        let server = postgres_server()?;
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        let created = Command::new("psql")
            .args([&server, "-q", "-c", &format!("CREATE DATABASE {name}")])
            .stdout(Stdio::null())
            .status();
        assert!(created.unwrap().success(), "psql could not create {name}");
        let (base, _) = server.rsplit_once('/').unwrap();
        Some(Self { url: format!("{base}/{name}"), folder: None })
    }

    /// Changes what no part of the portal changes yet, or what it never would.
    pub(crate) async fn execute(&self, sql: &'static str) {
        if self.folder.is_some() {
            use sqlx::{Connection as _, SqliteConnection};
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query(sql).execute(&mut connection).await.unwrap();
            return;
        }
        let done = Command::new("psql").args([&self.url, "-q", "-c", sql]).status();
        assert!(done.unwrap().success(), "psql: {sql}");
    }

    /// Everything that an embedded database has written to its files.
    pub(crate) fn stored_bytes(&self) -> Vec<u8> {
        let folder = self.folder.as_ref().unwrap().path();
        let files = std::fs::read_dir(folder).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }

    /// The file of an embedded database, without what stands in its log only.
    pub(crate) fn file(&self) -> Vec<u8> {
        let folder = self.folder.as_ref().unwrap().path();
        std::fs::read(folder.join("portal.sqlite")).unwrap()
    }

    /// The file of an embedded database, with everything that was written.
    pub(crate) async fn settled_file(&self) -> std::path::PathBuf {
        self.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
        self.folder.as_ref().unwrap().path().join("portal.sqlite")
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDatabase {
    /// Several hundred databases of one run would fill a disk. A failure to drop one fails no test.
    fn drop(&mut self) {
        let (None, Some(server)) = (&self.folder, postgres_server()) else { return };
        let Some((_, name)) = self.url.rsplit_once('/') else { return };
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        let _ = Command::new("psql")
            .args([&server, "-q", "-c", &sql])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}
