//! Which scripts of other origins may read answers (security.md 28): those that a public client was registered with.
//!
//! Nothing here lets a browser send credentials of its own along, so an origin gets no more than what the tokens and
//! codes in its hands are worth.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
            ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
        },
    },
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use oidc_core::{
    discovery::{self, Endpoint},
    redirect_uri,
};
use storage::{RedirectUris, StorageError};

use super::error::ApiError;
use crate::App;

/// The endpoints that scripts call, and whose redirect URIs name their origins. The documents that anybody may read
/// say so themselves.
const SHARED: [(Endpoint, RedirectUris); 4] = [
    (discovery::PUSHED, RedirectUris::OfPublicClients),
    (discovery::TOKEN, RedirectUris::OfPublicClients),
    (discovery::REVOKE, RedirectUris::OfPublicClients),
    (discovery::USERINFO, RedirectUris::OfAllClients),
];

/// How long a browser may remember what it may send, seconds.
const MAX_AGE: &str = "600";

/// Middleware: answers the question that a browser asks before, and marks the answers that its script may read.
pub(crate) async fn share(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let Some((endpoint, whose)) = SHARED.into_iter().find(|(endpoint, _)| endpoint.path == path)
    else {
        return next.run(request).await;
    };
    let origin = match registered_origin(&app, request.headers(), whose).await {
        Ok(origin) => origin,
        Err(error) => return ApiError::from(error).into_response(),
    };
    let is_question = request.method() == Method::OPTIONS
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match &origin {
        Some(_) if is_question => preflight(endpoint),
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let exposed = HeaderValue::from_static("www-authenticate");
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    response
}

fn preflight(endpoint: Endpoint) -> Response {
    let methods = endpoint.methods.join(", ");
    let headers = [
        (ACCESS_CONTROL_ALLOW_METHODS, methods.as_str()),
        (ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
        (ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// The one `Origin` of the request, if it is registered. What is sent back is what came, and it came letter for letter
/// as it is registered.
async fn registered_origin(
    app: &App,
    headers: &HeaderMap,
    whose: RedirectUris,
) -> Result<Option<HeaderValue>, StorageError> {
    let mut values = headers.get_all(ORIGIN).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Ok(None);
    };
    let Some(origin) = value.to_str().ok().filter(|origin| redirect_uri::is_web_origin(origin))
    else {
        return Ok(None);
    };
    let registered = app.store.list_redirect_uris(whose).await?;
    let is_registered = registered.iter().any(|uri| redirect_uri::is_of_origin(uri, origin));
    Ok(is_registered.then(|| value.clone()))
}
