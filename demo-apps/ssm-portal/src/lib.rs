//! The SSM Portal (IMAS): processes and permissions per institution, a sample relying party.
//!
//! Who a person is comes from the Identity Portal; what the person may do for which institution is
//! kept here, in the application's own database. Rights are the group of this environment and a
//! permission (domain.md I21); both are read at each request, so a change shows after a refresh.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use axum::{Router, extract::FromRef, routing::get};
use relying_party::{RelyingParty, RelyingPartyConfig};
use sqlx::SqlitePool;

mod access;
mod accounts;
mod csv;
mod database;
mod dates;
mod level;
mod pages;
mod permissions;
mod seed;
mod trail;

pub use seed::{
    SeedAccount, SeedData, SeedFixture, SeedInstitution, SeedPermission, SeedProcessType, seed,
};

/// Production or a place to try things; they share nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// The real thing.
    Production,
    /// Test data only; every page says so.
    PreProduction,
}

impl Environment {
    /// The group that opens the application.
    pub const fn group(self) -> &'static str {
        match self {
            Self::Production => "SSM-PORTAL_USER",
            Self::PreProduction => "A-SSM-PORTAL_USER",
        }
    }

    /// The name of the application.
    pub const fn app_name(self) -> &'static str {
        match self {
            Self::Production => "SSM Portal",
            Self::PreProduction => "SSM Portal Pre-Production",
        }
    }
}

/// What the SSM Portal needs to start.
#[derive(Clone, Debug)]
pub struct Config {
    /// Registration at the Identity Portal. Name, stylesheet and cookie prefix are set by [`app`].
    pub relying_party: RelyingPartyConfig,
    /// The SQLite file, created if missing.
    pub database: PathBuf,
    /// Which environment this is.
    pub environment: Environment,
}

/// What every page can reach.
#[derive(Clone)]
pub(crate) struct App {
    rp: RelyingParty,
    pool: SqlitePool,
    environment: Environment,
    portal: Arc<str>,
}

impl FromRef<App> for RelyingParty {
    fn from_ref(app: &App) -> Self {
        app.rp.clone()
    }
}

/// Opens the database and builds the application. The Identity Portal need not run yet.
pub async fn app(config: Config) -> anyhow::Result<Router> {
    let pool = database::open(&config.database)
        .await
        .with_context(|| config.database.display().to_string())?;
    let environment = config.environment;
    let portal = Arc::from(config.relying_party.issuer.as_str());
    let admission = access::GroupOrAdministrator {
        group: environment.group().to_owned(),
        pool: pool.clone(),
        clock: config.relying_party.clock.clone(),
    };
    let relying_party = RelyingPartyConfig {
        app_name: environment.app_name().to_owned(),
        access_hint: "SSM Portal and SSM Portal Pre-Production are separate: the tiles in My Apps show which of \
                      them you have."
            .to_owned(),
        stylesheet: Some(pages::STYLESHEET.to_owned()),
        cookie_prefix: match environment {
            Environment::Production => "ssm".to_owned(),
            Environment::PreProduction => "a-ssm".to_owned(),
        },
        ..config.relying_party
    };
    let rp = RelyingParty::new(relying_party, admission)?;
    let app = Router::new()
        .route("/", get(pages::home::home))
        .route("/processes", get(pages::home::processes))
        .route("/messages", get(pages::home::messages))
        .route("/terms", get(pages::home::terms))
        .route("/useradmin", get(pages::users::redirect))
        .route("/useradmin/", get(pages::users::list))
        .route("/useradmin/new", get(pages::users::new_user))
        .route("/useradmin/users.csv", get(pages::users::export))
        .route("/useradmin/{id}", get(pages::user::show).post(pages::user::change))
        .route("/api/me", get(pages::api::me))
        .route("/assets/ssm.css", get(pages::stylesheet))
        .fallback(pages::not_found)
        .merge(rp.router())
        .with_state(App { rp: rp.clone(), pool, environment, portal });
    Ok(rp.secure(app))
}
