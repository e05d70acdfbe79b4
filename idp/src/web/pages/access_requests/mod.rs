//! Requests for access: asked by anybody for oneself, answered by access administrators (domain.md 4.3).

use axum::routing::{get, post};
use portal_core::permission::Action;

use super::route::{Guard, Of, PageRoute, Verb};

mod answer;
mod ask;

const ASK: Guard = Guard::Asks(Action::RequestAccess, Of::Oneself);
const DECIDE: Guard = Guard::Asks(Action::DecideAccessRequest, Of::Access);

/// The form and the list of own requests; the list of those who decide.
pub(super) const ROUTES: &[PageRoute] = &[
    PageRoute {
        path: "/apps/request",
        guards: &[(Verb::Get, ASK), (Verb::Post, ASK)],
        handler: || get(ask::show).post(ask::submit),
    },
    PageRoute {
        path: "/apps/request/withdraw",
        guards: &[(Verb::Post, ASK)],
        handler: || post(ask::withdraw),
    },
    PageRoute { path: "/requests", guards: &[(Verb::Get, DECIDE)], handler: || get(answer::show) },
    PageRoute {
        path: "/requests/{id}",
        guards: &[(Verb::Post, DECIDE)],
        handler: || post(answer::submit),
    },
];
