//! A portal for one test: its own database, its own clock, a small world of people and clients.

mod browser;
#[path = "../../it/harness/database.rs"]
mod database;
mod question;
mod receiver;
mod signer;
mod world;

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, body::Body, http::Request};
use idp::{
    App,
    clock::ManualClock,
    config::{Config, Database, Keys, Outbound, Registration, Secrets, Server, Terms},
    entropy::SystemEntropy,
    notify::NullGateway,
    secrets::ServerKeys,
    serve::{self, Parts},
};
use portal_core::Timestamp;
use tower::ServiceExt as _;

pub(crate) use browser::{Browser, Reply, form};
pub(crate) use database::{Backend, TestDatabase};
pub(crate) use question::*;
pub(crate) use receiver::{Behaviour, Receiver, uri_at};
pub(crate) use signer::{Signer, assertion, proof};
pub(crate) use world::*;

pub(crate) const ISSUER: &str = "http://localhost:8080";
/// 2026-11-21T12:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_262_400_000);

/// A running portal.
pub(crate) struct TestIdp {
    pub(crate) app: Arc<App>,
    pub(crate) router: Router,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) world: World,
    config: Config,
    database: Arc<TestDatabase>,
}

impl TestIdp {
    /// A portal on an embedded database.
    pub(crate) async fn start() -> Self {
        Self::start_on(Backend::Sqlite).await
    }

    /// A portal on a chosen database.
    pub(crate) async fn start_on(backend: Backend) -> Self {
        Self::start_calling(backend, Outbound::default()).await
    }

    /// A portal that may call the stubs of relying parties on this machine.
    pub(crate) async fn start_calling_stubs(backend: Backend) -> Self {
        Self::start_calling(backend, Self::outbound_to_stubs(3000)).await
    }

    /// The configuration for that, with the milliseconds within which a call must be over.
    pub(crate) fn outbound_to_stubs(timeout_ms: u64) -> Outbound {
        Outbound {
            allowed_networks: vec!["127.0.0.1/32".parse().unwrap()],
            allow_http_to: vec!["127.0.0.1".to_owned()],
            timeout_ms,
            ..Outbound::default()
        }
    }

    /// A portal that may call addresses that another would not.
    pub(crate) async fn start_calling(backend: Backend, outbound: Outbound) -> Self {
        let database = Arc::new(TestDatabase::create(backend).unwrap());
        let config = Config {
            server: Server {
                issuer: ISSUER.to_owned(),
                listen: SocketAddr::from(([127, 0, 0, 1], 0)),
                trusted_proxies: Vec::new(),
            },
            database: Database { url: database.url().to_owned(), max_connections: 16 },
            secrets: Secrets { master_key_file: "unused".into() },
            outbound,
            registration: Registration { enabled: true },
            keys: Keys::default(),
            terms: Terms { acknowledge: false, ..Terms::default() },
        };
        let clock = Arc::new(ManualClock::at(START));
        let app = build(&config, &clock).await;
        let world = World::create(&app).await;
        let router = idp::web::router(Arc::clone(&app));
        Self { app, router, clock, world, config, database }
    }

    /// Another node of the same portal: the same database and the same clock, and nothing else in common.
    pub(crate) async fn another_node(&self) -> Self {
        let app = build(&self.config, &self.clock).await;
        let router = idp::web::router(Arc::clone(&app));
        Self {
            app,
            router,
            clock: Arc::clone(&self.clock),
            world: self.world.clone(),
            config: self.config.clone(),
            database: Arc::clone(&self.database),
        }
    }

    /// Sends a request without any cookie.
    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        Reply::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// Changes the database behind the portal's back.
    pub(crate) async fn execute(&self, sql: &'static str) {
        self.database.execute(sql).await;
    }

    /// Everything that is stored.
    pub(crate) fn stored_bytes(&self) -> Vec<u8> {
        self.database.stored_bytes()
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, seconds: i64) {
        self.clock.advance_seconds(seconds);
    }
}

async fn build(config: &Config, clock: &Arc<ManualClock>) -> Arc<App> {
    let parts = Parts {
        clock: clock.clone(),
        entropy: Arc::new(SystemEntropy),
        gateway: Arc::new(NullGateway),
        server_keys: Arc::new(ServerKeys::derive(&[7; 32])),
    };
    Arc::new(serve::build(config, parts).await.unwrap())
}
