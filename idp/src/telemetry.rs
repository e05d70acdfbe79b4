//! Logging. A line for each request, with its id; never a body, a query, a code or a password.

use tracing_subscriber::EnvFilter;

/// Starts logging to standard error; `RUST_LOG` chooses what. A second start changes nothing.
pub fn start(default_filter: &str) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default_filter));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if subscriber.try_init().is_err() {
        tracing::debug!("logging was started before");
    }
}
