//! Home, My Processes, All Messages, and the terms.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use relying_party::{Problem, Rejection, SignedIn};

use super::{Chrome, database_down, has_group, render};
use crate::{
    App, access, accounts,
    permissions::{self, Granted},
};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    chrome: Chrome,
    first_name: String,
    third_party: String,
    granted: Vec<Granted>,
    administrators: Vec<String>,
    group: &'static str,
}

/// `GET /`: what the person may do now, read at each request (manual B section 6: a refresh
/// shows the effect).
pub(crate) async fn home(State(app): State<App>, person: SignedIn) -> Result<Response, Rejection> {
    if !has_group(&app, &person) {
        return Ok(Redirect::to("/useradmin/").into_response());
    }
    let granted = granted(&app, &person).await?;
    let third_party = access::third_party(&person).unwrap_or_default().to_owned();
    let administrators = if granted.is_empty() {
        accounts::administrators(&app.pool, &third_party).await.map_err(database_down(&app))?
    } else {
        Vec::new()
    };
    let first_name =
        if person.given_name.is_empty() { &person.name } else { &person.given_name }.clone();
    let chrome = Chrome::new(&app, &person, "home");
    let group = app.environment.group();
    let page = HomePage { chrome, first_name, third_party, granted, administrators, group };
    Ok(render(&app, &page)?.into_response())
}

async fn granted(app: &App, person: &SignedIn) -> Result<Vec<Granted>, Rejection> {
    let account =
        accounts::find_of(&app.pool, &person.iss, &person.sub).await.map_err(database_down(app))?;
    match account {
        Some(account) => {
            permissions::effective(&app.pool, &account).await.map_err(database_down(app))
        }
        None => Ok(Vec::new()),
    }
}

/// A process type and what the person may do in it.
struct Process {
    name: String,
    institutions: usize,
    highest: &'static str,
}

#[derive(Template)]
#[template(path = "processes.html")]
struct ProcessesPage {
    chrome: Chrome,
    processes: Vec<Process>,
}

/// `GET /processes`: the process types that the person can open.
pub(crate) async fn processes(
    State(app): State<App>,
    person: SignedIn,
) -> Result<Response, Rejection> {
    if !has_group(&app, &person) {
        return Err(needs_group(&app));
    }
    let granted = granted(&app, &person).await?;
    let processes = granted
        .chunk_by(|one, next| one.process_type == next.process_type)
        .map(|group| Process {
            name: group.first().map(|one| one.process_type.clone()).unwrap_or_default(),
            institutions: group.len(),
            highest: group.iter().map(|one| one.level).max().unwrap_or_default().label(),
        })
        .collect();
    let page = ProcessesPage { chrome: Chrome::new(&app, &person, "processes"), processes };
    Ok(render(&app, &page)?.into_response())
}

#[derive(Template)]
#[template(path = "messages.html")]
struct MessagesPage {
    chrome: Chrome,
}

/// `GET /messages`: none in this demo.
pub(crate) async fn messages(
    State(app): State<App>,
    person: SignedIn,
) -> Result<Response, Rejection> {
    if !has_group(&app, &person) {
        return Err(needs_group(&app));
    }
    let page = MessagesPage { chrome: Chrome::new(&app, &person, "messages") };
    Ok(render(&app, &page)?.into_response())
}

#[derive(Template)]
#[template(path = "terms.html")]
struct TermsPage {
    chrome: Chrome,
}

/// `GET /terms`
pub(crate) async fn terms(State(app): State<App>, person: SignedIn) -> Result<Response, Rejection> {
    let page = TermsPage { chrome: Chrome::new(&app, &person, "") };
    Ok(render(&app, &page)?.into_response())
}

/// An administrator without the group has Manage Users and nothing else (I17).
fn needs_group(app: &App) -> Rejection {
    let group = app.environment.group();
    app.rp.problem(
        &Problem::new(StatusCode::FORBIDDEN, "This page needs the user group")
            .text(format!("Your account is not in the group {group}, which opens processes."))
            .advice("Assign the group to your own account in the Identity Portal if you need it.")
            .link("/useradmin/", "Go to Manage Users"),
    )
}
