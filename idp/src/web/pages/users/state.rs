//! Reinstating, unlocking and inviting again (domain.md 2.4, O9).

use axum::{
    extract::Path,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{id::UserId, permission::Action};

use super::CameFrom;
use crate::{
    administration::AdministrationError,
    invitation,
    web::{asking::Asking, error::PageError, form::OwnForm},
};

/// `POST /users/{id}/reinstate`.
pub(super) async fn reinstate(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let account = asking.account(&id, Action::SuspendUser).await?;
    form.only(&["from"], &[])?;
    let done = asking.administration().reinstate_user(account.user.id).await;
    lead_back((account.user.id, &form), done, "reinstated")
}

/// `POST /users/{id}/unlock`.
pub(super) async fn unlock(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let account = asking.account(&id, Action::UnlockUser).await?;
    form.only(&["from"], &[])?;
    let done = asking.administration().unlock_user(account.user.id).await;
    lead_back((account.user.id, &form), done, "unlocked")
}

/// `POST /users/{id}/resend`: "Resend activation".
pub(super) async fn resend(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let account = asking.account(&id, Action::ResendActivation).await?;
    let administration = asking.administration();
    form.only(&["from"], &[])?;
    let sent = invitation::resend(&asking.app, &administration, account.user.id).await;
    let word = if matches!(sent, Ok(false)) { "unsent" } else { "resent" };
    lead_back((account.user.id, &form), sent.map(|_| ()), word)
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
    (user, form): (UserId, &OwnForm),
    done: Result<(), AdministrationError>,
    word: &str,
) -> Result<Response, PageError> {
    let word = match done {
        Ok(()) => word,
        Err(AdministrationError::Rule(_)) => "refused",
        Err(error) => return Err(error.into()),
    };
    let next = CameFrom::of_form(form).with(&format!("/users/{user}?done={word}"));
    Ok(Redirect::to(&next).into_response())
}
