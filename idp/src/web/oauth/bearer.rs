//! The bearer token in the `Authorization` header (RFC 6750 2.1).

use axum::http::{HeaderMap, header::AUTHORIZATION};
use oidc_core::error::{ErrorCode, OAuthError};

use super::error::ApiError;

const INVALID: OAuthError =
    OAuthError::new(ErrorCode::InvalidToken, "the Authorization header is not one bearer token");

/// The token of the one `Authorization` header; `None` when there is no such header.
///
/// # Errors
/// `invalid_token` for several headers or one that is no text; another scheme is no bearer token at all, and is answered
/// as if nothing had come (RFC 6750 3.1).
pub(super) fn token(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (first, more) = (values.next(), values.next());
    let Some(value) = first else {
        return Ok(None);
    };
    let (scheme, token) =
        value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(INVALID)?;
    if more.is_some() || token.is_empty() {
        return Err(INVALID.into());
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ApiError::NoToken);
    }
    Ok(Some(token.to_owned()))
}
