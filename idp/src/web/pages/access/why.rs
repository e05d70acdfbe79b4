//! "Why can this person do this?": each membership and role, with the way back to who confirmed it.

use askama::Template;
use axum::{extract::Path, response::Response};
use portal_core::{
    explanation::{Given, RolePeriod},
    id::UserId,
    permission::Action,
};
use storage::HeldMembership;

use super::{
    name_of,
    origin::{Known, Step},
};
use crate::{
    administration::object_of,
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
    },
};

/// Something that the person holds, with the way back.
struct HeldView {
    name: String,
    detail: String,
    steps: Vec<Step>,
}

#[derive(Template)]
#[template(path = "access/why.html")]
struct WhyPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    id: String,
    person: String,
    memberships: Vec<HeldView>,
    roles: Vec<HeldView>,
}

/// `GET /users/{id}/why`.
pub(in crate::web::pages) async fn show(
    asking: Asking,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id: UserId = id.parse().map_err(|_| PageError::NotFound)?;
    let account = asking.app.store.find_account(id).await?.ok_or(PageError::NotFound)?;
    asking.may(Action::ExplainAccess, &object_of(&account))?;
    let held = asking.app.store.list_memberships(id).await?;
    let known = Known::load(&asking, (&account, &held)).await?;
    let texts = asking.texts();
    chrome::page(&WhyPage {
        t: texts,
        chrome: asking.chrome("nav-users"),
        id: id.to_string(),
        person: name_of(&account, texts),
        memberships: held.iter().map(|held| membership(&known, held, texts)).collect(),
        roles: known.roles_of(id).map(|held| role(&known, held, texts)).collect(),
    })
}

fn membership(known: &Known<'_>, held: &HeldMembership, texts: &Texts) -> HeldView {
    let given = Given {
        by: held.assigned_by,
        at: held.assigned_at,
        nomination: None,
        application: Some(held.application.id),
    };
    let detail = match held.valid_until {
        Some(day) => texts.msg1("why-until", "until", &day.to_iso()),
        None => texts.msg("why-no-end"),
    };
    HeldView {
        name: held.group.name.clone(),
        detail: format!("{} · {detail}", held.application.title),
        steps: known.steps(given),
    }
}

fn role(known: &Known<'_>, role: &RolePeriod, texts: &Texts) -> HeldView {
    let name = match role.given.application {
        Some(_) => "why-role-access-administrator",
        None => "why-role-user-administrator",
    };
    HeldView {
        name: texts.msg(name),
        detail: role.given.application.map(|id| known.application(id)).unwrap_or_default(),
        steps: known.steps(role.given),
    }
}
