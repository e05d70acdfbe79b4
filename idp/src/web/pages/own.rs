//! What people may see and do of their own: asked of the permission table, like everything.

use portal_core::permission::Action;

use crate::{
    App,
    administration::object_of,
    web::{error::PageError, visitor::SignedIn},
};

/// Whether the person may do `action` to the own account. What is refused is forbidden, not hidden: it is there.
pub(crate) fn check(app: &App, who: &SignedIn, action: Action) -> Result<(), PageError> {
    who.may(app, action, &object_of(&who.account)).map_err(|_| PageError::Forbidden)
}
