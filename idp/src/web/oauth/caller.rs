//! The client that calls an endpoint for machines: its form, and the proof of who it is (RFC 6749 2.3, OpenID Connect
//! Core 9; security.md 29-32).

use axum::{
    extract::Request,
    http::{HeaderMap, header::AUTHORIZATION},
};
use oidc_core::{
    client::Client,
    client_authentication::{Authenticated, Credentials},
    discovery::Endpoint,
    params::Params,
};

use super::{client_assertion, error::ApiError, request_params};
use crate::App;

/// Reads the form of a request and authenticates the client that sent it to this endpoint.
///
/// # Errors
/// `invalid_request` for anything but one form in the body, `invalid_client` for a client that does not prove itself
/// by exactly its registered method.
pub(super) async fn read(
    app: &App,
    request: Request,
    endpoint: Endpoint,
) -> Result<(Authenticated<Client>, Params), ApiError> {
    let authorization = authorization(request.headers());
    let form = request_params::of_form(request).await?;
    let client = authenticate(app, authorization.as_deref(), &form, endpoint).await?;
    Ok((client, form))
}

/// Authenticates the client that sent a form to this endpoint.
///
/// # Errors
/// `invalid_client`.
async fn authenticate(
    app: &App,
    authorization: Option<&str>,
    form: &Params,
    endpoint: Endpoint,
) -> Result<Authenticated<Client>, ApiError> {
    let credentials = Credentials::parse(authorization, form)?;
    if let Some(assertion) = credentials.assertion() {
        return client_assertion::authenticate(app, &credentials, assertion, endpoint).await;
    }
    let id = credentials.client_id().ok_or(Credentials::failed())?;
    let client = app.store.find_client(id).await?.ok_or(Credentials::failed())?;
    Ok(credentials.authenticate(client, app.now().millis())?)
}

/// The one `Authorization` header. Several of them, or one that is no text, are as wrong as a bad one.
fn authorization(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => None,
        (Some(one), None) => Some(one.to_str().unwrap_or_default().to_owned()),
        (Some(_), Some(_)) => Some(String::new()),
    }
}
