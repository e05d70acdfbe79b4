//! The terms of use (O16): which document comes before which page, by the tables of pages and of actions.
//! `/oauth2/authorize` asks for them in its own step.
//!
//! Whoever has not acknowledged the terms of use for end users, in the version that holds, sees no page of the own before.
//! The supplement for administrators comes before the first page on which a delegated role lets its holder do something.
//! The session is there meanwhile, and is good for nothing but to acknowledge or to sign out (E65).

use axum::http::Method;
use portal_core::{
    permission::{Action, is_in_sight},
    terms::Document,
};
use storage::{Account, StorageError};

use crate::{
    App,
    administration::is_delegated,
    web::pages::route::{Of, PageRoute},
};

/// Where a document is acknowledged.
pub const fn page_for(document: Document) -> &'static str {
    match document {
        Document::EndUsers => "/terms/acknowledge",
        Document::Administrators => "/terms/administrators/acknowledge",
    }
}

/// Whether a person is asked to acknowledge a document: the supplement is for those who hold a delegated role.
pub(super) async fn is_owed(
    app: &App,
    account: &Account,
    document: Document,
) -> Result<bool, StorageError> {
    if !app.terms.owes(document, &account.user.terms) {
        return Ok(false);
    }
    Ok(document == Document::EndUsers || is_delegated(&app.store.actor(account).await?))
}

/// The document that comes before what is asked of a page, but for its own acknowledgement. Staff of the operator hold no delegated role (I16).
pub(super) async fn owed_before(
    app: &App,
    (route, method): (&PageRoute, &Method),
    account: &Account,
) -> Result<Option<Document>, StorageError> {
    let asked = route.asked_by(method).filter(|_| app.terms.asks());
    let Some((action, on)) = asked.filter(|(action, _)| *action != Action::AcknowledgeTerms) else {
        return Ok(None);
    };
    if app.terms.owes(Document::EndUsers, &account.user.terms) {
        return Ok(Some(Document::EndUsers));
    }
    let is_own = on == Of::Oneself || account.third_party.is_none();
    if is_own || !app.terms.owes(Document::Administrators, &account.user.terms) {
        return Ok(None);
    }
    let actor = app.store.actor(account).await?;
    let is_first = is_delegated(&actor) && is_in_sight(&actor, action, app.now());
    Ok(is_first.then_some(Document::Administrators))
}
