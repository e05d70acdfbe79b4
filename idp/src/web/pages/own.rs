//! What people may see and do of their own: asked of the permission table, like everything.

use portal_core::permission::{self, Action};

use crate::{
    App,
    administration::object_of,
    web::{error::PageError, visitor::SignedIn},
};

/// Whether the person may do `action` to the own account.
pub(crate) async fn check(app: &App, who: &SignedIn, action: Action) -> Result<(), PageError> {
    let actor = app.store.actor(&who.account).await?;
    let decision = permission::decide(&actor, action, &object_of(&who.account), app.now());
    if decision.is_allowed() { Ok(()) } else { Err(PageError::Forbidden) }
}
