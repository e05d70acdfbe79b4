//! Pages for people. They work without JavaScript; none calls another.

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use crate::{App, web::error::PageError};

mod apps;
mod consents;
mod home;
mod login;
mod login_code;
pub(crate) mod own;
mod password_source;
mod person;
mod profile;
mod sign_out;
mod target;
mod terms;
mod tiles;
mod waiting_client;

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home::show))
        .route("/login", get(login::show).post(login::submit))
        .route("/login/code", get(login_code::show).post(login_code::submit))
        .route("/login/resend", post(login_code::resend))
        .route("/logout", post(sign_out::submit))
        .route("/signed-out", get(sign_out::show))
        .route("/apps", get(apps::show))
        .route("/profile", get(profile::show))
        .route("/profile/security", get(profile::show_security).post(profile::change_password))
        .route("/profile/applications", get(consents::show).post(consents::revoke))
        .route("/terms", get(terms::for_users))
        .route("/terms/administrators", get(terms::for_administrators))
}

/// An address that is none of ours.
pub async fn not_found() -> PageError {
    PageError::NotFound
}

/// One of our addresses, asked with a method that it does not take.
pub async fn method_not_allowed() -> PageError {
    PageError::MethodNotAllowed
}
