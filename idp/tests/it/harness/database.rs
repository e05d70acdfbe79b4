//! A database of its own for each test.

use std::process::{Command, Stdio};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// A file in a temporary folder.
    Sqlite,
    /// A new database on the server that `IDP_TEST_POSTGRES` names.
    Postgres,
}

/// A database that nothing else uses.
pub(crate) struct TestDatabase {
    url: String,
    _folder: Option<tempfile::TempDir>,
}

impl TestDatabase {
    /// Creates it; `None` when there is no PostgreSQL server, which continuous integration always has.
    pub(crate) fn create(backend: Backend) -> Option<Self> {
        if backend == Backend::Sqlite {
            let folder = tempfile::tempdir().unwrap();
            let url =
                format!("sqlite://{}?mode=rwc", folder.path().join("portal.sqlite").display());
            return Some(Self { url, _folder: Some(folder) });
        }
        let Ok(server) = std::env::var("IDP_TEST_POSTGRES") else {
            assert!(std::env::var("CI").is_err(), "IDP_TEST_POSTGRES is not set");
            return None;
        };
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        let created = Command::new("psql")
            .args([&server, "-q", "-c", &format!("CREATE DATABASE {name}")])
            .stdout(Stdio::null())
            .status();
        assert!(created.unwrap().success(), "psql could not create {name}");
        let (base, _) = server.rsplit_once('/').unwrap();
        Some(Self { url: format!("{base}/{name}"), _folder: None })
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}
