//! The pages for people. Each handler loads, decides, and shows; the words are in `templates/`.

pub(crate) mod assignments;
pub(crate) mod collections;
pub(crate) mod home;
pub(crate) mod user;
pub(crate) mod users;

use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use http::StatusCode;
use relying_party::{Problem, Rejection};

use crate::{AppState, Environment, member::Member};

/// What the frame of every page shows.
pub(crate) struct Chrome {
    environment: Environment,
    stylesheet: String,
    icon: &'static str,
    /// The entry of the navigation that is marked.
    current: &'static str,
    shows_users: bool,
    name: String,
    initials: String,
    organisation: String,
    csrf_token: String,
    /// A short message about what the person has just done.
    notice: Option<&'static str>,
    support: String,
    my_apps: String,
}

impl Chrome {
    /// The frame for `member`, with `current` marked in the navigation.
    fn new(state: &AppState, member: &Member, current: &'static str) -> Self {
        let roles = member.roles();
        let config = state.rp.config();
        let organisation = member.account.third_party_name.clone();
        Self {
            environment: state.environment,
            stylesheet: state.stylesheet.to_string(),
            icon: if state.environment.is_test() {
                "/assets/favicon-pre-production.svg"
            } else {
                "/assets/favicon.svg"
            },
            current,
            shows_users: roles.user_admin || roles.collection_owner,
            name: member.account.name.clone(),
            initials: initials(&member.account.name),
            organisation: organisation.unwrap_or_else(|| "European Central Bank".to_owned()),
            csrf_token: member.signed_in.csrf_token().to_owned(),
            notice: None,
            support: config.support.clone(),
            my_apps: format!("{}/apps", config.issuer.trim_end_matches('/')),
        }
    }
}

impl AppState {
    /// Renders a page.
    fn page(&self, template: &impl Template) -> Result<Response, Rejection> {
        let body = template.render().map_err(|error| self.failed(&error))?;
        Ok(Html(body).into_response())
    }

    /// The answer to an address that does not exist, or that this person must not know of.
    fn no_such_page(&self) -> Rejection {
        self.rp.problem(
            &Problem::new(StatusCode::NOT_FOUND, "There is no such page")
                .text("The address is wrong, or what it led to is not visible to you.")
                .advice("Check the address, or begin at the home page.")
                .link("/", "Home"),
        )
    }
}

/// Every address without a route.
pub(crate) async fn not_found(State(state): State<AppState>) -> Rejection {
    state.no_such_page()
}

/// First letters of the first and the last word of a name.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// A day, such as `2 October 2026`. An instant out of range is shown as nothing.
fn day(millis: i64) -> String {
    let format = time::macros::format_description!("[day padding:none] [month repr:long] [year]");
    at(millis).and_then(|at| at.format(format).ok()).unwrap_or_default()
}

/// A minute, such as `2 October 2026, 14:05 UTC`.
fn minute(millis: i64) -> String {
    let format = time::macros::format_description!(
        "[day padding:none] [month repr:long] [year], [hour]:[minute] UTC"
    );
    at(millis).and_then(|at| at.format(format).ok()).unwrap_or_default()
}

fn at(millis: i64) -> Option<time::OffsetDateTime> {
    time::OffsetDateTime::from_unix_timestamp(millis.div_euclid(1000)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_the_last_name() {
        assert_eq!(initials("Lucía Armentera"), "LA");
        assert_eq!(initials("Test User Daa BANK_01"), "TB");
        assert_eq!(initials("éloise"), "É");
        assert_eq!(initials(" "), "");
    }

    #[test]
    fn an_instant_is_shown_in_words() {
        assert_eq!(minute(1_601_647_500_000), "2 October 2020, 14:05 UTC");
        assert_eq!(day(1_601_647_500_000), "2 October 2020");
        assert_eq!(day(i64::MAX), "");
    }
}
