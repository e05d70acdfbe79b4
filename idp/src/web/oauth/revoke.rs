//! `POST /oauth2/revoke` (RFC 7009; security.md 24).

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse as _, Response},
};
use keys::Audience;
use oidc_core::{
    client::Client,
    client_authentication::Authenticated,
    discovery, introspection,
    secret::{Secret, SecretKind},
    token::TOKEN_LIFETIME,
};
use portal_core::audit::{AuditAction, AuditActor, AuditEvent};
use serde_json::json;
use storage::{StorageError, StoredGrant};

use super::{
    access_token::{self, Origin},
    caller,
    error::ApiError,
};
use crate::{App, web::request_id::RequestContext};

/// What a token of the caller stands for.
enum Revocable {
    /// A person's grant: it ends with all tokens that came from it (RFC 7009 2.1).
    Grant(Box<StoredGrant>),
    /// A token of the client itself, which stands alone.
    Single(storage::Digest),
}

/// `POST /oauth2/revoke`. A token that is unknown, dead or of another client is as good as revoked, and nothing
/// happens (RFC 7009 2.2).
pub(super) async fn post(
    State(app): State<Arc<App>>,
    context: RequestContext,
    request: Request,
) -> Result<Response, ApiError> {
    let (caller, form) = caller::read(&app, request, discovery::REVOKE).await?;
    let token = introspection::presented_token(&form)?;
    let found = match Secret::parse(SecretKind::RefreshToken, token) {
        Some(secret) => of_refresh_token(&app, &caller, &secret).await?,
        None => of_access_token(&app, &caller, token).await?,
    };

    if let Some(found) = found {
        end(&app, &context, &caller, found).await?;
    }
    Ok((StatusCode::OK, [(CACHE_CONTROL, "no-store")]).into_response())
}

/// Any refresh token of the family will do, also one that was rotated: a client that lost the reply has no other.
async fn of_refresh_token(
    app: &App,
    caller: &Authenticated<Client>,
    secret: &Secret,
) -> Result<Option<Revocable>, StorageError> {
    let Some((_, grant_id)) = app.store.find_refresh_token(&secret.digest()).await? else {
        return Ok(None);
    };
    let stored = app.store.find_grant(&grant_id).await?;
    let own = stored.filter(|stored| stored.grant.client_id == caller.id);
    Ok(own.map(|stored| Revocable::Grant(Box::new(stored))))
}

async fn of_access_token(
    app: &App,
    caller: &Authenticated<Client>,
    token: &str,
) -> Result<Option<Revocable>, StorageError> {
    let token = access_token::find(app, token, Audience::AnyOne).await?;
    let own = token.filter(|token| token.client.id == caller.id);
    Ok(own.map(|token| match token.origin {
        Origin::Grant(stored) => Revocable::Grant(stored),
        Origin::Client { jti_digest } => Revocable::Single(jti_digest),
    }))
}

async fn end(
    app: &App,
    context: &RequestContext,
    caller: &Authenticated<Client>,
    found: Revocable,
) -> Result<(), StorageError> {
    let now = app.now();
    let tx = app.store.begin().await?;
    let (is_new, object, grant) = match &found {
        Revocable::Grant(stored) => {
            let grant = &stored.grant.id;
            let is_new = tx.revoke_grant(grant, now).await?;
            (is_new, format!("user:{}", stored.user_id), Some(grant))
        }
        Revocable::Single(jti_digest) => {
            let until = now.millis() + TOKEN_LIFETIME;
            let is_new = tx.revoke_token(jti_digest, until).await?;
            (is_new, format!("client:{}", caller.id), None)
        }
    };
    if is_new {
        let event = AuditEvent {
            at: now,
            actor: AuditActor::Anonymous,
            action: AuditAction::TokenRevoked,
            object,
            level_id: None,
            detail: json!({ "client_id": caller.id, "grant": grant }),
            origin: context.origin(),
        };
        tx.append_audit(&event).await?;
    }
    tx.commit().await
}
