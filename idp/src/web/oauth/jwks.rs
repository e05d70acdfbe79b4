//! `GET /oauth2/jwks`: the public keys (RFC 7517 5).

use std::sync::Arc;

use axum::{
    extract::State,
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE},
    response::IntoResponse,
};

use crate::{App, signing::JWKS_MAX_AGE_SECONDS};

/// The key set; its bytes were made with the key ring that is in use.
pub(super) async fn show(State(app): State<Arc<App>>) -> impl IntoResponse {
    (
        [
            (CONTENT_TYPE, "application/jwk-set+json".to_owned()),
            (CACHE_CONTROL, format!("public, max-age={JWKS_MAX_AGE_SECONDS}")),
            (ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
        ],
        app.keys.jwks_json(),
    )
}
