//! "Assign Memberships" (manual §4): staged in the form, stored with Save, never on top of what somebody else changed.

mod import;
mod loaded;
mod staging;
mod view;

use std::collections::BTreeMap;

use axum::{
    extract::{DefaultBodyLimit, Path},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use portal_core::{
    email::{Email, EmailKey},
    expiry::ExpirationDateError,
    id::{GroupId, UserId},
    membership::{self, Held, MembershipChange},
    permission::Action,
};
use serde::Deserialize;

use super::{
    route::{Guard, Of, PageRoute, Verb},
    users::CameFrom,
};
use crate::{
    administration::{AdministrationError, MembershipSave},
    texts::Texts,
    web::{asking::Asking, error::PageError, form::OwnForm, imports::BODY_LIMIT, query::Query},
};
use loaded::Loaded;
use staging::{Staging, Step};

const ASSIGNS: Guard = Guard::Asks(Action::AssignMembership, Of::Access);

/// The page of one person, and files about many.
pub(super) const ROUTES: &[PageRoute] = &[
    PageRoute {
        path: "/users/{id}/memberships",
        guards: &[(Verb::Get, ASSIGNS), (Verb::Post, ASSIGNS)],
        handler: || get(show).post(submit),
    },
    PageRoute {
        path: "/memberships/import",
        guards: &[(Verb::Get, ASSIGNS), (Verb::Post, ASSIGNS)],
        handler: || {
            let page = get(import::show).post(import::check);
            page.layer(DefaultBodyLimit::max(BODY_LIMIT))
        },
    },
    PageRoute {
        path: "/memberships/import/apply",
        guards: &[(Verb::Post, ASSIGNS)],
        handler: || post(import::apply).layer(DefaultBodyLimit::max(BODY_LIMIT)),
    },
    PageRoute {
        path: "/memberships/import/template",
        guards: &[(Verb::Get, ASSIGNS)],
        handler: || get(import::template),
    },
];

/// What the page says beside the form.
#[derive(Default)]
struct Said {
    /// A save worked, or something was copied.
    done: Vec<String>,
    /// A rule of the portal was broken.
    error: Option<String>,
    /// Somebody else was faster: what that one changed (E22).
    difference: Vec<String>,
    /// Errors at the last days of groups.
    days: BTreeMap<GroupId, ExpirationDateError>,
    /// Error at the last day in the picker.
    pick_until: Option<String>,
    /// Error at the address to copy from.
    copy_from: Option<String>,
}

/// How much a save has changed, for the answer to it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Saved {
    added: Option<u16>,
    removed: Option<u16>,
    moved: Option<u16>,
}

/// `GET /users/{id}/memberships`.
pub(super) async fn show(
    asking: Asking,
    (Path(id), Query(saved)): (Path<String>, Query<Saved>),
    from: CameFrom,
) -> Result<Response, PageError> {
    let loaded = Loaded::of(&asking, &id).await?;
    if !loaded.may_assign() {
        return view::denied(&asking, &loaded, &from);
    }
    let fresh = Staging::fresh(loaded.account.user.access_version, &loaded.held());
    let staging = Staging { from, ..fresh };
    let said = Said { done: saved.words(asking.texts()), ..Said::default() };
    view::page(&asking, &loaded, &staging, &said)
}

/// `POST /users/{id}/memberships`: every button of the page.
pub(super) async fn submit(
    asking: Asking,
    Path(id): Path<String>,
    form: OwnForm,
) -> Result<Response, PageError> {
    let loaded = Loaded::of(&asking, &id).await?;
    if !loaded.may_assign() {
        return view::denied(&asking, &loaded, &CameFrom::of_form(&form));
    }
    let (mut staging, step) = (Staging::read(&form)?, Step::parse(form.get("do"))?);
    let mut said = Said::default();
    match step {
        Step::Save => return save(&asking, loaded, staging).await,
        Step::Copy => said = copy(&asking, &loaded, &mut staging).await?,
        Step::Add => match typed_day_error(&staging.pick_until, &asking) {
            None => staging.take(step),
            error => said.pick_until = error,
        },
        _ => staging.take(step),
    }
    let is_wrong = said.copy_from.is_some() || said.pick_until.is_some();
    let page = view::page(&asking, &loaded, &staging, &said)?;
    Ok(if is_wrong { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() } else { page })
}

