//! The two documents on roles and responsibilities (manual, glossary; O16): to read, and to acknowledge.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response, routing::get};
use portal_core::{permission::Action, terms::Document};

use super::route::{
    Guard, Of, PageRoute,
    Verb::{Get, Post},
};
use crate::{
    App,
    texts::Texts,
    web::{
        acknowledgement::page_for,
        browser::Browser,
        chrome::{self, Chrome},
        error::PageError,
        request_id::RequestContext,
    },
};

mod acknowledge;

const ACKNOWLEDGES: Guard = Guard::Asks(Action::AcknowledgeTerms, Of::Oneself);

/// The documents.
pub(super) const ROUTES: &[PageRoute] = &[
    PageRoute { path: "/terms", guards: &[(Get, Guard::Public)], handler: || get(for_users) },
    PageRoute {
        path: "/terms/administrators",
        guards: &[(Get, Guard::Public)],
        handler: || get(for_administrators),
    },
    PageRoute {
        path: page_for(Document::EndUsers),
        guards: &[(Get, ACKNOWLEDGES), (Post, ACKNOWLEDGES)],
        handler: || acknowledge::page(Document::EndUsers),
    },
    PageRoute {
        path: page_for(Document::Administrators),
        guards: &[(Get, ACKNOWLEDGES), (Post, ACKNOWLEDGES)],
        handler: || acknowledge::page(Document::Administrators),
    },
];

#[derive(Template)]
#[template(path = "terms/show.html")]
struct TermsPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    for_administrators: bool,
    version: &'a str,
}

/// `GET /terms`.
async fn for_users(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
) -> Result<Response, PageError> {
    page(&app, &browser, &context, Document::EndUsers)
}

/// `GET /terms/administrators`: the supplement for DUAs and DAAs.
async fn for_administrators(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
) -> Result<Response, PageError> {
    page(&app, &browser, &context, Document::Administrators)
}

fn page(
    app: &App,
    browser: &Browser,
    context: &RequestContext,
    document: Document,
) -> Result<Response, PageError> {
    chrome::page(&TermsPage {
        t: &context.texts,
        chrome: Chrome::public(app, browser, context, None),
        for_administrators: document == Document::Administrators,
        version: app.terms.version(document).as_str(),
    })
}
