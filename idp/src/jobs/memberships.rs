//! Memberships whose last day is over. They count for nothing from that moment; here they are ended for good, so that
//! relying parties and the person hear of it.

use std::{sync::Arc, time::Duration};

use portal_core::{audit::Origin, permission::Actor};
use storage::StorageError;
use tokio::time::MissedTickBehavior;

use crate::{App, administration::Administration, web::error::source_chain};

/// How often it is looked for such memberships: all is done within a minute of the day's end.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// Memberships that are looked at in one go.
const BATCH: u64 = 100;

/// Runs for as long as the program. A failure is logged, and tried again next time.
pub async fn run(app: Arc<App>) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        if let Err(error) = end_memberships_that_are_over(&app).await {
            tracing::warn!(reason = source_chain(&error), "memberships cannot be ended");
        }
    }
}

/// Ends every membership whose last day is over. Returns how many; one that cannot be ended does not stop the others.
///
/// # Errors
/// [`StorageError`] when they cannot be listed.
pub async fn end_memberships_that_are_over(app: &App) -> Result<usize, StorageError> {
    let mut count = 0;
    loop {
        let now = app.now();
        let over = app.store.list_ended_memberships(now, BATCH).await?;
        let before = count;
        for (user, group) in over {
            let administration = Administration {
                store: &app.store,
                actor: &Actor::Setup,
                now,
                origin: Origin::default(),
            };
            match administration.end_membership(user, group).await {
                Ok(is_ended) => count += usize::from(is_ended),
                Err(error) => {
                    tracing::warn!(reason = source_chain(&error), "a membership cannot be ended");
                }
            }
        }
        if count == before {
            return Ok(count);
        }
    }
}
