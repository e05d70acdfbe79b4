//! Starts the SSM Portal from its environment: `SSM_ISSUER`, `SSM_CLIENT_ID`,
//! `SSM_CLIENT_KEY_FILE` or `SSM_CLIENT_SECRET`, `SSM_BASE_URL`, `SSM_DATABASE` (a file),
//! `SSM_ENVIRONMENT` (`production` or `pre-production`) and `SSM_LISTEN` (default
//! `127.0.0.1:8083`).

use anyhow::{Context as _, bail};
use relying_party::RelyingPartyConfig;
use ssm_portal::{Config, Environment};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt::init();
    let need = |name: &str| std::env::var(name).with_context(|| format!("{name} is not set"));
    let config = Config {
        relying_party: RelyingPartyConfig::from_environment("SSM")?,
        database: need("SSM_DATABASE")?.into(),
        environment: match need("SSM_ENVIRONMENT")?.as_str() {
            "production" => Environment::Production,
            "pre-production" => Environment::PreProduction,
            other => bail!("SSM_ENVIRONMENT is production or pre-production, not {other}"),
        },
    };
    let listen = std::env::var("SSM_LISTEN").unwrap_or_else(|_| "127.0.0.1:8083".to_owned());
    let listener = tokio::net::TcpListener::bind(&listen).await.context(listen)?;
    tracing::info!(address = %listener.local_addr()?, "the SSM Portal listens");
    axum::serve(listener, ssm_portal::app(config).await?).await?;
    Ok(())
}
