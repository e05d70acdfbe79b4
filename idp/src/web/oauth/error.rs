//! Errors for machines: the specifications' JSON, never cached (RFC 6749 5.2, RFC 6750 3).

use axum::{
    Json,
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use oidc_core::error::{ErrorCode, OAuthError};
use portal_core::issuance::Denial;
use serde_json::json;
use storage::StorageError;

use crate::{issuance::IssuanceError, web::error::source_chain};

/// What an endpoint for machines can answer instead of its result.
#[derive(Debug)]
pub(super) enum ApiError {
    /// An error of the specifications.
    OAuth(OAuthError),
    /// The request carries no access token at all: it is told how to, and no error code (RFC 6750 3.1).
    NoToken,
    /// Something that is needed does not answer. The text is for the log.
    Unavailable(String),
    /// A bug, or a stored value that cannot be read. The text is for the log.
    Internal(String),
}

impl From<OAuthError> for ApiError {
    fn from(error: OAuthError) -> Self {
        Self::OAuth(error)
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        let chain = source_chain(&error);
        match error {
            StorageError::Unavailable(_) => Self::Unavailable(chain),
            _ => Self::Internal(chain),
        }
    }
}

impl From<keys::Error> for ApiError {
    fn from(error: keys::Error) -> Self {
        Self::Internal(error.to_string())
    }
}

impl ApiError {
    /// A refused issuance as the given error; the client does not hear which rule it was.
    pub(super) fn from_issuance(error: IssuanceError, refused: OAuthError) -> Self {
        match error {
            IssuanceError::Denied(denial) => {
                log_denial(denial);
                Self::OAuth(refused)
            }
            IssuanceError::Storage(error) => error.into(),
        }
    }

    fn oauth(&self) -> Option<OAuthError> {
        match self {
            Self::OAuth(error) => Some(*error),
            Self::NoToken => None,
            Self::Unavailable(reason) => {
                tracing::warn!(reason, "unavailable");
                Some(OAuthError::new(
                    ErrorCode::TemporarilyUnavailable,
                    "the provider cannot answer now",
                ))
            }
            Self::Internal(reason) => {
                tracing::error!(reason, "failed");
                Some(OAuthError::new(ErrorCode::ServerError, "the provider failed"))
            }
        }
    }
}

pub(super) fn log_denial(denial: Denial) {
    tracing::info!(?denial, "no token is issued");
}

/// Status of an error, by section.
const fn status(code: ErrorCode) -> StatusCode {
    match code {
        // RFC 6749 5.2, RFC 6750 3.1
        ErrorCode::InvalidClient | ErrorCode::InvalidToken => StatusCode::UNAUTHORIZED,
        ErrorCode::InsufficientScope => StatusCode::FORBIDDEN,
        ErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// How to authenticate, where the answer has to say so. All texts are ours and need no escaping.
fn challenge(error: OAuthError) -> Option<String> {
    match error.code {
        ErrorCode::InvalidClient => Some("Basic realm=\"token\", charset=\"UTF-8\"".to_owned()),
        ErrorCode::InvalidToken => Some(format!(
            "Bearer realm=\"userinfo\", error=\"{}\", error_description=\"{}\"",
            error.code, error.description
        )),
        ErrorCode::InsufficientScope => Some(format!(
            "Bearer realm=\"userinfo\", error=\"{}\", error_description=\"{}\", scope=\"openid\"",
            error.code, error.description
        )),
        _ => None,
    }
}

/// An error of a resource: it always tells how a request is authorized (RFC 6750 3).
#[derive(Debug)]
pub(super) struct AtResource(ApiError);

impl<E: Into<ApiError>> From<E> for AtResource {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for AtResource {
    fn into_response(self) -> Response {
        let is_malformed =
            matches!(self.0, ApiError::OAuth(error) if error.code == ErrorCode::InvalidRequest);
        let mut response = self.0.into_response();
        if is_malformed {
            let challenge = "Bearer realm=\"userinfo\", error=\"invalid_request\"";
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

/// One of our endpoints for machines, asked with a method that it does not take. The router adds `Allow`.
pub(super) async fn method_not_allowed() -> Response {
    let body = json!({
        "error": ErrorCode::InvalidRequest.as_str(),
        "error_description": "the endpoint does not take this method",
    });
    let no_store = [(CACHE_CONTROL, "no-store")];
    (StatusCode::METHOD_NOT_ALLOWED, no_store, Json(body)).into_response()
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Some(error) = self.oauth() else {
            let plain = [(WWW_AUTHENTICATE, "Bearer realm=\"userinfo\"")];
            return (StatusCode::UNAUTHORIZED, plain).into_response();
        };
        let body = json!({"error": error.code.as_str(), "error_description": error.description});
        let mut response =
            (status(error.code), [(CACHE_CONTROL, "no-store")], Json(body)).into_response();
        let headers = response.headers_mut();
        if let Some(value) = challenge(error).and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(WWW_AUTHENTICATE, value);
        }
        if error.code == ErrorCode::TemporarilyUnavailable {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_the_status_and_challenge_of_its_section() {
        for (code, expected, scheme) in [
            (ErrorCode::InvalidRequest, 400, None),
            (ErrorCode::InvalidGrant, 400, None),
            (ErrorCode::UnauthorizedClient, 400, None),
            (ErrorCode::UnsupportedGrantType, 400, None),
            (ErrorCode::InvalidScope, 400, None),
            (ErrorCode::InvalidClient, 401, Some("Basic ")),
            (ErrorCode::InvalidToken, 401, Some("Bearer ")),
            (ErrorCode::InsufficientScope, 403, Some("Bearer ")),
            (ErrorCode::ServerError, 500, None),
            (ErrorCode::TemporarilyUnavailable, 503, None),
        ] {
            let response = ApiError::OAuth(OAuthError::new(code, "text")).into_response();
            assert_eq!(response.status().as_u16(), expected, "{code}");
            let challenge = response.headers().get(WWW_AUTHENTICATE).map(|v| v.to_str().unwrap());
            assert_eq!(challenge.is_some(), scheme.is_some(), "{code}");
            assert!(challenge.unwrap_or_default().starts_with(scheme.unwrap_or_default()));
            assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        }
    }

    #[test]
    fn a_request_without_a_token_is_told_no_error_code() {
        let response = ApiError::NoToken.into_response();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer realm=\"userinfo\"");
    }
}
