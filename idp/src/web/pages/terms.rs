//! The two documents on roles and responsibilities (manual, glossary).

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};

use crate::{
    App,
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        error::PageError,
        request_id::RequestContext,
    },
};

#[derive(Template)]
#[template(path = "terms.html")]
struct TermsPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    for_administrators: bool,
}

/// `GET /terms`.
pub(super) async fn for_users(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
) -> Result<Response, PageError> {
    let chrome = Chrome::public(&app, &browser, &context, None);
    chrome::page(&TermsPage { t: &context.texts, chrome, for_administrators: false })
}

/// `GET /terms/administrators`: the supplement for DUAs and DAAs.
pub(super) async fn for_administrators(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
) -> Result<Response, PageError> {
    let chrome = Chrome::public(&app, &browser, &context, None);
    chrome::page(&TermsPage { t: &context.texts, chrome, for_administrators: true })
}
