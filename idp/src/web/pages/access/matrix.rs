//! The access matrix: people and applications, with what each holds, on screen and as a file.

use askama::Template;
use axum::{body::Body, response::Response};
use futures_util::stream;
use portal_core::{
    access::Application,
    id::UserId,
    permission::{Action, Sight},
};
use serde_json::json;
use storage::{
    AccessRow, Account, StorageError, Store, UserOrder, UserPosition, UserRows, UserSearch,
};

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

/// A person of the matrix.
struct RowView {
    id: String,
    name: String,
    email: String,
    level: String,
    user_administrator: Option<String>,
    cells: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "access/matrix.html")]
struct MatrixPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    one_left: Option<OneLeft>,
    scope: &'a Scope,
    rows: Vec<RowView>,
    next: Option<String>,
    /// The address of the list as a file, for whoever may take it along.
    file: Option<String>,
}

/// `GET /access/matrix`.
pub(in crate::web::pages) async fn show(
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let scope = Scope::of(&asking, Action::ExplainAccess, &wanted).await?;
    let people = People { store: asking.app.store.clone(), within: scope.within.clone() };
    let filter = scope.query(&[]);
    let cursor = asking.cursor("matrix", &filter);
    let page = people.page(wanted.after(&asking.app, &cursor).as_ref(), PAGE).await?;
    let next = page.next.as_ref().map(|last| {
        let query = scope.query(&[("after", &cursor.write(&asking.app, last))]);
        format!("/access/matrix?{query}")
    });
    let texts = asking.texts();
    let rows = page.people.iter().map(|(account, rows)| RowView {
        id: account.user.id.to_string(),
        name: name_of(account, texts),
        email: email_of(account),
        level: account.level.name.clone(),
        user_administrator: cells::user_administrator(rows).map(|role| cells::text(role, texts)),
        cells: cells::of(rows, scope.columns(), texts),
    });
    chrome::page(&MatrixPage {
        t: texts,
        chrome: asking.chrome("nav-access"),
        one_left: OneLeft::of_own(&asking).await?,
        rows: rows.collect(),
        next,
        file: (!asking.sight(Action::ExportUsers).is_empty())
            .then(|| format!("/access/matrix.csv?{filter}")),
        scope: &scope,
    })
}

/// `GET /access/matrix.csv`: the same of all people, written as they are read.
pub(in crate::web::pages) async fn download(
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let scope = Scope::of(&asking, Action::ExportUsers, &wanted).await?;
    let detail = json!({ "list": "matrix", "application": scope.code() });
    asking.administration().export_access(scope.level.as_ref(), detail).await?;
    let (texts, columns) = (asking.texts().clone(), scope.columns().to_vec());
    let named = ["access-person", "access-email", "access-level", "why-role-user-administrator"];
    let heads: Vec<String> = named
        .map(|key| texts.msg(key))
        .into_iter()
        .chain(columns.iter().map(|column| column.code.clone()))
        .collect();
    let head = csv::head(heads.iter().map(String::as_str));
    let people = People { store: asking.app.store.clone(), within: scope.within };
    let file = File { people, texts, columns };
    let lines = stream::unfold((Some(Start::Head(head)), file), |(start, file)| async move {
        let (text, next) = match file.part(start?).await {
            Ok((text, next)) => (Ok(text), next),
            Err(error) => (Err(error), None),
        };
        Some((text, (next, file)))
    });
    Ok(csv::attachment("access-matrix.csv", csv::TEXT_CSV, Body::from_stream(lines)))
}

/// The people of a part of the tree, in the order of last names.
struct People {
    store: Store,
    within: Sight,
}

/// Some of them.
struct PeoplePage {
    people: Vec<(Account, Vec<AccessRow>)>,
    /// After whom it goes on.
    next: Option<(String, UserId)>,
}

impl People {
    async fn page(
        &self,
        after: Option<&(String, UserId)>,
        limit: u64,
    ) -> Result<PeoplePage, StorageError> {
        let search = UserSearch {
            within: self.within.clone(),
            first_name: String::new(),
            last_name: String::new(),
            email: String::new(),
            phone: None,
            group: None,
        };
        let position =
            after.map_or(UserPosition::Start, |(key, id)| UserPosition::After(key.clone(), *id));
        let found = self.store.list_users(&search, UserOrder::default(), &position, limit).await?;
        let UserRows { rows, has_more } = found.unwrap_or_default();
        let next = rows.last().map(|row| (row.key.clone(), row.account.user.id));
        let ids: Vec<UserId> = rows.iter().map(|row| row.account.user.id).collect();
        let mut access = self.store.list_access_of(&ids).await?;
        let people = rows.into_iter().map(|row| {
            let held = access.remove(&row.account.user.id).unwrap_or_default();
            (row.account, held)
        });
        Ok(PeoplePage { people: people.collect(), next: next.filter(|_| has_more) })
    }
}

/// Where a part of the file begins.
enum Start {
    Head(String),
    People(Option<(String, UserId)>),
}

struct File {
    people: People,
    texts: Texts,
    columns: Vec<Application>,
}

impl File {
    async fn part(&self, start: Start) -> Result<(String, Option<Start>), StorageError> {
        let after = match start {
            Start::Head(head) => return Ok((head, Some(Start::People(None)))),
            Start::People(after) => after,
        };
        let page = self.people.page(after.as_ref(), BATCH).await?;
        let lines: String =
            page.people.iter().map(|(account, rows)| self.line(account, rows)).collect();
        Ok((lines, page.next.map(|next| Start::People(Some(next)))))
    }

    fn line(&self, account: &Account, rows: &[AccessRow]) -> String {
        let role = match cells::user_administrator(rows) {
            Some(role) if role.dormant_at.is_some() => self.texts.msg("memberships-dormant"),
            Some(_) => self.texts.msg("access-yes"),
            None => String::new(),
        };
        let held = cells::of(rows, &self.columns, &self.texts);
        let common =
            [name_of(account, &self.texts), email_of(account), account.level.name.clone(), role];
        let cells: Vec<String> =
            common.into_iter().chain(held.into_iter().map(|held| held.join("; "))).collect();
        csv::line(cells.iter().map(String::as_str))
    }
}
