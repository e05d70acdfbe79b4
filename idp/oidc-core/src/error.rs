//! Errors that the specifications name, and nothing else.

use std::fmt;

/// An error code of OAuth 2.0 or OpenID Connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The request lacks a parameter, repeats one or is otherwise malformed (RFC 6749 4.1.2.1, 5.2).
    InvalidRequest,
    /// Client authentication failed (RFC 6749 5.2).
    InvalidClient,
    /// The code or refresh token is unknown, used, expired, revoked or of another client (RFC 6749 5.2).
    InvalidGrant,
    /// The client may not use this grant or response type (RFC 6749 4.1.2.1, 5.2).
    UnauthorizedClient,
    /// The grant type is not offered (RFC 6749 5.2).
    UnsupportedGrantType,
    /// The scope is malformed or exceeds what was granted (RFC 6749 4.1.2.1, 5.2).
    InvalidScope,
    /// The person or the provider said no (RFC 6749 4.1.2.1).
    AccessDenied,
    /// Only `code` is offered (RFC 6749 4.1.2.1).
    UnsupportedResponseType,
    /// Something broke at the provider (RFC 6749 4.1.2.1).
    ServerError,
    /// The provider cannot answer now (RFC 6749 4.1.2.1).
    TemporarilyUnavailable,
    /// `prompt=none`, and the person would have to sign in (OpenID Connect Core 3.1.2.6).
    LoginRequired,
    /// `prompt=none`, and some other page would have to be shown (OpenID Connect Core 3.1.2.6).
    InteractionRequired,
    /// The person would have to be asked for consent (OpenID Connect Core 3.1.2.6).
    ConsentRequired,
    /// The `request` parameter is not supported (OpenID Connect Core 3.1.2.6).
    RequestNotSupported,
    /// The `request_uri` parameter is not supported (OpenID Connect Core 3.1.2.6).
    RequestUriNotSupported,
    /// The `registration` parameter is not supported (OpenID Connect Core 3.1.2.6).
    RegistrationNotSupported,
    /// No sign-in can have what the request calls essential (Unmet Authentication Requirements 1.0).
    UnmetAuthenticationRequirements,
    /// The resource is malformed, unknown, or not one that the client may ask for (RFC 8707 2).
    InvalidTarget,
    /// The access token is missing its proof, expired, revoked or foreign (RFC 6750 3.1).
    InvalidToken,
    /// The access token does not carry the scope that the resource asks for (RFC 6750 3.1).
    InsufficientScope,
    /// A redirect URI cannot be registered (RFC 7591 3.2.2).
    InvalidRedirectUri,
    /// A member of the client metadata cannot be registered (RFC 7591 3.2.2).
    InvalidClientMetadata,
    /// Software statements are not taken (RFC 7591 3.2.2).
    UnapprovedSoftwareStatement,
}

impl ErrorCode {
    /// The code as the specifications spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::LoginRequired => "login_required",
            Self::InteractionRequired => "interaction_required",
            Self::ConsentRequired => "consent_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::UnapprovedSoftwareStatement => "unapproved_software_statement",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error that a client may read: a code and a fixed text. Nothing of the request and nothing of
/// the inside goes into the text, so it needs no escaping and tells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub struct OAuthError {
    /// What went wrong, for programs.
    pub code: ErrorCode,
    /// What went wrong, for the integrator; only the characters of RFC 6749 4.1.2.1.
    pub description: &'static str,
}

impl OAuthError {
    /// An error with its explanation.
    pub const fn new(code: ErrorCode, description: &'static str) -> Self {
        Self { code, description }
    }

    pub(crate) const fn invalid_request(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    pub(crate) const fn invalid_client(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidClient, description)
    }

    pub(crate) const fn invalid_grant(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidGrant, description)
    }

    pub(crate) const fn invalid_scope(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidScope, description)
    }
}
