//! How a user's permissions are shown.

use askama::Template;
use axum::response::Html;
use relying_party::{Rejection, SignedIn};

use super::{
    Chrome, database_down,
    paging::{Choice, Paging},
    render as render_page,
    user_form::{Sent, Staged},
};
use crate::{
    App,
    accounts::Account,
    dates,
    level::Level,
    permissions::{self, InstitutionLevel, ProcessType},
    trail::{self, Changed},
};

/// What the page has to say before its form.
pub(crate) enum Notice {
    None,
    /// So many permissions were stored.
    Saved(usize),
    /// Another administrator saved meanwhile; what was set here is kept and still unsaved.
    Stale,
    /// There are unsaved changes; this address drops them and shows the other process type.
    Unsaved(String),
}

/// The records that the page is made of.
pub(crate) struct View {
    pub(crate) account: Account,
    pub(crate) types: Vec<ProcessType>,
    pub(crate) current: Option<ProcessType>,
    pub(crate) sent: Sent,
    pub(crate) notice: Notice,
}

/// A row of the table.
struct Row {
    id: i64,
    label: String,
    was: Level,
    level: Level,
}

impl Row {
    fn is_changed(&self) -> bool {
        self.was != self.level
    }
}

#[derive(Template)]
#[template(path = "user.html")]
struct UserPage {
    chrome: Chrome,
    full_name: String,
    initials: String,
    account: Account,
    is_self: bool,
    types: Vec<ProcessType>,
    current: Option<ProcessType>,
    rows: Vec<Row>,
    hidden: Vec<Row>,
    levels: [Level; 4],
    paging: Paging,
    choices: Vec<Choice>,
    shows_all: bool,
    unsaved: usize,
    notice: Notice,
    history: Vec<Past>,
}

/// A line of the history.
struct Past {
    day: String,
    changed: Changed,
}

/// Reads the levels of the process type and renders the page with what is staged on top.
pub(crate) async fn render(
    app: &App,
    person: &SignedIn,
    view: View,
) -> Result<Html<String>, Rejection> {
    let View { account, types, current, mut sent, notice } = view;
    let stored = match &current {
        Some(current) => permissions::of_process_type(&app.pool, &account, current.id)
            .await
            .map_err(database_down(app))?,
        None => Vec::new(),
    };
    let unsaved_before = matches!(notice, Notice::Unsaved(_) | Notice::Stale);
    let (rows, hidden, paging) = arrange(stored, &mut sent);
    let unsaved = rows.iter().chain(&hidden).filter(|row| row.is_changed()).count();
    let history = trail::history(&app.pool, &account)
        .await
        .map_err(database_down(app))?
        .into_iter()
        .map(|changed| Past { day: dates::day(changed.at), changed })
        .collect();
    let page = UserPage {
        history,
        chrome: Chrome::new(app, person, "users"),
        full_name: account.full_name(),
        initials: initials(&account),
        is_self: account.iss == person.iss && account.sub == person.sub,
        account,
        types,
        current,
        rows,
        hidden,
        levels: Level::ALL,
        paging,
        choices: sent.per_page.choices(),
        shows_all: sent.shows_all,
        unsaved,
        notice: if unsaved_before && unsaved == 0 { Notice::None } else { notice },
    };
    render_page(app, &page)
}

/// The rows of the current page, and the staged ones of the others.
fn arrange(stored: Vec<InstitutionLevel>, sent: &mut Sent) -> (Vec<Row>, Vec<Row>, Paging) {
    let shown =
        |row: &Row| sent.shows_all || row.was > Level::NoAccess || row.level > Level::NoAccess;
    let mut rows: Vec<Row> = stored
        .into_iter()
        .map(|one| {
            let staged: Option<&Staged> = sent.staged.get(&one.id);
            let level = staged.map_or(one.level, |staged| staged.level);
            Row { id: one.id, label: one.label, was: one.level, level }
        })
        .filter(shown)
        .collect();
    if let Some(level) = sent.set_all {
        for row in &mut rows {
            row.level = level;
        }
    }
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let paging = Paging::new(total, sent.per_page, sent.page);
    sent.page = paging.page;
    let from = usize::try_from(paging.offset()).unwrap_or_default();
    let to = from.saturating_add(usize::try_from(paging.limit()).unwrap_or_default());
    let mut hidden = Vec::new();
    let mut visible = Vec::new();
    for (place, row) in rows.into_iter().enumerate() {
        if (from..to).contains(&place) {
            visible.push(row);
        } else if row.is_changed() {
            hidden.push(row);
        }
    }
    (visible, hidden, paging)
}

/// "TU" for "Test User Daa BANK_01" (domain.md statement 130).
fn initials(account: &Account) -> String {
    account
        .full_name()
        .split_whitespace()
        .take(2)
        .filter_map(|word| word.chars().next())
        .flat_map(char::to_uppercase)
        .collect()
}