/// Save: stores what is staged, or says why not and keeps it.
async fn save(asking: &Asking, loaded: Loaded, staging: Staging) -> Result<Response, PageError> {
    let user = loaded.account.user.id;
    let staged = match staging.staged(asking.app.now()) {
        Ok(staged) => staged,
        Err(days) => {
            let page = view::page(asking, &loaded, &staging, &Said { days, ..Said::default() })?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let save = MembershipSave { known_version: Some(staging.version), staged };
    let administration = asking.administration();
    match administration.save_memberships(user, &save).await {
        Ok(changes) => Ok(saved_answer(user, &changes, &staging.from)),
        Err(AdministrationError::Stale) => stale(asking, user, staging).await,
        Err(AdministrationError::Rule(rule)) => {
            let error = Some(asking.text(rule.key()));
            let page = view::page(asking, &loaded, &staging, &Said { error, ..Said::default() })?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Somebody else was faster: the difference is shown, and what is staged stays on top of the new state (E22).
async fn stale(asking: &Asking, user: UserId, staging: Staging) -> Result<Response, PageError> {
    let loaded = Loaded::of(asking, &user.to_string()).await?;
    let (known, now): (Held, Held) = (staging.was.clone(), loaded.held());
    let difference = membership::difference(&known, &now);
    let words = loaded.difference_words(asking, &difference).await?;
    let staging = staging.on_top_of(loaded.account.user.access_version, &now);
    let said = Said { difference: words, ..Said::default() };
    let page = view::page(asking, &loaded, &staging, &said)?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// "Copy access from…": stages those groups of somebody else that the administrator may give.
async fn copy(asking: &Asking, loaded: &Loaded, staging: &mut Staging) -> Result<Said, PageError> {
    let (app, texts) = (&asking.app, asking.texts());
    let unknown =
        || Said { copy_from: Some(texts.msg("memberships-copy-unknown")), ..Said::default() };
    let Ok(email) = Email::parse(&staging.copy_from) else {
        return Ok(unknown());
    };
    let found = app.store.find_account_by_email(&EmailKey::of(email.as_str())).await?;
    let Some(from) = found.filter(|from| loaded::may_view(asking, from)) else {
        return Ok(unknown());
    };
    let held = app.store.list_memberships(from.user.id).await?;
    let (mut copied, mut left) = (Vec::new(), Vec::new());
    for one in held.iter().filter(|one| !loaded::is_over(one, app.now())) {
        let is_held = loaded.held().contains_key(&one.group.id);
        if is_held && !staging.removed.contains(&one.group.id) {
            continue;
        }
        // What does not count for that person is no model; what ends on a day is copied until that day.
        if loaded.may_give(one.group.id) && !one.is_dormant {
            staging.add(one.group.id, staging::iso(one.valid_until));
            copied.push(one.group.name.as_str());
        } else {
            left.push(one.group.name.as_str());
        }
    }
    let mut done = vec![match copied.as_slice() {
        [] => texts.msg("memberships-copied-nothing"),
        names => texts.msg1("memberships-copied", "groups", &names.join(", ")),
    }];
    if !left.is_empty() {
        done.push(texts.msg1("memberships-copy-left", "groups", &left.join(", ")));
    }
    staging.copy_from.clear();
    Ok(Said { done, ..Said::default() })
}

/// Whether the administrator may see why the person has this access.
fn may_explain(asking: &Asking, account: &storage::Account) -> bool {
    let object = crate::administration::object_of(account);
    asking.is_allowed(Action::ExplainAccess, &object)
}

fn typed_day_error(typed: &str, asking: &Asking) -> Option<String> {
    if typed.is_empty() {
        return None;
    }
    let day = portal_core::expiry::ExpirationDate::parse(typed, asking.app.now());
    day.err().map(|error| asking.text(view::day_error_key(error)))
}

fn saved_answer(user: UserId, changes: &[MembershipChange], from: &CameFrom) -> Response {
    let count = |of: fn(&MembershipChange) -> bool| changes.iter().filter(|one| of(one)).count();
    let added = count(|one| matches!(one, MembershipChange::Assigned { .. }));
    let removed = count(|one| matches!(one, MembershipChange::Removed { .. }));
    let moved = count(|one| matches!(one, MembershipChange::Moved { .. }));
    let query = format!("added={added}&removed={removed}&moved={moved}");
    Redirect::to(&from.with(&format!("/users/{user}/memberships?{query}"))).into_response()
}

impl Saved {
    fn words(&self, texts: &Texts) -> Vec<String> {
        let (Some(added), Some(removed), Some(moved)) = (self.added, self.removed, self.moved)
        else {
            return Vec::new();
        };
        if (added, removed, moved) == (0, 0, 0) {
            return vec![texts.msg("memberships-saved-nothing")];
        }
        let counts = [added, removed, moved].map(|count| count.to_string());
        let names = ["added", "removed", "moved"];
        let values = names.into_iter().zip(counts.iter().map(String::as_str));
        vec![texts.msg_with("memberships-saved", values)]
    }
}
