//! User administration: the list of users (CASPER web user manual, Journey I).

use askama::Template;
use axum::{extract::State, response::Response};
use axum_extra::extract::Query;
use http::StatusCode;
use relying_party::{Problem, Rejection};
use serde::Deserialize;

use super::{Chrome, day};
use crate::{AppState, Identity, ListedAccount, database::PAGE_SIZE, member::Member};

/// What the address of the list may carry.
#[derive(Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default)]
    q: String,
    /// Counts from zero.
    #[serde(default)]
    page: u32,
}

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    chrome: Chrome,
    all_organisations: bool,
    can_assign: bool,
    search: String,
    rows: Vec<UserRow>,
    first: i64,
    last: i64,
    total: i64,
    previous: Option<String>,
    next: Option<String>,
}

struct UserRow {
    id: i64,
    name: String,
    email: String,
    organisation: String,
    is_self: bool,
    roles: Vec<&'static str>,
    assignments: i64,
    collections: String,
    signed_in: String,
}

/// `GET /users`: users of the own organisation; for a collection owner, all users.
pub(crate) async fn list(
    State(state): State<AppState>,
    Query(query): Query<ListQuery>,
    member: Member,
) -> Result<Response, Rejection> {
    let failed = |error| state.failed(&error);
    let actor = state.database.get_actor(&member.account).await.map_err(failed)?;
    let of = actor.third_party.as_deref();
    if !actor.owns() && !actor.sees(of) {
        return Err(state.not_an_administrator());
    }
    let all_organisations = actor.owns();
    let scope = if all_organisations { None } else { of };
    let search: String = query.q.trim().chars().take(100).collect();
    let page = i64::from(query.page.min(1_000_000));
    let found = state.database.list_accounts(scope, &search, page).await.map_err(failed)?;
    let count = i64::try_from(found.rows.len()).unwrap_or(PAGE_SIZE);
    let last = page * PAGE_SIZE + count;
    state.page(&UsersPage {
        chrome: Chrome::new(&state, &member, "users"),
        all_organisations,
        can_assign: actor.administers(),
        first: page * PAGE_SIZE + 1,
        last,
        total: found.total,
        previous: (page > 0).then(|| address(&search, page - 1)),
        next: (last < found.total).then(|| address(&search, page + 1)),
        search,
        rows: found.rows.into_iter().map(|row| user_row(row, &member.account.identity)).collect(),
    })
}

fn user_row(row: ListedAccount, own: &Identity) -> UserRow {
    let ListedAccount { account, assignments, collections } = row;
    let mut roles: Vec<_> = account.roles().assignable().map(crate::Role::title).collect();
    if account.roles().collection_owner {
        roles.push("Collection owner");
    }
    UserRow {
        id: account.id,
        is_self: account.identity == *own,
        name: account.name,
        email: account.email,
        organisation: account.third_party_name.unwrap_or_default(),
        roles,
        assignments,
        collections: collections.replace(',', ", "),
        signed_in: day(account.signed_in_at),
    }
}

/// The address of a page of the list.
fn address(search: &str, page: i64) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if !search.is_empty() {
        query.append_pair("q", search);
    }
    format!("/users?{}", query.append_pair("page", &page.to_string()).finish())
}

impl AppState {
    /// The page for a person who opens user administration without being an administrator.
    pub(super) fn not_an_administrator(&self) -> Rejection {
        self.rp.problem(
            &Problem::new(StatusCode::FORBIDDEN, "You do not administer users")
                .text(format!(
                    "User administration is for web user administrators of {0} and for ECB \
                     collection owners.",
                    self.environment.app_name()
                ))
                .advice(
                    "If you should be one, ask the delegated access administrator (DAA) of your \
                     organisation for the group.",
                )
                .link("/", "Home"),
        )
    }
}
