//! "Who could, on a day": the people who held something of an application then.

use askama::Template;
use axum::{body::Body, response::Response};
use futures_util::stream;
use portal_core::{expiry::ExpirationDate, permission::Action};
use serde_json::json;
use storage::{AccessOnDay, AccessRow, PersonAccess, StorageError, Store};

use super::{
    cells, email_of, name_of,
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

/// People on one page.
const PAGE: u64 = 25;
/// People that are read at once for a file.
const BATCH: u64 = 500;

/// Something that somebody held.
struct RowView {
    id: String,
    name: String,
    email: String,
    level: String,
    held: String,
    since: String,
    ended: String,
}

#[derive(Template)]
#[template(path = "access/on.html")]
struct OnPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    one_left: Option<OneLeft>,
    scope: &'a Scope,
    date: &'a str,
    error: Option<String>,
    rows: Option<Vec<RowView>>,
    next: Option<String>,
    /// The address of the list as a file, for whoever may take it along.
    file: Option<String>,
}

/// `GET /access/on?date=…&application=…&level=…`.
pub(in crate::web::pages) async fn show(
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let scope = Scope::of(&asking, Action::ExplainAccess, &wanted).await?;
    let texts = asking.texts();
    let date = wanted.date.as_deref().unwrap_or_default().trim();
    let day = ExpirationDate::from_iso(date);
    let error = (!date.is_empty() && day.is_err()).then(|| texts.msg("memberships-day-malformed"));
    let (mut rows, mut next) = (None, None);
    let filter = scope.query(&[("date", date)]);
    let cursor = asking.cursor("access-on", &filter);
    if let Some(mut search) = search(&scope, date) {
        search.limit = PAGE + 1;
        search.after = wanted.after(&asking.app, &cursor);
        let mut people = asking.app.store.list_access_on(&search).await?;
        if people.len() as u64 > PAGE {
            people.truncate(usize::try_from(PAGE).unwrap_or_default());
            next = people.last().map(|last| {
                let after = cursor.write(&asking.app, &(&last.key, last.account.user.id));
                format!("/access/on?{}", scope.query(&[("date", date), ("after", &after)]))
            });
        }
        rows = Some(people.iter().flat_map(|person| views(person, texts)).collect());
    }
    chrome::page(&OnPage {
        t: texts,
        chrome: asking.chrome("nav-access"),
        one_left: OneLeft::of_own(&asking).await?,
        scope: &scope,
        date,
        error,
        rows,
        next,
        file: (!asking.sight(Action::ExportUsers).is_empty())
            .then(|| format!("/access/on.csv?{filter}")),
    })
}

/// `GET /access/on.csv`.
pub(in crate::web::pages) async fn download(
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let scope = Scope::of(&asking, Action::ExportUsers, &wanted).await?;
    let date = wanted.date.as_deref().unwrap_or_default().trim();
    let search = search(&scope, date).ok_or(PageError::BadRequest)?;
    let detail = json!({ "list": "on", "application": scope.code(), "date": date });
    asking.administration().export_access(scope.level.as_ref(), detail).await?;
    let texts = asking.texts().clone();
    let keys = [
        "access-person",
        "access-email",
        "access-level",
        "access-held",
        "access-since",
        "access-ended",
    ];
    let head = csv::head(keys.map(|key| texts.msg(key)).iter().map(String::as_str));
    let file = File { store: asking.app.store.clone(), texts };
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
    Ok(csv::attachment("access-on-day.csv", csv::TEXT_CSV, Body::from_stream(lines)))
}

/// What is asked, once there is a day and an application.
fn search(scope: &Scope, date: &str) -> Option<AccessOnDay> {
    Some(AccessOnDay {
        within: scope.within.clone(),
        application: scope.application.as_ref()?.id,
        day: ExpirationDate::from_iso(date).ok()?,
        after: None,
        limit: BATCH,
    })
}

struct File {
    store: Store,
    texts: Texts,
}

impl File {
    async fn part(
        &self,
        mut search: AccessOnDay,
    ) -> Result<(String, Option<AccessOnDay>), StorageError> {
        let people = self.store.list_access_on(&search).await?;
        let is_last = (people.len() as u64) < search.limit;
        let lines = people.iter().flat_map(|person| views(person, &self.texts)).map(|row| {
            let cells = [&row.name, &row.email, &row.level, &row.held, &row.since, &row.ended];
            csv::line(cells.map(String::as_str))
        });
        let lines = lines.collect();
        search.after = people.last().map(|last| (last.key.clone(), last.account.user.id));
        Ok((lines, (!is_last).then_some(search)))
    }
}

fn views(person: &PersonAccess, texts: &Texts) -> Vec<RowView> {
    let account = &person.account;
    let view = |row: &AccessRow| RowView {
        id: account.user.id.to_string(),
        name: name_of(account, texts),
        email: email_of(account),
        level: account.level.name.clone(),
        held: cells::text(row, texts),
        since: texts.instant(row.since),
        ended: row.ended_at.map(|at| texts.instant(at)).unwrap_or_default(),
    };
    person.rows.iter().map(view).collect()
}
