//! The list of users (manual §3).

use askama::Template;
use axum::{
    http::{StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use portal_core::permission::{Action, Sight};
use storage::{Found, UserOrder, UserPosition, UserRow, UserRows, UserSearch, UserSort};

use super::{
    CameFrom,
    filter::{self, COLUMNS, Place, Wanted},
    row::{RowView, Rows},
};
use crate::{
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        columns::ColumnHead,
        error::PageError,
        level_choice::LevelChoice,
        one_left::OneLeft,
    },
};

/// Users on one page.
const PAGE: u64 = 25;
/// Users are counted up to this.
const COUNTED: u64 = 1_000;
/// Most groups that the filter offers.
const GROUPS: u64 = 500;

#[derive(Template)]
#[template(path = "users/list.html")]
struct ListPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    wanted: &'a Wanted,
    levels: LevelChoice,
    groups: Vec<(String, String)>,
    phone_error: Option<String>,
    no_error: Option<String>,
    notice: Option<String>,
    one_left: Option<OneLeft>,
    heads: Vec<ColumnHead>,
    rows: Vec<RowView>,
    count: String,
    is_filtered: bool,
    may_create: bool,
    may_assign: bool,
    /// The address of the list as a file, for whoever may take it along.
    file: Option<String>,
    previous: Option<String>,
    next: Option<String>,
}

/// A page of the list, as it was found.
struct FoundPage {
    users: UserRows,
    order: UserOrder,
    /// How many users stand before it.
    before: u64,
    is_back: bool,
    total: Found,
    notice: Option<&'static str>,
}

/// `GET /users`.
pub(super) async fn show(asking: Asking, uri: Uri) -> Result<Response, PageError> {
    let seen = asking.sight(Action::ViewUser);
    if seen.is_empty() {
        return Err(PageError::Forbidden);
    }
    let mut wanted = filter::read(&uri)?;
    let levels = wanted.levels(&asking.app, &seen, asking.texts()).await?;
    let level = wanted.find_level(&asking.app, &seen).await?;
    if wanted.place(&asking).is_none() {
        // A place that was not made for this list and reader is not carried along either.
        wanted.page.clear();
    }
    let within = level.map_or_else(|| seen.clone(), |level| Sight::Levels(vec![level.path]));
    let search = wanted.search(within)?;
    let is_odd = wanted.phone_is_odd() || levels.error.is_some();
    let found = find(&asking, &wanted, (&search, is_odd)).await?;
    let texts = asking.texts();
    let rows = Rows::load(&asking, &found.users.rows, CameFrom::of(&wanted)).await?;
    let (previous, next) = neighbours(&asking, &wanted, &found);
    let groups = asking.app.store.list_groups(&seen, GROUPS).await?;
    let page = ListPage {
        t: texts,
        chrome: asking.chrome("nav-users"),
        levels,
        groups: groups.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
        phone_error: wanted.phone_is_odd().then(|| texts.msg("users-phone-search-error")),
        no_error: None,
        notice: found.notice.map(|key| texts.msg(key)).or_else(|| wanted.done(texts)),
        one_left: OneLeft::of_own(&asking).await?,
        heads: heads(&wanted, found.order, texts),
        rows: found.users.rows.iter().map(|row| rows.view(row)).collect(),
        count: count(&found, texts),
        is_filtered: wanted.is_filtered(),
        may_create: !asking.sight(Action::CreateUser).is_empty(),
        may_assign: !asking.application_sight(Action::AssignMembership).is_empty(),
        file: (!asking.sight(Action::ExportUsers).is_empty() && !is_odd)
            .then(|| wanted.address_of_file()),
        previous,
        next,
        wanted: &wanted,
    };
    let status = if is_odd { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, chrome::page(&page)?).into_response())
}

/// Finds the page. Numbers are sorted only where they are few: otherwise the page says so, in its usual order.
async fn find(
    asking: &Asking,
    wanted: &Wanted,
    (search, is_odd): (&UserSearch, bool),
) -> Result<FoundPage, PageError> {
    let mut found = FoundPage {
        users: UserRows::default(),
        order: wanted.order(),
        before: 0,
        is_back: false,
        total: Found::Exactly(0),
        notice: None,
    };
    if is_odd {
        return Ok(found);
    }
    let store = &asking.app.store;
    let place = wanted.place(asking);
    let position = place.as_ref().map_or(UserPosition::Start, Place::position);
    found.is_back = matches!(position, UserPosition::Before(..));
    found.before = place.map_or(0, |place| place.before);
    found.total = store.count_users(search, COUNTED).await?;
    if let Some(users) = store.list_users(search, found.order, &position, PAGE).await? {
        found.users = users;
    } else {
        found.notice = Some("users-sort-phone-many");
        found.order = UserOrder::default();
        let users = store.list_users(search, found.order, &UserPosition::Start, PAGE);
        found.users = users.await?.unwrap_or_default();
    }
    Ok(found)
}

/// The addresses of the pages before and after.
fn neighbours(
    asking: &Asking,
    wanted: &Wanted,
    found: &FoundPage,
) -> (Option<String>, Option<String>) {
    let rows = &found.users.rows;
    let key = |row: &UserRow| (row.key.clone(), row.account.user.id);
    let shown = rows.len() as u64;
    let has_previous = if found.is_back { found.users.has_more } else { found.before > 0 };
    let has_next = found.is_back || found.users.has_more;
    let previous = rows.first().filter(|_| has_previous).map(|first| {
        let place = Place::new(true, key(first), found.before.saturating_sub(PAGE));
        wanted.address_at(asking, &place)
    });
    let next = rows.last().filter(|_| has_next).map(|last| {
        let place = Place::new(false, key(last), found.before + shown);
        wanted.address_at(asking, &place)
    });
    (previous, next)
}

fn heads(wanted: &Wanted, order: UserOrder, texts: &Texts) -> Vec<ColumnHead> {
    COLUMNS
        .iter()
        .map(|(name, by)| {
            let key = match by {
                UserSort::FirstName => "users-first-name",
                UserSort::LastName => "users-last-name",
                UserSort::Email => "users-email",
                UserSort::Phone => "users-phone-number",
            };
            let state = (order.by == *by, order.descending);
            ColumnHead::of(texts.msg(key), state, |order| wanted.address_sorted(name, order))
        })
        .collect()
}

/// "1 - 25 of 134", or "of 1,000+".
fn count(found: &FoundPage, texts: &Texts) -> String {
    let shown = found.users.rows.len() as u64;
    if shown == 0 {
        return String::new();
    }
    let total = match found.total {
        Found::Exactly(count) => grouped(count),
        Found::MoreThan(count) => format!("{}+", grouped(count)),
    };
    let (from, to) = (grouped(found.before + 1), grouped(found.before + shown));
    texts.msg_with("users-count", [("from", from.as_str()), ("to", &to), ("total", &total)])
}

fn grouped(count: u64) -> String {
    if count < 1_000 {
        return count.to_string();
    }
    format!("{},{:03}", count / 1_000, count % 1_000)
}
