//! "Assign Memberships" (manual §4): staged in the form, stored with Save, never on top of what somebody else changed.

mod import;
mod loaded;
mod staging;
mod view;

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{DefaultBodyLimit, Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::Query;
use portal_core::{
    email::{Email, EmailKey},
    expiry::ExpirationDateError,
    id::{GroupId, UserId},
    membership::{self, Held, MembershipChange},
    permission::Action,
};
use serde::Deserialize;

use super::route::{Guard, Of, PageRoute, Verb};
use crate::{
    App,
    administration::{AdministrationError, MembershipSave},
    web::{
        browser::Browser, error::PageError, form::OwnForm, imports::BODY_LIMIT,
        request_id::RequestContext, visitor::SignedIn,
    },
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

/// What the requests of the page share.
#[derive(Clone, Copy)]
struct Request<'a> {
    app: &'a App,
    browser: &'a Browser,
    context: &'a RequestContext,
    who: &'a SignedIn,
}

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
    State(app): State<Arc<App>>,
    (browser, context): (Browser, RequestContext),
    who: SignedIn,
    Path(id): Path<String>,
    Query(saved): Query<Saved>,
) -> Result<Response, PageError> {
    let request = Request { app: &app, browser: &browser, context: &context, who: &who };
    let loaded = Loaded::of(request, &id).await?;
    if !loaded.may_assign() {
        return view::denied(request, &loaded);
    }
    let staging = Staging::fresh(loaded.account.user.access_version, &loaded.held());
    let said = Said { done: saved.words(&context), ..Said::default() };
    view::page(request, &loaded, &staging, &said)
}

/// `POST /users/{id}/memberships`: every button of the page.
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    (browser, context): (Browser, RequestContext),
    who: SignedIn,
    Path(id): Path<String>,
    form: OwnForm,
) -> Result<Response, PageError> {
    let request = Request { app: &app, browser: &browser, context: &context, who: &who };
    let loaded = Loaded::of(request, &id).await?;
    if !loaded.may_assign() {
        return view::denied(request, &loaded);
    }
    let (mut staging, step) = (Staging::read(&form)?, Step::parse(form.get("do"))?);
    let mut said = Said::default();
    match step {
        Step::Save => return save(request, loaded, staging).await,
        Step::Copy => said = copy(request, &loaded, &mut staging).await?,
        Step::Add => match typed_day_error(&staging.pick_until, request) {
            None => staging.take(step),
            error => said.pick_until = error,
        },
        _ => staging.take(step),
    }
    let is_wrong = said.copy_from.is_some() || said.pick_until.is_some();
    let page = view::page(request, &loaded, &staging, &said)?;
    Ok(if is_wrong { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() } else { page })
}

/// Save: stores what is staged, or says why not and keeps it.
async fn save(
    request: Request<'_>,
    loaded: Loaded,
    staging: Staging,
) -> Result<Response, PageError> {
    let user = loaded.account.user.id;
    let staged = match staging.staged(request.app.now()) {
        Ok(staged) => staged,
        Err(days) => {
            let page = view::page(request, &loaded, &staging, &Said { days, ..Said::default() })?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let save = MembershipSave { known_version: Some(staging.version), staged };
    let administration = request.who.administration(request.app, request.context);
    match administration.save_memberships(user, &save).await {
        Ok(changes) => Ok(saved_answer(user, &changes)),
        Err(AdministrationError::Stale) => stale(request, user, staging).await,
        Err(AdministrationError::Rule(rule)) => {
            let error = Some(request.context.texts.msg(rule.key()));
            let page = view::page(request, &loaded, &staging, &Said { error, ..Said::default() })?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Somebody else was faster: the difference is shown, and what is staged stays on top of the new state (E22).
async fn stale(
    request: Request<'_>,
    user: UserId,
    staging: Staging,
) -> Result<Response, PageError> {
    let loaded = Loaded::of(request, &user.to_string()).await?;
    let (known, now): (Held, Held) = (staging.was.clone(), loaded.held());
    let difference = membership::difference(&known, &now);
    let words = loaded.difference_words(request, &difference).await?;
    let staging = staging.on_top_of(loaded.account.user.access_version, &now);
    let said = Said { difference: words, ..Said::default() };
    let page = view::page(request, &loaded, &staging, &said)?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// "Copy access from…": stages those groups of somebody else that the administrator may give.
async fn copy(
    request: Request<'_>,
    loaded: &Loaded,
    staging: &mut Staging,
) -> Result<Said, PageError> {
    let (app, texts) = (request.app, &request.context.texts);
    let unknown =
        || Said { copy_from: Some(texts.msg("memberships-copy-unknown")), ..Said::default() };
    let Ok(email) = Email::parse(&staging.copy_from) else {
        return Ok(unknown());
    };
    let found = app.store.find_account_by_email(&EmailKey::of(email.as_str())).await?;
    let Some(from) = found.filter(|from| loaded::may_view(request, from)) else {
        return Ok(unknown());
    };
    let held = app.store.list_memberships(from.user.id).await?;
    let (mut copied, mut left) = (Vec::new(), Vec::new());
    for one in held.iter().filter(|one| !loaded::is_over(one, app.now())) {
        let is_held = loaded.held().contains_key(&one.group.id);
        if is_held && !staging.removed.contains(&one.group.id) {
            continue;
        }
        if loaded.may_give(one.group.id) {
            staging.add(one.group.id, String::new());
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
fn may_explain(request: Request<'_>, account: &storage::Account) -> bool {
    let object = crate::administration::object_of(account);
    request.who.may(request.app, Action::ExplainAccess, &object).is_ok()
}

fn typed_day_error(typed: &str, request: Request<'_>) -> Option<String> {
    if typed.is_empty() {
        return None;
    }
    let day = portal_core::expiry::ExpirationDate::parse(typed, request.app.now());
    day.err().map(|error| request.context.texts.msg(view::day_error_key(error)))
}

fn saved_answer(user: UserId, changes: &[MembershipChange]) -> Response {
    let count = |of: fn(&MembershipChange) -> bool| changes.iter().filter(|one| of(one)).count();
    let added = count(|one| matches!(one, MembershipChange::Assigned { .. }));
    let removed = count(|one| matches!(one, MembershipChange::Removed { .. }));
    let moved = count(|one| matches!(one, MembershipChange::Moved { .. }));
    let query = format!("added={added}&removed={removed}&moved={moved}");
    Redirect::to(&format!("/users/{user}/memberships?{query}")).into_response()
}

impl Saved {
    fn words(&self, context: &RequestContext) -> Vec<String> {
        let (Some(added), Some(removed), Some(moved)) = (self.added, self.removed, self.moved)
        else {
            return Vec::new();
        };
        if (added, removed, moved) == (0, 0, 0) {
            return vec![context.texts.msg("memberships-saved-nothing")];
        }
        let counts = [added, removed, moved].map(|count| count.to_string());
        let names = ["added", "removed", "moved"];
        let values = names.into_iter().zip(counts.iter().map(String::as_str));
        vec![context.texts.msg_with("memberships-saved", values)]
    }
}
