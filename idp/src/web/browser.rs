//! The browser: every visitor has a cookie that names it. A login and an authorization request can only be finished
//! in the browser that began them (security.md 10).

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{Method, StatusCode, header::SET_COOKIE, request::Parts},
    middleware::Next,
    response::Response,
};
use storage::Digest;

use crate::{App, entropy, secrets, web::cookie::Cookie};

/// The visitor's browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Browser {
    /// Digest of its cookie.
    pub digest: Digest,
}

/// Middleware: reads the cookie, or sets a new one.
pub async fn ensure_cookie(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let known = Cookie::Browser.read(request.headers(), &app.issuer);
    let is_new = known.is_none();
    let value = known.unwrap_or_else(|| entropy::secret(app.entropy.as_ref(), "br_"));
    request.extensions_mut().insert(Browser { digest: secrets::digest(&value) });
    // Only in answer to opening a page: a form that another site posts comes without our cookies, and must not
    // replace them.
    let is_visit = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = next.run(request).await;
    let is_page = response
        .headers()
        .get("content-type")
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_new && is_visit && is_page {
        response.headers_mut().append(SET_COOKIE, Cookie::Browser.set(&value, &app.issuer));
    }
    response
}

impl<S: Sync> FromRequestParts<S> for Browser {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get().copied().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
