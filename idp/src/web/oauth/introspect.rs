//! `POST /oauth2/introspect` (RFC 7662; security.md 25).

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::header::CACHE_CONTROL,
    response::{IntoResponse as _, Response},
};
use keys::Audience;
use oidc_core::{
    claims::Person,
    client::Client,
    client_authentication::Authenticated,
    discovery, introspection,
    secret::{Secret, SecretKind},
};
use serde_json::Value;
use storage::{StorageError, StoredGrant};

use super::{
    access_token::{self, Origin},
    caller,
    error::{ApiError, log_denial},
};
use crate::{
    App,
    issuance::{self, IssuanceError},
};

/// `POST /oauth2/introspect`. Asking changes nothing, whatever the token is.
pub(super) async fn post(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, ApiError> {
    let (caller, form) = caller::read(&app, request, discovery::INTROSPECT).await?;
    introspection::check_caller(&caller)?;
    let token = introspection::presented_token(&form)?;

    let answer = match Secret::parse(SecretKind::RefreshToken, token) {
        Some(secret) => of_refresh_token(&app, &caller, &secret).await?,
        None => of_access_token(&app, &caller, token).await?,
    };

    let answer = answer.unwrap_or_else(introspection::inactive);
    Ok(([(CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

async fn of_access_token(
    app: &App,
    caller: &Authenticated<Client>,
    token: &str,
) -> Result<Option<Value>, ApiError> {
    let Some(token) = access_token::find(app, token, Audience::AnyOne).await? else {
        return Ok(None);
    };
    if !introspection::concerns(caller, &token.client.id, token.claims.text("aud")) {
        return Ok(None);
    }
    let person = match &token.origin {
        Origin::Client { .. } => None,
        Origin::Grant(stored) => match person(app, &token.client, stored).await? {
            None => return Ok(None),
            person => person,
        },
    };
    let claim = |name| token.claims.get(name);
    Ok(Some(introspection::access_token(claim, &token.scope, person.as_ref())))
}

/// Only the client that it was issued to hears of a refresh token: nobody else has any use for it.
async fn of_refresh_token(
    app: &App,
    caller: &Authenticated<Client>,
    secret: &Secret,
) -> Result<Option<Value>, ApiError> {
    let Some((token, grant_id)) = app.store.find_refresh_token(&secret.digest()).await? else {
        return Ok(None);
    };
    let now = app.now().millis();
    let stored = app.store.find_grant(&grant_id).await?;
    let Some(stored) = stored.filter(|stored| {
        stored.grant.client_id == caller.id
            && stored.grant.check_alive(now).is_ok()
            && token.used_at.is_none()
            && now < token.expires_at
    }) else {
        return Ok(None);
    };
    let person = person(app, caller, &stored).await?;
    let (issuer, sign_in) = (app.issuer.as_str(), &stored.authentication);
    Ok(person.map(|person| {
        introspection::refresh_token(issuer, &stored.grant, token.expires_at, &person, sign_in)
    }))
}

/// The person of a grant, as long as issuance would give a token for it now (security.md 27).
async fn person(
    app: &App,
    client: &Client,
    stored: &StoredGrant,
) -> Result<Option<Person>, StorageError> {
    match issuance::decide_for_grant(app, client, stored).await {
        Ok(person) => Ok(Some(person)),
        Err(IssuanceError::Denied(denial)) => {
            log_denial(denial);
            Ok(None)
        }
        Err(IssuanceError::Storage(error)) => Err(error),
    }
}
