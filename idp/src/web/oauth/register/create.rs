//! `POST /oauth2/register` (RFC 7591 3).

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use oidc_core::{
    client::{Client, ClientSecret},
    error::{ErrorCode, OAuthError},
    secret::{Secret, SecretKind},
};
use portal_core::{
    Timestamp,
    audit::{AuditAction, AuditActor, AuditEvent},
};
use storage::Registration;

use super::{answer::Answer, describe_client, metadata, new_secret, terms, token};
use crate::{
    App, client_facts, entropy,
    web::{oauth::error::ApiError, request_id::RequestContext},
};

const NOT_PERMITTED: OAuthError = OAuthError::new(
    ErrorCode::InvalidToken,
    "the initial access token is unknown, over or used up",
);

/// Registers a client, under the terms of the initial access token that the request carries.
pub(in crate::web::oauth) async fn post(
    State(app): State<Arc<App>>,
    context: RequestContext,
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let permission = token(&parts.headers, SecretKind::InitialAccessToken)?.digest();
    let now = app.now();
    let granted = app.store.find_initial_access_token(&permission, now).await?;
    let granted = granted.ok_or(NOT_PERMITTED)?;
    let metadata = metadata(&parts.headers, body).await?;
    let id = entropy::secret(app.entropy.as_ref(), "cl_");
    let terms = terms(&app, granted.application, granted.require_pkce);
    let client = describe_client(&app, metadata, (id, &terms)).await?;

    let secret = new_secret(&app, &client);
    let secrets = secret.iter().map(|secret| ClientSecret::lasting(secret.digest())).collect();
    let client = Client { secrets, ..client };
    let manager = Secret::from_entropy(SecretKind::RegistrationAccessToken, app.entropy.bytes());
    let tx = app.store.begin().await?;
    if !tx.take_initial_access_token(&permission, now).await? {
        return Err(NOT_PERMITTED.into());
    }
    tx.insert_client(&client, now).await?;
    tx.insert_registration(&client.id, &manager.digest(), now).await?;
    tx.append_audit(&event(&client, &context, now)).await?;
    tx.commit().await?;

    let registration = Registration { client_id: client.id.clone(), registered_at: now };
    let answer = Answer { client: &client, registration: &registration, manager: &manager };
    Ok(answer.respond(&app, StatusCode::CREATED, secret.as_ref()))
}

fn event(client: &Client, context: &RequestContext, now: Timestamp) -> AuditEvent {
    AuditEvent {
        at: now,
        actor: AuditActor::Anonymous,
        action: AuditAction::ClientRegistered,
        object: format!("client:{}", client.id),
        level_id: None,
        detail: client_facts::registered(client, "initial access token"),
        origin: context.origin(),
    }
}
