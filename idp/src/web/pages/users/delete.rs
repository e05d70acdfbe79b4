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
        error::PageError,
        form::OwnForm,
        role_name::role_name,
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
    memberships: Vec<String>,
    roles: Vec<String>,
    error: Option<String>,
    /// Whether the operator is asked for a reason to leave nobody in charge (O4).
    asks_orphan: bool,
    no_error: Option<String>,
}

/// `GET /users/{id}/delete`.
pub(super) async fn show(
    asking: Asking,
    Path(id): Path<String>,
    from: CameFrom,
) -> Result<Response, PageError> {
    let account = asking.account(&id, Action::DeleteUser).await?;
    page(&asking, &account, &from, (None, false)).await
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
    let administration = asking.administration();
    let orphan = Some(reason(&form, "orphan_reason")?).filter(|reason| !reason.is_empty());
    let mut is_last = false;
    let key = match administration.delete_user(account.user.id, version, orphan).await {
        Ok(_) => return Ok(Redirect::to(&from.list_after("deleted")).into_response()),
        Err(AdministrationError::Stale) => "users-delete-stale",
        Err(AdministrationError::Rule(rule)) => {
            is_last =
                matches!(rule, Rule::LastUserAdministrator | Rule::LastAccessAdministrator(_));
            rule.key()
        }
        Err(error) => return Err(error.into()),
    };
    let status = if key == "users-delete-stale" {
        StatusCode::CONFLICT
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let account = asking.account(&id, Action::DeleteUser).await?;
    let page = page(&asking, &account, &from, (Some(asking.text(key)), is_last)).await?;
    Ok((status, page).into_response())
}

async fn page(
    asking: &Asking,
    account: &Account,
    from: &CameFrom,
    (error, is_last): (Option<String>, bool),
) -> Result<Response, PageError> {
    let (app, user) = (&asking.app, &account.user);
    let applications = app.store.list_applications().await?;
    let roles = app.store.list_delegated_roles(user.id).await?;
    let roles = roles.iter().map(|role| role_name(role.kind, &applications));
    chrome::page(&DeletePage {
        t: asking.texts(),
        chrome: asking.chrome("nav-users"),
        from,
        id: user.id.to_string(),
        name: user.display_name(),
        email: user.email.clone(),
        version: user.version,
        memberships: app.store.list_group_names_of(user.id).await?,
        roles: roles.collect(),
        error,
        asks_orphan: is_last && super::may_orphan(asking, account),
        no_error: None,
    })
}
