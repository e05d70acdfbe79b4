//! The OpenID Provider's endpoints. A handler loads, asks `oidc-core` and [`crate::issuance`], and applies.

use std::sync::Arc;

use axum::{
    Router,
    routing::{MethodRouter, get, post},
};
use oidc_core::discovery::{self, Endpoint};

use crate::App;

mod asked;
mod authorize;
mod bearer;
mod caller;
mod client_assertion;
mod consent;
mod consent_view;
mod discovery_document;
mod error;
mod jwks;
mod logout;
mod par;
mod register;
mod request_params;
mod respond;
mod token;
mod token_reuse;
mod userinfo;
mod verify;

/// An endpoint and what answers it.
struct Route {
    endpoint: Endpoint,
    handler: fn() -> MethodRouter<Arc<App>>,
}

/// Every endpoint. The router and the metadata are both made from this table, so the metadata cannot lie.
const ROUTES: [Route; 6] = [
    Route {
        endpoint: discovery::AUTHORIZE,
        handler: || get(authorize::show).post(authorize::post),
    },
    Route { endpoint: discovery::PUSHED, handler: || post(par::post) },
    Route { endpoint: discovery::TOKEN, handler: || post(token::post) },
    Route { endpoint: discovery::USERINFO, handler: || get(userinfo::show).post(userinfo::show) },
    Route { endpoint: discovery::JWKS, handler: || get(jwks::show) },
    Route { endpoint: discovery::LOGOUT, handler: || get(logout::show).post(logout::post) },
];

/// Only where the configuration opens registration.
const REGISTRATION: Route =
    Route { endpoint: discovery::REGISTER, handler: || post(register::create::post) };

fn routes(registration_is_open: bool) -> impl Iterator<Item = Route> {
    ROUTES.into_iter().chain(registration_is_open.then_some(REGISTRATION))
}

/// The endpoints that are routed.
pub fn endpoints(registration_is_open: bool) -> Vec<Endpoint> {
    routes(registration_is_open).map(|route| route.endpoint).collect()
}

pub(crate) fn router(registration_is_open: bool) -> Router<Arc<App>> {
    let beside = Router::new()
        .route(discovery::OPENID_CONFIGURATION, get(discovery_document::show))
        .route(discovery::OAUTH_CONFIGURATION, get(discovery_document::show))
        .route(consent::CONSENT_PATH, get(consent::show).post(consent::answer));
    let beside =
        if registration_is_open { beside.merge(register::manage::router()) } else { beside };
    routes(registration_is_open)
        .fold(beside, |router, route| router.route(route.endpoint.path, (route.handler)()))
}
