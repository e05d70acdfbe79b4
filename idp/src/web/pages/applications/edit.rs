//! Editing an application. The form carries what the person saw: a save on top of another is refused (security.md 108).

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    access_review::{HALF_YEAR, YEAR},
    one_line,
    permission::Action,
};
use storage::{ApplicationDetails, RegisteredApplication};

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

/// Longest title, in characters.
const TITLE_LENGTH: usize = 80;
/// Longest line under it.
const SUBTITLE_LENGTH: usize = 160;
/// The last place of a tile.
const LAST_POSITION: i32 = 999;

/// What stands in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ApplicationForm {
    title: String,
    subtitle: String,
    position: String,
    review_months: String,
    state: String,
}

/// An application that is in use, and one that is not, as the form names them.
const STATES: [(&str, bool); 2] = [("on", true), ("off", false)];

/// The fields of the form, and what the person saw of each.
const FIELDS: [&str; 11] = [
    "title",
    "subtitle",
    "position",
    "review_months",
    "state",
    "switch_off",
    "seen.title",
    "seen.subtitle",
    "seen.position",
    "seen.review_months",
    "seen.state",
];

#[derive(Default)]
struct ApplicationErrors {
    title: Option<String>,
    subtitle: Option<String>,
    position: Option<String>,
    review_months: Option<String>,
    state: Option<String>,
}

#[derive(Template)]
#[template(path = "applications/edit.html")]
struct EditPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    code: String,
    name: String,
    form: &'a ApplicationForm,
    /// What the person saw, or is stored now.
    seen: ApplicationForm,
    errors: ApplicationErrors,
    is_stale: bool,
    /// Whether a save switches it off: that is confirmed.
    asks_off: bool,
    differences: Vec<(String, String)>,
    intervals: Vec<(String, String)>,
    states: Vec<(String, String)>,
}

impl ApplicationForm {
    fn read(form: &OwnForm, prefix: &str) -> Self {
        let field = |name: &str| form.get(&format!("{prefix}{name}")).to_owned();
        Self {
            title: field("title"),
            subtitle: field("subtitle"),
            position: field("position"),
            review_months: field("review_months"),
            state: field("state"),
        }
    }

    fn of(details: &ApplicationDetails) -> Self {
        Self {
            title: details.title.clone(),
            subtitle: details.subtitle.clone(),
            position: details.position.to_string(),
            review_months: details.review_months.to_string(),
            state: if details.is_enabled { "on" } else { "off" }.to_owned(),
        }
    }

    fn parse(&self, texts: &Texts) -> Result<ApplicationDetails, Box<ApplicationErrors>> {
        let title = one_line::parse(&self.title, TITLE_LENGTH);
        let subtitle = one_line::parse(&self.subtitle, SUBTITLE_LENGTH);
        let position = self.position.trim().parse().ok();
        let position = position.filter(|place| (0..=LAST_POSITION).contains(place));
        let months = self.review_months.parse().ok();
        let months = months.filter(|months| [HALF_YEAR, YEAR].contains(months));
        let state = is_on(&self.state);
        let say = |is_wrong: bool, key: &str| is_wrong.then(|| texts.msg(key));
        let errors = ApplicationErrors {
            title: say(title.is_none(), "applications-error-title"),
            subtitle: say(subtitle.is_none(), "applications-error-subtitle"),
            position: say(position.is_none(), "applications-error-position"),
            review_months: say(months.is_none(), "third-party-error-choice"),
            state: say(state.is_none(), "third-party-error-choice"),
        };
        match (title, subtitle, position, (months, state)) {
            (
                Some(title),
                Some(subtitle),
                Some(position),
                (Some(review_months), Some(is_enabled)),
            ) => Ok(ApplicationDetails { title, subtitle, position, review_months, is_enabled }),
            _ => Err(Box::new(errors)),
        }
    }

    /// What the person saw. It came from our own form; figures that are none stand for nothing that is stored.
    fn seen(&self) -> ApplicationDetails {
        ApplicationDetails {
            title: self.title.clone(),
            subtitle: self.subtitle.clone(),
            position: self.position.parse().unwrap_or(-1),
            review_months: self.review_months.parse().unwrap_or(-1),
            is_enabled: is_on(&self.state).unwrap_or_default(),
        }
    }
}

