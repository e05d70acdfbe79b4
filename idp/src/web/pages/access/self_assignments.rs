//! The report of access that one person alone gave: to oneself (O8), or to an account of the own making where the third
//! party asks for four eyes (E54). Who, to whom, what, when, and whether it still counts.

use askama::Template;
use axum::{body::Body, response::Response};
use futures_util::stream;
use portal_core::{
    Timestamp,
    access::Application,
    id::{GroupId, UserId},
    one_hand::{OneHand, Outcome},
    permission::{Action, Sight},
};
use serde_json::json;
use storage::{OneHandRow, OneHandSearch, StorageError, Store};

use super::{
    email_of, name_of,
    scope::{Scope, Wanted},
};
use crate::{
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        csv,
        error::PageError,
        one_left::OneLeft,
        query::Query,
    },
};

/// Rows on one page.
const PAGE: u64 = 25;
/// Rows that are read at once for a file.
const BATCH: u64 = 500;
/// The heads of the file's columns.
const HEADS: [&str; 9] = [
    "self-assignments-when",
    "access-person",
    "access-email",
    "access-level",
    "access-held",
    "access-application",
    "self-assignments-by",
    "self-assignments-how",
    "self-assignments-now",
];

/// Something that was given, in words.
struct RowView {
    /// The person's page, if the reader may open it.
    id: Option<String>,
    at: String,
    name: String,
    email: String,
    level: String,
    group: String,
    application: String,
    by: String,
    how: String,
    now: String,
    tone: &'static str,
}

#[derive(Template)]
#[template(path = "access/self-assignments.html")]
struct ReportPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    one_left: Option<OneLeft>,
    scope: &'a Scope,
    ways: Vec<(String, String)>,
    how: &'a str,
    no_error: Option<String>,
    is_filtered: bool,
    rows: Vec<RowView>,
    newest: Option<String>,
    older: Option<String>,
    file: Option<String>,
}

/// `GET /access/self-assignments`.
pub(in crate::web::pages) async fn show(
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let scope = Scope::of(&asking, Action::ExplainAccess, &wanted).await?;
    let (app, texts, how) = (&asking.app, asking.texts(), way(&wanted)?);
    let word = how.map_or("", OneHand::as_str);
    let filter = scope.query(&[("how", word)]);
    let cursor = asking.cursor("self-assignments", &filter);
    let mut search = search(&scope, how, PAGE + 1);
    search.before = wanted
        .position::<(i64, UserId, GroupId)>(app, &cursor)
        .map(|(at, user, group)| (Timestamp::from_millis(at), user, group));
    let mut found = app.store.list_one_hand(&search, app.now()).await?;
    let has_more = found.len() as u64 > PAGE;
    found.truncate(usize::try_from(PAGE).unwrap_or_default());
    let older = found.last().filter(|_| has_more).map(|last| {
        let (at, user, group) = last.position();
        let after = cursor.write(app, &(at.millis(), user, group));
        format!("/access/self-assignments?{}", scope.query(&[("how", word), ("after", &after)]))
    });
    let words = Words {
        texts: texts.clone(),
        applications: scope.applications.clone(),
        sight: asking.sight(Action::ExplainAccess),
    };
    chrome::page(&ReportPage {
        t: texts,
        chrome: asking.chrome("nav-access"),
        one_left: OneLeft::of_own(&asking).await?,
        ways: ways(texts),
        how: word,
        no_error: None,
        is_filtered: scope.level.is_some() || scope.application.is_some() || how.is_some(),
        rows: found.iter().map(|row| words.view(row)).collect(),
        newest: search.before.map(|_| format!("/access/self-assignments?{filter}")),
        older,
        file: (!asking.sight(Action::ExportUsers).is_empty())
            .then(|| format!("/access/self-assignments.csv?{filter}")),
        scope: &scope,
    })
}

/// `GET /access/self-assignments.csv`: the same, whole, written as it is read.
pub(in crate::web::pages) async fn download(
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let scope = Scope::of(&asking, Action::ExportUsers, &wanted).await?;
    let how = way(&wanted)?;
    let detail = json!({
        "list": "self-assignments",
        "application": scope.code(),
        "how": how.map_or("", OneHand::as_str),
    });
    asking.administration().export_access(scope.level.as_ref(), detail).await?;
    let texts = asking.texts().clone();
    let head = csv::head(HEADS.map(|key| texts.msg(key)).iter().map(String::as_str));
    let search = search(&scope, how, BATCH);
    let sight = asking.sight(Action::ExportUsers);
    let words = Words { texts, applications: scope.applications, sight };
    let file = File { store: asking.app.store.clone(), words, now: asking.app.now() };
    let lines = stream::unfold((Some((Some(head), search)), file), |(state, file)| async move {
        let (head, search) = state?;
        if let Some(head) = head {
            return Some((Ok(head), (Some((None, search)), file)));
        }
        match file.part(search).await {
            Ok((text, next)) => Some((Ok(text), (next.map(|search| (None, search)), file))),
            Err(error) => Some((Err(error), (None, file))),
        }
    });
    Ok(csv::attachment("self-assignments.csv", csv::TEXT_CSV, Body::from_stream(lines)))
}

