//! Runs one CASPER, told by the environment what to be. `demo` starts it in its own process
//! instead.

use std::{env, path::PathBuf};

use anyhow::Context as _;
use casper::{Config, SeedData};
use relying_party::RelyingPartyConfig;

/// `CASPER_ENVIRONMENT` (`production`, `pre-production`), `CASPER_ISSUER`, `CASPER_CLIENT_ID`,
/// `CASPER_CLIENT_KEY_FILE` or `CASPER_CLIENT_SECRET`, `CASPER_BASE_URL` (own public address),
/// `CASPER_DATABASE` (file), `CASPER_LISTEN` (default `127.0.0.1:8081`), `CASPER_SEED` (optional
/// JSON file).
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().json().init();
    let config = read_config()?;
    if let Ok(file) = env::var("CASPER_SEED") {
        let text = tokio::fs::read(&file).await.with_context(|| format!("reading {file}"))?;
        let data: SeedData = serde_json::from_slice(&text).context("CASPER_SEED")?;
        casper::seed(&config.database, &data).await?;
    }
    let address = env::var("CASPER_LISTEN").unwrap_or_else(|_| "127.0.0.1:8081".to_owned());
    let listener = tokio::net::TcpListener::bind(&address)
        .await
        .with_context(|| format!("listening on {address}"))?;
    let app = casper::app(config).await?;
    tracing::info!(%address, "CASPER is listening");
    axum::serve(listener, app).await.context("serving")
}

fn read_config() -> anyhow::Result<Config> {
    Ok(Config {
        relying_party: RelyingPartyConfig::from_environment("CASPER")?,
        environment: required("CASPER_ENVIRONMENT")?.parse().context("CASPER_ENVIRONMENT")?,
        database: PathBuf::from(required("CASPER_DATABASE")?),
    })
}

fn required(name: &str) -> anyhow::Result<String> {
    env::var(name).with_context(|| format!("{name} must be set"))
}
