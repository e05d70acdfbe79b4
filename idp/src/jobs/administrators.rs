//! Administrators whose accounts expire: whether a third party will be left without one is looked at daily (I14, E13).

use std::{sync::Arc, time::Duration};

use portal_core::{audit::Origin, permission::Actor};
use storage::StorageError;
use tokio::time::MissedTickBehavior;

use crate::{App, administration::Administration, web::error::source_chain};

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_hours(24);
/// Third parties that are looked at in one go.
const BATCH: u64 = 100;

/// Runs for as long as the program. A failure is logged, and tried again next time.
pub async fn run(app: Arc<App>) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        if let Err(error) = warn_of_last_administrators(&app).await {
            tracing::warn!(reason = source_chain(&error), "administrators cannot be looked at");
        }
    }
}

/// Warns where the last administrator of a kind goes within thirty days. Returns how many roles that is; a third
/// party that cannot be looked at does not stop the others.
///
/// # Errors
/// [`StorageError`] when they cannot be listed.
pub async fn warn_of_last_administrators(app: &App) -> Result<usize, StorageError> {
    let (mut count, mut after) = (0, None);
    loop {
        let third_parties = app.store.list_delegated(after, BATCH).await?;
        let Some(last) = third_parties.last() else {
            return Ok(count);
        };
        after = Some(*last);
        for third_party in third_parties {
            let administration = Administration {
                store: &app.store,
                actor: &Actor::Setup,
                now: app.now(),
                origin: Origin::default(),
            };
            match administration.warn_of_endings(third_party).await {
                Ok(roles) => count += roles,
                Err(error) => {
                    let reason = source_chain(&error);
                    tracing::warn!(reason, "the administrators of a third party are unknown");
                }
            }
        }
    }
}
