//! A fresh sign-in for changes of other people's accounts and rights (O18): asked in front of every page, by the tables
//! of pages and of actions.
//!
//! The form of such a change is shown to whose proof of both factors is younger than ten minutes, and the change is made
//! when it is younger than fifteen. Whoever signs in again keeps the session's name, and so every form that is open.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{FromRequestParts as _, MatchedPath, Request, State},
    http::{Method, StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    login::{PagePath, PortalPage},
    permission::needs_fresh_sign_in,
};
use url::form_urlencoded::byte_serialize;

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
    let matched = parts.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = matched.and_then(|path| pages::routes().find(|route| route.path == path));
    if !route.is_some_and(changes_others) {
        return Ok(None);
    }
    let current = CurrentSession::from_request_parts(parts, app).await?;
    let live = current.0.clone();
    parts.extensions.insert(current);
    let Some(live) = live else {
        return Ok(None);
    };
    let (session, now) = (&live.session, app.now());
    match parts.method {
        Method::GET if !session.is_fresh_for_form(now) => {
            let login = format!("/login?again={}", encoded(parts.uri.path()));
            Ok(Some(Redirect::to(&login).into_response()))
        }
        Method::POST if !session.is_fresh(now) => Ok(Some(again(app, parts, &live).await?)),
        _ => Ok(None),
    }
}

/// Whether a page changes what needs a fresh sign-in.
pub fn changes_others(route: &PageRoute) -> bool {
    route.guards.iter().any(|(verb, guard)| match guard {
        Guard::Asks(action, _) => *verb == Verb::Post && needs_fresh_sign_in(*action),
        Guard::Public => false,
    })
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
        href: format!("/login?again={}", encoded(&page_of(parts.uri.path()))),
    };
    Ok((StatusCode::FORBIDDEN, chrome::page(&page)?).into_response())
}

/// The page that a form was on: where it is posted to, or the next above that can be looked at.
fn page_of(path: &str) -> String {
    let can_be_seen = |path: &str| {
        pages::routes().any(|route| {
            fits(route.path, path) && route.guards.iter().any(|(verb, _)| *verb == Verb::Get)
        })
    };
    let mut next = path;
    loop {
        if can_be_seen(next) && PagePath::parse(next).is_some() {
            return next.to_owned();
        }
        match next.rsplit_once('/') {
            Some((above, _)) if !above.is_empty() => next = above,
            _ => return PortalPage::of_path(path).path().to_owned(),
        }
    }
}

/// Whether a path is one of a route; `{…}` stands for any name.
fn fits(route: &str, path: &str) -> bool {
    let (mut names, mut parts) = (route.split('/'), path.split('/'));
    loop {
        match (names.next(), parts.next()) {
            (None, None) => return true,
            (Some(name), Some(part)) if name == part || name.starts_with('{') => {}
            _ => return false,
        }
    }
}

fn encoded(path: &str) -> String {
    byte_serialize(path.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_on_the_page_it_is_posted_to_or_on_the_next_above() {
        for (posted, page) in [
            ("/users/new", "/users/new"),
            ("/users/12/edit", "/users/12/edit"),
            ("/users/12/suspend", "/users/12"),
            ("/users/import/apply", "/users/import"),
            ("/confirmations/12", "/confirmations"),
            ("/nowhere", "/apps"),
        ] {
            assert_eq!(page_of(posted), page, "{posted}");
        }
    }
}
