//! Deleting a user (manual §3): the page names the user and what ends with the account; its default is Cancel (E73).

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::permission::Action;
use storage::Account;

use super::{CameFrom, state::reason};
use crate::{
    administration::{AdministrationError, Rule},
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
#[template(path = "users/delete.html")]
struct DeletePage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    from: &'a CameFrom,
    id: String,
    name: String,
    email: String,
    version: i64,
    ends: Consequences,
    error: Option<String>,
    /// Whether the operator is asked for a reason to leave nobody in charge (O4).
    asks_orphan: bool,
    orphan: &'a str,
    no_error: Option<String>,
}

/// Why nothing was deleted.
#[derive(Default)]
struct Refusal<'a> {
    error: Option<String>,
    is_last: bool,
    /// The reason that was typed.
    orphan: &'a str,
}

/// `GET /users/{id}/delete`.
pub(super) async fn show(
    asking: Asking,
    Path(id): Path<String>,
    from: CameFrom,
) -> Result<Response, PageError> {
    let account = asking.account(&id, Action::DeleteUser).await?;
    page(&asking, &account, &from, Refusal::default()).await
}

/// `POST /users/{id}/delete`.
pub(super) async fn submit(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let account = asking.account(&id, Action::DeleteUser).await?;
    form.only(&["version", "orphan_reason", "from"], &[])?;
    let from = CameFrom::of_form(&form);
    let version: i64 = form.get("version").parse().map_err(|_| PageError::BadRequest)?;
    let orphan = reason(&form, "orphan_reason")?;
    let given = Some(orphan).filter(|reason| !reason.is_empty());
    let deleted = asking.administration().delete_user(account.user.id, version, given).await;
    let (status, key, is_last) = match deleted {
        Ok(()) => return Ok(Redirect::to(&from.list_after("deleted")).into_response()),
        Err(AdministrationError::Stale) => (StatusCode::CONFLICT, "users-delete-stale", false),
        Err(AdministrationError::Rule(rule)) => {
            let is_last =
                matches!(rule, Rule::LastUserAdministrator | Rule::LastAccessAdministrator(_));
            (StatusCode::UNPROCESSABLE_ENTITY, rule.key(), is_last)
        }
        Err(error) => return Err(error.into()),
    };
    let account = asking.account(&id, Action::DeleteUser).await?;
    let refusal = Refusal { error: Some(asking.text(key)), is_last, orphan };
    Ok((status, page(&asking, &account, &from, refusal).await?).into_response())
}

async fn page(
    asking: &Asking,
    account: &Account,
    from: &CameFrom,
    refusal: Refusal<'_>,
) -> Result<Response, PageError> {
    let user = &account.user;
    chrome::page(&DeletePage {
        t: asking.texts(),
        chrome: asking.chrome("nav-users"),
        from,
        id: user.id.to_string(),
        name: user.display_name(),
        email: user.email.clone(),
        version: user.version,
        ends: Consequences::of(asking, account).await?,
        error: refusal.error,
        asks_orphan: refusal.is_last && super::may_orphan(asking, account),
        orphan: refusal.orphan,
        no_error: None,
    })
}
