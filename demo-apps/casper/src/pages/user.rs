//! User administration: one user, its assignments, and what one may give it.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use axum_extra::extract::Query;
use relying_party::Rejection;
use serde::Deserialize;

use super::{Chrome, day, initials, minute};
use crate::{
    Account, Actor, AppState, Assignment, AuditEntry, Collection, Entity, Event, Pair, Role, Roles,
    Target, member::Member,
};

/// What the address of the page may carry.
#[derive(Deserialize)]
pub(crate) struct ShowQuery {
    /// What the person has just done.
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "user.html")]
struct UserPage {
    chrome: Chrome,
    person: PersonView,
    is_owner: bool,
    rows: Vec<AssignmentRow>,
    choices: Vec<Choice>,
    history: Vec<HistoryRow>,
}

struct PersonView {
    id: i64,
    name: String,
    initials: String,
    email: String,
    organisation: String,
    roles: Vec<Role>,
}

struct AssignmentRow {
    collection: String,
    collection_name: String,
    entity: String,
    entity_name: String,
    role: Role,
    pair: String,
    external: bool,
    asleep: bool,
    assigned_by: String,
    since: String,
    offers: Offers,
}

/// What the viewer may do with an assignment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Offers {
    Nothing,
    Remove,
    /// It sleeps, and the role has come back (O32).
    ConfirmOrRemove,
}

/// A data collection in the list of what can be given.
struct Choice {
    label: String,
    options: Vec<Offer>,
}

/// A reporting entity in a [`Choice`].
struct Offer {
    value: String,
    words: String,
}

struct HistoryRow {
    when: String,
    words: String,
}

/// `GET /users/{id}`. A user out of sight looks like one that does not exist.
pub(crate) async fn show(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(query): Query<ShowQuery>,
    member: Member,
) -> Result<Response, Rejection> {
    let failed = |error| state.failed(&error);
    let actor = state.database.get_actor(&member.account).await.map_err(failed)?;
    let account = state.find_visible(&actor, &id).await?;
    let held = state
        .database
        .list_assignments(&account.identity, state.clock.now())
        .await
        .map_err(failed)?;
    let collections = state.database.list_collections().await.map_err(failed)?;
    let entities = state.database.list_entities().await.map_err(failed)?;
    let history = state.database.find_history(&account.identity).await.map_err(failed)?;
    let choices = choices(&actor, &account, &held, (&collections, &entities));
    let rows: Vec<_> =
        held.iter().filter_map(|row| assignment_row(&actor, &account, row)).collect();
    // Who only looks is not asked again.
    if !choices.is_empty() || rows.iter().any(|row| row.offers != Offers::Nothing) {
        member.require_recent_sign_in(&state)?;
    }
    let mut chrome = Chrome::new(&state, &member, "users");
    chrome.notice = notice(&query.done);
    state.page(&UserPage {
        chrome,
        is_owner: actor.owns(),
        choices,
        rows,
        history: visible_history(&actor, &history).map(history_row).collect(),
        person: PersonView {
            id: account.id,
            initials: initials(&account.name),
            roles: account.roles().assignable().collect(),
            organisation: account
                .third_party_name
                .unwrap_or_else(|| "European Central Bank".to_owned()),
            name: account.name,
            email: account.email,
        },
    })
}

impl AppState {
    /// The account with this number, if `actor` sees it.
    pub(super) async fn find_visible(&self, actor: &Actor, id: &str) -> Result<Account, Rejection> {
        let id: i64 = id.parse().map_err(|_| self.no_such_page())?;
        let found = self.database.find_account_by_id(id).await;
        found
            .map_err(|error| self.failed(&error))?
            .filter(|account| actor.sees(account.third_party.as_deref()))
            .ok_or_else(|| self.no_such_page())
    }
}

/// The rules' view of an account.
pub(super) fn target(account: &Account) -> Target<'_> {
    Target { third_party: account.third_party.as_deref(), roles: account.roles() }
}

/// A pair in forms: the code of the data collection, a slash, the code of the entity.
pub(super) fn write_pair(pair: &Pair) -> String {
    format!("{}/{}", pair.collection, pair.entity)
}

/// The inverse of [`write_pair`]; codes of data collections have no slash.
pub(super) fn parse_pair(text: &str) -> Option<Pair> {
    let (collection, entity) = text.split_once('/')?;
    Some(Pair { collection: collection.to_owned(), entity: entity.to_owned() })
}