/// The way of giving that the address asks for; `None` for both.
fn way(wanted: &Wanted) -> Result<Option<OneHand>, PageError> {
    match wanted.how.as_deref().filter(|how| !how.is_empty()) {
        None => Ok(None),
        Some(how) => OneHand::parse(how).map(Some).ok_or(PageError::BadRequest),
    }
}

fn ways(texts: &Texts) -> Vec<(String, String)> {
    let both = (String::new(), texts.msg("self-assignments-how-all"));
    let each = OneHand::ALL.map(|how| (how.as_str().to_owned(), texts.msg(way_key(how))));
    std::iter::once(both).chain(each).collect()
}

fn search(scope: &Scope, kind: Option<OneHand>, limit: u64) -> OneHandSearch {
    OneHandSearch {
        within: scope.within.clone(),
        application: scope.application.as_ref().map(|application| application.id),
        kind,
        before: None,
        limit,
    }
}

const fn way_key(how: OneHand) -> &'static str {
    match how {
        OneHand::ToOneself => "self-assignments-to-oneself",
        OneHand::ToOwnMaking => "self-assignments-to-own-making",
    }
}

struct File {
    store: Store,
    words: Words,
    now: Timestamp,
}

impl File {
    async fn part(
        &self,
        mut search: OneHandSearch,
    ) -> Result<(String, Option<OneHandSearch>), StorageError> {
        let rows = self.store.list_one_hand(&search, self.now).await?;
        let is_last = (rows.len() as u64) < search.limit;
        let lines = rows.iter().map(|row| {
            let row = self.words.view(row);
            let cells = [
                &row.at,
                &row.name,
                &row.email,
                &row.level,
                &row.group,
                &row.application,
                &row.by,
                &row.how,
                &row.now,
            ];
            csv::line(cells.map(String::as_str))
        });
        let lines = lines.collect();
        search.before = rows.last().map(OneHandRow::position);
        Ok((lines, (!is_last).then_some(search)))
    }
}

/// What rows are put into words with.
struct Words {
    texts: Texts,
    applications: Vec<Application>,
    /// Where the reader sees people. Of whoever has moved away since, the report tells what happened here and no more.
    sight: Sight,
}

impl Words {
    fn view(&self, row: &OneHandRow) -> RowView {
        let texts = &self.texts;
        let application = self.applications.iter().find(|one| one.id == row.application);
        let is_seen = self.sight.includes(&row.account.level.path);
        let (now, tone) = if is_seen {
            self.outcome(row.outcome)
        } else {
            (texts.msg("self-assignments-elsewhere"), "muted")
        };
        let group = match row.valid_until {
            Some(day) => {
                let until = texts.msg1("why-until", "until", &day.to_iso());
                format!("{} ({until})", row.group_name)
            }
            None => row.group_name.clone(),
        };
        RowView {
            id: is_seen.then(|| row.account.user.id.to_string()),
            at: texts.instant(row.given_at),
            name: name_of(&row.account, texts),
            email: if is_seen { email_of(&row.account) } else { String::new() },
            level: if is_seen { row.account.level.name.clone() } else { String::new() },
            group,
            application: application.map(|one| one.title.clone()).unwrap_or_default(),
            by: name_of(&row.given_by, texts),
            how: texts.msg(way_key(row.kind)),
            now,
            tone,
        }
    }

    /// Whether it still counts, and the tone of the words.
    fn outcome(&self, outcome: Outcome) -> (String, &'static str) {
        let texts = &self.texts;
        let dated = |key: &str, at: Timestamp| texts.msg1(key, "at", &texts.instant(at));
        match outcome {
            Outcome::Counts => (texts.msg("self-assignments-counts"), "warning"),
            Outcome::Unused => (texts.msg("self-assignments-unused"), "muted"),
            Outcome::Dormant => (texts.msg("self-assignments-dormant"), "muted"),
            Outcome::Over => (texts.msg("self-assignments-over"), "muted"),
            Outcome::Changed(at) => (dated("self-assignments-changed", at), "muted"),
            Outcome::Ended(Some(at)) => (dated("self-assignments-ended", at), "muted"),
            Outcome::Ended(None) => (texts.msg("access-ended"), "muted"),
        }
    }
}
