//! Styles, scripts and pictures: own files, built into the program.

use std::sync::{Arc, LazyLock};

use axum::{
    Router,
    body::{Body, Bytes},
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

/// The portal's own style. It is written in a file for each part, and sent as one, in the order of their names.
static STYLE: LazyLock<Bytes> = LazyLock::new(|| {
    let mut parts: Vec<_> = Files::iter().filter(|name| name.starts_with("portal/")).collect();
    parts.sort();
    let parts = parts.iter().filter_map(|name| Files::get(name));
    parts.flat_map(|part| part.data.into_owned()).collect()
});

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route("/assets/{file}", get(asset)).route("/favicon.ico", get(favicon))
}

/// `GET /assets/{file}`. The address changes with each release, so it may be kept for a day.
async fn asset(Path(file): Path<String>) -> Result<Response, PageError> {
    if file == "portal.css" {
        return Ok(kept("text/css", STYLE.clone()));
    }
    let found = Files::get(&file).ok_or(PageError::NotFound)?;
    Ok(kept(found.metadata.mimetype(), found.data))
}

fn kept(kind: &str, content: impl Into<Body>) -> Response {
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=86400")];
    (headers, content.into()).into_response()
}

/// `GET /favicon.ico`, for browsers that ask before they read a page.
async fn favicon() -> Result<Response, PageError> {
    asset(Path("favicon.svg".to_owned())).await
}
