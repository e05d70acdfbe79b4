//! How "Assign Memberships" looks: rows of the list, entries of the picker, what is hidden in the form.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use portal_core::{expiry::ExpirationDateError, id::ApplicationId, search_key::search_key};
use storage::{HeldMembership, OfferedGroup};

use super::{
    Said,
    loaded::{self, Loaded},
    staging::{self, Staging},
};
use crate::{
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        pages::users::CameFrom,
    },
};

/// What is staged for a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Held,
    Added,
    Removed,
    Moved,
}

/// A row of the list.
struct Row {
    id: String,
    name: String,
    description: String,
    application: String,
    state: State,
    /// Whether it is shown: the list may be narrowed by a search.
    is_shown: bool,
    /// Whether the administrator may change it; otherwise it is read-only.
    is_managed: bool,
    /// Who could.
    managers: String,
    /// What stands in the field of the last day.
    until: String,
    error: Option<String>,
    /// Key and class of the mark of a membership that counts for nothing.
    idle: Option<(&'static str, &'static str)>,
}

impl Row {
    fn is_staged(&self) -> bool {
        self.state != State::Held
    }

    const fn class(&self) -> &'static str {
        match self.state {
            State::Held => "",
            State::Added | State::Moved => "staged-added",
            State::Removed => "staged-removed",
        }
    }

    /// Key of the mark of what is staged.
    const fn mark(&self) -> &'static str {
        match self.state {
            State::Held => "",
            State::Added => "memberships-staged-added",
            State::Removed => "memberships-staged-removed",
            State::Moved => "memberships-staged-moved",
        }
    }

    const fn mark_class(&self) -> &'static str {
        match self.state {
            State::Removed => "mark-bad",
            _ => "mark-good",
        }
    }

    /// The name of the field of the last day: of a group to be added, or of a membership that is held.
    fn day_field(&self) -> String {
        let prefix = if self.state == State::Added { "add" } else { "until" };
        format!("{prefix}.{}", self.id)
    }

    fn is_removed(&self) -> bool {
        self.state == State::Removed
    }

    fn day_is_open(&self) -> bool {
        self.is_managed && !self.is_removed()
    }
}

/// A group that could be added.
struct Entry {
    id: String,
    name: String,
    description: String,
    application: String,
    is_picked: bool,
    is_shown: bool,
}

#[derive(Template)]
#[template(path = "memberships/assign.html")]
struct AssignPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    id: String,
    first_name: &'a str,
    last_name: &'a str,
    level: &'a str,
    count: String,
    rows: Vec<Row>,
    entries: Vec<Entry>,
    /// What was held when the form was made: group and last day.
    was: Vec<(String, String)>,
    form: &'a Staging,
    said: &'a Said,
    picked: usize,
    nothing_matches: bool,
    picker_is_empty: bool,
    /// Where it is told why the person has this access.
    why: Option<String>,
}

#[derive(Template)]
#[template(path = "memberships/denied.html")]
struct DeniedPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    from: &'a CameFrom,
    person: String,
    level: &'a str,
    administrators: Vec<(String, String, String)>,
}

/// The page with what is staged.
pub(super) fn page(
    asking: &Asking,
    loaded: &Loaded,
    form: &Staging,
    said: &Said,
) -> Result<Response, PageError> {
    let rows = rows(asking, loaded, form, said);
    let count = rows.iter().filter(|row| !row.is_removed()).count();
    let entries = entries(loaded, form);
    let user = &loaded.account.user;
    chrome::page(&AssignPage {
        t: asking.texts(),
        chrome: asking.chrome("nav-users"),
        id: user.id.to_string(),
        first_name: &user.first_name,
        last_name: &user.last_name,
        level: &loaded.account.level.name,
        count: count.to_string(),
        nothing_matches: !rows.iter().any(|row| row.is_shown),
        picker_is_empty: !entries.iter().any(|entry| entry.is_shown),
        picked: entries.iter().filter(|entry| entry.is_picked).count(),
        rows,
        entries,
        was: form.was.iter().map(|(id, day)| (id.to_string(), staging::iso(*day))).collect(),
        form,
        said,
        why: super::may_explain(asking, &loaded.account).then(|| format!("/users/{}/why", user.id)),
    })
}

