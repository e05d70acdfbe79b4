//! Merging a third party into another one (E27): who carries on is named, the page says what would happen, and the
//! merger does exactly that or nothing.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    access::Application, nomination::Remark, organisation::LevelName, permission::Action,
};
use serde::Deserialize;
use storage::ThirdParty;

use super::status::find_by_level;
use crate::{
    administration::{AdministrationError, Foreseen, Merger, MergerPreview, Rule},
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        query::Query,
    },
};

/// The fields of the form: what is typed, and the figures that the person was shown.
const FIELDS: [&str; 9] = [
    "into",
    "name",
    "reason",
    "source_version",
    "target_version",
    "people",
    "roles",
    "kept",
    "lost",
];

/// Into which third party: the name of its level.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    into: String,
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Answers {
    into: String,
    into_error: Option<String>,
    /// Name of the level under that of the target.
    name: String,
    name_error: Option<String>,
    reason: String,
    reason_error: Option<String>,
    error: Option<String>,
}

/// What would happen.
struct PreviewView {
    target: String,
    people: String,
    roles: String,
    kept: Vec<String>,
    lost: Vec<String>,
    path: String,
    name_is_taken: bool,
    hidden: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "third-parties/merge.html")]
struct MergePage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    id: String,
    name: String,
    answers: Answers,
    preview: Option<PreviewView>,
}

/// `GET /third-parties/{id}/merge`.
pub(super) async fn show(
    asking: Asking,
    (Path(id), Query(wanted)): (Path<String>, Query<Wanted>),
) -> Result<Response, PageError> {
    let source = super::load(&asking, &id, Action::MergeThirdParty).await?;
    let name = source.level.as_ref().map(|level| level.name.clone()).unwrap_or_default();
    let answers = Answers { into: wanted.into.trim().to_owned(), name, ..Answers::default() };
    page(&asking, &source, (StatusCode::OK, answers)).await
}

/// `POST /third-parties/{id}/merge`.
pub(super) async fn submit(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let source = super::load(&asking, &id, Action::MergeThirdParty).await?;
    form.only(&FIELDS, &[])?;
    let foreseen = read_foreseen(&form)?;
    let mut answers = Answers {
        into: form.get("into").to_owned(),
        name: form.get("name").to_owned(),
        reason: form.get("reason").to_owned(),
        ..Answers::default()
    };
    let (name, reason) = (LevelName::parse(&answers.name), Remark::parse(&answers.reason));
    let target = find_by_level(&asking, &answers.into).await?.ok_or(PageError::BadRequest)?;
    answers.name_error = name.is_err().then(|| asking.text("third-party-error-level"));
    answers.reason_error = reason.is_err().then(|| asking.text("third-party-error-reason"));
    let (Ok(name), Ok(reason)) = (name, reason) else {
        return page(&asking, &source, (StatusCode::UNPROCESSABLE_ENTITY, answers)).await;
    };
    let reason = reason.as_str();
    let merger = Merger { source: source.id, target, name: &name, reason, foreseen };
    let status = match asking.administration().merge_third_parties(&merger).await {
        Ok(()) => {
            let done = format!("/third-parties/{target}?done=merged");
            return Ok(Redirect::to(&done).into_response());
        }
        Err(AdministrationError::Stale) => {
            answers.error = Some(asking.text("third-party-stale-consequences"));
            StatusCode::CONFLICT
        }
        Err(AdministrationError::Rule(rule)) => {
            let text = Some(asking.text(rule.key()));
            match rule {
                Rule::LevelNameTaken | Rule::LevelPathTooLong => answers.name_error = text,
                _ => answers.error = text,
            }
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(error) => return Err(error.into()),
    };
    page(&asking, &source, (status, answers)).await
}

/// The figures that the person was shown.
fn read_foreseen(form: &OwnForm) -> Result<Foreseen, PageError> {
    let version = |name: &str| form.get(name).parse::<i64>().map_err(|_| PageError::BadRequest);
    let count = |name: &str| form.get(name).parse::<u64>().map_err(|_| PageError::BadRequest);
    Ok(Foreseen {
        source_version: version("source_version")?,
        target_version: version("target_version")?,
        people: count("people")?,
        roles_revoked: count("roles")?,
        kept: count("kept")?,
        lost: count("lost")?,
    })
}

async fn page(
    asking: &Asking,
    source: &ThirdParty,
    (status, mut answers): (StatusCode, Answers),
) -> Result<Response, PageError> {
    let texts = asking.texts();
    let mut preview = None;
    if !answers.into.is_empty() {
        match find_preview(asking, source, &answers.into).await? {
            Ok(found) => preview = Some(view(&found, &answers.name)),
            Err(key) => answers.into_error = Some(texts.msg(key)),
        }
    }
    let is_refused = answers.into_error.is_some() && status == StatusCode::OK;
    let status = if is_refused { StatusCode::UNPROCESSABLE_ENTITY } else { status };
    let page = chrome::page(&MergePage {
        t: texts,
        chrome: asking.chrome("nav-third-parties"),
        id: source.id.to_string(),
        name: source.legal_name.clone(),
        answers,
        preview,
    })?;
    Ok((status, page).into_response())
}

/// What would happen, or the key of why it cannot.
async fn find_preview(
    asking: &Asking,
    source: &ThirdParty,
    into: &str,
) -> Result<Result<MergerPreview, &'static str>, PageError> {
    let Some(target) = find_by_level(asking, into).await? else {
        return Ok(Err("third-party-error-named"));
    };
    let administration = asking.administration();
    match administration.preview_merger(source.id, target).await {
        Ok(preview) => Ok(Ok(preview)),
        Err(AdministrationError::Rule(rule)) => Ok(Err(rule.key())),
        Err(error) => Err(error.into()),
    }
}

fn view(of: &MergerPreview, name: &str) -> PreviewView {
    let line = |(application, count): &(Application, u64)| format!("{}: {count}", application.code);
    let above = of.target.level.as_ref().map(|level| level.path.to_string());
    let foreseen = of.foreseen();
    PreviewView {
        target: of.target.legal_name.clone(),
        people: of.people.to_string(),
        roles: of.roles_revoked.to_string(),
        kept: of.kept.iter().map(line).collect(),
        lost: of.lost.iter().map(line).collect(),
        path: format!("{}/{name}", above.unwrap_or_default()),
        name_is_taken: of.name_is_taken,
        hidden: vec![
            ("source_version", foreseen.source_version.to_string()),
            ("target_version", foreseen.target_version.to_string()),
            ("people", foreseen.people.to_string()),
            ("roles", foreseen.roles_revoked.to_string()),
            ("kept", foreseen.kept.to_string()),
            ("lost", foreseen.lost.to_string()),
        ],
    }
}
