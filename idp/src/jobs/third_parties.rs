//! Third parties that were suspended or closed by a request that did not come to its end: their people are barred, and
//! are told here.

use std::{sync::Arc, time::Duration};

use portal_core::{audit::Origin, permission::Actor};
use storage::StorageError;
use tokio::time::MissedTickBehavior;

use crate::{App, administration::Administration, web::error::source_chain};

/// How often it is looked for such third parties.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// So many seconds are left to the request: to tell very many people takes a while.
const LEFT_TO_REQUEST: i64 = 3 * 60;

/// Runs for as long as the program. A failure is logged, and tried again next time.
pub async fn run(app: Arc<App>) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        if let Err(error) = finish_turns(&app).await {
            tracing::warn!(reason = source_chain(&error), "barred third parties are unknown");
        }
    }
}

/// Tells the people of every third party that was barred and left so. Returns how many third parties; one that fails
/// does not stop the others.
///
/// # Errors
/// [`StorageError`] when they cannot be listed.
pub async fn finish_turns(app: &App) -> Result<usize, StorageError> {
    let now = app.now();
    let administration =
        Administration { store: &app.store, actor: &Actor::Setup, now, origin: Origin::default() };
    let before = now.plus_seconds(-LEFT_TO_REQUEST);
    let (mut count, mut after) = (0, None);
    loop {
        let left = app.store.list_unfinished_turns(before, after).await?;
        let Some(last) = left.last() else {
            return Ok(count);
        };
        after = Some(*last);
        for third_party in left {
            match administration.finish_turn(third_party).await {
                Ok(is_done) => count += usize::from(is_done),
                Err(error) => {
                    let reason = source_chain(&error);
                    tracing::warn!(%third_party, reason, "its people are not told yet");
                }
            }
        }
    }
}
