//! Starts ASTRA from its environment: `ASTRA_ISSUER`, `ASTRA_CLIENT_ID`, `ASTRA_CLIENT_KEY_FILE`
//! (a private JWK) or `ASTRA_CLIENT_SECRET`, `ASTRA_BASE_URL` and `ASTRA_LISTEN` (default
//! `127.0.0.1:8085`).

use anyhow::Context as _;
use relying_party::RelyingPartyConfig;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt::init();
    let config = RelyingPartyConfig::from_environment("ASTRA")?;
    let listen = std::env::var("ASTRA_LISTEN").unwrap_or_else(|_| "127.0.0.1:8085".to_owned());
    let listener = tokio::net::TcpListener::bind(&listen).await.context(listen)?;
    tracing::info!(address = %listener.local_addr()?, "ASTRA listens");
    axum::serve(listener, astra::router(config)?).await?;
    Ok(())
}
