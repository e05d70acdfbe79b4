//! What becomes of requests for access and of access reviews by themselves.

use std::{sync::Arc, time::Duration};

use portal_core::{audit::Origin, permission::Actor};
use tokio::time::MissedTickBehavior;

use crate::{
    App,
    administration::{Administration, AdministrationError},
    web::error::source_chain,
};

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_mins(5);

/// Runs for as long as the program. A failure is logged, and tried again next time.
pub async fn run(app: Arc<App>) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        if let Err(error) = advance(&app).await {
            tracing::warn!(
                reason = source_chain(&error),
                "requests for access or access reviews cannot go on"
            );
        }
    }
}

/// Lets requests of people who left lapse; begins, reminds of and lapses reviews. A step that fails does not stop the
/// ones after it.
///
/// # Errors
/// [`AdministrationError`] of the first step that failed; what was done stays done.
pub async fn advance(app: &App) -> Result<(), AdministrationError> {
    let administration = Administration {
        store: &app.store,
        actor: &Actor::Setup,
        now: app.now(),
        origin: Origin::default(),
    };
    let lapsed = administration.lapse_access_requests().await;
    let begun = administration.begin_due_reviews().await;
    let advanced = administration.advance_reviews().await;
    lapsed.and(begun).and(advanced)
}
