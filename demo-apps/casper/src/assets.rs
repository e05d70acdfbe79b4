//! The stylesheet and the icon, built into the program.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

use crate::Environment;

const CALM: &str = include_str!("../assets/casper.css");
/// The same, and a band on the pages of the relying-party library, too.
const MARKED: &str =
    concat!(include_str!("../assets/casper.css"), include_str!("../assets/pre-production.css"));
const ICON: &str = include_str!("../assets/favicon.svg");
const MARKED_ICON: &str = include_str!("../assets/favicon-pre-production.svg");

/// Address of the stylesheet of this environment; changes with every release.
pub(crate) fn stylesheet(environment: Environment) -> String {
    let name = if environment.is_test() { "casper-pre-production" } else { "casper" };
    format!("/assets/{name}.css?v={}", env!("CARGO_PKG_VERSION"))
}

/// `GET /assets/{name}`.
pub(crate) async fn get(Path(name): Path<String>) -> Response {
    let (kind, body) = match name.as_str() {
        "casper.css" => ("text/css; charset=utf-8", CALM),
        "casper-pre-production.css" => ("text/css; charset=utf-8", MARKED),
        "favicon.svg" => ("image/svg+xml", ICON),
        "favicon-pre-production.svg" => ("image/svg+xml", MARKED_ICON),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=600")], body)
        .into_response()
}
