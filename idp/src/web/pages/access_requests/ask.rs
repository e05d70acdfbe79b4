//! "Request access": a group of an application, why, and until when if it is for a time only.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    access_request::{NewAccessRequest, Reason, RequestState},
    expiry::ExpirationDate,
    id::GroupId,
    permission::Action,
};
use serde::Deserialize;
use storage::{AccessRequest, GroupOffer};
use uuid::Uuid;

use crate::{
    administration::{AdministrationError, Rule},
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        query::Query,
    },
};

/// Own requests that are shown.
const OWN_AT_MOST: u64 = 30;

/// What was done a moment ago.
#[derive(Default, Deserialize)]
pub(in crate::web::pages) struct Done {
    done: Option<String>,
}

/// What was typed, with the error at each field.
#[derive(Default)]
struct Form {
    group: String,
    group_error: Option<String>,
    reason: String,
    reason_error: Option<String>,
    until: String,
    until_error: Option<String>,
}

/// One own request.
struct Own {
    id: Uuid,
    group: String,
    application: String,
    reason: String,
    state: String,
    mark: &'static str,
    at: String,
    until: Option<String>,
    answer: Option<String>,
    is_open: bool,
}

/// Whom to ask.
struct Helper {
    name: String,
    email: String,
    role: String,
}

#[derive(Template)]
#[template(path = "access/request.html")]
struct RequestPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    offers: Vec<GroupOffer>,
    form: Form,
    own: Vec<Own>,
    helpers: Vec<Helper>,
    notice: Option<String>,
    /// What a rule says to a withdrawal.
    refusal: Option<String>,
}

/// `GET /apps/request`.
pub(super) async fn show(asking: Asking, Query(done): Query<Done>) -> Result<Response, PageError> {
    asking.may_own(Action::RequestAccess)?;
    let notice = match done.done.as_deref() {
        Some("asked") => Some("request-asked"),
        Some("withdrawn") => Some("request-withdrawn"),
        _ => None,
    };
    page(&asking, Form::default(), (notice, None)).await
}

/// `POST /apps/request`.
pub(super) async fn submit(asking: Asking, form: OwnForm) -> Result<Response, PageError> {
    asking.may_own(Action::RequestAccess)?;
    form.only(&["group", "reason", "until"], &[])?;
    let mut typed = match read(&asking, &form) {
        Ok(new) => {
            let filed = asking.administration();
            match filed.request_access(&new).await {
                Ok(_) => return Ok(Redirect::to("/apps/request?done=asked").into_response()),
                Err(AdministrationError::Rule(rule @ Rule::Request(_))) => {
                    Form { group_error: Some(asking.text(rule.key())), ..Form::default() }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => *errors,
    };
    for (field, name) in
        [(&mut typed.group, "group"), (&mut typed.reason, "reason"), (&mut typed.until, "until")]
    {
        form.get(name).clone_into(field);
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&asking, typed, (None, None)).await?)
        .into_response())
}

/// `POST /apps/request/withdraw`.
pub(super) async fn withdraw(asking: Asking, form: OwnForm) -> Result<Response, PageError> {
    asking.may_own(Action::RequestAccess)?;
    form.only(&["request"], &[])?;
    let id = Uuid::try_parse(form.get("request")).map_err(|_| PageError::BadRequest)?;
    match asking.administration().withdraw_access_request(id).await {
        Ok(()) => Ok(Redirect::to("/apps/request?done=withdrawn").into_response()),
        Err(AdministrationError::Rule(rule)) => {
            let page = page(&asking, Form::default(), (None, Some(rule.key()))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn read(asking: &Asking, form: &OwnForm) -> Result<NewAccessRequest, Box<Form>> {
    let error = |key: &str| Some(asking.text(key));
    let mut errors = Form::default();
    let group = form.get("group").parse::<GroupId>().ok();
    if group.is_none() {
        errors.group_error = error("request-group-missing");
    }
    let reason = Reason::parse(form.get("reason")).ok();
    if reason.is_none() {
        errors.reason_error = error("request-reason-missing");
    }
    let until = form.find("until").map(|day| ExpirationDate::parse(day, asking.app.now()));
    if matches!(until, Some(Err(_))) {
        errors.until_error = error("request-until-wrong");
    }
    match (group, reason, until.transpose()) {
        (Some(group), Some(reason), Ok(wished_until)) => {
            let user = asking.who.account.user.id;
            Ok(NewAccessRequest { user, group, reason, wished_until })
        }
        _ => Err(Box::new(errors)),
    }
}

async fn page(
    asking: &Asking,
    form: Form,
    (notice, refusal): (Option<&str>, Option<&str>),
) -> Result<Response, PageError> {
    let (app, texts, account) = (&asking.app, asking.texts(), &asking.who.account);
    let user = account.user.id;
    let offers = match &account.third_party {
        Some(third_party) => app.store.list_group_offers(third_party.id, user).await?,
        None => Vec::new(),
    };
    let own = app.store.list_own_access_requests(user, OWN_AT_MOST).await?;
    let page = RequestPage {
        t: texts,
        chrome: asking.chrome("apps"),
        offers,
        form,
        own: own.into_iter().map(|request| view(request, texts)).collect(),
        helpers: helpers(asking).await?,
        notice: notice.map(|key| texts.msg(key)),
        refusal: refusal.map(|key| texts.msg(key)),
    };
    chrome::page(&page)
}

/// The administrators of the person's level, by name.
async fn helpers(asking: &Asking) -> Result<Vec<Helper>, PageError> {
    let (store, texts) = (&asking.app.store, asking.texts());
    let level = &asking.who.account.level.path;
    let applications = store.list_applications().await?;
    let access = store.list_access_administrators(level, asking.app.now()).await?;
    let mut helpers: Vec<Helper> = access
        .into_iter()
        .filter_map(|one| {
            let application = applications.iter().find(|a| a.id == one.application)?;
            let role = texts.msg1("helper-access", "application", &application.title);
            Some(Helper { name: one.name, email: one.email, role })
        })
        .collect();
    let users = store.list_user_administrators(level, asking.app.now()).await?;
    for account in store.list_accounts(&users).await? {
        let role = texts.msg("helper-users");
        let name = account.user.display_name();
        helpers.push(Helper { name, email: account.user.email, role });
    }
    Ok(helpers)
}

fn view(request: AccessRequest, texts: &Texts) -> Own {
    let (key, mark) = match request.state {
        RequestState::Open => ("request-state-open", "mark-warning"),
        RequestState::Granted => ("request-state-granted", "mark-good"),
        RequestState::Refused => ("request-state-refused", "mark-bad"),
        RequestState::Withdrawn => ("request-state-withdrawn", "mark-muted"),
        RequestState::Lapsed => ("request-state-lapsed", "mark-muted"),
    };
    let until = request.valid_until.or(request.wished_until).map(ExpirationDate::to_iso);
    Own {
        id: request.id,
        group: request.group_name,
        application: request.application_title,
        reason: request.reason,
        state: texts.msg(key),
        mark,
        at: texts.instant(request.requested_at),
        until,
        answer: request.answer,
        is_open: request.state == RequestState::Open,
    }
}
