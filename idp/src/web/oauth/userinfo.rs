//! `/oauth2/userinfo` (OpenID Connect Core 5.3, RFC 6750).

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::{Method, header::CACHE_CONTROL},
    response::{IntoResponse as _, Response},
};
use oidc_core::{
    claims::{self, Issue},
    error::{ErrorCode, OAuthError},
    scope::{self, Scope},
};

use super::{bearer, error::ApiError, request_params, verify};
use crate::{App, issuance};

const INVALID: OAuthError =
    OAuthError::new(ErrorCode::InvalidToken, "the access token is not valid");
const NO_OPENID: OAuthError =
    OAuthError::new(ErrorCode::InsufficientScope, "the access token lacks the scope openid");

/// `GET` and `POST /oauth2/userinfo`: what the client may hear of the person, as things are now.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, ApiError> {
    let token = access_token(request).await?;
    let verified = verify::access_token(&app, &token).map_err(|reason| {
        tracing::info!(%reason, "access token refused");
        INVALID
    })?;
    let scope = Scope::parse(verified.text("scope").unwrap_or_default()).map_err(|_| INVALID)?;
    if !scope.contains(scope::OPENID) {
        return Err(NO_OPENID.into());
    }
    let client = app.store.find_client(verified.text("client_id").ok_or(INVALID)?).await?;
    let client = client.ok_or(INVALID)?;
    let (grant_id, _) = verified.text("jti").and_then(|jti| jti.split_once('.')).ok_or(INVALID)?;
    let stored = app.store.find_grant(grant_id).await?.ok_or(INVALID)?;
    let now = app.now().millis();

    stored.grant.check_alive(now).map_err(|_| INVALID)?;
    let person = issuance::decide_for_grant(&app, &client, &stored)
        .await
        .map_err(|error| ApiError::from_issuance(error, INVALID))?;
    let userinfo = claims::userinfo(&Issue {
        issuer: app.issuer.as_str(),
        client: &client,
        person: &person,
        authentication: &stored.authentication,
        scope: &scope,
        requested: &stored.grant.claims,
        now,
    });
    Ok(([(CACHE_CONTROL, "no-store")], Json(userinfo)).into_response())
}

/// The token from the header or, with `POST`, from the form; never from the query (RFC 6750 2; security.md 26).
async fn access_token(request: Request) -> Result<String, ApiError> {
    let from_header = bearer::token(request.headers())?;
    if request.method() != Method::POST || !request_params::is_form(request.headers()) {
        return from_header.ok_or(ApiError::NoToken);
    }
    let form = request_params::of_form(request).await?;
    match (from_header, form.get("access_token")) {
        (Some(token), None) => Ok(token),
        (None, Some(token)) => Ok(token.to_owned()),
        (None, None) => Err(ApiError::NoToken),
        (Some(_), Some(_)) => Err(OAuthError::new(
            ErrorCode::InvalidRequest,
            "the access token comes by two ways at once",
        )
        .into()),
    }
}
