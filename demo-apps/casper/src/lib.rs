//! CASPER: data collections and reporting entities, a sample relying party.
//!
//! One program, two configurations: CASPER and CASPER Pre-Production share nothing at run time.
//! What a person may do is the meeting of two things, read at every request: the groups in the
//! portal's claims (`environment`) and the assignments in CASPER's own database (`database`).
//! Who may change assignments is decided in `rules`, which does no I/O.

mod admission;
mod api;
mod assets;
mod config;
mod database;
mod environment;
mod member;
mod pages;
mod rules;

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use axum::{
    Router,
    extract::FromRef,
    routing::{get, post},
};
use relying_party::{Clock, RelyingParty};

pub use config::Config;
pub use database::{
    Account, AccountPage, Assignee, Assignment, AuditEntry, Change, Claims, Collection, Database,
    DatabaseError, Entity, Event, Identity, ListedAccount, SeedAssignment, SeedCollection,
    SeedData, SeedEntity, SeedPerson, SeedReport, Stewardship,
};
pub use environment::{Environment, Role, Roles, UnknownEnvironment};
pub use rules::{Actor, Denial, Pair, Target, is_external};

/// What every handler may reach.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) rp: RelyingParty,
    pub(crate) database: Database,
    pub(crate) environment: Environment,
    pub(crate) clock: Clock,
    /// Names the stylesheet of this environment.
    pub(crate) stylesheet: Arc<str>,
}

impl FromRef<AppState> for RelyingParty {
    fn from_ref(state: &AppState) -> Self {
        state.rp.clone()
    }
}

/// Builds CASPER: opens its database and sets up the routes. Asks nothing of the portal yet.
pub async fn app(config: Config) -> anyhow::Result<Router> {
    let Config { mut relying_party, environment, database } = config;
    let stylesheet = assets::stylesheet(environment);
    environment.app_name().clone_into(&mut relying_party.app_name);
    relying_party.access_hint = format!(
        "Access to {} is separate: if that is what you have, open its tile in My Apps.",
        environment.other().app_name()
    );
    relying_party.stylesheet = Some(stylesheet.clone());
    let clock = relying_party.clock.clone();
    let database = Database::open(&database).await.context("opening the database of CASPER")?;
    let admission =
        admission::Gate { environment, database: database.clone(), clock: clock.clone() };
    let rp = RelyingParty::new(relying_party, admission)?;
    let state =
        AppState { rp: rp.clone(), database, environment, clock, stylesheet: stylesheet.into() };
    let pages = Router::new()
        .route("/", get(pages::home::show))
        .route("/collections", get(pages::collections::list))
        .route("/collections/{code}", get(pages::collections::show))
        .route("/users", get(pages::users::list))
        .route("/users/{id}", get(pages::user::show))
        .route("/users/{id}/assignments", post(pages::assignments::add))
        .route("/users/{id}/assignments/remove", post(pages::assignments::remove))
        .route("/api/me", get(api::me))
        .route("/assets/{name}", get(assets::get))
        .fallback(pages::not_found)
        .with_state(state);
    Ok(rp.secure(pages.merge(rp.router())))
}

/// Fills the database file at `database` with what a fresh CASPER starts with; makes the file if
/// it is missing. Safe to call at every start: see [`Database::seed`].
pub async fn seed(database: &Path, data: &SeedData) -> anyhow::Result<SeedReport> {
    let opened = Database::open(database).await.context("opening the database of CASPER")?;
    let report = opened.seed(data, Clock::system().now()).await;
    report.context("seeding the database of CASPER")
}
