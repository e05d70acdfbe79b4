//! The Roles of a person: granted and revoked by editing an existing user (manual §5).

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use portal_core::{
    administrators::RoleKind,
    permission::{self, Action, Object},
};
use serde::Deserialize;
use storage::Account;

use super::route::{Guard, Of, PageRoute, Verb};
use crate::{
    App,
    administration::{AdministrationError, RoleChange, Rule, object_of},
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        query::Query,
        roles_section::RolesSection,
    },
};

const VIEW: Guard = Guard::Asks(Action::ViewUser, Of::User);

/// The roles of a person. Each role that is granted or revoked is asked on its own.
pub(super) const ROUTES: &[PageRoute] = &[PageRoute {
    path: "/users/{id}/roles",
    guards: &[(Verb::Get, VIEW), (Verb::Post, VIEW)],
    handler: || get(show).post(save),
}];

/// What the form may carry beside roles (security.md 78).
const FIELDS: [&str; 3] = ["version", "give_up_own", "orphan_reason"];

#[derive(Template)]
#[template(path = "users/roles_page.html")]
struct RolesPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    name: String,
    level: String,
    section: RolesSection,
    notice: Option<String>,
}

/// Whether it was just saved.
#[derive(Deserialize)]
pub(super) struct Wanted {
    saved: Option<String>,
}

/// What the handlers share.
struct Asked {
    asking: Asking,
    account: Account,
}

impl Asked {
    async fn find(asking: Asking, id: &str) -> Result<Self, PageError> {
        let account = asking.account(id, Action::ViewUser).await?;
        Ok(Self { asking, account })
    }

    async fn section(&self) -> Result<RolesSection, PageError> {
        let found = RolesSection::load(&self.asking, &self.account).await?;
        found.ok_or(PageError::NotFound)
    }

    fn page(&self, section: RolesSection, notice: Option<String>) -> Result<Response, PageError> {
        chrome::page(&RolesPage {
            t: self.asking.texts(),
            chrome: self.asking.chrome("nav-users"),
            name: self.account.user.display_name(),
            level: self.account.level.name.clone(),
            section,
            notice,
        })
    }
}

/// `GET /users/{id}/roles`.
pub(super) async fn show(
    asking: Asking,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let asked = Asked::find(asking, &id).await?;
    let notice = wanted.saved.map(|_| asked.asking.text("roles-saved"));
    asked.page(asked.section().await?, notice)
}