/// The page is not for this administrator: whom to ask (E18).
pub(super) fn denied(
    asking: &Asking,
    loaded: &Loaded,
    from: &CameFrom,
) -> Result<Response, PageError> {
    let title = |application: ApplicationId| {
        let offered = loaded.offered.iter().map(|offered| &offered.application);
        offered.into_iter().find(|one| one.id == application).map(|one| one.title.clone())
    };
    let administrators = loaded
        .administrators
        .iter()
        .filter_map(|one| Some((one.name.clone(), one.email.clone(), title(one.application)?)));
    let page = chrome::page(&DeniedPage {
        t: asking.texts(),
        chrome: asking.chrome("nav-users"),
        from,
        person: loaded.account.user.display_name(),
        level: &loaded.account.level.name,
        administrators: administrators.collect(),
    })?;
    Ok((StatusCode::FORBIDDEN, page).into_response())
}

/// The key of the error at a last day.
pub(super) const fn day_error_key(error: ExpirationDateError) -> &'static str {
    match error {
        ExpirationDateError::Malformed => "memberships-day-malformed",
        ExpirationDateError::Past => "memberships-day-past",
    }
}

/// What is held and what is to be added, each as it is staged.
fn rows(asking: &Asking, loaded: &Loaded, form: &Staging, said: &Said) -> Vec<Row> {
    let texts = asking.texts();
    let error = |group| said.days.get(&group).map(|error| texts.msg(day_error_key(*error)));
    let held = loaded.memberships.iter().map(|held| held_row(asking, loaded, form, held));
    let added = loaded.offered.iter().filter(|one| form.added.contains_key(&one.group.id));
    let added = added.map(|offered| {
        let typed = form.added.get(&offered.group.id).cloned().unwrap_or_default();
        Row { until: typed, ..new_row(loaded, form, offered) }
    });
    let rows = held.chain(added).map(|row| {
        let id = row.id.parse().ok();
        Row { error: id.and_then(error), ..row }
    });
    rows.map(|row| Row { is_shown: row.is_shown || row.error.is_some(), ..row }).collect()
}

fn held_row(asking: &Asking, loaded: &Loaded, form: &Staging, held: &HeldMembership) -> Row {
    let (group, texts) = (&held.group, asking.texts());
    let stored = staging::iso(held.valid_until);
    let is_managed = loaded.manages(held.application.id);
    let until = form.until.get(&group.id).filter(|_| is_managed).unwrap_or(&stored).clone();
    let is_moved = form.moved().any(|(moved, _)| moved == group.id);
    let managers = match loaded.administrators_of(held.application.id).as_slice() {
        [] => texts.msg("memberships-managed-by-operator"),
        names => texts.msg1("memberships-managed-by", "names", &names.join(", ")),
    };
    Row {
        id: group.id.to_string(),
        name: group.name.clone(),
        description: group.description.clone(),
        application: held.application.title.clone(),
        state: match (form.removed.contains(&group.id), is_moved) {
            (true, _) => State::Removed,
            (false, true) => State::Moved,
            (false, false) => State::Held,
        },
        is_shown: matches(&form.search, [&group.name, &group.description]),
        is_managed,
        managers,
        until,
        error: None,
        idle: match (loaded::is_over(held, asking.app.now()), held.is_dormant) {
            (true, _) => Some(("memberships-over", "mark-muted")),
            (false, true) => Some(("memberships-dormant", "mark-warning")),
            (false, false) => None,
        },
    }
}

fn new_row(loaded: &Loaded, form: &Staging, offered: &OfferedGroup) -> Row {
    let group = &offered.group;
    Row {
        id: group.id.to_string(),
        name: group.name.clone(),
        description: group.description.clone(),
        application: offered.application.title.clone(),
        state: State::Added,
        is_shown: matches(&form.search, [&group.name, &group.description]),
        is_managed: loaded.manages(offered.application.id),
        managers: String::new(),
        until: String::new(),
        error: None,
        idle: None,
    }
}

/// Groups that the administrator may give and that are neither held nor staged (O7).
fn entries(loaded: &Loaded, form: &Staging) -> Vec<Entry> {
    let held = loaded.held();
    let is_open = |offered: &&OfferedGroup| {
        let id = offered.group.id;
        let is_held = held.contains_key(&id) && !form.removed.contains(&id);
        loaded.manages(offered.application.id) && !is_held && !form.added.contains_key(&id)
    };
    let entry = |offered: &OfferedGroup| Entry {
        id: offered.group.id.to_string(),
        name: offered.group.name.clone(),
        description: offered.group.description.clone(),
        application: offered.application.title.clone(),
        is_picked: form.picked.contains(&offered.group.id),
        is_shown: matches(&form.picker_search, [&offered.group.name, &offered.group.description]),
    };
    loaded.offered.iter().filter(is_open).map(entry).collect()
}

/// Whether what was typed is part of one of the texts, whatever its case and accents (manual §4: `ssm`).
fn matches(typed: &str, texts: [&String; 2]) -> bool {
    let wanted = search_key(typed);
    texts.iter().any(|text| search_key(text).contains(&wanted))
}
