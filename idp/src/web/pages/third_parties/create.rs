//! A new third party, with its level under Root.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::permission::{Action, Object};
use storage::StorageError;

use super::{
    Asking,
    form::{self, PartyErrors, PartyForm},
};
use crate::{
    App,
    administration::AdministrationError,
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        request_id::RequestContext,
        visitor::SignedIn,
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
pub(super) async fn show(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
) -> Result<Response, PageError> {
    who.may(&app, Action::CreateThirdParty, &Object::Everything)?;
    let asking = Asking { app: &app, browser: &browser, context: &context, who: &who };
    page(&asking, &PartyForm::default(), PartyErrors::default())
}

/// `POST /third-parties/new`.
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
    form: OwnForm,
) -> Result<Response, PageError> {
    who.may(&app, Action::CreateThirdParty, &Object::Everything)?;
    let asking = Asking { app: &app, browser: &browser, context: &context, who: &who };
    let typed = PartyForm::read(&form)?;
    let new = match typed.new_third_party(&context.texts) {
        Ok(new) => new,
        Err(errors) => return refuse(&asking, &typed, *errors),
    };
    match who.administration(&app, &context).create_third_party(&new).await {
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

fn refuse(
    asking: &Asking<'_>,
    typed: &PartyForm,
    errors: PartyErrors,
) -> Result<Response, PageError> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(asking, typed, errors)?).into_response())
}

fn page(asking: &Asking<'_>, form: &PartyForm, errors: PartyErrors) -> Result<Response, PageError> {
    let texts = &asking.context.texts;
    chrome::page(&NewPage {
        t: texts,
        chrome: asking.chrome(),
        form,
        errors,
        kinds: form::kinds(texts),
        administrations: form::administrations(texts),
    })
}
