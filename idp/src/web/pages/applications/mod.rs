//! Applications, as the operator's staff keep them: what their tiles say, how often access is reviewed, which groups
//! and clients belong to them.

use axum::routing::get;
use portal_core::{
    one_line,
    permission::{Action, Object},
};
use storage::RegisteredApplication;

use super::route::{
    Guard, Of, PageRoute,
    Verb::{Get, Post},
};
use crate::web::{asking::Asking, error::PageError};

mod edit;
mod list;
mod view;

/// Longest code of an application, in characters.
const CODE_LENGTH: usize = 80;

const MODIFY: Guard = Guard::Asks(Action::ModifyApplication, Of::Application);

/// Pages of applications.
pub(super) const ROUTES: &[PageRoute] = &[
    PageRoute {
        path: "/applications",
        guards: &[(Get, Guard::Asks(Action::ViewApplication, Of::Everything))],
        handler: || get(list::show),
    },
    PageRoute {
        path: "/applications/{id}",
        guards: &[(Get, Guard::Asks(Action::ViewApplication, Of::Application))],
        handler: || get(view::show),
    },
    PageRoute {
        path: "/applications/{id}/edit",
        guards: &[(Get, MODIFY), (Post, MODIFY)],
        handler: || get(edit::show).post(edit::submit),
    },
];

/// The application of that code, if the person may do this to it.
async fn load(
    asking: &Asking,
    code: &str,
    action: Action,
) -> Result<RegisteredApplication, PageError> {
    asking.may(action, &Object::Everything)?;
    if one_line::parse(code, CODE_LENGTH).is_none_or(|line| line != code) {
        return Err(PageError::NotFound);
    }
    let found = asking.app.store.find_registered_application(code).await?;
    found.ok_or(PageError::NotFound)
}
