//! How fast the pages of administrators answer with a million people in ten thousand levels.
//!
//! ```text
//! cargo bench -p idp --bench population -- --database sqlite:///tmp/population.sqlite --users 1000000
//! cargo bench -p idp --bench population -- --database postgres://…/population --users 1000000
//! ```
//!
//! The first run fills the database; later ones find it filled. Requests go through the real router, one after the
//! other; what is measured is the time of the server, without a network.

mod fill;
mod measure;
mod people;

use std::{io::Write as _, sync::Arc};

use anyhow::Context as _;
use clap::Parser;
use idp::{
    App,
    clock::SystemClock,
    config::{Config, Database, Keys, Outbound, Registration, Secrets, Server, Terms},
    entropy::SystemEntropy,
    notify::NullGateway,
    secrets::ServerKeys,
    serve::{self, Parts},
};

/// What is measured, and where.
#[derive(Parser)]
struct Options {
    /// `sqlite://path` or `postgres://…`; the database is filled when it is empty.
    #[arg(long)]
    database: Option<String>,
    /// People in all.
    #[arg(long, default_value_t = 1_000_000)]
    users: u32,
    /// Levels, one for each third party.
    #[arg(long, default_value_t = 10_000)]
    levels: u32,
    /// Requests for each page.
    #[arg(long, default_value_t = 200)]
    requests: u32,
    /// Only pages whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// What `cargo bench` passes.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Always the same, so that a database that was filled before can be read.
const MASTER_KEY: [u8; 32] = [7; 32];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let Some(database) = &options.database else {
        say("name a database to measure: --database sqlite://… or postgres://…")?;
        return Ok(());
    };
    let app = Arc::new(build(database).await?);
    if app.store.find_level(&portal_core::organisation::LevelPath::root()).await?.is_none() {
        let begun = app.now();
        fill::fill(&app, database, (options.users, options.levels)).await?;
        say(&format!("filled in {} s", app.now().millis_since(begun) / 1000))?;
    }
    for line in measure::all(&app, (options.users, options.requests), &options.only).await? {
        say(&line)?;
    }
    Ok(())
}

async fn build(database: &str) -> anyhow::Result<App> {
    let url = if database.starts_with("sqlite:") {
        format!("{database}?mode=rwc")
    } else {
        database.to_owned()
    };
    let config = Config {
        server: Server {
            issuer: "http://localhost:8080".to_owned(),
            listen: ([127, 0, 0, 1], 0).into(),
            trusted_proxies: Vec::new(),
        },
        database: Database { url, max_connections: 8 },
        secrets: Secrets { master_key_file: "unused".into() },
        outbound: Outbound::default(),
        registration: Registration::default(),
        keys: Keys::default(),
        terms: Terms { acknowledge: false, ..Terms::default() },
    };
    let parts = Parts {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        gateway: Arc::new(NullGateway),
        server_keys: Arc::new(ServerKeys::derive(&MASTER_KEY)),
    };
    serve::build(&config, parts).await.context("the portal cannot be built")
}

fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
