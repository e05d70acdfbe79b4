//! Editing a third party. A save on top of another is refused and says what is stored now (security.md 108).

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::permission::Action;
use storage::ThirdParty;

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
#[template(path = "third-parties/edit.html")]
struct EditPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    id: String,
    name: String,
    version: i64,
    form: &'a PartyForm,
    errors: PartyErrors,
    is_stale: bool,
    /// Fields that somebody else changed while the form was open, with what is stored now.
    differences: Vec<(String, String)>,
    kinds: Vec<(String, String)>,
    administrations: Vec<(String, String)>,
}

/// `GET /third-parties/{id}/edit`.
pub(super) async fn show(asking: Asking, Path(id): Path<String>) -> Result<Response, PageError> {
    let third_party = super::load(&asking, &id, Action::ModifyThirdParty).await?;
    page(&asking, &third_party, &PartyForm::of(&third_party), (PartyErrors::default(), false))
}

/// `POST /third-parties/{id}/edit`.
pub(super) async fn submit(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let third_party = super::load(&asking, &id, Action::ModifyThirdParty).await?;
    let version: i64 = form.get("version").parse().map_err(|_| PageError::BadRequest)?;
    let typed = PartyForm::read(&form)?;
    let details = match typed.details(asking.texts()) {
        Ok(details) => details,
        Err(errors) => {
            let seen = ThirdParty { version, ..third_party };
            let page = page(&asking, &seen, &typed, (*errors, false))?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let administration = asking.administration();
    match administration.modify_third_party(third_party.id, version, &details).await {
        Ok(()) => Ok(Redirect::to(&format!("/third-parties/{id}?done=saved")).into_response()),
        Err(AdministrationError::Stale) => {
            let stored = super::load(&asking, &id, Action::ModifyThirdParty).await?;
            let page = page(&asking, &stored, &typed, (PartyErrors::default(), true))?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn page(
    asking: &Asking,
    third_party: &ThirdParty,
    form: &PartyForm,
    (errors, is_stale): (PartyErrors, bool),
) -> Result<Response, PageError> {
    let texts = asking.texts();
    let stored = PartyForm::of(third_party);
    chrome::page(&EditPage {
        t: texts,
        chrome: asking.chrome("nav-third-parties"),
        id: third_party.id.to_string(),
        name: third_party.legal_name.clone(),
        version: third_party.version,
        errors,
        is_stale,
        differences: if is_stale { differences(form, &stored, texts) } else { Vec::new() },
        kinds: form::kinds(texts),
        administrations: form::administrations(texts),
        form,
    })
}

/// What is stored otherwise than it was typed.
fn differences(typed: &PartyForm, stored: &PartyForm, texts: &Texts) -> Vec<(String, String)> {
    let yes = |set: bool| texts.msg(if set { "users-yes" } else { "users-no" });
    let named = |choices: Vec<(String, String)>, value: &str| {
        let found = choices.into_iter().find(|(known, _)| known == value);
        found.map(|(_, name)| name).unwrap_or_default()
    };
    let words = |form: &PartyForm| {
        [
            ("third-parties-legal-name", form.legal_name.trim().to_owned()),
            ("third-parties-country", form.country.trim().to_ascii_uppercase()),
            ("third-parties-lei", form.lei.trim().to_ascii_uppercase()),
            ("third-parties-kind", named(form::kinds(texts), &form.kind)),
            (
                "third-parties-administration",
                named(form::administrations(texts), &form.administration),
            ),
            ("third-party-forbids-self-assignment", yes(form.forbids_self_assignment)),
            ("third-party-confirms-administrators", yes(form.confirms_administrators)),
        ]
    };
    words(typed)
        .into_iter()
        .zip(words(stored))
        .filter(|((_, typed), (_, stored))| typed != stored)
        .map(|(_, (key, stored))| {
            let shown = if stored.is_empty() { texts.msg("users-empty-value") } else { stored };
            (texts.msg(key), shown)
        })
        .collect()
}
