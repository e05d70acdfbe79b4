//! Levels of a third party: a new one below another, another name, and the end of one that is empty (E27).

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    id::LevelId,
    organisation::{Level, LevelName},
    permission::{Action, Object},
};
use storage::ThirdParty;

use super::confirm::Question;
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

/// The name, and the one that the person saw.
const FIELDS: [&str; 2] = ["name", "seen"];

#[derive(Template)]
#[template(path = "third-parties/level.html")]
struct LevelPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    back: String,
    third_party: String,
    title: String,
    lead: String,
    action: String,
    /// The name that the person saw.
    seen: String,
    typed: &'a str,
    name_error: Option<String>,
    error: Option<String>,
}

/// A level with the third party that it belongs to.
pub(super) struct Place {
    pub(super) level: Level,
    pub(super) third_party: ThirdParty,
}

impl Place {
    /// The level of an address, if the person may modify its third party. Root is nobody's to change.
    pub(super) async fn load(asking: &Asking, id: &str) -> Result<Self, PageError> {
        Self::of(asking, id.parse().map_err(|_| PageError::NotFound)?).await
    }

    /// The same, by its identifier.
    pub(super) async fn of(asking: &Asking, id: LevelId) -> Result<Self, PageError> {
        let store = &asking.app.store;
        let level = store.find_level_by_id(id).await?.ok_or(PageError::NotFound)?;
        asking.may(Action::ModifyThirdParty, &Object::Level(level.path.clone()))?;
        let of = level.third_party_id.ok_or(PageError::NotFound)?;
        let third_party = store.find_third_party(of).await?.ok_or(PageError::NotFound)?;
        Ok(Self { level, third_party })
    }

    /// The page of the third party.
    pub(super) fn page(&self) -> String {
        format!("/third-parties/{}", self.third_party.id)
    }

    /// The page of the third party, which says what was done.
    pub(super) fn done(&self, word: &str) -> Response {
        Redirect::to(&format!("{}?done={word}", self.page())).into_response()
    }
}

/// What stands in the form of a name, and what is wrong with it.
#[derive(Default)]
struct NameForm {
    name: String,
    name_error: Option<String>,
    error: Option<String>,
}

/// `GET /levels/{id}/new`.
pub(super) async fn show_new(
    asking: Asking,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let parent = Place::load(&asking, &id).await?;
    page(&asking, &parent, "new", &NameForm::default())
}

/// `POST /levels/{id}/new`.
pub(super) async fn create(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let parent = Place::load(&asking, &id).await?;
    form.only(&FIELDS, &[])?;
    let done = match LevelName::parse(form.get("name")) {
        Ok(name) => {
            let administration = asking.administration();
            Some(administration.create_level(parent.level.id, &name).await.map(|_| ()))
        }
        Err(_) => None,
    };
    answer(&asking, &parent, ("new", &form), done).await
}

/// `GET /levels/{id}/rename`.
pub(super) async fn show_rename(
    asking: Asking,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let place = Place::load(&asking, &id).await?;
    let form = NameForm { name: place.level.name.clone(), ..NameForm::default() };
    page(&asking, &place, "rename", &form)
}

/// `POST /levels/{id}/rename`.
pub(super) async fn rename(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let place = Place::load(&asking, &id).await?;
    form.only(&FIELDS, &[])?;
    let done = match LevelName::parse(form.get("name")) {
        Ok(name) => {
            let administration = asking.administration();
            Some(administration.rename_level(place.level.id, form.get("seen"), &name).await)
        }
        Err(_) => None,
    };
    answer(&asking, &place, ("rename", &form), done).await
}

/// `GET /levels/{id}/delete`: with the rule.
pub(super) async fn show_delete(
    asking: Asking,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let place = Place::load(&asking, &id).await?;
    ask_delete(&asking, &place, (StatusCode::OK, None))
}

/// `POST /levels/{id}/delete`.
pub(super) async fn delete(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let place = Place::load(&asking, &id).await?;
    form.only(&[], &[])?;
    match asking.administration().delete_level(place.level.id).await {
        Ok(()) => Ok(place.done("level-deleted")),
        Err(AdministrationError::Rule(rule)) => {
            let error = Some(asking.text(rule.key()));
            ask_delete(&asking, &place, (StatusCode::UNPROCESSABLE_ENTITY, error))
        }
        Err(error) => Err(error.into()),
    }
}

/// Back to the third party, or the form with what went wrong; `done` is `None` for a name that is none.
async fn answer(
    asking: &Asking,
    place: &Place,
    (step, form): (&str, &OwnForm),
    done: Option<Result<(), AdministrationError>>,
) -> Result<Response, PageError> {
    let mut shown = NameForm { name: form.get("name").to_owned(), ..NameForm::default() };
    let status = match done {
        Some(Ok(())) => return Ok(place.done("level-saved")),
        None => {
            shown.name_error = Some(asking.text("third-party-error-level"));
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Some(Err(AdministrationError::Rule(rule))) => {
            shown.name_error = Some(asking.text(rule.key()));
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Some(Err(AdministrationError::Stale)) => {
            let stored = Place::of(asking, place.level.id).await?;
            let texts = asking.texts();
            shown.error = Some(texts.msg1("level-stale", "name", &stored.level.name));
            return Ok((StatusCode::CONFLICT, page(asking, &stored, step, &shown)?).into_response());
        }
        Some(Err(error)) => return Err(error.into()),
    };
    Ok((status, page(asking, place, step, &shown)?).into_response())
}

fn page(
    asking: &Asking,
    place: &Place,
    step: &str,
    form: &NameForm,
) -> Result<Response, PageError> {
    let (texts, level) = (asking.texts(), &place.level);
    chrome::page(&LevelPage {
        t: texts,
        chrome: asking.chrome("nav-third-parties"),
        back: place.page(),
        third_party: place.third_party.legal_name.clone(),
        title: texts.msg1(&format!("level-{step}-title"), "name", &level.name),
        lead: texts.msg(&format!("level-{step}-lead")),
        action: format!("/levels/{}/{step}", level.id),
        seen: level.name.clone(),
        typed: &form.name,
        name_error: form.name_error.clone(),
        error: form.error.clone(),
    })
}

fn ask_delete(
    asking: &Asking,
    place: &Place,
    (status, error): (StatusCode, Option<String>),
) -> Result<Response, PageError> {
    let texts = asking.texts();
    let question = Question {
        back: place.page(),
        name: place.third_party.legal_name.clone(),
        title: texts.msg1("level-delete-title", "name", &place.level.name),
        consequences: vec![texts.msg("level-delete-rule"), texts.msg("level-delete-evidence")],
        action: format!("/levels/{}/delete", place.level.id),
        button: texts.msg("level-delete"),
        error,
        ..Question::default()
    };
    question.page(asking, status)
}
