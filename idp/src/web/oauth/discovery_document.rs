//! `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE},
    response::IntoResponse,
};

use crate::App;

/// Caches may keep public documents for five minutes: shorter than the life of a token.
const PUBLIC: &str = "public, max-age=300";

/// The metadata; anybody may read it, scripts of other origins too.
pub(super) async fn show(State(app): State<Arc<App>>) -> impl IntoResponse {
    (
        [
            (CONTENT_TYPE, "application/json"),
            (CACHE_CONTROL, PUBLIC),
            (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        ],
        app.metadata.clone(),
    )
}
