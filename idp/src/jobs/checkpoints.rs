//! Signs the end of the audit trail every few minutes (ADR 29).

use std::{sync::Arc, time::Duration};

use tokio::time::MissedTickBehavior;

use crate::{App, audit::Notary, web::error::source_chain};

/// How often it is looked whether a checkpoint is due.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// Runs for as long as the program. A failure is logged, and tried again next time.
pub async fn run(app: Arc<App>) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        sign_if_due(&app).await;
    }
}

/// Signs when it is time. The log keeps each checkpoint, out of reach of those who can write the database.
pub async fn sign_if_due(app: &App) {
    match Notary::of(app).sign_if_due().await {
        Ok(None) => {}
        Ok(Some((signed, fault))) => {
            tracing::info!(seq = signed.seq, checkpoint = signed.jws, "signed the audit trail");
            if let Some(fault) = fault {
                tracing::error!(%fault, "the audit trail is not the one that was written");
            }
        }
        Err(error) => {
            tracing::warn!(reason = source_chain(&error), "the audit trail cannot be signed");
        }
    }
}
