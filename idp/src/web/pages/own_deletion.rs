//! "Delete my account" (O19, E62): what ends with it, and the end itself.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse as _, Redirect, Response},
    routing::get,
};
use portal_core::permission::Action;

use super::route::{
    Guard, Of, PageRoute,
    Verb::{Get, Post},
};
use crate::{
    App,
    administration::{AdministrationError, ERASED_AFTER_DAYS},
    texts::Texts,
    web::{
        asking::Asking,
        browser::Browser,
        chrome::{self, Chrome},
        consequences::Consequences,
        cookie::Cookie,
        error::PageError,
        form::OwnForm,
        request_id::RequestContext,
    },
};

const DELETES: Guard = Guard::Asks(Action::DeleteOwnAccount, Of::Oneself);
/// Where nobody is signed in any more.
const DONE_PATH: &str = "/account-deleted";

/// The page, and what comes after it.
pub(super) const ROUTES: &[PageRoute] = &[
    PageRoute {
        path: "/profile/delete",
        guards: &[(Get, DELETES), (Post, DELETES)],
        handler: || get(show).post(submit),
    },
    PageRoute { path: DONE_PATH, guards: &[(Get, Guard::Public)], handler: || get(done) },
];

#[derive(Template)]
#[template(path = "profile_delete.html")]
struct DeletePage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    email: String,
    version: i64,
    days: String,
    ends: Consequences,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "account_deleted.html")]
struct DonePage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    days: String,
}

/// `GET /profile/delete`.
async fn show(asking: Asking) -> Result<Response, PageError> {
    asking.may_own(Action::DeleteOwnAccount)?;
    page(&asking, None).await
}

/// `POST /profile/delete`.
async fn submit(asking: Asking, form: OwnForm) -> Result<Response, PageError> {
    asking.may_own(Action::DeleteOwnAccount)?;
    form.only(&["version"], &[])?;
    let version: i64 = form.get("version").parse().map_err(|_| PageError::BadRequest)?;
    let (status, key) = match asking.administration().delete_own_account(version).await {
        Ok(()) => {
            let cookie = AppendHeaders([(SET_COOKIE, Cookie::Session.clear(&asking.app.issuer))]);
            return Ok((cookie, Redirect::to(DONE_PATH)).into_response());
        }
        Err(AdministrationError::Stale) => (StatusCode::CONFLICT, "own-delete-stale"),
        Err(AdministrationError::Rule(rule)) => (StatusCode::UNPROCESSABLE_ENTITY, rule.key()),
        Err(error) => return Err(error.into()),
    };
    Ok((status, page(&asking, Some(asking.text(key))).await?).into_response())
}

/// `GET /account-deleted`.
async fn done(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
) -> Result<Response, PageError> {
    let chrome = Chrome::public(&app, &browser, &context, None);
    chrome::page(&DonePage { t: &context.texts, chrome, days: ERASED_AFTER_DAYS.to_string() })
}

async fn page(asking: &Asking, error: Option<String>) -> Result<Response, PageError> {
    let user = asking.who.account.user.id;
    // A save may have come between: what is confirmed is what is shown.
    let account = asking.app.store.find_account(user).await?.ok_or(PageError::NotFound)?;
    let ends = Consequences::of(asking, &account).await?;
    chrome::page(&DeletePage {
        t: asking.texts(),
        chrome: asking.chrome("profile"),
        email: account.user.email,
        version: account.user.version,
        days: ERASED_AFTER_DAYS.to_string(),
        ends,
        error,
    })
}
