//! A new third party, with its level under Root.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::permission::{Action, Object};
use storage::StorageError;

use super::form::{self, PartyErrors, PartyForm};
use crate::{
    administration::AdministrationError,
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
    },
};

#[derive(Template)]
#[template(path = "third-parties/new.html")]
struct NewPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    form: &'a PartyForm,
    errors: PartyErrors,
    kinds: Vec<(String, String)>,
    administrations: Vec<(String, String)>,
}

/// `GET /third-parties/new`.
pub(super) async fn show(asking: Asking) -> Result<Response, PageError> {
    asking.may(Action::CreateThirdParty, &Object::Everything)?;
    page(&asking, &PartyForm::default(), PartyErrors::default())
}

/// `POST /third-parties/new`.
pub(super) async fn submit(asking: Asking, form: OwnForm) -> Result<Response, PageError> {
    asking.may(Action::CreateThirdParty, &Object::Everything)?;
    let typed = PartyForm::read(&form)?;
    let new = match typed.new_third_party(asking.texts()) {
        Ok(new) => new,
        Err(errors) => return refuse(&asking, &typed, *errors),
    };
    match asking.administration().create_third_party(&new).await {
        Ok((id, _)) => {
            Ok(Redirect::to(&format!("/third-parties/{id}?done=created")).into_response())
        }
        Err(AdministrationError::Storage(StorageError::Conflict(_))) => {
            let taken = Some(asking.text("rule-level-name-taken"));
            refuse(&asking, &typed, PartyErrors { level: taken, ..PartyErrors::default() })
        }
        Err(error) => Err(error.into()),
    }
}

fn refuse(asking: &Asking, typed: &PartyForm, errors: PartyErrors) -> Result<Response, PageError> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(asking, typed, errors)?).into_response())
}

fn page(asking: &Asking, form: &PartyForm, errors: PartyErrors) -> Result<Response, PageError> {
    let texts = asking.texts();
    chrome::page(&NewPage {
        t: texts,
        chrome: asking.chrome("nav-third-parties"),
        form,
        errors,
        kinds: form::kinds(texts),
        administrations: form::administrations(texts),
    })
}
