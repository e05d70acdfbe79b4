//! Subsidiaries under the levels of a third party.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use portal_core::{
    country::Country,
    id::{LevelId, SubsidiaryId},
    lei::Lei,
    one_line,
    organisation::NewSubsidiary,
};
use storage::SubsidiaryDetails;

use super::{form::NAME_LENGTH, levels::Place};
use crate::{
    administration::{AdministrationError, Rule},
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
    },
};

/// Longest short name, in characters.
const SHORT_NAME_LENGTH: usize = 80;
const FIELDS: [&str; 4] = ["short_name", "legal_name", "country", "lei"];
/// What the person saw of each field.
const SEEN: [&str; 4] = ["seen.short_name", "seen.legal_name", "seen.country", "seen.lei"];

/// The four fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct SubsidiaryForm {
    short_name: String,
    legal_name: String,
    country: String,
    lei: String,
}

/// What is wrong, each at its field.
#[derive(Default)]
struct SubsidiaryErrors {
    short_name: Option<String>,
    legal_name: Option<String>,
    country: Option<String>,
    lei: Option<String>,
}

#[derive(Template)]
#[template(path = "third-parties/subsidiary.html")]
struct SubsidiaryPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    back: String,
    third_party: String,
    title: String,
    lead: String,
    action: String,
    form: &'a SubsidiaryForm,
    /// What is stored, where it is edited.
    seen: Option<SubsidiaryForm>,
    errors: SubsidiaryErrors,
    is_stale: bool,
    differences: Vec<(String, String)>,
}

impl SubsidiaryForm {
    fn read(form: &OwnForm, names: [&str; 4]) -> Self {
        let [short_name, legal_name, country, lei] = names.map(|name| form.get(name).to_owned());
        Self { short_name, legal_name, country, lei }
    }

    fn of(stored: &SubsidiaryDetails) -> Self {
        Self {
            short_name: stored.short_name.clone(),
            legal_name: stored.legal_name.clone(),
            country: stored.country.clone(),
            lei: stored.lei.clone(),
        }
    }

    /// The details of a subsidiary, as they stand in the form.
    fn into_details(self, id: SubsidiaryId, level_id: LevelId) -> SubsidiaryDetails {
        SubsidiaryDetails {
            id,
            level_id,
            short_name: self.short_name,
            legal_name: self.legal_name,
            country: self.country,
            lei: self.lei,
        }
    }

    fn parse(&self, level_id: LevelId, texts: &Texts) -> Result<NewSubsidiary, SubsidiaryErrors> {
        let short_name = one_line::parse(&self.short_name, SHORT_NAME_LENGTH);
        let legal_name = one_line::parse(&self.legal_name, NAME_LENGTH);
        let country = Country::parse(&self.country);
        let lei = Lei::parse(&self.lei.trim().to_ascii_uppercase());
        let say = |is_wrong: bool, key: &str| is_wrong.then(|| texts.msg(key));
        let errors = SubsidiaryErrors {
            short_name: say(short_name.is_none(), "subsidiary-error-short-name"),
            legal_name: say(legal_name.is_none(), "third-party-error-legal-name"),
            country: say(country.is_err(), "third-party-error-country"),
            lei: say(lei.is_err(), "third-party-error-lei"),
        };
        match (short_name, legal_name, country, lei) {
            (Some(short_name), Some(legal_name), Ok(country), Ok(lei)) => Ok(NewSubsidiary {
                level_id,
                short_name,
                legal_name,
                country: country.as_str().to_owned(),
                lei,
            }),
            _ => Err(errors),
        }
    }

    /// What is stored otherwise than it was typed.
    fn differences(&self, stored: &Self, texts: &Texts) -> Vec<(String, String)> {
        let all = [
            ("third-parties-short-name", &self.short_name, &stored.short_name),
            ("third-parties-legal-name", &self.legal_name, &stored.legal_name),
            ("third-parties-country", &self.country, &stored.country),
            ("third-parties-lei", &self.lei, &stored.lei),
        ];
        let differs = all.into_iter().filter(|(_, typed, stored)| typed.trim() != *stored);
        differs.map(|(key, _, stored)| (texts.msg(key), stored.clone())).collect()
    }
}

/// `GET /levels/{id}/subsidiaries/new`.
pub(super) async fn show_new(
    asking: Asking,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let place = Place::load(&asking, &id).await?;
    page(&asking, (&place, None), &SubsidiaryForm::default(), Outcome::default())
}

