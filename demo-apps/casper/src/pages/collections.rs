//! Data collections: the list, and one of them.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use relying_party::Rejection;

use super::{Chrome, day};
use crate::{AppState, Assignee, Collection, Role, is_external, member::Member};

#[derive(Template)]
#[template(path = "collections.html")]
struct CollectionsPage {
    chrome: Chrome,
    rows: Vec<CollectionRow>,
}

struct CollectionRow {
    collection: Collection,
    owned: bool,
    /// Codes of the person's entities, separated by commas.
    entities: String,
}

/// `GET /collections`.
pub(crate) async fn list(
    State(state): State<AppState>,
    member: Member,
) -> Result<Response, Rejection> {
    let failed = |error| state.failed(&error);
    let roles = member.roles();
    let actor = state.database.get_actor(&member.account).await.map_err(failed)?;
    let collections = state.database.list_collections().await.map_err(failed)?;
    let mut mine = state
        .database
        .list_assignments(&member.account.identity, state.clock.now())
        .await
        .map_err(failed)?;
    mine.retain(|assignment| assignment.is_effective(roles));
    let rows = collections.into_iter().map(|collection| {
        let mut entities: Vec<&str> = mine
            .iter()
            .filter(|assignment| assignment.collection == collection.code)
            .map(|assignment| assignment.entity.as_str())
            .collect();
        entities.dedup();
        CollectionRow {
            owned: roles.collection_owner && actor.owned.contains(&collection.code),
            entities: entities.join(", "),
            collection,
        }
    });
    let rows = rows.collect();
    state.page(&CollectionsPage { chrome: Chrome::new(&state, &member, "collections"), rows })
}

#[derive(Template)]
#[template(path = "collection.html")]
struct CollectionPage {
    chrome: Chrome,
    collection: Collection,
    owned: bool,
    mine: Vec<Mine>,
    assignees: Vec<AssigneeRow>,
}

struct Mine {
    entity: String,
    entity_name: String,
    lei: String,
    role: &'static str,
    assigned_by: String,
    since: String,
}

struct AssigneeRow {
    account: Option<i64>,
    name: String,
    organisation: String,
    role: &'static str,
    entity: String,
    entity_name: String,
    external: bool,
    asleep: bool,
    assigned_by: String,
}

/// `GET /collections/{code}`. Who else is assigned is for the owner's eyes only.
pub(crate) async fn show(
    State(state): State<AppState>,
    Path(code): Path<String>,
    member: Member,
) -> Result<Response, Rejection> {
    let failed = |error| state.failed(&error);
    let roles = member.roles();
    let found = state.database.find_collection(&code).await.map_err(failed)?;
    let Some(collection) = found else {
        return Err(state.no_such_page());
    };
    let actor = state.database.get_actor(&member.account).await.map_err(failed)?;
    let owned = roles.collection_owner && actor.owned.contains(&code);
    let mut mine = state
        .database
        .list_assignments(&member.account.identity, state.clock.now())
        .await
        .map_err(failed)?;
    mine.retain(|row| row.collection == code && row.is_effective(roles));
    let assignees = if owned {
        state.database.list_assignees(&code).await.map_err(failed)?
    } else {
        Vec::new()
    };
    state.page(&CollectionPage {
        chrome: Chrome::new(&state, &member, "collections"),
        collection,
        owned,
        mine: mine
            .into_iter()
            .map(|row| Mine {
                role: row.role().map_or("", Role::title),
                entity: row.entity,
                entity_name: row.entity_name,
                lei: row.lei,
                assigned_by: row.assigned_by_name,
                since: day(row.assigned_at),
            })
            .collect(),
        assignees: assignees.into_iter().map(assignee_row).collect(),
    })
}

fn assignee_row(row: Assignee) -> AssigneeRow {
    AssigneeRow {
        external: row.level_path.is_some_and(|path| is_external(&path, &row.level)),
        asleep: row.asleep_since.is_some(),
        account: row.account,
        name: row.name.unwrap_or_default(),
        organisation: row.third_party_name.unwrap_or_default(),
        role: Role::parse(&row.role).map_or("", Role::title),
        entity: row.entity,
        entity_name: row.entity_name,
        assigned_by: row.assigned_by_name,
    }
}
