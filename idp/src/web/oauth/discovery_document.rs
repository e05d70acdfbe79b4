//! `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL},
    response::IntoResponse,
};
use oidc_core::discovery;
use portal_core::session::ACR_TWO_FACTOR;

use crate::App;

/// Caches may keep public documents for five minutes: shorter than the life of a token.
pub(super) const PUBLIC: &str = "public, max-age=300";

/// The metadata; anybody may read it, scripts of other origins too.
pub(super) async fn show(State(app): State<Arc<App>>) -> impl IntoResponse {
    (
        [(CACHE_CONTROL, PUBLIC), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")],
        Json(discovery::metadata(app.issuer.as_str(), &[ACR_TWO_FACTOR])),
    )
}
