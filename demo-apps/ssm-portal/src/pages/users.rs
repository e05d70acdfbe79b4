//! Manage Users: the list, its export, and how a new user comes in.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::{Html, IntoResponse, Redirect, Response},
};
use http::header;
use relying_party::{Person, Rejection};

use super::{
    Administrator, Chrome, database_down,
    paging::{Choice, Paging, PerPage},
    parameter, render,
};
use crate::{
    App,
    access::Scope,
    accounts::{self, Listed, Listing, Sort},
    csv, dates, trail,
};

/// Rows that fit a page of the list ("Auto").
const AUTO_ROWS: i64 = 10;
/// Longest search text, in characters.
const MAX_SEARCH: usize = 100;

/// A column head: words, address that sorts by it, and how it is sorted now.
struct Column {
    words: &'static str,
    /// Empty if the column cannot be sorted.
    href: String,
    /// Value of `aria-sort`, empty if another column sorts the list.
    sorted: &'static str,
}

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    chrome: Chrome,
    whose: String,
    columns: Vec<Column>,
    rows: Vec<Row>,
    paging: Paging,
    choices: Vec<Choice>,
    search: String,
    sort: &'static str,
    reversed: bool,
    previous: Option<String>,
    next: Option<String>,
    export: String,
}

/// What the table shows of an account.
struct Row {
    listed: Listed,
    created: String,
    modified: String,
}

/// `GET /useradmin`
pub(crate) async fn redirect() -> Redirect {
    Redirect::permanent("/useradmin/")
}

/// `GET /useradmin/`: the accounts of the own third party, newest first.
pub(crate) async fn list(
    State(app): State<App>,
    administrator: Administrator,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Rejection> {
    let asked = Asked::parse(query.as_deref(), administrator.scope.clone());
    let total = accounts::count(&app.pool, &asked.listing).await.map_err(database_down(&app))?;
    let paging = Paging::new(total, asked.per_page, asked.page);
    let rows = accounts::list(&app.pool, &asked.listing, paging.limit(), paging.offset())
        .await
        .map_err(database_down(&app))?;
    let page = UsersPage {
        chrome: Chrome::new(&app, &administrator.person, "users"),
        whose: match &administrator.scope {
            Scope::All => "all third parties".to_owned(),
            Scope::ThirdParty(name) => name.clone(),
        },
        columns: asked.columns(),
        rows: rows
            .into_iter()
            .map(|listed| Row {
                created: dates::day(listed.created_at),
                modified: dates::day(listed.modified_at),
                listed,
            })
            .collect(),
        choices: asked.per_page.choices(),
        search: asked.listing.search.clone(),
        sort: asked.listing.sort.name(),
        reversed: asked.listing.reversed,
        previous: paging.previous().map(|page| asked.address("/useradmin/", page)),
        next: paging.next().map(|page| asked.address("/useradmin/", page)),
        export: asked.address("/useradmin/users.csv", 1),
        paging,
    };
    render(&app, &page)
}

/// `GET /useradmin/users.csv`: the current list, search and sort applied, all pages (E45).
pub(crate) async fn export(
    State(app): State<App>,
    administrator: Administrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Rejection> {
    let asked = Asked::parse(query.as_deref(), administrator.scope.clone());
    let rows = accounts::list(&app.pool, &asked.listing, i64::MAX, 0)
        .await
        .map_err(database_down(&app))?;
    let person: &Person = &administrator.person;
    let now = app.rp.config().clock.now();
    trail::note_export(&app.pool, person, &asked.listing.search, now)
        .await
        .map_err(database_down(&app))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"users.csv\""),
    ];
    Ok((headers, csv::write(&rows)).into_response())
}

#[derive(Template)]
#[template(path = "new_user.html")]
struct NewUserPage {
    chrome: Chrome,
    group: &'static str,
}

/// `GET /useradmin/new`: accounts make themselves at the first sign-in; this page says how.
pub(crate) async fn new_user(
    State(app): State<App>,
    administrator: Administrator,
) -> Result<Html<String>, Rejection> {
    let chrome = Chrome::new(&app, &administrator.person, "users");
    render(&app, &NewUserPage { chrome, group: app.environment.group() })
}

/// What the address asks for.
struct Asked {
    listing: Listing,
    per_page: PerPage,
    page: i64,
}

impl Asked {
    fn parse(query: Option<&str>, scope: Scope) -> Self {
        let get = |name| parameter(query, name).unwrap_or_default();
        Self {
            listing: Listing {
                scope,
                search: get("q").trim().chars().take(MAX_SEARCH).collect(),
                sort: Sort::parse(&get("sort")),
                reversed: get("dir") == "reversed",
            },
            per_page: PerPage::parse(parameter(query, "per_page").as_deref(), AUTO_ROWS),
            page: get("page").parse().unwrap_or(1),
        }
    }

    /// The same list elsewhere.
    fn address(&self, path: &str, page: i64) -> String {
        self.sorted_address(path, page, self.listing.sort, self.listing.reversed)
    }

    fn sorted_address(&self, path: &str, page: i64, sort: Sort, reversed: bool) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.listing.search.is_empty() {
            query.append_pair("q", &self.listing.search);
        }
        query.append_pair("sort", sort.name());
        if reversed {
            query.append_pair("dir", "reversed");
        }
        query.append_pair("per_page", &self.per_page.value());
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        format!("{path}?{}", query.finish())
    }

    /// The heads of the table (domain.md statement 119). Choosing the current one turns it round.
    fn columns(&self) -> Vec<Column> {
        let sortable = [
            ("Name", Sort::FirstName),
            ("Last name", Sort::LastName),
            ("Email", Sort::Email),
            ("Created", Sort::Created),
            ("Last Modified", Sort::Modified),
            ("Institution", Sort::Institution),
        ];
        let mut columns: Vec<Column> = sortable
            .into_iter()
            .map(|(words, sort)| {
                let current = self.listing.sort == sort;
                let reversed = current && !self.listing.reversed;
                let href = self.sorted_address("/useradmin/", 1, sort, reversed);
                Column { words, href, sorted: if current { self.direction() } else { "" } }
            })
            .collect();
        columns.push(Column { words: "Process type(s)", href: String::new(), sorted: "" });
        columns
    }

    fn direction(&self) -> &'static str {
        let newest_first = matches!(self.listing.sort, Sort::Created | Sort::Modified);
        if newest_first == self.listing.reversed { "ascending" } else { "descending" }
    }
}
