//! An empty database for each test.

use std::path::Path;

use sea_orm::{ConnectionTrait as _, Database};

/// Where a test keeps its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    /// Every backend that is there: PostgreSQL where `IDP_TEST_POSTGRES` names a server.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self::Sqlite];
        if std::env::var("IDP_TEST_POSTGRES").is_ok() {
            all.push(Self::Postgres);
        }
        all
    }

    /// Creates the database and tells its address.
    pub(super) async fn create(self, directory: &Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite://{}?mode=rwc", directory.join("idp.db").display()),
            Self::Postgres => {
                let server = std::env::var("IDP_TEST_POSTGRES").unwrap();
                let name = format!("it_{}", uuid::Uuid::new_v4().simple());
                let connection = Database::connect(&server).await.unwrap();
                let create = format!("CREATE DATABASE {name}");
                connection.execute_unprepared(&create).await.unwrap();
                connection.close().await.unwrap();
                let (host, _) = server.rsplit_once('/').unwrap();
                format!("{host}/{name}")
            }
        }
    }
}
