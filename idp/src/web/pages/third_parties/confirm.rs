//! A question before something that ends access: what follows from it, and why it is done. Its default is Cancel.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

use crate::{
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
    },
};

/// A field besides the reason.
pub(super) struct TextField {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) value: String,
    pub(super) error: Option<String>,
}

/// What is asked.
#[derive(Default)]
pub(super) struct Question {
    /// Where it was asked.
    pub(super) back: String,
    /// Name of the third party.
    pub(super) name: String,
    pub(super) title: String,
    pub(super) consequences: Vec<String>,
    /// Where the form goes.
    pub(super) action: String,
    pub(super) hidden: Vec<(&'static str, String)>,
    pub(super) fields: Vec<TextField>,
    /// The button.
    pub(super) button: String,
    pub(super) is_harmless: bool,
    /// What is wrong as a whole.
    pub(super) error: Option<String>,
}

#[derive(Template)]
#[template(path = "third-parties/confirm.html")]
struct ConfirmPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    question: Question,
}

impl Question {
    /// The field for the reason, with what is wrong with it.
    pub(super) fn reason(asking: &Asking, value: &str, is_wrong: bool) -> TextField {
        TextField {
            name: "reason",
            label: asking.text("third-party-reason"),
            hint: asking.text("third-party-reason-hint"),
            value: value.to_owned(),
            error: is_wrong.then(|| asking.text("third-party-error-reason")),
        }
    }

    /// The page that asks.
    pub(super) fn page(self, asking: &Asking, status: StatusCode) -> Result<Response, PageError> {
        let chrome = asking.chrome("nav-third-parties");
        let page = chrome::page(&ConfirmPage { t: asking.texts(), chrome, question: self })?;
        Ok((status, page).into_response())
    }
}
