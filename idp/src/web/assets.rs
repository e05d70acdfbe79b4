//! Styles, scripts and pictures: own files, built into the program.

use std::sync::Arc;

use axum::{
    Router,
    extract::Path,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::RustEmbed;

use crate::{App, web::error::PageError};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route("/assets/{file}", get(asset)).route("/favicon.ico", get(favicon))
}

/// `GET /assets/{file}`. The address changes with each release, so it may be kept for a day.
async fn asset(Path(file): Path<String>) -> Result<Response, PageError> {
    let found = Files::get(&file).ok_or(PageError::NotFound)?;
    let kind = found.metadata.mimetype().to_owned();
    Ok(([(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=86400".to_owned())], found.data)
        .into_response())
}

/// `GET /favicon.ico`, for browsers that ask before they read a page.
async fn favicon() -> Result<Response, PageError> {
    asset(Path("favicon.svg".to_owned())).await
}
