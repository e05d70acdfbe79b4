//! Suspending a user (domain.md 2.4): the page names the user and what ends, and asks why; its default is Cancel.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{account::UserStatus, permission::Action};
use storage::Account;

use super::{CameFrom, state::reason};
use crate::{
    administration::{AdministrationError, Rule, Suspension},
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        consequences::Consequences,
        error::PageError,
        form::OwnForm,
    },
};

#[derive(Template)]
#[template(path = "users/suspend.html")]
struct SuspendPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    from: &'a CameFrom,
    id: String,
    name: String,
    email: String,
    version: i64,
    ends: Consequences,
    typed: Typed<'a>,
    error: Option<String>,
    /// Whether the operator is asked for a reason to leave nobody in charge (O4).
    asks_orphan: bool,
    no_error: Option<String>,
}

/// What was typed.
#[derive(Clone, Copy, Default)]
struct Typed<'a> {
    reason: &'a str,
    orphan: &'a str,
}

/// Why there was no suspension.
#[derive(Default)]
struct Refusal {
    error: Option<String>,
    is_last: bool,
}

/// `GET /users/{id}/suspend`. Whoever is not in use is not suspended; the user's page says how it stands.
pub(super) async fn show(
    asking: Asking,
    Path(id): Path<String>,
    from: CameFrom,
) -> Result<Response, PageError> {
    let account = asking.account(&id, Action::SuspendUser).await?;
    if account.user.status != UserStatus::Active {
        let user = from.with(&format!("/users/{}?done=refused", account.user.id));
        return Ok(Redirect::to(&user).into_response());
    }
    page(&asking, &account, (&from, Typed::default()), Refusal::default()).await
}

/// `POST /users/{id}/suspend`.
pub(super) async fn submit(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let account = asking.account(&id, Action::SuspendUser).await?;
    form.only(&["version", "reason", "orphan_reason", "from"], &[])?;
    let from = CameFrom::of_form(&form);
    let version = form.get("version").parse().map_err(|_| PageError::BadRequest)?;
    let typed = Typed { reason: reason(&form, "reason")?, orphan: reason(&form, "orphan_reason")? };
    let suspension = Suspension {
        version: Some(version),
        reason: typed.reason,
        orphan: Some(typed.orphan).filter(|reason| !reason.is_empty()),
    };
    let user = account.user.id;
    let (status, key, is_last) = match asking.administration().suspend_user(user, suspension).await
    {
        Ok(()) => {
            let next = from.with(&format!("/users/{user}?done=suspended"));
            return Ok(Redirect::to(&next).into_response());
        }
        Err(AdministrationError::Stale) => (StatusCode::CONFLICT, "users-suspend-stale", false),
        Err(AdministrationError::Rule(rule)) => {
            let is_last =
                matches!(rule, Rule::LastUserAdministrator | Rule::LastAccessAdministrator(_));
            (StatusCode::UNPROCESSABLE_ENTITY, rule.key(), is_last)
        }
        Err(error) => return Err(error.into()),
    };
    let account = asking.account(&id, Action::SuspendUser).await?;
    let refusal = Refusal { error: Some(asking.text(key)), is_last };
    let page = page(&asking, &account, (&from, typed), refusal).await?;
    Ok((status, page).into_response())
}

async fn page(
    asking: &Asking,
    account: &Account,
    (from, typed): (&CameFrom, Typed<'_>),
    refusal: Refusal,
) -> Result<Response, PageError> {
    let user = &account.user;
    chrome::page(&SuspendPage {
        t: asking.texts(),
        chrome: asking.chrome("nav-users"),
        from,
        id: user.id.to_string(),
        name: user.display_name(),
        email: user.email.clone(),
        version: user.version,
        ends: Consequences::of(asking, account).await?,
        typed,
        error: refusal.error,
        asks_orphan: refusal.is_last && super::may_orphan(asking, account),
        no_error: None,
    })
}
