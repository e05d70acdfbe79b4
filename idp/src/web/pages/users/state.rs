//! Suspending, reinstating, unlocking and inviting again (domain.md 2.4, O9).

use axum::{
    extract::Path,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::permission::Action;

use crate::{
    administration::{AdministrationError, Rule, Suspension},
    invitation,
    web::{asking::Asking, error::PageError, form::OwnForm},
};

/// `POST /users/{id}/suspend`.
pub(super) async fn suspend(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let account = asking.account(&id, Action::SuspendUser).await?;
    form.only(&["reason", "orphan_reason"], &[])?;
    let suspension = Suspension {
        reason: reason(&form, "reason")?,
        orphan: Some(reason(&form, "orphan_reason")?).filter(|reason| !reason.is_empty()),
    };
    let done = asking.administration().suspend_user(account.user.id, suspension).await;
    lead_back(&account.user.id.to_string(), done, "suspended")
}

/// `POST /users/{id}/reinstate`.
pub(super) async fn reinstate(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let account = asking.account(&id, Action::SuspendUser).await?;
    form.only(&[], &[])?;
    let done = asking.administration().reinstate_user(account.user.id).await;
    lead_back(&account.user.id.to_string(), done, "reinstated")
}

/// `POST /users/{id}/unlock`.
pub(super) async fn unlock(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let account = asking.account(&id, Action::UnlockUser).await?;
    form.only(&[], &[])?;
    let done = asking.administration().unlock_user(account.user.id).await;
    lead_back(&account.user.id.to_string(), done, "unlocked")
}

/// `POST /users/{id}/resend`: "Resend activation".
pub(super) async fn resend(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let account = asking.account(&id, Action::ResendActivation).await?;
    let administration = asking.administration();
    form.only(&[], &[])?;
    let sent = invitation::resend(&asking.app, &administration, account.user.id).await;
    let word = if matches!(sent, Ok(false)) { "unsent" } else { "resent" };
    lead_back(&account.user.id.to_string(), sent.map(|_| ()), word)
}

/// A reason that was typed, trimmed.
pub(super) fn reason<'a>(form: &'a OwnForm, field: &str) -> Result<&'a str, PageError> {
    let reason = form.get(field).trim();
    if reason.chars().count() > 500 || reason.chars().any(char::is_control) {
        return Err(PageError::BadRequest);
    }
    Ok(reason)
}

/// Back to the user. What a rule refuses is said there.
pub(super) fn lead_back(
    id: &str,
    done: Result<(), AdministrationError>,
    word: &str,
) -> Result<Response, PageError> {
    let word = match done {
        Ok(()) => word,
        Err(AdministrationError::Rule(
            Rule::LastUserAdministrator | Rule::LastAccessAdministrator(_),
        )) => "last-administrator",
        Err(AdministrationError::Rule(_)) => "refused",
        Err(error) => return Err(error.into()),
    };
    Ok(Redirect::to(&format!("/users/{id}?done={word}")).into_response())
}
