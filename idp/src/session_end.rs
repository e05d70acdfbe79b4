//! The end of a session, whoever asks for it.

use portal_core::audit::{AuditAction, AuditActor, AuditEvent};
use serde_json::json;
use storage::StorageError;

use crate::{
    App,
    web::{request_id::RequestContext, visitor::LiveSession},
};

/// Ends a session and writes down by what. Tokens that came from it are refused from now on: issuance asks for the
/// session each time.
///
/// # Errors
/// [`StorageError`]; then the session lives on.
pub async fn end(
    app: &App,
    context: &RequestContext,
    live: &LiveSession,
    by: &str,
) -> Result<(), StorageError> {
    let (now, user, session) = (app.now(), live.account.user.id, &live.session);
    let tx = app.store.begin().await?;
    if tx.end_session(&session.sid, now).await? {
        let event = AuditEvent {
            at: now,
            actor: AuditActor::User(user),
            action: AuditAction::SessionEnded,
            object: format!("user:{user}"),
            level_id: Some(live.account.level.id),
            detail: json!({ "sid": session.sid, "by": by }),
            origin: context.origin(),
        };
        tx.append_audit(&event).await?;
    }
    tx.commit().await
}
