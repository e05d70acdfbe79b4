//! `/oauth2/register`: clients that register themselves with the operator's permission (RFC 7591, OpenID Connect
//! Dynamic Client Registration 1.0), and manage what they registered (RFC 7592). Served only where the configuration
//! says so.

use axum::{
    body::Body,
    http::{HeaderMap, header::CONTENT_TYPE},
};
use oidc_core::{
    client::{AuthMethod, Client, ClientKeys},
    error::{ErrorCode, OAuthError},
    registration::{self, ClientMetadata, Terms},
    secret::{Secret, SecretKind},
};

use super::{error::ApiError, request_params};
use crate::App;

mod answer;
pub(super) mod create;
pub(super) mod manage;

const fn invalid(description: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClientMetadata, description)
}

/// The bearer token of the request, of the one kind that the endpoint takes (RFC 6750 2.1; security.md 44).
fn token(headers: &HeaderMap, kind: SecretKind) -> Result<Secret, ApiError> {
    const INVALID: OAuthError =
        OAuthError::new(ErrorCode::InvalidToken, "the token does not permit this");
    let token = super::bearer::token(headers)?.ok_or(ApiError::NoToken)?;
    Ok(Secret::parse(kind, &token).ok_or(INVALID)?)
}

/// The metadata in the body (RFC 7591 3.1).
async fn metadata(headers: &HeaderMap, body: Body) -> Result<ClientMetadata, ApiError> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        return Err(invalid("the body must be application/json").into());
    }
    let body = request_params::read_body(body).await;
    let body = body.map_err(|_| invalid("the body is too long"))?;
    Ok(ClientMetadata::parse(&body)?)
}

/// The client that the metadata describe, with what has to be looked up: its keys must be usable, and its sector
/// document must name its redirect URIs (security.md 33, 34).
async fn describe_client(
    app: &App,
    metadata: ClientMetadata,
    (id, terms): (String, &Terms),
) -> Result<Client, ApiError> {
    let sector_document = metadata.sector_identifier_uri.clone();
    let client = metadata.into_client(id, terms)?;
    if let Some(ClientKeys::ByValue(set)) = &client.keys {
        keys::ClientKeySet::parse(set.as_bytes()).map_err(|error| {
            tracing::info!(%error, "key set refused");
            invalid("jwks is not a set of public keys that can be used")
        })?;
    }
    let called = [
        match &client.keys {
            Some(ClientKeys::ByReference(uri)) => Some(uri),
            _ => None,
        },
        client.backchannel_logout.as_ref().map(|logout| &logout.uri),
    ];
    for uri in called.into_iter().flatten() {
        app.outbound.check_address(uri).map_err(|refusal| {
            tracing::info!(%refusal, "address refused");
            invalid("an address that the provider has to call is not open to it")
        })?;
    }
    if let Some(uri) = sector_document {
        let body = app.outbound.get(&uri).await.map_err(|error| {
            tracing::info!(%error, "sector document not fetched");
            invalid("the sector document cannot be fetched")
        })?;
        registration::check_sector_document(&body, &client.redirect_uris)?;
    }
    Ok(client)
}

/// A new secret, for a client whose method needs one.
fn new_secret(app: &App, client: &Client) -> Option<Secret> {
    let method = client.auth_method;
    matches!(method, AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost)
        .then(|| Secret::from_entropy(SecretKind::ClientSecret, app.entropy.bytes()))
}

/// What an initial access token permits, as the rules need it. Plain http stays on a machine for development.
fn terms(app: &App, application: String, require_pkce: bool) -> Terms {
    Terms { application, require_pkce, allow_local_http: !app.issuer.is_https() }
}
