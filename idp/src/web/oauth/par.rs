//! `POST /oauth2/par`: pushed authorization requests (RFC 9126).

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::{
        StatusCode,
        header::{CACHE_CONTROL, PRAGMA},
    },
    response::{IntoResponse as _, Response},
};
use oidc_core::{
    discovery, pushed,
    secret::{Secret, SecretKind},
};
use portal_core::Timestamp;
use serde_json::json;

use super::{asked, caller, error::ApiError};
use crate::App;

/// Validates a request exactly as the authorization endpoint will, stores it, and gives it a name.
pub(super) async fn post(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, ApiError> {
    let (client, form) = caller::read(&app, request, discovery::PUSHED).await?;
    let params = pushed::authorization_request(&form, &client)?;
    asked::validate(&app, &params, Some(&client), true)
        .map_err(|refusal| pushed::error_of(&refusal))?;

    let uri = Secret::from_entropy(SecretKind::PushedRequest, app.entropy.bytes());
    let now = app.now();
    let expires_at = Timestamp::from_millis(now.millis() + pushed::LIFETIME);
    let tx = app.store.begin().await?;
    tx.insert_pushed_request(&uri.digest(), (&client.id, &params), (now, expires_at)).await?;
    tx.commit().await?;

    let answer = json!({ "request_uri": uri.expose(), "expires_in": pushed::LIFETIME / 1000 });
    let headers = [(CACHE_CONTROL, "no-cache, no-store"), (PRAGMA, "no-cache")];
    Ok((StatusCode::CREATED, headers, Json(answer)).into_response())
}
