//! A fresh sign-in for changes of other people's accounts and rights, and for the end of the own account (O18): asked in
//! front of every page, by the tables of pages and of actions.
//!
//! The form of such a change is shown to whose proof of both factors is younger than ten minutes, and the change is made
//! when it is younger than fifteen. Whoever may make none of the changes of a page looks at it without. Whoever signs in
//! again keeps the session's name, and so every form that is open.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{FromRequestParts as _, Request, State},
    http::{Method, StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::permission::{Action, fresh_changes, is_in_sight};

use crate::{
    App,
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        error::PageError,
        pages::{
            self,
            route::{Guard, PageRoute, Verb},
        },
        request_id::RequestContext,
        visitor::{CurrentSession, LiveSession},
        way_back::{encoded, page_of, with_query},
    },
};

#[derive(Template)]
#[template(path = "sign_in_again.html")]
struct AgainPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    href: String,
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

async fn answer_instead(app: &Arc<App>, parts: &mut Parts) -> Result<Option<Response>, PageError> {
    let Some(route) = pages::route_of(parts).filter(|route| changes_others(route)) else {
        return Ok(None);
    };
    let current = CurrentSession::from_request_parts(parts, app).await?;
    let live = current.0.clone();
    parts.extensions.insert(current);
    let Some(live) = live else {
        return Ok(None);
    };
    let (session, now) = (&live.session, app.now());
    match parts.method {
        Method::GET if !session.is_fresh_for_form(now) => {
            let actor = app.store.actor(&live.account).await?;
            if !changes(route).any(|change| is_in_sight(&actor, change, now)) {
                return Ok(None);
            }
            let address = with_query(parts.uri.path(), parts.uri.query());
            Ok(Some(Redirect::to(&login_for(&address)).into_response()))
        }
        Method::POST if !session.is_fresh(now) => Ok(Some(again(app, parts, &live).await?)),
        _ => Ok(None),
    }
}

/// Whether posting to a page changes what needs a fresh sign-in.
pub fn changes_others(route: &PageRoute) -> bool {
    let posts = route.guards.iter().filter(|(verb, _)| *verb == Verb::Post);
    posts.flat_map(|(_, guard)| changes_of(*guard)).next().is_some()
}

/// The changes that are made on a page: where its own form is posted to, or by a form for what it is looked at.
fn changes(route: &PageRoute) -> impl Iterator<Item = Action> {
    route.guards.iter().flat_map(|(_, guard)| changes_of(*guard))
}

fn changes_of(guard: Guard) -> impl Iterator<Item = Action> {
    let asked = match guard {
        Guard::Asks(action, _) => Some(action),
        Guard::Public => None,
    };
    asked.into_iter().flat_map(fresh_changes)
}

/// The form was open for too long. Nothing typed in it is lost: the sign-in opens beside it, and it can be sent again.
async fn again(
    app: &Arc<App>,
    parts: &mut Parts,
    live: &LiveSession,
) -> Result<Response, PageError> {
    let browser = Browser::from_request_parts(parts, app).await;
    let browser = browser.map_err(|_| PageError::internal("no browser cookie layer"))?;
    let context = RequestContext::from_request_parts(parts, app).await;
    let context = context.map_err(|_| PageError::internal("no request id layer"))?;
    let page = AgainPage {
        t: &context.texts,
        chrome: Chrome::public(app, &browser, &context, Some(&live.session)),
        href: login_for(&page_of(parts.uri.path(), parts.uri.query())),
    };
    Ok((StatusCode::FORBIDDEN, chrome::page(&page)?).into_response())
}

fn login_for(address: &str) -> String {
    format!("/login?again={}", encoded(address))
}
