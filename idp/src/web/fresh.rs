//! A fresh sign-in for changes of other people's accounts and rights, and for the end of the own account (O18): which
//! pages want it, by the tables of pages and of actions.
//!
//! The form of such a change is shown to whose proof of both factors is younger than ten minutes, and the change is made
//! when it is younger than fifteen. Whoever may make none of the changes of a page looks at it without. Whoever signs in
//! again keeps the session's name, and so every form that is open.

use axum::http::Method;
use portal_core::permission::{Action, fresh_changes, is_in_sight};
use storage::StorageError;

use crate::{
    App,
    web::{
        pages::route::{Guard, PageRoute, Verb},
        visitor::LiveSession,
    },
};

/// Whether a sign-in comes before what is asked of a page.
pub(super) async fn is_missing(
    app: &App,
    (route, method): (&PageRoute, &Method),
    live: &LiveSession,
) -> Result<bool, StorageError> {
    if !changes_others(route) {
        return Ok(false);
    }
    let now = app.now();
    match *method {
        Method::GET if !live.session.is_fresh_for_form(now) => {
            let actor = app.store.actor(&live.account).await?;
            Ok(changes(route).any(|change| is_in_sight(&actor, change, now)))
        }
        Method::POST => Ok(!live.session.is_fresh(now)),
        _ => Ok(false),
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
