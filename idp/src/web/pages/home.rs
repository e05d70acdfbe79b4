//! `GET /`: where a person begins.

use axum::response::Redirect;

use crate::web::visitor::SignedIn;

/// My Apps, after signing in if need be.
pub(super) async fn show(_: SignedIn) -> Redirect {
    Redirect::to("/apps")
}
