//! The command line of the product.

pub mod admin;
mod audit;
pub mod client;
pub mod keys;
mod logouts;

use std::{io::Write as _, path::PathBuf, sync::Arc};

use anyhow::Context as _;
use audit::Audit;
use clap::{Parser, Subcommand};
use logouts::Logouts;
use portal_core::{audit::Origin, permission::Actor};
use storage::{Store, StoreSettings};

use crate::{
    administration::Administration,
    audit::Notary,
    clock::{Clock as _, SystemClock},
    config::{Config, Issuer},
    entropy::{Entropy, SystemEntropy},
    jobs,
    notify::NullGateway,
    secrets::{ColumnSealer, ServerKeys},
    serve::{self, DataLock, Parts},
    signing::{KeyAdministration, Schedule},
    telemetry, web,
};

/// The Identity Portal.
#[derive(Debug, Parser)]
#[command(
    name = "idp",
    version,
    about = "The Identity Portal: an OpenID Provider with delegated administration"
)]
pub struct Cli {
    /// Configuration file; every key also comes from the environment as `IDP__SECTION__KEY`.
    #[arg(long, global = true, default_value = "idp.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the portal.
    Serve,
    /// The schema of the database.
    #[command(subcommand)]
    Migrate(Migrate),
    /// The signing keys; a running server follows within seconds.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// The first members of the operator's staff.
    #[command(subcommand)]
    Admin(admin::Admin),
    /// The clients of the provider.
    #[command(subcommand)]
    Client(client::Client),
    /// The audit trail.
    #[command(subcommand)]
    Audit(Audit),
    /// Logout tokens that relying parties have not taken.
    #[command(subcommand)]
    Logouts(Logouts),
    /// The configuration.
    #[command(subcommand, name = "config")]
    Configuration(Configuration),
}

#[derive(Debug, Subcommand)]
enum Migrate {
    /// Apply what is missing.
    Up,
    /// Tell what is applied.
    Status,
}

#[derive(Debug, Subcommand)]
enum Configuration {
    /// Tell whether it can be used.
    Check,
}

/// Runs a command.
///
/// # Errors
/// One line for the person at the keyboard.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    if let Command::Audit(command) = &cli.command
        && let Some((export, keys)) = command.offline()
    {
        return audit::prove(export, keys);
    }
    let config = Config::load(&cli.config)?;
    let server_keys = Arc::new(ServerKeys::from_file(&config.secrets.master_key_file)?);
    match cli.command {
        Command::Serve => run_server(&config, server_keys).await,
        Command::Migrate(Migrate::Up) => {
            open(&config, server_keys).await?.migrate().await.context("migration failed")
        }
        Command::Migrate(Migrate::Status) => {
            let status = open(&config, server_keys).await?.migration_status().await?;
            status.iter().try_for_each(|(name, applied)| {
                say(&format!("{} {name}", if *applied { "applied" } else { "missing" }))
            })
        }
        Command::Keys(command) => {
            let store = open(&config, Arc::clone(&server_keys)).await?;
            let administration = KeyAdministration {
                store: &store,
                server_keys: &server_keys,
                entropy: &SystemEntropy,
                now: SystemClock.now(),
                reason: "command line",
            };
            let schedule = Schedule::new(&config.keys)?;
            let lines = keys::run(&command, &administration, &schedule).await?;
            lines.iter().try_for_each(|line| say(line))
        }
        Command::Admin(command) => {
            let issuer = Issuer::parse(&config.server.issuer)?;
            let store = open(&config, server_keys).await?;
            let by = (&SystemEntropy as &dyn Entropy, issuer.as_str());
            let lines = admin::run(&command, &at_set_up(&store), by).await?;
            lines.iter().try_for_each(|line| say(line))
        }
        Command::Client(command) => {
            let store = open(&config, server_keys).await?;
            let lines = client::run(&command, &at_set_up(&store), &SystemEntropy).await?;
            lines.iter().try_for_each(|line| say(line))
        }
        Command::Audit(command) => run_audit(&config, &server_keys, command).await,
        Command::Logouts(command) => {
            let store = open(&config, server_keys).await?;
            logouts::run(&store, command, SystemClock.now()).await
        }
        Command::Configuration(Configuration::Check) => say("the configuration can be used"),
    }
}

/// Whoever has the configuration and the master key acts as the operator.
fn at_set_up(store: &Store) -> Administration<'_> {
    Administration {
        store,
        actor: &Actor::Setup,
        now: SystemClock.now(),
        origin: Origin::default(),
    }
}

async fn run_audit(
    config: &Config,
    server_keys: &Arc<ServerKeys>,
    command: Audit,
) -> anyhow::Result<()> {
    let store = open(config, Arc::clone(server_keys)).await?;
    let issuer = Issuer::parse(&config.server.issuer)?;
    let notary = Notary {
        store: &store,
        server_keys,
        entropy: &SystemEntropy,
        now: SystemClock.now(),
        issuer: issuer.as_str(),
    };
    audit::run(command, &notary).await
}

async fn run_server(config: &Config, server_keys: Arc<ServerKeys>) -> anyhow::Result<()> {
    telemetry::start("info");
    let _lock = serve::data_folder(&config.database.url)
        .map(|folder| DataLock::take(&folder))
        .transpose()?;
    let listener = serve::listen(config.server.listen).await?;
    let parts = Parts {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        gateway: Arc::new(NullGateway),
        server_keys,
    };
    let app = Arc::new(serve::build(config, parts).await?);
    jobs::start(&app);
    tracing::info!(issuer = app.issuer.as_str(), "serving");
    Ok(serve::run(listener, web::router(app)).await?)
}

async fn open(config: &Config, server_keys: Arc<ServerKeys>) -> anyhow::Result<Store> {
    let settings = StoreSettings { url: config.database.url.clone(), max_connections: 2 };
    let sealer = ColumnSealer::new(server_keys, Arc::new(SystemEntropy));
    Store::open(&settings, Arc::new(sealer)).await.context("the database cannot be opened")
}

fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
