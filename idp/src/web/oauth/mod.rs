//! The OpenID Provider's endpoints. A handler loads, asks `oidc-core` and [`crate::issuance`], and applies.

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};
use oidc_core::discovery;

use crate::App;

mod authorize;
mod caller;
mod discovery_document;
mod error;
mod jwks;
mod logout;
mod request_params;
mod respond;
mod token;
mod token_reuse;
mod userinfo;
mod verify;

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route(discovery::OPENID_CONFIGURATION, get(discovery_document::show))
        .route(discovery::OAUTH_CONFIGURATION, get(discovery_document::show))
        .route(discovery::JWKS.path, get(jwks::show))
        .route(discovery::AUTHORIZE.path, get(authorize::show).post(authorize::post))
        .route(discovery::TOKEN.path, post(token::post))
        .route(discovery::USERINFO.path, get(userinfo::show).post(userinfo::show))
        .route(discovery::LOGOUT.path, get(logout::show).post(logout::post))
}
