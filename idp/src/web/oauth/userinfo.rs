//! `/oauth2/userinfo` (OpenID Connect Core 5.3, RFC 6750).

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::{
        Method,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use keys::Audience;
use oidc_core::{
    claims::{self, Issue, USERINFO_TYP},
    error::{ErrorCode, OAuthError},
    scope,
};

use super::{
    access_token::{self, Origin},
    bearer,
    error::{ApiError, AtResource},
    request_params,
};
use crate::{App, issuance, signing};

const INVALID: OAuthError =
    OAuthError::new(ErrorCode::InvalidToken, "the access token is not valid");
const TWO_WAYS: OAuthError =
    OAuthError::new(ErrorCode::InvalidRequest, "the access token comes by two ways at once");
const NO_OPENID: OAuthError =
    OAuthError::new(ErrorCode::InsufficientScope, "the access token lacks the scope openid");

/// `GET` and `POST /oauth2/userinfo`: what the client may hear of the person, as things are now.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, AtResource> {
    let token = presented_token(request).await?;
    // A token for a resource server is for that one, and not for us (RFC 8707; security.md 40).
    let found = access_token::find(&app, &token, Audience::Claim("client_id")).await?;
    let token = found.ok_or(INVALID)?;
    if !token.scope.contains(scope::OPENID) {
        return Err(NO_OPENID.into());
    }
    let Origin::Grant(stored) = token.origin else {
        return Err(INVALID.into());
    };
    let person = issuance::decide_for_grant(&app, &token.client, &stored)
        .await
        .map_err(|error| ApiError::from_issuance(error, INVALID))?;
    let issue = Issue {
        issuer: app.issuer.as_str(),
        client: &token.client,
        person: &person,
        authentication: &stored.authentication,
        scope: &token.scope,
        requested: &stored.grant.claims,
        now: app.now().millis(),
    };
    answer(&app, &issue)
}

/// JSON, or the JWT that the client registered for (OpenID Connect Core 5.3.2).
fn answer(app: &App, issue: &Issue<'_>) -> Result<Response, AtResource> {
    let no_store = (CACHE_CONTROL, "no-store");
    let Some(alg) = issue.client.userinfo_alg else {
        return Ok(([no_store], Json(claims::userinfo(issue))).into_response());
    };
    let claims = claims::signed_userinfo(issue);
    let signed = app
        .keys
        .sign(signing::algorithm(alg), USERINFO_TYP, &claims, issue.now)
        .map_err(ApiError::from)?;
    Ok(([no_store, (CONTENT_TYPE, "application/jwt")], signed).into_response())
}

/// The token from the header or, with `POST`, from the form; never from the query (RFC 6750 2; security.md 26).
async fn presented_token(request: Request) -> Result<String, ApiError> {
    let from_header = bearer::token(request.headers())?;
    let query = request_params::of_query(request.uri()).map_err(OAuthError::from)?;
    if from_header.is_some() && query.get("access_token").is_some() {
        return Err(TWO_WAYS.into());
    }
    if request.method() != Method::POST || !request_params::is_form(request.headers()) {
        return from_header.ok_or(ApiError::NoToken);
    }
    let form = request_params::of_form(request).await?;
    match (from_header, form.get("access_token")) {
        (Some(token), None) => Ok(token),
        (None, Some(token)) => Ok(token.to_owned()),
        (None, None) => Err(ApiError::NoToken),
        (Some(_), Some(_)) => Err(TWO_WAYS.into()),
    }
}
