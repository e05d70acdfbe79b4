//! Sessions that are over by themselves: by age, or because the account may no longer be used. They are ended in the
//! open, so that relying parties hear of it.
//!
//! Idleness alone tells nobody: who works in an application that does not refresh its tokens looks idle here.

use std::{sync::Arc, time::Duration};

use portal_core::{
    Timestamp,
    audit::{AuditAction, AuditActor, AuditEvent, Origin},
    session::Session,
};
use serde_json::json;
use storage::{Account, StorageError, Transaction};
use tokio::time::MissedTickBehavior;

use crate::{App, web::error::source_chain};

/// How often it is looked for such sessions. Relying parties hear of the end within a minute of it.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// Runs for as long as the program. A failure is logged, and tried again next time.
pub async fn run(app: Arc<App>) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let barred = app.store.people_barred();
    loop {
        // A third party that was barred here is not waited for.
        tokio::select! {
            _ = look.tick() => {}
            () = barred.notified() => {}
        }
        if let Err(error) = end_sessions_that_are_over(&app).await {
            tracing::warn!(reason = source_chain(&error), "sessions that are over cannot be ended");
        }
    }
}

/// Ends every session that is over by age or by its account. Returns how many.
///
/// # Errors
/// [`StorageError`]; what was ended before it stays ended.
pub async fn end_sessions_that_are_over(app: &App) -> Result<usize, StorageError> {
    Ok(end_aged(app).await? + end_of_barred_accounts(app).await?)
}

async fn end_aged(app: &App) -> Result<usize, StorageError> {
    let mut count = 0;
    loop {
        let now = app.now();
        let aged = app.store.list_aged_sessions(now).await?;
        if aged.is_empty() {
            return Ok(count);
        }
        for session in aged {
            let account = app.store.find_account(session.user_id).await?;
            let tx = app.store.begin().await?;
            // Another node may have been first.
            if tx.end_session(&session.sid, now).await? {
                write_down(&tx, &session, (account.as_ref(), "age"), now).await?;
                count += 1;
            }
            tx.commit().await?;
        }
    }
}

async fn end_of_barred_accounts(app: &App) -> Result<usize, StorageError> {
    let mut count = 0;
    loop {
        let now = app.now();
        let barred = app.store.list_people_barred_with_sessions(now).await?;
        if barred.is_empty() {
            return Ok(count);
        }
        for user in barred {
            let account = app.store.find_account(user).await?;
            let tx = app.store.begin().await?;
            let ended = tx.end_all_sessions(user, now).await?;
            for session in &ended {
                write_down(&tx, session, (account.as_ref(), "account"), now).await?;
            }
            tx.commit().await?;
            count += ended.len();
        }
    }
}

async fn write_down(
    tx: &Transaction,
    session: &Session,
    (account, by): (Option<&Account>, &str),
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.append_audit(&AuditEvent {
        at: now,
        actor: AuditActor::System,
        action: AuditAction::SessionEnded,
        object: format!("user:{}", session.user_id),
        level_id: account.map(|account| account.level.id),
        detail: json!({ "sid": session.sid, "by": by }),
        origin: Origin::default(),
    })
    .await
}