fn notice(done: &str) -> Option<&'static str> {
    match done {
        "assigned" => Some("The assignment is in effect. The person sees it at the next page."),
        "confirmed" => Some("The assignment is confirmed and in effect again."),
        "removed" => Some("The assignment is removed. The access ended at once."),
        _ => None,
    }
}

fn assignment_row(actor: &Actor, account: &Account, row: &Assignment) -> Option<AssignmentRow> {
    let (role, pair) = (row.role()?, row.pair());
    let asleep = row.asleep_since.is_some();
    let offers = if actor.check_remove(target(account), &pair).is_err() {
        Offers::Nothing
    } else if asleep && actor.check_assign(target(account), role, &pair).is_ok() {
        Offers::ConfirmOrRemove
    } else {
        Offers::Remove
    };
    let external = row.is_external(&account.level_path);
    // What an earlier organisation gave concerns the owner and whoever holds the pair now.
    if asleep && external && offers == Offers::Nothing {
        return None;
    }
    Some(AssignmentRow {
        collection: row.collection.clone(),
        collection_name: row.collection_name.clone(),
        entity: row.entity.clone(),
        entity_name: row.entity_name.clone(),
        role,
        pair: write_pair(&pair),
        external,
        asleep,
        assigned_by: row.assigned_by_name.clone(),
        since: day(row.assigned_at),
        offers,
    })
}

/// What `actor` can still give to `account`, by data collection.
fn choices(
    actor: &Actor,
    account: &Account,
    held: &[Assignment],
    (collections, entities): (&[Collection], &[Entity]),
) -> Vec<Choice> {
    let entity_names: BTreeMap<&str, &str> =
        entities.iter().map(|entity| (entity.code.as_str(), entity.legal_name.as_str())).collect();
    let mut choices = Vec::new();
    for collection in collections {
        let mut options = Vec::new();
        for (code, name) in &entity_names {
            let pair = Pair { collection: collection.code.clone(), entity: (*code).to_owned() };
            let possible = actor.check_remove(target(account), &pair).is_ok();
            if possible && !has_all(held, &pair, account.roles()) {
                options
                    .push(Offer { value: write_pair(&pair), words: format!("{code} · {name}") });
            }
        }
        if !options.is_empty() {
            let label = format!("{} · {}", collection.code, collection.name);
            choices.push(Choice { label, options });
        }
    }
    choices
}

/// Whether every role that can be given on `pair` is given already.
fn has_all(held: &[Assignment], pair: &Pair, roles: Roles) -> bool {
    roles.assignable().all(|role| {
        held.iter().any(|row| {
            row.role() == Some(role) && row.pair() == *pair && row.asleep_since.is_none()
        })
    })
}

/// The events, newest first, back to the latest move; older ones, of another organisation, only
/// for the owner of the data collection.
fn visible_history<'a>(
    actor: &Actor,
    history: &'a [AuditEntry],
) -> impl Iterator<Item = &'a AuditEntry> {
    let moved = history.iter().position(|entry| entry.event == Event::Moved.as_str());
    let current = moved.map_or(history.len(), |at| at.saturating_add(1));
    history.iter().enumerate().filter_map(move |(at, entry)| {
        let owned = match &entry.collection {
            Some(collection) => actor.owns() && actor.owned.contains(collection),
            None => actor.owns(),
        };
        (at < current || owned).then_some(entry)
    })
}

fn history_row(entry: &AuditEntry) -> HistoryRow {
    let role = entry.role.as_deref().and_then(Role::parse).map_or("", Role::title);
    let on = match (&entry.collection, &entry.entity) {
        (Some(collection), Some(entity)) => format!("{role} for {collection}, {entity}"),
        _ => role.to_owned(),
    };
    let by = &entry.actor_name;
    let words = match entry.event.as_str() {
        "account_created" => "First sign-in; the account was made".to_owned(),
        "role_lost" => {
            format!("{role}: role taken away in the Identity Portal, assignments asleep")
        }
        "moved" => "Came from another organisation; all assignments asleep".to_owned(),
        "seeded" | "assigned" => format!("{on}: assigned by {by}"),
        "confirmed" => format!("{on}: confirmed by {by}"),
        "removed" => format!("{on}: removed by {by}"),
        other => other.to_owned(),
    };
    HistoryRow { when: minute(entry.at), words }
}
