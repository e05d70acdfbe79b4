//! Work that no request waits for.

pub mod signing_keys;

use std::{sync::Arc, time::Duration};

use crate::{App, web::error::source_chain};

/// How often expired rows are deleted.
const SWEEP_EVERY: Duration = Duration::from_mins(10);

/// Runs for as long as the program: deletes what has expired. A failure is logged, and tried again next time.
pub async fn sweep(app: Arc<App>) {
    let mut due = tokio::time::interval(SWEEP_EVERY);
    loop {
        due.tick().await;
        match app.store.sweep(app.now()).await {
            Ok(rows) => tracing::debug!(rows, "swept"),
            Err(error) => tracing::warn!(reason = source_chain(&error), "sweeping failed"),
        }
    }
}
