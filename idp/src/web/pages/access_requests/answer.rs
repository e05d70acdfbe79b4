//! Open requests of the level, for the access administrators of their applications: grant or refuse.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    access_request::{Answer, Reason, RequestState, proposed_until},
    expiry::ExpirationDate,
    permission::{Action, Object},
};
use serde::Deserialize;
use storage::AccessRequest;
use uuid::Uuid;

use crate::{
    administration::AdministrationError,
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        level_choice,
        list_place::ListPlace,
        query::Query,
    },
};

/// What its cursors are of.
const LIST: &str = "requests";
/// Requests on one page.
const PAGE: u64 = 20;

/// Which page, and what was done a moment ago.
#[derive(Deserialize)]
pub(in crate::web::pages) struct Wanted {
    after: Option<String>,
    done: Option<String>,
}

/// What was typed of one request, with the errors.
#[derive(Default)]
struct Typed {
    until: String,
    until_error: Option<String>,
    reason: String,
    reason_error: Option<String>,
    /// What a rule says to it.
    refusal: Option<String>,
}

/// One request.
struct View {
    id: Uuid,
    person: String,
    email: String,
    level: String,
    group: String,
    description: String,
    application: String,
    reason: String,
    at: String,
    wished_until: Option<String>,
    is_open: bool,
    may: bool,
    typed: Typed,
}

#[derive(Template)]
#[template(path = "access/requests.html")]
struct RequestsPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    requests: Vec<View>,
    /// Where this page begins.
    after: String,
    next: Option<String>,
    notice: Option<String>,
}

/// `GET /requests`.
pub(super) async fn show(
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let place = ListPlace::read(&asking, LIST, wanted.after.as_deref().unwrap_or_default());
    page(&asking, place, wanted.done.as_deref(), None).await
}

/// `POST /requests/{id}`.
pub(super) async fn submit(
    asking: Asking,
    Path(id): Path<String>,
    form: OwnForm,
) -> Result<Response, PageError> {
    let id = Uuid::try_parse(&id).map_err(|_| PageError::NotFound)?;
    let request = asking.app.store.find_access_request(id).await?.ok_or(PageError::NotFound)?;
    asking.may(Action::DecideAccessRequest, &object_of(&request))?;
    form.only(&["decision", "until", "reason", "after"], &[])?;
    let place = ListPlace::read(&asking, LIST, form.get("after"));
    let typed = match read(&asking, &form)? {
        Ok(answer) => match asking.administration().decide_access_request(id, &answer).await {
            Ok(()) => {
                let is_grant = matches!(answer, Answer::Grant { .. });
                let done = if is_grant { "granted" } else { "refused" };
                let next = format!("/requests?done={done}{}", place.to_query());
                return Ok(Redirect::to(&next).into_response());
            }
            Err(AdministrationError::Rule(rule)) => {
                Typed { refusal: Some(asking.text(rule.key())), ..Typed::of(&form) }
            }
            Err(error) => return Err(error.into()),
        },
        Err(typed) => typed,
    };
    // What a rule stopped may be over by now.
    let request = asking.app.store.find_access_request(id).await?.unwrap_or(request);
    let page = page(&asking, place, None, Some((request, typed))).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

impl Typed {
    fn of(form: &OwnForm) -> Self {
        Self {
            until: form.get("until").to_owned(),
            reason: form.get("reason").to_owned(),
            ..Self::default()
        }
    }
}

/// A request as an object of the permission table. Whether the third party is onboarded is asked when it is granted.
fn object_of(request: &AccessRequest) -> Object {
    Object::Access {
        user: request.user,
        level: request.level.clone(),
        // Access is given, and no role is touched.
        reach: request.level.clone(),
        application: request.application,
        onboarded: true,
    }
}

fn read(asking: &Asking, form: &OwnForm) -> Result<Result<Answer, Typed>, PageError> {
    let error = |key: &str| Some(asking.text(key));
    let mut typed = Typed::of(form);
    match form.get("decision") {
        "grant" => {
            let until = form.find("until");
            match until.map(|day| ExpirationDate::parse(day, asking.app.now())).transpose() {
                Ok(until) => return Ok(Ok(Answer::Grant { until })),
                Err(_) => typed.until_error = error("request-until-wrong"),
            }
        }
        "refuse" => match Reason::parse(form.get("reason")) {
            Ok(reason) => return Ok(Ok(Answer::Refuse { reason })),
            Err(_) => typed.reason_error = error("requests-reason-missing"),
        },
        _ => return Err(PageError::BadRequest),
    }
    Ok(Err(typed))
}

/// The list; what could not be answered stands first, with what was typed.
async fn page(
    asking: &Asking,
    mut place: ListPlace<Uuid>,
    done: Option<&str>,
    failed: Option<(AccessRequest, Typed)>,
) -> Result<Response, PageError> {
    let (app, texts) = (&asking.app, asking.texts());
    let sight = asking.application_sight(Action::DecideAccessRequest);
    if sight.is_empty() {
        return Err(PageError::Hidden);
    }
    let (store, now) = (&app.store, app.now());
    let mut found = store.list_open_access_requests(&sight, (place.after, PAGE + 1), now).await?;
    if found.is_empty() && place.after.is_some() {
        // The last of this page was decided; there may be others before it.
        place = ListPlace::first();
        found = store.list_open_access_requests(&sight, (None, PAGE + 1), now).await?;
    }
    let has_more = found.len() as u64 > PAGE;
    found.truncate(usize::try_from(PAGE).unwrap_or_default());
    let last = found.last().filter(|_| has_more);
    let next = last.map(|request| asking.cursor(LIST, "").write(app, &request.id));
    let mut requests = Vec::with_capacity(found.len() + 1);
    if let Some((request, typed)) = failed {
        found.retain(|other| other.id != request.id);
        requests.push(view(asking, request, Some(typed)));
    }
    requests.extend(found.into_iter().map(|request| view(asking, request, None)));
    let notice = match done {
        Some("granted") => Some(texts.msg("requests-granted")),
        Some("refused") => Some(texts.msg("requests-refused")),
        _ => None,
    };
    let chrome = asking.chrome("nav-requests");
    let after = place.word;
    chrome::page(&RequestsPage { t: texts, chrome, requests, after, next, notice })
}

fn view(asking: &Asking, request: AccessRequest, typed: Option<Typed>) -> View {
    let now = asking.app.now();
    let object = object_of(&request);
    let proposed = proposed_until(request.wished_until, now).map(ExpirationDate::to_iso);
    let fresh = Typed { until: proposed.unwrap_or_default(), ..Typed::default() };
    View {
        id: request.id,
        person: request.person,
        email: request.email,
        level: level_choice::way(&request.level),
        group: request.group_name,
        description: request.group_description,
        application: request.application_title,
        reason: request.reason,
        at: asking.texts().instant(request.requested_at),
        wished_until: request.wished_until.map(ExpirationDate::to_iso),
        is_open: request.state == RequestState::Open,
        may: asking.is_allowed(Action::DecideAccessRequest, &object),
        typed: typed.unwrap_or(fresh),
    }
}
