//! The terms of use in front of the pages (O16): asked by the tables of pages and of actions, so that no page can forget
//! it. `/oauth2/authorize` asks for them in its own step.
//!
//! Whoever has not acknowledged the terms of use for end users, in the version that holds, sees no page of the own before.
//! The supplement for administrators comes before the first page on which a delegated role lets its holder do something.
//! The session is there meanwhile, and is good for nothing but to acknowledge or to sign out (E65).

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{FromRequestParts as _, Request, State},
    http::{Method, StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    permission::{Action, is_in_sight},
    terms::Document,
};
use storage::{Account, StorageError};

use crate::{
    App,
    administration::is_delegated,
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        error::PageError,
        pages::{
            self,
            route::{Guard, Of, PageRoute, Verb},
        },
        request_id::RequestContext,
        visitor::{CurrentSession, LiveSession},
        way_back::{encoded, page_of, with_query},
    },
};

#[derive(Template)]
#[template(path = "terms/first.html")]
struct FirstPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    href: String,
}

/// Where a document is acknowledged.
pub const fn page_for(document: Document) -> &'static str {
    match document {
        Document::EndUsers => "/terms/acknowledge",
        Document::Administrators => "/terms/administrators/acknowledge",
    }
}

/// Middleware in front of the pages.
pub(super) async fn ask(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match answer_instead(&app, &mut parts).await {
        Ok(None) => next.run(Request::from_parts(parts, body)).await,
        Ok(Some(response)) => response,
        Err(error) => error.into_response(),
    }
}

/// Whether a person is asked to acknowledge a document: the supplement is for those who hold a delegated role.
pub(super) async fn is_owed(
    app: &App,
    account: &Account,
    document: Document,
) -> Result<bool, StorageError> {
    if !app.terms.owes(document, &account.user.terms) {
        return Ok(false);
    }
    Ok(document == Document::EndUsers || is_delegated(&app.store.actor(account).await?))
}

async fn answer_instead(app: &Arc<App>, parts: &mut Parts) -> Result<Option<Response>, PageError> {
    let is_post = parts.method == Method::POST;
    let asked = pages::route_of(parts).and_then(|route| asked_by(route, is_post));
    let Some(asked) = asked.filter(|_| app.terms.asks()) else {
        return Ok(None);
    };
    let current = CurrentSession::from_request_parts(parts, app).await?;
    let live = current.0.clone();
    parts.extensions.insert(current);
    let Some(live) = live else {
        return Ok(None);
    };
    let Some(document) = owed_before(app, &live.account, asked).await? else {
        return Ok(None);
    };
    let (path, query) = (parts.uri.path(), parts.uri.query());
    if is_post {
        let href = with_way_back(document, &page_of(path, query));
        return Ok(Some(first(app, parts, (&live, href)).await?));
    }
    let href = with_way_back(document, &with_query(path, query));
    Ok(Some(Redirect::to(&href).into_response()))
}

/// What a page asks the permission table of; `None` for one that asks nothing, and for the acknowledgement itself.
fn asked_by(route: &PageRoute, is_post: bool) -> Option<(Action, Of)> {
    let verb = if is_post { Verb::Post } else { Verb::Get };
    route.guards.iter().find_map(|(of, guard)| match guard {
        Guard::Asks(action, on) if *of == verb && *action != Action::AcknowledgeTerms => {
            Some((*action, *on))
        }
        Guard::Asks(..) | Guard::Public => None,
    })
}

/// The document that comes before a page. Staff of the operator hold no delegated role (I16).
async fn owed_before(
    app: &App,
    account: &Account,
    (action, on): (Action, Of),
) -> Result<Option<Document>, StorageError> {
    if app.terms.owes(Document::EndUsers, &account.user.terms) {
        return Ok(Some(Document::EndUsers));
    }
    let is_own = on == Of::Oneself || account.third_party.is_none();
    if is_own || !app.terms.owes(Document::Administrators, &account.user.terms) {
        return Ok(None);
    }
    let actor = app.store.actor(account).await?;
    let is_first = is_delegated(&actor) && is_in_sight(&actor, action, app.now());
    Ok(is_first.then_some(Document::Administrators))
}

fn with_way_back(document: Document, address: &str) -> String {
    format!("{}?to={}", page_for(document), encoded(address))
}

/// A form came from whoever has something to acknowledge first. Nothing typed in it is lost: that opens beside it, and the
/// form can be sent again.
async fn first(
    app: &Arc<App>,
    parts: &mut Parts,
    (live, href): (&LiveSession, String),
) -> Result<Response, PageError> {
    let browser = Browser::from_request_parts(parts, app).await;
    let browser = browser.map_err(|_| PageError::internal("no browser cookie layer"))?;
    let Ok(context) = RequestContext::from_request_parts(parts, app).await;
    let chrome = Chrome::public(app, &browser, &context, Some(&live.session));
    let page = chrome::page(&FirstPage { t: &context.texts, chrome, href })?;
    Ok((StatusCode::FORBIDDEN, page).into_response())
}
