//! Sending an authorization response: a redirect or a form that posts itself.

use askama::Template;
use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY},
    },
    response::{IntoResponse as _, Response},
};
use oidc_core::{
    authorization::{PageError as Unredirectable, Refusal},
    params::Params,
    response::AuthorizationResponse,
};

use crate::{
    App,
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        error::PageError,
        headers::{Source, policy_leading_to},
        request_id::RequestContext,
    },
};

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPostPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    action: &'a str,
    fields: &'a [(String, String)],
}

/// A redirect with 303, so that a posted password is never posted on (RFC 9700 4.12).
pub(super) fn see_other(location: &str) -> Result<Response, PageError> {
    let location = HeaderValue::from_str(location)
        .map_err(|_| PageError::internal("an address cannot be sent as a header"))?;
    Ok((StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response())
}

/// Turns a posted form into a `GET` of the same address with the same parameters, repeated ones too. They are written
/// afresh: what a body may carry, such as a control character, a header may not.
pub(super) fn as_get(path: &str, form: &[u8]) -> Result<Response, PageError> {
    Params::parse(form).map_err(|_| PageError::BadRequest)?;
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form_urlencoded::parse(form))
        .finish();
    see_other(&format!("{path}?{query}"))
}

/// Sends the answer to the client.
pub(super) fn send(
    app: &App,
    browser: &Browser,
    context: &RequestContext,
    answer: AuthorizationResponse,
) -> Result<Response, PageError> {
    match answer {
        AuthorizationResponse::Redirect { location } => {
            // Nobody whom the client's page loads from learns the address with the code (RFC 9700 4.2.4).
            let mut redirect = see_other(&location)?;
            let policy = HeaderValue::from_static("no-referrer");
            redirect.headers_mut().insert(REFERRER_POLICY, policy);
            Ok(redirect)
        }
        AuthorizationResponse::FormPost { action, fields } => {
            let mut page = chrome::page(&FormPostPage {
                t: &context.texts,
                chrome: Chrome::public(app, browser, context, None),
                action: &action,
                fields: &fields,
            })?;
            let policy = policy_leading_to(Source::of(&action).as_ref());
            page.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
            Ok(page)
        }
    }
}

/// Sends a refusal: to the client, or as a page where nobody vouches for the address.
pub(super) fn refuse(
    app: &App,
    browser: &Browser,
    context: &RequestContext,
    refusal: Refusal,
) -> Result<Response, PageError> {
    match refusal {
        Refusal::Redirect(address, error) => {
            tracing::info!(%error, "authorization refused");
            send(app, browser, context, address.error(error))
        }
        Refusal::Page(error) => {
            tracing::info!(%error, "authorization refused with a page");
            Err(match error {
                Unredirectable::NotTrusted(_) => PageError::BadRequest,
                Unredirectable::PushedRequestGone => PageError::RequestGone,
                Unredirectable::Repeated
                | Unredirectable::UnknownClient
                | Unredirectable::RedirectUriMissing
                | Unredirectable::RedirectUriMismatch => PageError::BadClient,
            })
        }
    }
}
