//! Access reviews: the list, one review, and its evidence (domain.md 4.3).

use axum::routing::{get, post};
use portal_core::permission::Action;

use super::route::{Guard, Of, PageRoute, Verb};

mod decide;
mod export;
mod list;
mod page;
mod posted;

const VIEW: Guard = Guard::Asks(Action::ViewAccessReview, Of::Access);
const REVIEW: Guard = Guard::Asks(Action::ReviewAccess, Of::Access);

/// The pages of reviews.
pub(super) const ROUTES: &[PageRoute] = &[
    PageRoute {
        path: "/reviews",
        guards: &[(Verb::Get, VIEW), (Verb::Post, REVIEW)],
        handler: || get(list::show).post(list::begin),
    },
    PageRoute {
        path: "/reviews/{id}",
        guards: &[(Verb::Get, VIEW), (Verb::Post, REVIEW)],
        handler: || get(decide::show).post(decide::submit),
    },
    PageRoute {
        path: "/reviews/{id}/evidence.csv",
        guards: &[(Verb::Get, VIEW)],
        handler: || get(export::csv),
    },
    PageRoute {
        path: "/reviews/{id}/evidence.json",
        guards: &[(Verb::Get, VIEW)],
        handler: || get(export::json),
    },
];

/// The sign-off: every membership that ends has its entry and its notice, which take a while.
pub(super) const TURNS: &[PageRoute] = &[PageRoute {
    path: "/reviews/{id}/sign-off",
    guards: &[(Verb::Post, REVIEW)],
    handler: || post(decide::sign_off),
}];

/// The key of the words for a state, and its badge.
const fn state_words(
    state: portal_core::access_review::ReviewState,
) -> (&'static str, &'static str) {
    use portal_core::access_review::ReviewState;
    match state {
        ReviewState::Open => ("review-state-open", "mark-warning"),
        ReviewState::SignedOff => ("review-state-signed-off", "mark-good"),
        ReviewState::Lapsed => ("review-state-lapsed", "mark-bad"),
    }
}
