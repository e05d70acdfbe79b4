//! What has to come before a page, asked in front of all of them by the table of pages, so that no page can forget it:
//! the terms of use (O16), then a fresh sign-in (O18).
//!
//! Whoever looks at a page is led to what comes first, and back. A form that came too early is not lost: what comes first
//! opens beside it, and it can be sent again.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{FromRequestParts as _, Request, State},
    http::{Method, StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::terms::Document;

use crate::{
    App,
    texts::Texts,
    web::{
        acknowledgement,
        browser::Browser,
        chrome::{self, Chrome},
        error::PageError,
        fresh, pages,
        request_id::RequestContext,
        visitor::{CurrentSession, LiveSession},
        way_back::{encoded, page_of, with_query},
    },
};

/// What comes before a page.
#[derive(Clone, Copy)]
enum Prerequisite {
    Acknowledgement(Document),
    FreshSignIn,
}

/// The page in answer to a form that came too early.
#[derive(Template)]
#[template(path = "prerequisite.html")]
struct FirstPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    words: Words,
    href: String,
}

/// The id of its link, and the keys of its texts.
struct Words {
    id: &'static str,
    title: &'static str,
    text: &'static str,
    step: &'static str,
    link: &'static str,
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
    let Some(route) =
        pages::route_of(parts).filter(|route| route.asked_by(&parts.method).is_some())
    else {
        return Ok(None);
    };
    let current = CurrentSession::from_request_parts(parts, app).await?;
    let live = current.0.clone();
    parts.extensions.insert(current);
    let Some(live) = live else {
        return Ok(None);
    };
    let owed = acknowledgement::owed_before(app, (route, &parts.method), &live.account).await?;
    let first = match owed {
        Some(document) => Prerequisite::Acknowledgement(document),
        None if fresh::is_missing(app, (route, &parts.method), &live).await? => {
            Prerequisite::FreshSignIn
        }
        None => return Ok(None),
    };
    let (path, query) = (parts.uri.path(), parts.uri.query());
    if parts.method == Method::POST {
        let href = first.leading_to(&page_of(path, query));
        return Ok(Some(too_early(app, parts, (&live, first, href)).await?));
    }
    let href = first.leading_to(&with_query(path, query));
    Ok(Some(Redirect::to(&href).into_response()))
}

async fn too_early(
    app: &Arc<App>,
    parts: &mut Parts,
    (live, first, href): (&LiveSession, Prerequisite, String),
) -> Result<Response, PageError> {
    let browser = Browser::from_request_parts(parts, app).await;
    let browser = browser.map_err(|_| PageError::internal("no browser cookie layer"))?;
    let Ok(context) = RequestContext::from_request_parts(parts, app).await;
    let page = chrome::page(&FirstPage {
        t: &context.texts,
        chrome: Chrome::public(app, &browser, &context, Some(&live.session)),
        words: first.words(),
        href,
    })?;
    Ok((StatusCode::FORBIDDEN, page).into_response())
}

impl Prerequisite {
    /// Where it is done, with the way to a page afterwards.
    fn leading_to(self, address: &str) -> String {
        let address = encoded(address);
        match self {
            Self::Acknowledgement(document) => {
                format!("{}?to={address}", acknowledgement::page_for(document))
            }
            Self::FreshSignIn => format!("/login?again={address}"),
        }
    }

    const fn words(self) -> Words {
        match self {
            Self::Acknowledgement(_) => Words {
                id: "acknowledge-first",
                title: "acknowledge-first-title",
                text: "acknowledge-first-text",
                step: "acknowledge-first-step",
                link: "acknowledge-first-link",
            },
            Self::FreshSignIn => Words {
                id: "sign-in-again",
                title: "fresh-title",
                text: "fresh-text",
                step: "fresh-step-sign-in",
                link: "fresh-sign-in",
            },
        }
    }
}