fn is_on(state: &str) -> Option<bool> {
    STATES.iter().find(|(name, _)| *name == state).map(|(_, is_on)| *is_on)
}

fn state_text(state: &str, texts: &Texts) -> String {
    let key = if state == "off" { "applications-off" } else { "applications-on" };
    texts.msg(key)
}

/// `GET /applications/{id}/edit`.
pub(super) async fn show(asking: Asking, Path(code): Path<String>) -> Result<Response, PageError> {
    let found = super::load(&asking, &code, Action::ModifyApplication).await?;
    let stored = ApplicationForm::of(&found.details);
    page(&asking, &found, (&stored, stored.clone()), ApplicationErrors::default(), false)
}

/// `POST /applications/{id}/edit`.
pub(super) async fn submit(
    asking: Asking,
    (Path(code), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let found = super::load(&asking, &code, Action::ModifyApplication).await?;
    form.only(&FIELDS, &[])?;
    let typed = ApplicationForm::read(&form, "");
    let seen = ApplicationForm::read(&form, "seen.");
    let new = match typed.parse(asking.texts()) {
        Ok(new) => new,
        Err(errors) => {
            let page = page(&asking, &found, (&typed, seen), *errors, false)?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    if switches_off(&typed, &found) && form.find("switch_off").is_none() {
        let page = page(&asking, &found, (&typed, seen), ApplicationErrors::default(), false)?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let administration = asking.administration();
    match administration.modify_application(&found.application, &seen.seen(), &new).await {
        Ok(()) => {
            let code = &found.application.code;
            Ok(Redirect::to(&format!("/applications/{code}?done=saved")).into_response())
        }
        Err(AdministrationError::Stale) => {
            let found = super::load(&asking, &code, Action::ModifyApplication).await?;
            let stored = ApplicationForm::of(&found.details);
            let errors = ApplicationErrors::default();
            let page = page(&asking, &found, (&typed, stored), errors, true)?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether what was typed takes an application out of use.
fn switches_off(typed: &ApplicationForm, found: &RegisteredApplication) -> bool {
    found.details.is_enabled && is_on(&typed.state) == Some(false)
}

fn page(
    asking: &Asking,
    found: &RegisteredApplication,
    (form, seen): (&ApplicationForm, ApplicationForm),
    errors: ApplicationErrors,
    is_stale: bool,
) -> Result<Response, PageError> {
    let texts = asking.texts();
    let interval = |months: i32| {
        let months = months.to_string();
        let text = texts.msg1("applications-every", "months", &months);
        (months, text)
    };
    let differences = if is_stale { differences(form, &seen, texts) } else { Vec::new() };
    chrome::page(&EditPage {
        t: texts,
        chrome: asking.chrome("nav-applications"),
        code: found.application.code.clone(),
        name: found.details.title.clone(),
        form,
        seen,
        errors,
        is_stale,
        asks_off: switches_off(form, found),
        differences,
        intervals: [YEAR, HALF_YEAR].map(interval).to_vec(),
        states: STATES.map(|(name, _)| (name.to_owned(), state_text(name, texts))).to_vec(),
    })
}

/// What is stored otherwise than it was typed.
fn differences(
    typed: &ApplicationForm,
    stored: &ApplicationForm,
    texts: &Texts,
) -> Vec<(String, String)> {
    let every = |months: &str| texts.msg1("applications-every", "months", months);
    let all = [
        ("applications-title-field", &typed.title, &stored.title, stored.title.clone()),
        ("applications-subtitle", &typed.subtitle, &stored.subtitle, stored.subtitle.clone()),
        ("applications-position", &typed.position, &stored.position, stored.position.clone()),
        (
            "applications-review",
            &typed.review_months,
            &stored.review_months,
            every(&stored.review_months),
        ),
        ("applications-state", &typed.state, &stored.state, state_text(&stored.state, texts)),
    ];
    let differs = all.into_iter().filter(|(_, typed, stored, _)| typed.trim() != *stored);
    differs.map(|(key, _, _, shown)| (texts.msg(key), shown)).collect()
}
