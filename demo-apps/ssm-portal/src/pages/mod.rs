//! The pages: what they share.

use askama::Template;
use axum::{
    extract::{FromRequestParts, State},
    response::{Html, IntoResponse},
};
use http::{StatusCode, header, request::Parts};
use relying_party::{Person, Problem, Rejection, SignedIn};

use crate::{
    App, Environment,
    access::{self, Scope},
};

pub(crate) mod api;
pub(crate) mod home;
pub(crate) mod paging;
pub(crate) mod user;
mod user_form;
mod user_view;
pub(crate) mod users;

/// Address of the stylesheet; the version makes browsers fetch a new one.
pub(crate) const STYLESHEET: &str = concat!("/assets/ssm.css?v=", env!("CARGO_PKG_VERSION"));

/// What the head and the foot of a page show.
pub(crate) struct Chrome {
    name: String,
    csrf_token: String,
    /// Which tab is the current one.
    tab: &'static str,
    /// Home, My Processes and All Messages are for people with the group.
    shows_work: bool,
    /// Manage Users is for administrators.
    shows_manage: bool,
    is_production: bool,
    portal: String,
    stylesheet: &'static str,
    version: &'static str,
}

impl Chrome {
    pub(crate) fn new(app: &App, person: &SignedIn, tab: &'static str) -> Self {
        Self {
            name: person.name.clone(),
            csrf_token: person.csrf_token().to_owned(),
            tab,
            shows_work: has_group(app, person),
            shows_manage: access::manages(person).is_some(),
            is_production: app.environment == Environment::Production,
            portal: app.portal.to_string(),
            stylesheet: STYLESHEET,
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// Whether the person is in this environment's group now.
pub(crate) fn has_group(app: &App, person: &Person) -> bool {
    person.in_group(app.environment.group())
}

/// A person who may manage users, and whose.
pub(crate) struct Administrator {
    pub(crate) person: SignedIn,
    pub(crate) scope: Scope,
}

impl FromRequestParts<App> for Administrator {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Rejection> {
        let person = SignedIn::from_request_parts(parts, app).await?;
        match access::manages(&person) {
            Some(scope) => Ok(Self { person, scope }),
            None => Err(not_an_administrator(app)),
        }
    }
}

/// 403 with the reason (domain.md E59).
pub(crate) fn not_an_administrator(app: &App) -> Rejection {
    app.rp.problem(
        &Problem::new(StatusCode::FORBIDDEN, "Manage Users is for administrators")
            .text(
                "Only users with a \u{201c}Delegated Access Administrator\u{201d} (DAA) role for \
                 this application can manage user permissions in the SSM Portal.",
            )
            .advice(
                "If you need a permission, ask the delegated access administrator of your \
                 organisation. If you should be one, ask them to grant you the role in the \
                 Identity Portal, then sign in again.",
            )
            .link("/", "Back to Home"),
    )
}

/// 404; also for what exists but is another third party's.
pub(crate) fn missing(app: &App) -> Rejection {
    app.rp.problem(
        &Problem::new(StatusCode::NOT_FOUND, "Nothing is here")
            .text("The page or the user does not exist, or is not one of your organisation.")
            .advice("Go back to the list and choose again.")
            .link("/", "Back to Home"),
    )
}

/// The fallback of the router.
pub(crate) async fn not_found(State(app): State<App>) -> Rejection {
    missing(&app)
}

/// Turns a failure of the database into a page that says to try again.
pub(crate) fn database_down(app: &App) -> impl FnOnce(sqlx::Error) -> Rejection {
    move |error| {
        tracing::error!(%error, "the database does not answer");
        app.rp.problem(
            &Problem::new(StatusCode::SERVICE_UNAVAILABLE, "The SSM Portal is busy")
                .text("Our database did not answer in time. Nothing was changed.")
                .advice("Wait a minute and try again."),
        )
    }
}

/// Renders a page.
pub(crate) fn render(app: &App, page: &impl Template) -> Result<Html<String>, Rejection> {
    page.render().map(Html).map_err(|error| {
        tracing::error!(%error, "a page could not be rendered");
        app.rp
            .problem(&Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "This page cannot be shown"))
    })
}

/// The last value of a parameter in a query.
pub(crate) fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    form_urlencoded::parse(query?.as_bytes())
        .filter(|(found, _)| found == name)
        .last()
        .map(|(_, value)| value.into_owned())
}

/// `GET /assets/ssm.css`
pub(crate) async fn stylesheet() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, include_str!("../../assets/ssm.css"))
}
