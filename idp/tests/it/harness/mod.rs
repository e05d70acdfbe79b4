//! A portal for a test: real router, own database, a clock that stands still, an inbox in place of a gateway.

mod bank_e;
mod database;
mod inbox;
mod sqlite_file;
mod visitor;

use std::sync::Arc;

use axum::Router;
use idp::{
    App,
    clock::ManualClock,
    config::{Config, Database, Keys, Outbound, Registration, Secrets, Server, Terms},
    entropy::SystemEntropy,
    secrets::ServerKeys,
    serve::{self, Parts},
    web,
};
use portal_core::Timestamp;

pub(crate) use bank_e::{HUGO, PASSWORD, PHONE};
pub(crate) use database::{Backend, TestDatabase};
pub(crate) use inbox::Inbox;
pub(crate) use sqlite_file::{Cell, SqliteFile};
pub(crate) use visitor::{Page, Visitor};

/// Public address of the portal in tests.
const ISSUER: &str = "http://localhost:8080";
/// When tests begin: 2026-11-21T12:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_262_400_000);

/// A portal.
pub(crate) struct TestIdp {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) inbox: Arc<Inbox>,
    router: Router,
    pub(crate) database: TestDatabase,
}

impl TestIdp {
    /// A portal on SQLite.
    pub(crate) async fn start() -> Self {
        Self::start_on(TestDatabase::create(Backend::Sqlite).unwrap()).await
    }

    /// A portal on a chosen database, with the people of BANK E.
    pub(crate) async fn start_on(database: TestDatabase) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let inbox = Arc::new(Inbox::default());
        let (app, router) = start_node((&database, &clock, &inbox), silent()).await;
        let idp = Self { app, clock, inbox, router, database };
        idp.populate().await;
        idp
    }

    /// Changes what no part of the portal changes, or not yet.
    pub(crate) async fn execute(&self, sql: &'static str) {
        self.database.execute(sql).await;
    }

    /// The file of an embedded database, as it is after a checkpoint.
    pub(crate) fn database_file(&self) -> Vec<u8> {
        self.database.file()
    }

    /// A new browser without script that is served by another node on the same database.
    pub(crate) async fn visitor_of_another_node(&self) -> Visitor {
        let shared = (&self.database, &self.clock, &self.inbox);
        let (_, router) = start_node(shared, silent()).await;
        Visitor::new(router)
    }

    /// The same portal after a restart with other terms of use.
    pub(crate) async fn with_terms(self, terms: Terms) -> Self {
        let (app, router) = start_node((&self.database, &self.clock, &self.inbox), terms).await;
        Self { app, router, ..self }
    }

    /// A browser, with all that it knows, at this portal.
    pub(crate) fn visited_by(&self, visitor: Visitor) -> Visitor {
        let mut here = self.visitor();
        here.cookies = visitor.cookies;
        here
    }

    /// A new browser without script.
    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::new(self.router.clone())
    }

    /// A new browser in which somebody has signed in with both factors.
    pub(crate) async fn signed_in(&self, email: &str) -> Visitor {
        let mut visitor = self.visitor();
        visitor.sign_in(self, email).await;
        visitor
    }
}

/// Nobody is asked to acknowledge anything: tests sign people in who never did.
fn silent() -> Terms {
    Terms { acknowledge: false, ..Terms::default() }
}

/// One node of the portal.
async fn start_node(
    (database, clock, inbox): (&TestDatabase, &Arc<ManualClock>, &Arc<Inbox>),
    terms: Terms,
) -> (Arc<App>, Router) {
    let config = Config {
        server: Server {
            issuer: ISSUER.to_owned(),
            listen: "127.0.0.1:0".parse().unwrap(),
            trusted_proxies: vec![],
        },
        database: Database { url: database.url().to_owned(), max_connections: 16 },
        secrets: Secrets { master_key_file: "unused".into() },
        outbound: Outbound::default(),
        registration: Registration::default(),
        keys: Keys::default(),
        terms,
    };
    let parts = Parts {
        clock: clock.clone(),
        entropy: Arc::new(SystemEntropy),
        gateway: inbox.clone(),
        server_keys: Arc::new(ServerKeys::derive(&[42; 32])),
    };
    let app = Arc::new(serve::build(&config, parts).await.unwrap());
    let router = web::router(app.clone());
    (app, router)
}

/// Makes two tests of one: on SQLite, and on PostgreSQL where `IDP_TEST_POSTGRES` names a server, as `scripts/test`
/// always does.
#[macro_export]
macro_rules! on_both_databases {
    ($(#[$doc:meta])* async fn $name:ident($idp:ident) $body:block) => {
        $(#[$doc])*
        mod $name {
            use super::*;
            use $crate::harness::{Backend, TestDatabase};

            async fn run($idp: $crate::harness::TestIdp) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                let database = TestDatabase::create(Backend::Sqlite).unwrap();
                run($crate::harness::TestIdp::start_on(database).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgresql() {
                if let Some(database) = TestDatabase::create(Backend::Postgres) {
                    run($crate::harness::TestIdp::start_on(database).await).await;
                }
            }
        }
    };
}
