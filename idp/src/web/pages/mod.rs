//! Pages for people. They work without JavaScript; none calls another.

use std::sync::Arc;

use axum::{
    Router,
    extract::MatchedPath,
    http::request::Parts,
    middleware,
    routing::{get, post},
};
use portal_core::{
    Timestamp,
    permission::{Action, Actor, is_in_sight},
};

use crate::{
    App,
    web::{denials, error::PageError, prerequisite},
};
use route::{
    Guard, Of, PageRoute,
    Verb::{Get, Post},
};

mod access;
mod access_requests;
mod access_reviews;
mod activate;
mod activity;
mod applications;
mod apps;
mod audit;
mod confirmations;
mod consents;
mod entries;
mod home;
mod login;
mod login_code;
mod memberships;
mod nominate;
mod nominations;
mod notices;
mod own_deletion;
mod password_source;
mod person;
mod profile;
pub mod route;
mod session;
mod sign_out;
mod staff_roles;
mod target;
mod terms;
mod third_parties;
mod tiles;
mod users;
mod waiting_client;

const VIEW_OWN: Guard = Guard::Asks(Action::ViewOwnProfile, Of::Oneself);

/// Pages around sign-in, and those of everybody's own.
const ROUTES: &[PageRoute] = &[
    PageRoute { path: "/", guards: &[(Get, Guard::Public)], handler: || get(home::show) },
    PageRoute {
        path: "/login",
        guards: &[(Get, Guard::Public), (Post, Guard::Public)],
        handler: || get(login::show).post(login::submit),
    },
    PageRoute {
        path: "/login/code",
        guards: &[(Get, Guard::Public), (Post, Guard::Public)],
        handler: || get(login_code::show).post(login_code::submit),
    },
    PageRoute {
        path: "/login/resend",
        guards: &[(Post, Guard::Public)],
        handler: || post(login_code::resend),
    },
    PageRoute {
        path: "/logout",
        guards: &[(Post, Guard::Public)],
        handler: || post(sign_out::submit),
    },
    PageRoute {
        path: "/signed-out",
        guards: &[(Get, Guard::Public)],
        handler: || get(sign_out::show),
    },
    PageRoute {
        path: "/session",
        guards: &[(Get, Guard::Public), (Post, VIEW_OWN)],
        handler: || get(session::show).post(session::stay),
    },
    PageRoute { path: "/apps", guards: &[(Get, VIEW_OWN)], handler: || get(apps::show) },
    PageRoute { path: "/profile", guards: &[(Get, VIEW_OWN)], handler: || get(profile::show) },
    PageRoute {
        path: "/profile/security",
        guards: &[(Get, VIEW_OWN), (Post, Guard::Asks(Action::ChangeOwnPassword, Of::Oneself))],
        handler: || get(profile::show_security).post(profile::change_password),
    },
    PageRoute {
        path: "/profile/applications",
        guards: &[(Get, VIEW_OWN), (Post, Guard::Asks(Action::DecideOwnConsent, Of::Oneself))],
        handler: || get(consents::show).post(consents::revoke),
    },
];

/// The tables of all pages.
const TABLES: &[&[PageRoute]] = &[
    ROUTES,
    access_requests::ROUTES,
    access_reviews::ROUTES,
    nominate::ROUTES,
    nominations::ROUTES,
    notices::ROUTES,
    own_deletion::ROUTES,
    users::ROUTES,
    memberships::ROUTES,
    activate::ROUTES,
    access::ROUTES,
    staff_roles::ROUTES,
    confirmations::ROUTES,
    audit::ROUTES,
    activity::ROUTES,
    terms::ROUTES,
    third_parties::ROUTES,
    applications::ROUTES,
];

/// The tables of pages that take a file. They have limits of their own.
const UPLOADS: &[&[PageRoute]] = &[nominate::UPLOADS, nominations::UPLOADS];

/// The tables of pages that change something for many people of a third party at once. They take longer than others.
const TURNS: &[&[PageRoute]] = &[access_reviews::TURNS, third_parties::TURNS];

/// Every page of the portal.
pub fn routes() -> impl Iterator<Item = &'static PageRoute> {
    TABLES.iter().chain(UPLOADS).chain(TURNS).copied().flatten()
}

/// The page that a request was led to.
pub(crate) fn route_of(parts: &Parts) -> Option<&'static PageRoute> {
    let matched = parts.extensions.get::<MatchedPath>()?;
    routes().find(|route| route.path == matched.as_str())
}

/// Whether there is a page to look at under a path.
pub(crate) fn is_shown_at(path: &str) -> bool {
    routes().any(|route| route.is_shown() && route.is_at(path))
}

/// Whether somebody can open a page that names nothing in its address.
pub(crate) fn is_open_to(actor: &Actor, path: &str, now: Timestamp) -> bool {
    let route = routes().find(|route| route.path == path);
    let shown = |route: &'static PageRoute| route.guards.iter().find(|(verb, _)| *verb == Get);
    match route.and_then(shown) {
        Some((_, Guard::Public | Guard::Asks(_, Of::Oneself))) => true,
        Some((_, Guard::Asks(action, _))) => is_in_sight(actor, *action, now),
        None => false,
    }
}

pub(crate) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    router_of(app, TABLES)
}

/// Pages that change something for many people of a third party at once.
pub(crate) fn turn_router(app: &Arc<App>) -> Router<Arc<App>> {
    router_of(app, TURNS)
}

/// Pages that take a file.
pub(crate) fn upload_router(app: &Arc<App>) -> Router<Arc<App>> {
    router_of(app, UPLOADS)
}

fn router_of(app: &Arc<App>, tables: &[&'static [PageRoute]]) -> Router<Arc<App>> {
    let routes = tables.iter().copied().flatten();
    routes
        .fold(Router::new(), |router, route| router.route(route.path, (route.handler)()))
        .route_layer(middleware::from_fn_with_state(Arc::clone(app), prerequisite::ask))
        .route_layer(middleware::from_fn_with_state(Arc::clone(app), denials::note))
}

/// An address that is none of ours.
pub async fn not_found() -> PageError {
    PageError::NotFound
}

/// One of our addresses, asked with a method that it does not take.
pub async fn method_not_allowed() -> PageError {
    PageError::MethodNotAllowed
}

#[cfg(test)]
mod tests {
    use portal_core::notice::NoticeKind;

    use super::*;

    #[test]
    fn what_a_notice_leads_to_is_a_page_that_names_nothing() {
        for page in NoticeKind::ALL.into_iter().filter_map(NoticeKind::page) {
            let route = routes().find(|route| route.path == page);
            assert!(route.is_some_and(PageRoute::is_shown), "{page}");
            assert!(!page.contains('{'), "{page}");
        }
    }
}