/// `POST /users/{id}/roles`: nothing happens before Save, and Save is all or nothing (manual §5, I27).
pub(super) async fn save(
    asking: Asking,
    Path(id): Path<String>,
    form: OwnForm,
) -> Result<Response, PageError> {
    let asked = Asked::find(asking, &id).await?;
    let mut section = asked.section().await?;
    let change = read(&asked.asking.app, &form).await?;
    let is_own = asked.account.user.id == asked.asking.who.account.user.id;
    if is_own && !change.revoke.is_empty() && form.find("give_up_own").is_none() {
        section.asks_about_own = true;
        return asked.refused(section, (&change, &form), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let administration = asked.asking.administration();
    match administration.change_roles(asked.account.user.id, &change).await {
        Ok(()) => asked.saved().await,
        Err(AdministrationError::Rule(rule)) => {
            asked.show_rule(&mut section, rule, &change);
            asked.refused(section, (&change, &form), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(AdministrationError::Stale) => {
            section.difference = difference(asked.asking.texts(), &section, &form);
            let page = asked.page(section, None)?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

impl Asked {
    /// The form again, with what was sent.
    fn refused(
        &self,
        mut section: RolesSection,
        (change, form): (&RoleChange, &OwnForm),
        status: StatusCode,
    ) -> Result<Response, PageError> {
        for one in section.boxes_mut() {
            one.is_ticked = (one.is_held || change.grant.contains(&one.kind))
                && !change.revoke.contains(&one.kind);
        }
        form.get("orphan_reason").clone_into(&mut section.reason);
        Ok((status, self.page(section, None)?).into_response())
    }

    /// The rule at the box that it concerns, and the way out: another administrator, or the operator's reason (O4).
    fn show_rule(&self, section: &mut RolesSection, rule: Rule, change: &RoleChange) {
        let concerned: Vec<RoleKind> = match rule {
            Rule::LastUserAdministrator => vec![RoleKind::UserAdministrator],
            Rule::LastAccessAdministrator(id) => vec![RoleKind::AccessAdministrator(id)],
            _ => change.grant.clone(),
        };
        let is_last =
            matches!(rule, Rule::LastUserAdministrator | Rule::LastAccessAdministrator(_));
        let level = Object::Level(self.account.level.path.clone());
        section.asks_for_reason =
            is_last && self.asking.is_allowed(Action::OrphanThirdParty, &level);
        for one in section.boxes_mut().filter(|one| concerned.contains(&one.kind)) {
            one.error = Some(self.asking.text(rule.key()));
        }
    }

    /// To the page as it is now; whoever gave up the last own role has none of these pages any more (E15).
    async fn saved(&self) -> Result<Response, PageError> {
        let actor = self.asking.app.store.actor(&self.asking.who.account).await?;
        let object = object_of(&self.account);
        let stays = permission::decide(&actor, Action::ViewUser, &object, self.asking.app.now());
        let next = if stays.is_allowed() {
            format!("/users/{}/roles?saved=yes", self.account.user.id)
        } else {
            "/apps".to_owned()
        };
        Ok(Redirect::to(&next).into_response())
    }
}

/// What the form changes: a box against what it showed. A box that the page did not offer is a change as well, which
/// the permission table decides.
async fn read(app: &App, form: &OwnForm) -> Result<RoleChange, PageError> {
    form.only(&FIELDS, &["role.", "offered."])?;
    let applications = app.store.list_applications().await?;
    let kind_of = |name: &str| match name.strip_prefix("ApplicationAccessAdmin.") {
        None => (name == "DelegatedUserAdmin").then_some(RoleKind::UserAdministrator),
        Some(code) => applications
            .iter()
            .find(|application| application.code == code)
            .map(|application| RoleKind::AccessAdministrator(application.id)),
    };
    let mut boxes: BTreeMap<RoleKind, (bool, bool)> = BTreeMap::new();
    for (name, shown) in form.after("offered.") {
        let kind = kind_of(name).ok_or(PageError::BadRequest)?;
        boxes.entry(kind).or_default().0 = shown == "held";
    }
    for (name, _) in form.after("role.") {
        let kind = kind_of(name).ok_or(PageError::BadRequest)?;
        boxes.entry(kind).or_default().1 = true;
    }
    let version = form.find("version").map(str::parse).transpose();
    let mut change = RoleChange {
        version: Some(version.map_err(|_| PageError::BadRequest)?.unwrap_or_default()),
        orphan: form.find("orphan_reason").map(|reason| reason.trim().to_owned()),
        ..RoleChange::default()
    };
    for (kind, was_and_is) in boxes {
        match was_and_is {
            (false, true) => change.grant.push(kind),
            (true, false) => change.revoke.push(kind),
            _ => {}
        }
    }
    Ok(change)
}

/// What has changed since the page was shown (I27, E22).
fn difference(texts: &Texts, section: &RolesSection, form: &OwnForm) -> Vec<String> {
    let shown: BTreeMap<&str, &str> = form.after("offered.").collect();
    let mut lines = Vec::new();
    for one in section.boxes() {
        let was_held = shown.get(one.name.as_str()).map(|shown| *shown == "held");
        let key = match (was_held, one.is_held) {
            (Some(false), true) => "roles-granted-meanwhile",
            (Some(true), false) => "roles-revoked-meanwhile",
            _ => continue,
        };
        lines.push(texts.msg1(key, "role", &one.label));
    }
    if lines.is_empty() {
        lines.push(texts.msg("roles-account-changed-meanwhile"));
    }
    lines
}
