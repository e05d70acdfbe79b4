//! Keeps the signing keys of this node those of the database, and makes the ones that are due.

use std::{sync::Arc, time::Duration};

use tokio::time::MissedTickBehavior;

use crate::{App, signing::KeyAdministration, web::error::source_chain};

/// How often a node looks for changes: a revocation on one node holds on all within this time.
const RELOAD_EVERY: Duration = Duration::from_secs(2);

/// How many looks pass between two checks of the schedule.
const CHECK_EVERY: u32 = 30;

/// Runs for as long as the program. A failure is logged, and tried again next time: without the database the node
/// keeps the keys that it has.
pub async fn keep(app: Arc<App>) {
    let mut due = tokio::time::interval(RELOAD_EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looks = 0;
    loop {
        due.tick().await;
        if looks % CHECK_EVERY == 0 {
            check(&app).await;
        }
        reload(&app).await;
        looks = (looks + 1) % CHECK_EVERY;
    }
}

/// Makes the keys that are due, and forgets private parts that have no use any more.
pub async fn check(app: &App) {
    let administration = KeyAdministration::scheduled(app);
    match administration.rotate_due(&app.keys.schedule).await {
        Ok(made) => {
            for key in made {
                tracing::info!(kid = key.kid, alg = key.algorithm.as_str(), "made a signing key");
            }
        }
        Err(error) => {
            tracing::warn!(reason = source_chain(&error), "signing keys cannot be rotated");
        }
    }
    if let Err(error) = administration.forget().await {
        tracing::warn!(reason = source_chain(&error), "retired signing keys cannot be forgotten");
    }
}

/// Uses the keys of the database.
pub async fn reload(app: &App) {
    match app.keys.reload(&app.store, &app.server_keys, app.now()).await {
        Ok(true) => tracing::info!("the signing keys changed"),
        Ok(false) => {}
        Err(error) => tracing::warn!(reason = source_chain(&error), "signing keys cannot be read"),
    }
}
