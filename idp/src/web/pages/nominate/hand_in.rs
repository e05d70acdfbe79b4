//! The review, and the last button.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::nomination::draft::Complete;

use super::{
    Found, Opened, Visit, WRONG,
    fill::{self, Stored},
    state,
};
use crate::{
    administration::{AdministrationError, Rule, Submission},
    texts::Texts,
    web::{
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        role_name::role_name,
    },
};

/// Somebody who is named, as a line.
struct Named {
    name: String,
    email: String,
    phone: String,
    roles: Vec<String>,
}

#[derive(Template)]
#[template(path = "nominate/review.html")]
struct ReviewPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    id: String,
    mark: &'a str,
    third_party: &'a str,
    name: &'a str,
    function: &'a str,
    email: &'a str,
    applications: String,
    document: String,
    people: Vec<Named>,
    error: Option<String>,
    declaration_error: Option<String>,
}

/// `GET /nominate/review`.
pub(super) async fn review(visit: Visit) -> Result<Response, PageError> {
    let opened = match visit.find().await? {
        Found::Open(opened) => opened,
        other => return state::page(&visit, &other),
    };
    let stored = Stored::load(&visit, &opened).await?;
    match stored.check(&visit, &opened).await? {
        Ok(complete) if stored.evidence.is_some() => {
            page(&visit, &opened, (&stored, &complete), (None, None))
        }
        _ => Ok(Redirect::to("/nominate").into_response()),
    }
}

/// `POST /nominate/submit`: uses the link up.
pub(super) async fn submit(visit: Visit, form: OwnForm) -> Result<Response, PageError> {
    let opened = match visit.find().await? {
        Found::Open(opened) => opened,
        other => return state::page(&visit, &other),
    };
    form.only(&["nomination", "seen", "declaration"], &[])?;
    opened.check_form(form.get("nomination"))?;
    let stored = Stored::load(&visit, &opened).await?;
    let complete = match stored.check(&visit, &opened).await? {
        Ok(complete) if stored.evidence.is_some() => complete,
        checked => {
            let faults = checked.err().unwrap_or_default();
            let lacks_document = stored.evidence.is_none();
            return fill::refuse(&visit, &opened, &stored, (&faults, None, lacks_document));
        }
    };
    let texts = &visit.context.texts;
    if form.get("declaration") != "given" {
        let error = Some(texts.msg("nominate-declaration-missing"));
        let page = page(&visit, &opened, (&stored, &complete), (None, error))?;
        return Ok((WRONG, page).into_response());
    }
    let signatory = &opened.nomination.signatory;
    let submission = Submission::of(&stored.draft, complete.clone(), signatory)?;
    let seen = (&opened.link, form.get("seen"));
    let (status, key) = match visit.administration().submit_nomination(seen, &submission).await {
        Ok(_) => return Ok(Redirect::to("/nominate").into_response()),
        Err(
            AdministrationError::Missing(_) | AdministrationError::Rule(Rule::NominationOfBarred),
        ) => return state::page(&visit, &visit.find().await?),
        Err(AdministrationError::Stale) => (StatusCode::CONFLICT, "nominate-stale-review"),
        Err(AdministrationError::Rule(rule)) => (WRONG, rule.key()),
        Err(error) => return Err(error.into()),
    };
    let page = page(&visit, &opened, (&stored, &complete), (Some(texts.msg(key)), None))?;
    Ok((status, page).into_response())
}

fn page(
    visit: &Visit,
    opened: &Opened,
    (stored, complete): (&Stored, &Complete),
    (error, declaration_error): (Option<String>, Option<String>),
) -> Result<Response, PageError> {
    let signatory = &opened.nomination.signatory;
    let document = stored.evidence.as_ref().map(|of| of.file_name.clone()).unwrap_or_default();
    chrome::page(&ReviewPage {
        t: &visit.context.texts,
        chrome: visit.chrome(),
        id: opened.nomination.id.to_string(),
        mark: &stored.mark,
        third_party: &opened.third_party.legal_name,
        name: &complete.name,
        function: &complete.function,
        email: &signatory.email,
        applications: titles(stored, &complete.applications),
        document,
        people: named(stored, complete),
        error,
        declaration_error,
    })
}

fn titles(stored: &Stored, ids: &[portal_core::id::ApplicationId]) -> String {
    let known = stored.known.iter().filter(|application| ids.contains(&application.id));
    let titles: Vec<&str> = known.map(|application| application.title.as_str()).collect();
    titles.join(", ")
}

fn named(stored: &Stored, complete: &Complete) -> Vec<Named> {
    let line = |of: &portal_core::nomination::Nominee| Named {
        name: of.display_name(),
        email: of.email.as_str().to_owned(),
        phone: of.phone.grouped(),
        roles: of.roles().map(|kind| role_name(kind, &stored.known)).collect(),
    };
    complete.nominees.iter().map(line).collect()
}
