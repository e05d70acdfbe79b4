//! A fresh sign-in for changes of other people's accounts and rights (O18): asked in front of every page, by the tables
//! of pages and of actions.
//!
//! The form of such a change is shown to whose proof of both factors is younger than ten minutes, and the change is made
//! when it is younger than fifteen. Whoever may make none of the changes of a page looks at it without. Whoever signs in
//! again keeps the session's name, and so every form that is open.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{FromRequestParts as _, MatchedPath, Request, State},
    http::{Method, StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use form_urlencoded::byte_serialize;
use portal_core::{
    login::{PageAddress, PortalPage},
    permission::{Action, fresh_changes, is_in_sight},
};

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
    let Some(route) = route.filter(|route| changes_others(route)) else {
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

/// The page that a form was on: where it is posted to, or the next above that can be looked at.
fn page_of(path: &str, query: Option<&str>) -> String {
    let can_be_seen = |path: &str| pages::is_shown_at(path) && PageAddress::parse(path).is_some();
    if can_be_seen(path) {
        return with_query(path, query);
    }
    let mut next = path;
    loop {
        match next.rsplit_once('/') {
            Some((above, _)) if can_be_seen(above) => return above.to_owned(),
            Some((above, _)) if !above.is_empty() => next = above,
            _ => return PortalPage::of_path(path).path().to_owned(),
        }
    }
}

/// The address of a page, with its query written anew. One that no page of ours has is left out.
fn with_query(path: &str, query: Option<&str>) -> String {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let address = PageAddress::parse(&format!("{path}?{query}"));
    address.map_or_else(|| path.to_owned(), |address| address.as_str().to_owned())
}

fn login_for(address: &str) -> String {
    format!("/login?again={}", byte_serialize(address.as_bytes()).collect::<String>())
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
            assert_eq!(page_of(posted, None), page, "{posted}");
        }
        assert_eq!(page_of("/users/12/edit", Some("a=b c")), "/users/12/edit?a=b+c");
        assert_eq!(page_of("/users/12/suspend", Some("a=b")), "/users/12");
    }

    #[test]
    fn a_query_comes_back_encoded_or_not_at_all() {
        for (query, kept) in [
            (None, ""),
            (Some(""), ""),
            (Some("into=BANK E&x=%C3%A9"), "?into=BANK+E&x=%C3%A9"),
            (Some("to=//evil.example"), "?to=%2F%2Fevil.example"),
            (Some("a=%0d%0aset-cookie:x"), ""),
            (Some("a=%00"), ""),
        ] {
            assert_eq!(with_query("/a", query), format!("/a{kept}"), "{query:?}");
        }
        assert_eq!(with_query("/a", Some(&"b".repeat(2_001))), "/a");
    }
}
