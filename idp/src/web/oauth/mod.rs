//! The OpenID Provider's endpoints. A handler loads, asks `oidc-core` and [`crate::issuance`], and applies.

use std::sync::Arc;

use axum::{
    Router,
    routing::{MethodRouter, get, post},
};
use oidc_core::discovery::{self, Endpoint};

use crate::App;

mod access_token;
mod asked;
mod authorize;
mod bearer;
mod caller;
mod client_assertion;
mod consent;
mod consent_view;
pub(crate) mod cors;
mod discovery_document;
mod error;
mod introspect;
mod jwks;
mod logout;
mod par;
mod register;
mod request_params;
mod respond;
mod revoke;
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
const ROUTES: [Route; 8] = [
    Route {
        endpoint: discovery::AUTHORIZE,
        handler: || get(authorize::show).post(authorize::post),
    },
    Route { endpoint: discovery::PUSHED, handler: || machine(post(par::post)) },
    Route { endpoint: discovery::TOKEN, handler: || machine(post(token::post)) },
    Route { endpoint: discovery::INTROSPECT, handler: || machine(post(introspect::post)) },
    Route { endpoint: discovery::REVOKE, handler: || machine(post(revoke::post)) },
    Route {
        endpoint: discovery::USERINFO,
        handler: || machine(get(userinfo::show).post(userinfo::show)),
    },
    Route { endpoint: discovery::JWKS, handler: || machine(get(jwks::show)) },
    Route { endpoint: discovery::LOGOUT, handler: || get(logout::show).post(logout::post) },
];

/// An endpoint that no person looks at: another method is not answered with a page.
fn machine(handler: MethodRouter<Arc<App>>) -> MethodRouter<Arc<App>> {
    handler.fallback(error::method_not_allowed)
}

/// Only where the configuration opens registration.
const REGISTRATION: Route =
    Route { endpoint: discovery::REGISTER, handler: || machine(post(register::create::post)) };

fn routes(registration_is_open: bool) -> impl Iterator<Item = Route> {
    ROUTES.into_iter().chain(registration_is_open.then_some(REGISTRATION))
}

/// The endpoints that are routed.
pub fn endpoints(registration_is_open: bool) -> Vec<Endpoint> {
    routes(registration_is_open).map(|route| route.endpoint).collect()
}

pub(crate) fn router(registration_is_open: bool) -> Router<Arc<App>> {
    let beside = Router::new()
        .route(discovery::OPENID_CONFIGURATION, machine(get(discovery_document::show)))
        .route(discovery::OAUTH_CONFIGURATION, machine(get(discovery_document::show)))
        .route(consent::CONSENT_PATH, get(consent::show).post(consent::answer));
    let beside =
        if registration_is_open { beside.merge(register::manage::router()) } else { beside };
    routes(registration_is_open)
        .fold(beside, |router, route| router.route(route.endpoint.path, (route.handler)()))
}
