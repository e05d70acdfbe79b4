//! Looks for what somebody is called for at night.

use std::{sync::Arc, time::Duration};

use portal_core::{alert::Alert, audit::Origin, permission::Actor};
use tokio::time::MissedTickBehavior;

use crate::{
    App,
    administration::{Administration, AdministrationError},
    web::error::source_chain,
};

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// Runs for as long as the program. A failure is logged, and tried again next time.
pub async fn run(app: Arc<App>) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        if let Err(error) = raise_alerts(&app).await {
            tracing::warn!(reason = source_chain(&error), "alerts cannot be raised");
        }
    }
}

/// Raises what is out of the ordinary. Returns what this node raised.
///
/// # Errors
/// [`AdministrationError`]; what was raised before it is raised.
pub async fn raise_alerts(app: &App) -> Result<Vec<Alert>, AdministrationError> {
    let administration = Administration {
        store: &app.store,
        actor: &Actor::Setup,
        now: app.now(),
        origin: Origin::default(),
    };
    administration.raise_alerts().await
}
