//! What became of a nomination, for its signatory; and taking one back.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::nomination::NominationStatus;

use super::{Found, Visit};
use crate::{
    administration::AdministrationError,
    texts::Texts,
    web::{
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
    },
};

#[derive(Template)]
#[template(path = "nominate/state.html")]
struct StatePage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    title: String,
    text: String,
    third_party: Option<&'a str>,
    mark: (&'static str, String),
    since: String,
    reason: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "nominate/withdraw.html")]
struct WithdrawPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    id: String,
    third_party: &'a str,
}

/// Where a nomination stands. A link that leads nowhere (any more) says so, and whom to ask.
pub(super) fn page(visit: &Visit, found: &Found) -> Result<Response, PageError> {
    let texts = &visit.context.texts;
    let (nomination, third_party, is_expired) = match found {
        Found::Over(nomination, third_party, is_expired) => (nomination, third_party, *is_expired),
        Found::Open(_) => return Ok(Redirect::to("/nominate").into_response()),
        Found::Nothing => return ended(visit, ("dead", StatusCode::GONE), None),
        // What became of the third party is nothing for whoever holds a link.
        Found::Barred => return ended(visit, ("barred", StatusCode::CONFLICT), None),
    };
    let (key, mark) = match nomination.status {
        NominationStatus::Draft | NominationStatus::Returned => {
            let key = if is_expired { "expired" } else { "replaced" };
            return ended(visit, (key, StatusCode::GONE), Some(&third_party.legal_name));
        }
        NominationStatus::Submitted => ("submitted", "warning"),
        NominationStatus::InReview => ("in-review", "warning"),
        NominationStatus::Confirmed => ("confirmed", "good"),
        NominationStatus::Rejected => ("rejected", "bad"),
        NominationStatus::Withdrawn => ("withdrawn", "muted"),
    };
    let since = nomination.decided_at.or(nomination.submitted_at);
    let is_rejected = nomination.status == NominationStatus::Rejected;
    chrome::page(&StatePage {
        t: texts,
        chrome: visit.chrome(),
        title: texts.msg(&format!("nominate-{key}-title")),
        text: texts.msg(&format!("nominate-{key}-text")),
        third_party: Some(&third_party.legal_name),
        mark: (mark, texts.msg(&format!("nomination-{key}"))),
        since: texts.instant(since.unwrap_or(nomination.created_at)),
        reason: nomination.remark.as_deref().filter(|_| is_rejected),
    })
}

fn ended(
    visit: &Visit,
    (key, status): (&str, StatusCode),
    third_party: Option<&str>,
) -> Result<Response, PageError> {
    let texts = &visit.context.texts;
    let page = chrome::page(&StatePage {
        t: texts,
        chrome: visit.chrome(),
        title: texts.msg(&format!("nominate-{key}-title")),
        text: texts.msg(&format!("nominate-{key}-text")),
        third_party,
        mark: ("muted", texts.msg("nominate-dead-mark")),
        since: String::new(),
        reason: None,
    })?;
    Ok((status, page).into_response())
}

/// `GET /nominate/withdraw`: what it means.
pub(super) async fn ask_withdraw(visit: Visit) -> Result<Response, PageError> {
    match visit.find().await? {
        Found::Open(opened) => chrome::page(&WithdrawPage {
            t: &visit.context.texts,
            chrome: visit.chrome(),
            id: opened.nomination.id.to_string(),
            third_party: &opened.third_party.legal_name,
        }),
        other => page(&visit, &other),
    }
}

/// `POST /nominate/withdraw`: uses the link up.
pub(super) async fn withdraw(visit: Visit, form: OwnForm) -> Result<Response, PageError> {
    let opened = match visit.find().await? {
        Found::Open(opened) => opened,
        other => return page(&visit, &other),
    };
    form.only(&["nomination"], &[])?;
    opened.check_form(form.get("nomination"))?;
    match visit.administration().withdraw_by_link(&opened.link).await {
        Ok(_) => Ok(Redirect::to("/nominate").into_response()),
        Err(
            AdministrationError::Missing(_)
            | AdministrationError::Stale
            | AdministrationError::Rule(_),
        ) => page(&visit, &visit.find().await?),
        Err(error) => Err(error.into()),
    }
}