/// `POST /levels/{id}/subsidiaries/new`.
pub(super) async fn create(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let place = Place::load(&asking, &id).await?;
    form.only(&FIELDS, &[])?;
    let typed = SubsidiaryForm::read(&form, FIELDS);
    let new = match typed.parse(place.level.id, asking.texts()) {
        Ok(new) => new,
        Err(errors) => return refuse(&asking, (&place, None), &typed, errors),
    };
    match asking.administration().create_subsidiary(&new).await {
        Ok(_) => Ok(place.done("subsidiary-saved")),
        Err(AdministrationError::Rule(Rule::SubsidiaryNameTaken)) => {
            refuse(&asking, (&place, None), &typed, taken(&asking))
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /subsidiaries/{id}/edit`.
pub(super) async fn show_edit(
    asking: Asking,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let (place, stored) = load(&asking, &id).await?;
    page(&asking, (&place, Some(&stored)), &SubsidiaryForm::of(&stored), Outcome::default())
}

/// `POST /subsidiaries/{id}/edit`.
pub(super) async fn modify(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let (place, stored) = load(&asking, &id).await?;
    form.only(&[FIELDS, SEEN].concat(), &[])?;
    let (typed, seen) = (SubsidiaryForm::read(&form, FIELDS), SubsidiaryForm::read(&form, SEEN));
    let seen = seen.into_details(stored.id, stored.level_id);
    let new = match typed.parse(place.level.id, asking.texts()) {
        Ok(new) => new,
        Err(errors) => return refuse(&asking, (&place, Some(&seen)), &typed, errors),
    };
    let new = SubsidiaryDetails {
        id: stored.id,
        level_id: stored.level_id,
        short_name: new.short_name,
        legal_name: new.legal_name,
        country: new.country,
        lei: new.lei.to_string(),
    };
    match asking.administration().modify_subsidiary(&seen, &new).await {
        Ok(()) => Ok(place.done("subsidiary-saved")),
        Err(AdministrationError::Stale) => {
            let (place, stored) = load(&asking, &id).await?;
            let outcome = Outcome { is_stale: true, ..Outcome::default() };
            let page = page(&asking, (&place, Some(&stored)), &typed, outcome)?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(AdministrationError::Rule(Rule::SubsidiaryNameTaken)) => {
            refuse(&asking, (&place, Some(&seen)), &typed, taken(&asking))
        }
        Err(error) => Err(error.into()),
    }
}

/// The subsidiary of an address with its level, if the person may modify the third party.
async fn load(asking: &Asking, id: &str) -> Result<(Place, SubsidiaryDetails), PageError> {
    let id: SubsidiaryId = id.parse().map_err(|_| PageError::NotFound)?;
    let stored = asking.app.store.find_subsidiary_details(id).await?;
    let stored = stored.ok_or(PageError::NotFound)?;
    Ok((Place::of(asking, stored.level_id).await?, stored))
}

fn taken(asking: &Asking) -> SubsidiaryErrors {
    let text = asking.text(Rule::SubsidiaryNameTaken.key());
    SubsidiaryErrors { short_name: Some(text), ..SubsidiaryErrors::default() }
}

/// What went wrong.
#[derive(Default)]
struct Outcome {
    errors: SubsidiaryErrors,
    is_stale: bool,
}

type At<'a> = (&'a Place, Option<&'a SubsidiaryDetails>);

fn refuse(
    asking: &Asking,
    at: At<'_>,
    typed: &SubsidiaryForm,
    errors: SubsidiaryErrors,
) -> Result<Response, PageError> {
    let page = page(asking, at, typed, Outcome { errors, is_stale: false })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn page(
    asking: &Asking,
    (place, edited): At<'_>,
    form: &SubsidiaryForm,
    outcome: Outcome,
) -> Result<Response, PageError> {
    let texts = asking.texts();
    let seen = edited.map(SubsidiaryForm::of);
    let differences = seen.as_ref().filter(|_| outcome.is_stale);
    let differences = differences.map(|stored| form.differences(stored, texts));
    let title = match &seen {
        Some(seen) => texts.msg1("subsidiary-edit-title", "name", &seen.short_name),
        None => texts.msg("subsidiary-new-title"),
    };
    chrome::page(&SubsidiaryPage {
        t: texts,
        chrome: asking.chrome("nav-third-parties"),
        back: place.page(),
        third_party: place.third_party.legal_name.clone(),
        title,
        lead: texts.msg1("subsidiary-lead", "level", &place.level.name),
        action: match edited {
            Some(edited) => format!("/subsidiaries/{}/edit", edited.id),
            None => format!("/levels/{}/subsidiaries/new", place.level.id),
        },
        form,
        seen,
        errors: outcome.errors,
        is_stale: outcome.is_stale,
        differences: differences.unwrap_or_default(),
    })
}
