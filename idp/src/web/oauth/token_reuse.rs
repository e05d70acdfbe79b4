//! A code or refresh token that comes a second time: its family is revoked and the trail says so (RFC 6749 4.1.2,
//! RFC 9700 4.14.2).

use portal_core::audit::{AuditAction, AuditActor, AuditEvent};
use serde_json::json;
use storage::{StorageError, StoredGrant, Transaction};

use crate::{App, web::request_id::RequestContext};

/// Revokes the grant in its own transaction; a grant that is revoked already costs no write.
pub(super) async fn revoke(
    app: &App,
    context: &RequestContext,
    stored: &StoredGrant,
    what: &'static str,
) -> Result<(), StorageError> {
    if stored.grant.revoked_at.is_some() {
        return Ok(());
    }
    revoke_in(app, context, stored, (what, app.store.begin().await?)).await
}

/// Revokes the grant and ends the transaction.
pub(super) async fn revoke_in(
    app: &App,
    context: &RequestContext,
    stored: &StoredGrant,
    (what, tx): (&'static str, Transaction),
) -> Result<(), StorageError> {
    let now = app.now();
    if tx.revoke_grant(&stored.grant.id, now).await? {
        let event = AuditEvent {
            at: now,
            actor: AuditActor::Anonymous,
            action: AuditAction::TokenReused,
            object: format!("user:{}", stored.user_id),
            level_id: None,
            detail: json!({"client_id": stored.grant.client_id, "grant": stored.grant.id, "reused": what}),
            origin: context.origin(),
        };
        tx.append_audit(&event).await?;
    }
    tx.commit().await
}
