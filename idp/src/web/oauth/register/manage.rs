//! `GET`, `PUT` and `DELETE /oauth2/register/{client_id}` (RFC 7592 2).

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{
        HeaderMap, StatusCode,
        header::{CACHE_CONTROL, PRAGMA},
    },
    response::{IntoResponse as _, Response},
    routing::get,
};
use oidc_core::{
    client::{AuthMethod, Client, ClientSecret},
    discovery,
    error::{ErrorCode, OAuthError},
    registration::ClientMetadata,
    secret::{Secret, SecretKind},
};
use portal_core::audit::{AuditAction, AuditActor, AuditEvent};
use serde_json::Value;
use storage::Registration;

use super::{answer::Answer, describe_client, invalid, metadata, new_secret, terms, token};
use crate::{
    App, client_facts,
    web::{oauth::error::ApiError, request_id::RequestContext},
};

/// The address of each registration: under the endpoint, and told to nobody but its client.
pub(in crate::web::oauth) fn router() -> Router<Arc<App>> {
    let path = format!("{}/{{client_id}}", discovery::REGISTER.path);
    Router::new().route(&path, get(show).put(put).delete(delete))
}

/// One answer for a foreign, an ended and an unknown registration: a token tells nothing about other clients
/// (RFC 7592 2.1).
const NOT_MANAGED: OAuthError =
    OAuthError::new(ErrorCode::InvalidToken, "the token does not manage this client");

/// A client that proved by its token that it may manage itself.
struct Managed {
    client: Client,
    registration: Registration,
    manager: Secret,
}

async fn load(app: &App, id: &str, headers: &HeaderMap) -> Result<Managed, ApiError> {
    let manager = token(headers, SecretKind::RegistrationAccessToken)?;
    let registration = app.store.find_registration(id, &manager.digest()).await?;
    let registration = registration.ok_or(NOT_MANAGED)?;
    let client = app.store.find_client(id).await?.filter(|client| client.enabled);
    Ok(Managed { client: client.ok_or(NOT_MANAGED)?, registration, manager })
}

/// Tells what is registered.
async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let managed = load(&app, &id, &headers).await?;
    Ok(managed.answer(&app, &managed.client, None))
}

/// Replaces what is registered: a member that is not sent gets its default again (RFC 7592 2.2).
async fn put(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    context: RequestContext,
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let managed = load(&app, &id, &parts.headers).await?;
    let metadata = metadata(&parts.headers, body).await?;
    managed.check_names_itself(&metadata)?;
    let known = &managed.client;
    let application = known.application.clone().unwrap_or_default();
    let terms = terms(&app, application, known.policy.require_pkce);
    let client = describe_client(&app, metadata, (id, &terms)).await?;

    let secret = if needs_new_secret(known, &client) { new_secret(&app, &client) } else { None };
    let secrets = match &secret {
        Some(secret) => vec![ClientSecret::lasting(secret.digest())],
        None if uses_secret(&client) => known.secrets.clone(),
        None => Vec::new(),
    };
    let client = Client { secrets, ..client };
    let tx = app.store.begin().await?;
    if !tx.update_client(&client).await? {
        return Err(NOT_MANAGED.into());
    }
    let change = (AuditAction::ClientUpdated, client_facts::changed(known, &client));
    tx.append_audit(&managed.event(&app, &context, change)).await?;
    tx.commit().await?;
    Ok(managed.answer(&app, &client, secret.as_ref()))
}

/// Ends the registration: the client is out of service and its tokens are dead (RFC 7592 2.3).
async fn delete(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    context: RequestContext,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let managed = load(&app, &id, &headers).await?;
    let tx = app.store.begin().await?;
    if !tx.end_registration(&id, app.now()).await? {
        return Err(NOT_MANAGED.into());
    }
    let detail = client_facts::disabled("registration access token");
    let change = (AuditAction::ClientDisabled, detail);
    tx.append_audit(&managed.event(&app, &context, change)).await?;
    tx.commit().await?;
    let headers = [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}

impl Managed {
    /// The update must name the client that it is for, and may repeat its secret (RFC 7592 2.2).
    fn check_names_itself(&self, metadata: &ClientMetadata) -> Result<(), OAuthError> {
        if metadata.client_id.as_deref() != Some(&self.client.id) {
            return Err(invalid("client_id must be that of the registration"));
        }
        let secret = metadata.client_secret.as_ref();
        let digest = secret.map(|secret| Secret::from_presented(secret).digest());
        match digest {
            Some(digest) if self.client.secrets.iter().all(|known| known.digest != digest) => {
                Err(invalid("client_secret cannot be chosen"))
            }
            _ => Ok(()),
        }
    }

    fn answer(&self, app: &App, client: &Client, new_secret: Option<&Secret>) -> Response {
        let answer = Answer { client, registration: &self.registration, manager: &self.manager };
        answer.respond(app, StatusCode::OK, new_secret)
    }

    fn event(
        &self,
        app: &App,
        context: &RequestContext,
        (action, detail): (AuditAction, Value),
    ) -> AuditEvent {
        AuditEvent {
            at: app.now(),
            actor: AuditActor::Anonymous,
            action,
            object: format!("client:{}", self.client.id),
            level_id: None,
            detail,
            origin: context.origin(),
        }
    }
}

const fn uses_secret(client: &Client) -> bool {
    matches!(client.auth_method, AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost)
}

/// A secret stays as long as there is one and the method needs one.
const fn needs_new_secret(known: &Client, client: &Client) -> bool {
    uses_secret(client) && !uses_secret(known)
}
