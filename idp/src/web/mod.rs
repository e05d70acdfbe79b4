//! Pages for people and endpoints for machines, in one router.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

use crate::App;

pub mod acknowledgement;
pub(crate) mod allowance_text;
pub(crate) mod asking;
pub mod assets;
pub mod browser;
pub mod chrome;
pub(crate) mod client_view;
pub(crate) mod columns;
pub(crate) mod consequences;
pub mod cookie;
pub mod csv;
pub mod cursor;
mod denials;
pub mod error;
pub mod form;
pub mod fresh;
pub mod headers;
pub mod health;
mod imports;
mod level_choice;
mod list_place;
pub mod menu;
pub(crate) mod nomination_form;
pub mod oauth;
mod one_left;
pub mod pages;
mod person_name;
mod prerequisite;
pub mod query;
pub mod request_id;
pub(crate) mod role_name;
mod roles_section;
mod staff_role_name;
mod terms_facts;
pub mod upload;
pub mod visitor;
mod way_back;

/// Largest body that any form or endpoint takes, in bytes.
const BODY_LIMIT: usize = 64 * 1024;
/// No request takes longer than this.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Unless it concerns everybody of a third party: tens of thousands of people each get an entry and a notice. Their
/// sessions have ended before that begins.
const TURN_TIMEOUT: Duration = Duration::from_mins(2);

/// Every address of the portal.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .merge(pages::router(&app))
        .merge(oauth::router(app.registration_is_open))
        .merge(health::router())
        .merge(assets::router())
        .fallback(pages::not_found)
        .method_not_allowed_fallback(pages::method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(time_limit(REQUEST_TIMEOUT))
        .merge(
            pages::upload_router(&app)
                .method_not_allowed_fallback(pages::method_not_allowed)
                .layer(DefaultBodyLimit::max(upload::BODY_LIMIT))
                .layer(time_limit(upload::REQUEST_TIMEOUT)),
        )
        .merge(
            pages::turn_router(&app)
                .method_not_allowed_fallback(pages::method_not_allowed)
                .layer(DefaultBodyLimit::max(BODY_LIMIT))
                .layer(time_limit(TURN_TIMEOUT)),
        )
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), oauth::cors::share))
        .layer(middleware::from_fn(error::render))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), browser::ensure_cookie))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), request_id::assign))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), security_headers))
        .with_state(app)
}

fn time_limit(limit: Duration) -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, limit)
}

/// Headers that every response carries (security.md 113). A handler that needs another policy sets it first.
async fn security_headers(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let defaults = headers::DEFAULTS.iter().chain(app.issuer.is_https().then_some(&headers::HSTS));
    for (name, value) in defaults {
        let name = HeaderName::from_static(name);
        if !response.headers().contains_key(&name) {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

/// No handler panics; should one, its request alone fails, and says so like any other error.
fn after_panic(_panic: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a request handler panicked");
    error::PageError::internal("a request handler panicked").into_response()
}
