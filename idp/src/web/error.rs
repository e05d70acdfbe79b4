//! Errors for people: data until the last layer, which renders them in the reader's language (design §7).

use askama::Template;
use axum::{
    extract::Request,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use portal_core::permission::Denial;
use storage::StorageError;

use crate::{
    administration::AdministrationError,
    passwords::HashingError,
    texts::Texts,
    web::{
        chrome::{self, Chrome},
        request_id::RequestContext,
    },
};

/// What a page can answer instead of itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// A parameter is missing or wrong.
    #[error("bad request")]
    BadRequest,
    /// A client that is unknown, or wants its answer at an address that is not registered: never redirected.
    #[error("bad client request")]
    BadClient,
    /// The request of an application is over, or was answered before.
    #[error("the request is gone")]
    RequestGone,
    /// The person may not.
    #[error("forbidden")]
    Forbidden,
    /// There is nothing.
    #[error("not found")]
    NotFound,
    /// There is something, out of this person's sight: it looks like nothing.
    #[error("hidden")]
    Hidden,
    /// The page does not take this method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// Somebody else changed it meanwhile, or it exists already.
    #[error("conflict")]
    Conflict,
    /// The body is too large.
    #[error("too large")]
    TooLarge,
    /// The anti-forgery token does not fit: another session, or another site.
    #[error("stale or foreign form")]
    StaleForm,
    /// Something that is needed does not answer.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A bug, or a stored value that cannot be read. The text is for the log only.
    #[error("internal: {0}")]
    Internal(String),
}

impl PageError {
    /// An error of our own making.
    pub fn internal(reason: &str) -> Self {
        Self::Internal(reason.to_owned())
    }

    /// Whether the permission table said no.
    pub const fn is_denial(&self) -> bool {
        matches!(self, Self::Forbidden | Self::Hidden)
    }

    /// Status, and the key of its texts.
    const fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "400"),
            Self::BadClient => (StatusCode::BAD_REQUEST, "client"),
            Self::RequestGone => (StatusCode::BAD_REQUEST, "request"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "403"),
            Self::NotFound | Self::Hidden => (StatusCode::NOT_FOUND, "404"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "405"),
            Self::Conflict => (StatusCode::CONFLICT, "409"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "413"),
            Self::StaleForm => (StatusCode::FORBIDDEN, "form"),
            Self::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "503"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "500"),
        }
    }
}

impl From<StorageError> for PageError {
    fn from(error: StorageError) -> Self {
        let chain = source_chain(&error);
        match error {
            StorageError::Unavailable(_) => Self::Unavailable(chain),
            _ => Self::Internal(chain),
        }
    }
}

/// For pages that have nothing better to show. Forms show a rule at the field that it concerns.
impl From<AdministrationError> for PageError {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::Missing(_) => Self::NotFound,
            AdministrationError::Denied(Denial::NotFound) => Self::Hidden,
            AdministrationError::Denied(_) => Self::Forbidden,
            AdministrationError::Rule(_)
            | AdministrationError::Stale
            | AdministrationError::Storage(StorageError::Conflict(_)) => Self::Conflict,
            AdministrationError::Storage(error) => Self::from(error),
        }
    }
}

impl From<HashingError> for PageError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Busy => Self::Unavailable(error.to_string()),
            other => Self::Internal(other.to_string()),
        }
    }
}

/// The error travels in the response; [`render`] makes it readable.
impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.kind().0.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    status: u16,
    title: String,
    message: String,
    advice: String,
}

/// Middleware: turns a [`PageError`] in a response into a page with the request's id.
pub async fn render(context: RequestContext, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    // Endpoints for machines answer 503 in their own words.
    let timed_out = response.status() == StatusCode::SERVICE_UNAVAILABLE
        && !response.headers().contains_key(CONTENT_TYPE);
    let error = response.extensions().get::<PageError>().cloned();
    let Some(error) =
        error.or_else(|| timed_out.then(|| PageError::Unavailable("time-out".to_owned())))
    else {
        return response;
    };
    match &error {
        PageError::Internal(reason) => tracing::error!(request_id = %context.id, reason, "failed"),
        PageError::Unavailable(reason) => {
            tracing::warn!(request_id = %context.id, reason, "unavailable");
        }
        _ => {}
    }
    let (status, key) = error.kind();
    let page = ErrorPage {
        t: &context.texts,
        chrome: Chrome::of_error(&context),
        status: status.as_u16(),
        title: context.texts.msg(&format!("error-{key}-title")),
        message: context.texts.msg(&format!("error-{key}-message")),
        advice: context.texts.msg(&format!("error-{key}-advice")),
    };
    let mut page =
        chrome::page(&page).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response());
    *page.status_mut() = status;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        page.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    page
}

/// An error with everything beneath it, for the log.
pub fn source_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
