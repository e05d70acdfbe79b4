//! Whether the program runs, and whether it can serve.

use std::sync::Arc;

use axum::{Router, extract::State, http::StatusCode, routing::get};

use crate::App;

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route("/health/live", get(live)).route("/health/ready", get(ready))
}

/// `GET /health/live`: the process answers.
async fn live() -> &'static str {
    "alive\n"
}

/// `GET /health/ready`: the database answers.
async fn ready(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    match app.store.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}
