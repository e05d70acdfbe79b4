//! The roles of a member of the operator's staff (I16): granted and revoked by an identity administrator, and confirmed
//! by a second one.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use portal_core::permission::{Action, StaffRole};
use serde::Deserialize;
use storage::{Account, HeldStaffRole};

use super::route::{Guard, Of, PageRoute, Verb};
use crate::{
    administration::{AdministrationError, StaffRoleChange},
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        pages::users::CameFrom,
        query::Query,
        staff_role_name::staff_role_key,
    },
};

const GRANT: Guard = Guard::Asks(Action::GrantStaffRole, Of::User);

/// The roles of a member of the staff.
pub(super) const ROUTES: &[PageRoute] = &[PageRoute {
    path: "/users/{id}/staff-roles",
    guards: &[(Verb::Get, GRANT), (Verb::Post, GRANT)],
    handler: || get(show).post(save),
}];

/// One check box.
struct RoleBox {
    name: &'static str,
    label: String,
    hint: String,
    is_held: bool,
    is_ticked: bool,
    waits: bool,
}

#[derive(Template)]
#[template(path = "users/staff_roles.html")]
struct StaffRolesPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    /// The list of users that the person came from.
    from: &'a CameFrom,
    id: String,
    name: String,
    email: String,
    version: i64,
    boxes: Vec<RoleBox>,
    notice: Option<String>,
    error: Option<String>,
}

/// Whether it was just saved.
#[derive(Deserialize)]
pub(super) struct Wanted {
    saved: Option<String>,
}

/// `GET /users/{id}/staff-roles`.
pub(super) async fn show(
    asking: Asking,
    Path(id): Path<String>,
    (Query(wanted), from): (Query<Wanted>, CameFrom),
) -> Result<Response, PageError> {
    let account = find(&asking, &id).await?;
    if account.third_party.is_some() {
        let edit = from.with(&format!("/users/{}/edit", account.user.id));
        return Ok(Redirect::to(&edit).into_response());
    }
    let notice = wanted.saved.map(|_| asking.text("staff-roles-saved"));
    page(&asking, (&account, &from), &StaffRoleChange::default(), (notice, None)).await
}

/// `POST /users/{id}/staff-roles`.
pub(super) async fn save(
    asking: Asking,
    Path(id): Path<String>,
    form: OwnForm,
) -> Result<Response, PageError> {
    let account = find(&asking, &id).await?;
    let change = read(&form)?;
    let from = CameFrom::of_form(&form);
    match asking.administration().change_staff_roles(account.user.id, &change).await {
        Ok(()) => {
            let next = from.with(&format!("/users/{}/staff-roles?saved=yes", account.user.id));
            Ok(Redirect::to(&next).into_response())
        }
        Err(AdministrationError::Stale) => {
            let error = Some(asking.text("roles-stale"));
            let account = find(&asking, &id).await?;
            let page = page(&asking, (&account, &from), &change, (None, error)).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(AdministrationError::Rule(rule)) => {
            let error = Some(asking.text(rule.key()));
            let page = page(&asking, (&account, &from), &change, (None, error)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

/// Whose roles: a member of the staff, or somebody of a third party, who is told so.
async fn find(asking: &Asking, id: &str) -> Result<Account, PageError> {
    asking.account(id, Action::GrantStaffRole).await
}

/// The page; what was ticked or not and is not saved stays so.
async fn page(
    asking: &Asking,
    (account, from): (&Account, &CameFrom),
    wished: &StaffRoleChange,
    (notice, error): (Option<String>, Option<String>),
) -> Result<Response, PageError> {
    let held = asking.app.store.list_staff_roles(&[account.user.id]).await?;
    let held: Vec<HeldStaffRole> = held.into_iter().map(|(_, held)| held).collect();
    let texts = asking.texts();
    let boxes = StaffRole::ALL.into_iter().map(|role| {
        let found = held.iter().find(|held| held.role == role);
        RoleBox {
            name: role.as_str(),
            label: texts.msg(staff_role_key(role)),
            hint: texts.msg(&format!("{}-hint", staff_role_key(role))),
            is_held: found.is_some(),
            is_ticked: !wished.revoke.contains(&role)
                && (found.is_some() || wished.grant.contains(&role)),
            waits: found.is_some_and(|held| held.dormant_at.is_some()),
        }
    });
    chrome::page(&StaffRolesPage {
        t: texts,
        chrome: asking.chrome("nav-users"),
        from,
        id: account.user.id.to_string(),
        name: account.user.display_name(),
        email: account.user.email.clone(),
        version: account.user.version,
        boxes: boxes.collect(),
        notice,
        error,
    })
}

/// What the form changes: each box against what it showed. An unknown field is refused (security.md 78).
fn read(form: &OwnForm) -> Result<StaffRoleChange, PageError> {
    form.only(&["version", "from"], &["role.", "offered."])?;
    let mut boxes: BTreeMap<StaffRole, (bool, bool)> = BTreeMap::new();
    for (name, shown) in form.after("offered.") {
        let role = StaffRole::parse(name).ok_or(PageError::BadRequest)?;
        boxes.entry(role).or_default().0 = shown == "held";
    }
    for (name, _) in form.after("role.") {
        let role = StaffRole::parse(name).ok_or(PageError::BadRequest)?;
        boxes.entry(role).or_default().1 = true;
    }
    let version = form.get("version").parse().map_err(|_| PageError::BadRequest)?;
    let mut change = StaffRoleChange { version: Some(version), ..StaffRoleChange::default() };
    for (role, was_and_is) in boxes {
        match was_and_is {
            (false, true) => change.grant.push(role),
            (true, false) => change.revoke.push(role),
            _ => {}
        }
    }
    Ok(change)
}
