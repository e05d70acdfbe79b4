//! Memberships from a file (domain.md 4.3): given and taken away as on the page, shown before, all or nothing.

use std::collections::HashMap;

use axum::response::{IntoResponse as _, Redirect, Response};
use portal_core::{
    email::{Email, EmailKey},
    expiry::{ExpirationDate, ExpirationDateError},
    permission::Action,
};

use crate::{
    administration::{
        AdministrationError, Applied, ChangedMembership, ImportedMembership, MembershipEffect,
        MembershipStep,
    },
    web::{
        asking::Asking,
        csv::read::Row,
        error::PageError,
        form::OwnForm,
        imports::{Asked, File, Found, Kind, Problem, Shown, needed, optional},
        upload::Upload,
    },
};

/// What is imported here.
const KIND: Kind = Kind {
    words: "import-memberships",
    path: "/memberships/import",
    template: "memberships.csv",
    columns: &[
        needed("email", "users-email", "import-hint-person"),
        needed("group", "import-group", "import-hint-group"),
        optional("action", "import-action", "import-hint-action"),
        optional("until", "memberships-until", "memberships-pick-until-hint"),
    ],
    heads: &["import-person", "users-email", "import-group", "import-effect"],
};

/// `GET /memberships/import`.
pub(super) async fn show(asking: Asking) -> Result<Response, PageError> {
    begin(asking)?.empty()
}

/// `GET /memberships/import/template`.
pub(super) async fn template(asking: Asking) -> Result<Response, PageError> {
    check_giver(&asking)?;
    Ok(KIND.download())
}

/// `POST /memberships/import`: what the file would do.
pub(super) async fn check(
    asking: Asking,
    upload: Result<Upload, PageError>,
) -> Result<Response, PageError> {
    let asked = begin(asking)?;
    let file = asked.receive(upload?).await?;
    preview(&asked, &file, false).await
}

/// `POST /memberships/import/apply`: exactly what was shown.
pub(super) async fn apply(
    asking: Asking,
    form: Result<OwnForm, PageError>,
) -> Result<Response, PageError> {
    let asked = begin(asking)?;
    let file = File::of_form(&form?)?;
    let rows = match file.rows(&KIND) {
        Ok(rows) => rows,
        Err(error) => return asked.refuse(&error),
    };
    let read = read(&asked, &rows);
    if !read.problems.is_empty() {
        return preview(&asked, &file.afresh(&asked.asking.app), true).await;
    }
    let administration = asked.asking.administration();
    match administration.import_memberships(&read.rows, &file.imported()).await {
        Ok(Applied::Now(count) | Applied::Before(count)) => {
            let to = format!("/users?done=memberships-imported&count={count}");
            Ok(Redirect::to(&to).into_response())
        }
        Err(AdministrationError::Stale) => {
            preview(&asked, &file.afresh(&asked.asking.app), true).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The page is for whoever gives access to anything.
fn check_giver(asking: &Asking) -> Result<(), PageError> {
    let gives = asking.application_sight(Action::AssignMembership);
    if gives.is_empty() { Err(PageError::Forbidden) } else { Ok(()) }
}

fn begin(asking: Asking) -> Result<Asked, PageError> {
    check_giver(&asking)?;
    Ok(Asked { kind: &KIND, asking })
}

async fn preview(asked: &Asked, file: &File, is_stale: bool) -> Result<Response, PageError> {
    let rows = match file.rows(&KIND) {
        Ok(rows) => rows,
        Err(error) => return asked.refuse(&error),
    };
    let mut read = read(asked, &rows);
    let mut effects = Vec::new();
    if !read.rows.is_empty() {
        let administration = asked.asking.administration();
        let preview = administration.preview_memberships(&read.rows, &file.imported()).await?;
        let refused = preview.refusals.iter();
        let refused = refused.filter_map(|one| asked.refusal(&rows, one.row, one.refusal));
        read.problems.extend(refused);
        effects = preview.effects;
    }
    read.problems.sort_by_key(|problem| problem.row);
    let texts = asked.asking.texts();
    let count = |effect| effects.iter().filter(|one| one.effect == effect).count().to_string();
    let added = count(MembershipEffect::Added);
    let (removed, same) = (count(MembershipEffect::Removed), count(MembershipEffect::Nothing));
    let counts = [("added", added.as_str()), ("removed", &removed), ("same", &same)];
    let found = Found {
        rows: effects.iter().filter_map(|effect| shown(asked, &rows, effect)).collect(),
        summary: texts.msg_with("import-memberships-summary", counts),
        button: texts.msg("import-memberships-apply"),
        problems: read.problems,
    };
    asked.answer(file, found, is_stale)
}

fn shown(asked: &Asked, rows: &[Row], effect: &ChangedMembership) -> Option<Shown> {
    let row = rows.iter().find(|row| row.number == effect.row)?;
    let texts = asked.asking.texts();
    let words = match (effect.effect, row.get("until")) {
        (MembershipEffect::Added, "") => texts.msg("import-effect-added"),
        (MembershipEffect::Added, until) => texts.msg1("import-effect-added-until", "until", until),
        (MembershipEffect::Removed, _) => texts.msg("import-effect-removed"),
        (MembershipEffect::Nothing, _) => texts.msg("import-effect-nothing"),
    };
    let cell = |column: &str| row.get(column).to_owned();
    let cells = vec![effect.name.clone(), cell("email"), cell("group"), words];
    Some(Shown { row: row.number, cells })
}

/// The rows of a file, and what is wrong with the others.
#[derive(Default)]
struct Read {
    rows: Vec<ImportedMembership>,
    problems: Vec<Problem>,
}

fn read(asked: &Asked, rows: &[Row]) -> Read {
    let texts = asked.asking.texts();
    let (mut read, mut seen) = (Read::default(), HashMap::new());
    for row in rows {
        let mut problems = Vec::new();
        let mut wrong = |column: &str, text: String| {
            problems.push(asked.problem(row, column, text));
        };
        if Email::parse(row.get("email")).is_err() {
            wrong("email", texts.msg("users-error-email"));
        }
        if row.get("group").is_empty() {
            wrong("group", texts.msg("import-error-group"));
        }
        let step = step(asked, row);
        if let Err((column, key)) = step {
            wrong(column, texts.msg(key));
        }
        let email = EmailKey::of(row.get("email"));
        let key = (email.as_str().to_owned(), row.get("group").to_owned());
        if let Some(other) = seen.insert(key, row.number) {
            let text = texts.msg1("import-error-twice-group", "row", &other.to_string());
            wrong("group", text);
        }
        match (step, problems.is_empty()) {
            (Ok(step), true) => read.rows.push(ImportedMembership {
                row: row.number,
                email,
                group: row.get("group").to_owned(),
                step,
            }),
            _ => read.problems.append(&mut problems),
        }
    }
    read
}

/// What a row asks for; else the column that is wrong, and why.
fn step(asked: &Asked, row: &Row) -> Result<MembershipStep, (&'static str, &'static str)> {
    let until = match row.get("until") {
        "" => Ok(None),
        text => ExpirationDate::parse(text, asked.asking.app.now()).map(Some),
    };
    let until = until.map_err(|error| match error {
        ExpirationDateError::Malformed => ("until", "memberships-day-malformed"),
        ExpirationDateError::Past => ("until", "memberships-day-past"),
    });
    match row.get("action").to_lowercase().as_str() {
        "" | "add" => Ok(MembershipStep::Add(until?)),
        "remove" if row.get("until").is_empty() => Ok(MembershipStep::Remove),
        "remove" => Err(("until", "import-error-until")),
        _ => Err(("action", "import-error-action")),
    }
}
