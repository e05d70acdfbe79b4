//! Signing out of the portal.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::header::SET_COOKIE,
    response::{AppendHeaders, IntoResponse as _, Redirect, Response},
};

use crate::{
    App, session_end,
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        cookie::Cookie,
        error::PageError,
        form::OwnForm,
        request_id::RequestContext,
        visitor::CurrentSession,
    },
};

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
}

/// `POST /logout`. Without a live session there is nothing to forge and nothing to end: the cookie goes.
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    context: RequestContext,
    CurrentSession(live): CurrentSession,
    form: Result<OwnForm, PageError>,
) -> Result<Response, PageError> {
    if let Some(live) = live {
        form?;
        session_end::end(&app, &context, &live, "sign out").await?;
    }
    let cookie = AppendHeaders([(SET_COOKIE, Cookie::Session.clear(&app.issuer))]);
    Ok((cookie, Redirect::to("/signed-out")).into_response())
}

/// `GET /signed-out`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    CurrentSession(live): CurrentSession,
) -> Result<Response, PageError> {
    if live.is_some() {
        return Ok(Redirect::to("/apps").into_response());
    }
    let chrome = Chrome::public(&app, &browser, &context, None);
    chrome::page(&SignedOutPage { t: &context.texts, chrome })
}
