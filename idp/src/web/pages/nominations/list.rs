//! The work queue: oldest first.

use askama::Template;
use axum::response::Response;
use portal_core::{
    Timestamp,
    id::NominationId,
    nomination::NominationStatus,
    permission::{Action, Object},
};
use serde::Deserialize;
use storage::{Nomination, NominationFilter};

use crate::{
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        query::Query,
    },
};

/// Nominations on one page.
const PAGE: u64 = 25;
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Which nominations.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    state: String,
    after: Option<String>,
}

struct Row {
    id: String,
    third_party: String,
    signatory: String,
    state: String,
    mark: &'static str,
    since: String,
    age: String,
}

#[derive(Template)]
#[template(path = "nominations/list.html")]
struct ListPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    may_file: bool,
    states: Vec<(String, String)>,
    state: String,
    no_error: Option<String>,
    rows: Vec<Row>,
    next: Option<String>,
}

/// `GET /nominations`.
pub(super) async fn show(
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    asking.may(Action::ViewNomination, &Object::Everything)?;
    let cursor = asking.cursor("nominations", &wanted.state);
    let after: Option<NominationId> =
        wanted.after.as_deref().and_then(|after| cursor.read(&asking.app, after));
    let filter = NominationFilter {
        states: states_of(&wanted.state),
        third_party: None,
        after,
        limit: PAGE + 1,
    };
    let mut found = asking.app.store.list_nominations(&filter).await?;
    let has_more = found.len() as u64 > PAGE;
    found.truncate(usize::try_from(PAGE).unwrap_or_default());
    let last = found.last().filter(|_| has_more);
    let next = last.map(|(last, _)| cursor.write(&asking.app, &last.id));
    let (texts, now) = (asking.texts(), asking.app.now());
    chrome::page(&ListPage {
        t: texts,
        chrome: asking.chrome("nav-nominations"),
        may_file: asking.is_allowed(Action::FileNomination, &Object::Everything),
        states: options(texts),
        state: wanted.state,
        no_error: None,
        rows: found.iter().map(|(of, name)| row(of, name, texts, now)).collect(),
        next,
    })
}

/// The states that a filter means: without one, those that wait for the staff.
fn states_of(filter: &str) -> Vec<NominationStatus> {
    match NominationStatus::parse(filter) {
        Some(status) => vec![status],
        None if filter == "all" => NominationStatus::ALL.to_vec(),
        None => vec![NominationStatus::Submitted, NominationStatus::InReview],
    }
}

fn options(texts: &Texts) -> Vec<(String, String)> {
    let fixed = [("", "nominations-waiting"), ("all", "nominations-all")]
        .map(|(value, key)| (value.to_owned(), texts.msg(key)));
    let states = NominationStatus::ALL
        .map(|status| (status.as_str().to_owned(), texts.msg(super::state(status).0)));
    fixed.into_iter().chain(states).collect()
}

fn row(of: &Nomination, third_party: &str, texts: &Texts, now: Timestamp) -> Row {
    let (key, mark) = super::state(of.status);
    let since = of.submitted_at.unwrap_or(of.created_at);
    let days = now.seconds().saturating_sub(since.seconds()) / DAY_SECONDS;
    Row {
        id: of.id.to_string(),
        third_party: third_party.to_owned(),
        signatory: of.signatory.email.clone(),
        state: texts.msg(key),
        mark,
        since: texts.instant(since),
        age: texts.msg1("nominations-days", "days", &days.to_string()),
    }
}
