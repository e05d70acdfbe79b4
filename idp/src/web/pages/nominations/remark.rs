//! The pages that ask for a question or a reason before something is sent to a signatory.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    nomination::{NominationStatus, NominationStep},
    permission::Action,
};

use super::Seen;
use crate::{
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
    },
};

/// What a remark goes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RemarkFor {
    /// A question.
    Return,
    /// A reason to refuse.
    Reject,
    /// A reason to take it out of the queue.
    Withdraw,
}

#[derive(Template)]
#[template(path = "nominations/remark.html")]
struct RemarkPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    id: String,
    version: i64,
    third_party: &'a str,
    verb: &'static str,
    title: String,
    consequence: String,
    label: String,
    submit: String,
    is_severe: bool,
    remark: &'a str,
    error: Option<String>,
    remark_error: Option<String>,
}

impl RemarkFor {
    /// Last part of the address, and of the keys of the words.
    const fn verb(self) -> &'static str {
        match self {
            Self::Return => "return",
            Self::Reject => "reject",
            Self::Withdraw => "withdraw",
        }
    }

    const fn step(self) -> NominationStep {
        match self {
            Self::Return => NominationStep::Return,
            Self::Reject => NominationStep::Reject,
            Self::Withdraw => NominationStep::Withdraw,
        }
    }

    /// Whether it can be done in a state.
    pub(super) const fn fits(self, status: NominationStatus) -> bool {
        status.after(self.step()).is_some()
    }
}

/// `GET /nominations/{id}/return`.
pub(super) async fn ask_return(
    asking: Asking,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    ask(&asking, &id, RemarkFor::Return).await
}

/// `GET /nominations/{id}/reject`.
pub(super) async fn ask_reject(
    asking: Asking,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    ask(&asking, &id, RemarkFor::Reject).await
}

/// `GET /nominations/{id}/withdraw`.
pub(super) async fn ask_withdraw(
    asking: Asking,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    ask(&asking, &id, RemarkFor::Withdraw).await
}

/// Asks, where the state allows it; otherwise the nomination shows where it stands.
async fn ask(asking: &Asking, id: &str, what: RemarkFor) -> Result<Response, PageError> {
    let seen = super::load(asking, id, Action::RefuseNomination).await?;
    if what.fits(seen.nomination.status) {
        page(asking, &seen, what, ("", [None, None]))
    } else {
        Ok(Redirect::to(&format!("/nominations/{}", seen.nomination.id)).into_response())
    }
}

/// The page, with what was typed and what is wrong: as a whole, and at the field.
pub(super) fn page(
    asking: &Asking,
    seen: &Seen,
    what: RemarkFor,
    (remark, [error, remark_error]): (&str, [Option<String>; 2]),
) -> Result<Response, PageError> {
    let (texts, verb) = (asking.texts(), what.verb());
    let word = |of: &str| texts.msg(&format!("nomination-{verb}-{of}"));
    chrome::page(&RemarkPage {
        t: texts,
        chrome: asking.chrome("nav-nominations"),
        id: seen.nomination.id.to_string(),
        version: seen.nomination.version,
        third_party: &seen.third_party.legal_name,
        verb,
        title: word("title"),
        consequence: word("consequence"),
        label: word("label"),
        submit: word("submit"),
        is_severe: what == RemarkFor::Reject,
        remark,
        error,
        remark_error,
    })
}
