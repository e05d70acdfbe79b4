//! Who has access to what, why, and who had on a day: what an auditor asks (domain.md 4.3).

mod cells;
mod matrix;
mod on;
mod origin;
mod scope;
mod self_assignments;
mod why;

use axum::routing::get;
use portal_core::{account::UserStatus, permission::Action};
use storage::Account;

use super::route::{Guard, Of, PageRoute, Verb};
use crate::web::person_name::name_of;

/// The pages and their files.
pub(super) const ROUTES: &[PageRoute] = &[
    PageRoute {
        path: "/users/{id}/why",
        guards: &[(Verb::Get, Guard::Asks(Action::ExplainAccess, Of::User))],
        handler: || get(why::show),
    },
    PageRoute {
        path: "/access/matrix",
        guards: &[(Verb::Get, Guard::Asks(Action::ExplainAccess, Of::Level))],
        handler: || get(matrix::show),
    },
    PageRoute {
        path: "/access/matrix.csv",
        guards: &[(Verb::Get, Guard::Asks(Action::ExportUsers, Of::Level))],
        handler: || get(matrix::download),
    },
    PageRoute {
        path: "/access/on",
        guards: &[(Verb::Get, Guard::Asks(Action::ExplainAccess, Of::Level))],
        handler: || get(on::show),
    },
    PageRoute {
        path: "/access/on.csv",
        guards: &[(Verb::Get, Guard::Asks(Action::ExportUsers, Of::Level))],
        handler: || get(on::download),
    },
    PageRoute {
        path: "/access/self-assignments",
        guards: &[(Verb::Get, Guard::Asks(Action::ExplainAccess, Of::Level))],
        handler: || get(self_assignments::show),
    },
    PageRoute {
        path: "/access/self-assignments.csv",
        guards: &[(Verb::Get, Guard::Asks(Action::ExportUsers, Of::Level))],
        handler: || get(self_assignments::download),
    },
];

/// The address of a person; a deleted one has none any more.
fn email_of(account: &Account) -> String {
    match account.user.status {
        UserStatus::Deleted => String::new(),
        _ => account.user.email.clone(),
    }
}
