//! Work that no request waits for.

pub mod access;
pub mod accounts;
pub mod administrators;
pub mod alerts;
pub mod checkpoints;
pub mod logouts;
pub mod memberships;
pub mod notices;
pub mod sessions;
pub mod signing_keys;
pub mod terms;
pub mod third_parties;

use std::{sync::Arc, time::Duration};

use crate::{App, web::error::source_chain};

/// How often expired rows are deleted.
const SWEEP_EVERY: Duration = Duration::from_mins(10);

/// Starts all of it. Each runs for as long as the program.
pub fn start(app: &Arc<App>) {
    tokio::spawn(sweep(Arc::clone(app)));
    tokio::spawn(accounts::run(Arc::clone(app)));
    tokio::spawn(administrators::run(Arc::clone(app)));
    tokio::spawn(alerts::run(Arc::clone(app)));
    tokio::spawn(sessions::run(Arc::clone(app)));
    tokio::spawn(access::run(Arc::clone(app)));
    tokio::spawn(logouts::run(Arc::clone(app)));
    tokio::spawn(memberships::run(Arc::clone(app)));
    tokio::spawn(notices::run(Arc::clone(app)));
    tokio::spawn(signing_keys::keep(Arc::clone(app)));
    tokio::spawn(terms::run(Arc::clone(app)));
    tokio::spawn(third_parties::run(Arc::clone(app)));
    tokio::spawn(checkpoints::run(Arc::clone(app)));
}

/// Runs for as long as the program: deletes what has expired. A failure is logged, and tried again next time.
async fn sweep(app: Arc<App>) {
    let mut due = tokio::time::interval(SWEEP_EVERY);
    loop {
        due.tick().await;
        match app.store.sweep(app.now()).await {
            Ok(rows) => tracing::debug!(rows, "swept"),
            Err(error) => tracing::warn!(reason = source_chain(&error), "sweeping failed"),
        }
    }
}
