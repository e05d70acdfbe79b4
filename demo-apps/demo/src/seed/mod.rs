//! Demo data, created through the same code that the product uses to create things: rules apply to seeds too.

mod access;
mod casper_data;
mod data;
mod nominations;
mod organisations;
mod people;
mod registry;
mod ssm_data;

use anyhow::Context as _;
use idp::{App, administration::Administration};
use portal_core::{Timestamp, access::Environment, audit::Origin, permission::Actor};

use crate::{
    applications::DemoApplication,
    data_folder::{DataFolder, State},
    launch::Addresses,
};
use data::PortalData;

/// How long ago the demo's accounts were created, in days.
const AGE_DAYS: i64 = 30;

/// Fills a fresh folder.
pub(crate) async fn fill(
    app: &App,
    folder: &DataFolder,
    addresses: &Addresses,
    state: &State,
    password: &str,
) -> anyhow::Result<()> {
    let data = PortalData::load()?;
    let administration = Administration { now: created_at(app), ..administration(app) };
    registry::fill(&administration, &data, addresses, state).await.context("applications")?;
    organisations::fill(&administration, &data).await.context("organisations")?;
    people::fill(app, &administration, &data, password).await.context("people")?;
    nominations::fill(app).await.context("nominations")?;
    access::fill(app).await.context("access")?;
    casper_data::fill(app, folder, &data).await.context("CASPER")?;
    ssm_data::fill(folder).await.context("SSM Portal")
}

/// The program at set-up, which acts as the operator's identity administrator.
pub(crate) fn administration(app: &App) -> Administration<'_> {
    Administration {
        store: &app.store,
        actor: &Actor::Setup,
        now: app.now(),
        origin: Origin::default(),
    }
}

/// When the demo's world was created.
fn created_at(app: &App) -> Timestamp {
    app.now().plus_seconds(-AGE_DAYS * 24 * 60 * 60)
}

/// CASPER's word for the environment of an application.
pub(crate) fn casper_environment(application: &DemoApplication) -> casper::Environment {
    match application.environment() {
        Environment::Production => casper::Environment::Production,
        Environment::PreProduction => casper::Environment::PreProduction,
    }
}

/// The SSM Portal's word for the environment of an application.
pub(crate) fn ssm_environment(application: &DemoApplication) -> ssm_portal::Environment {
    match application.environment() {
        Environment::Production => ssm_portal::Environment::Production,
        Environment::PreProduction => ssm_portal::Environment::PreProduction,
    }
}

#[cfg(test)]
mod tests;
