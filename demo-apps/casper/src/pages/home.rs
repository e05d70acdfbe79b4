//! The landing page: who you are, what is assigned to you, what you own.

use askama::Template;
use axum::{extract::State, response::Response};
use relying_party::Rejection;

use super::Chrome;
use crate::{AppState, Assignment, Environment, Pair, Role, Roles, Stewardship, member::Member};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    chrome: Chrome,
    email: String,
    subsidiary: Option<String>,
    is_staff: bool,
    is_admin: bool,
    is_owner: bool,
    roles: Vec<Role>,
    owned: Vec<Stewardship>,
    orphans: Vec<Pair>,
    groups: Vec<Group>,
    waiting: Vec<Waiting>,
}

/// A data collection with the entities for which the person works on it.
struct Group {
    code: String,
    name: String,
    frequency: String,
    deadline: String,
    rows: Vec<Row>,
}

/// One reporting entity in a [`Group`].
struct Row {
    entity: String,
    entity_name: String,
    lei: String,
    roles: Vec<Role>,
    external: bool,
    assigned_by: String,
}

/// An assignment that does not count now, and why.
struct Waiting {
    collection: String,
    entity: String,
    title: &'static str,
    reason: String,
}

/// `GET /`.
pub(crate) async fn show(
    State(state): State<AppState>,
    member: Member,
) -> Result<Response, Rejection> {
    let failed = |error| state.failed(&error);
    let identity = &member.account.identity;
    let roles = member.roles();
    let assignments =
        state.database.list_assignments(identity, state.clock.now()).await.map_err(failed)?;
    let (mut owned, mut orphans) = (Vec::new(), Vec::new());
    if roles.collection_owner {
        owned = state.database.list_stewardships(identity).await.map_err(failed)?;
        orphans = state.database.list_orphaned_pairs(identity).await.map_err(failed)?;
    }
    let (effective, rest): (Vec<_>, Vec<_>) =
        assignments.into_iter().partition(|assignment| assignment.is_effective(roles));
    state.page(&HomePage {
        chrome: Chrome::new(&state, &member, "home"),
        email: member.account.email.clone(),
        subsidiary: member.signed_in.subsidiary.as_ref().map(|part| part.name.clone()),
        is_staff: member.account.third_party.is_none(),
        is_admin: roles.user_admin,
        is_owner: roles.collection_owner,
        roles: roles.assignable().collect(),
        owned,
        orphans,
        groups: group(effective, &member.account.level_path),
        waiting: rest.into_iter().filter_map(|row| wait(row, roles, state.environment)).collect(),
    })
}

/// Assignments, which come in the order of collection and entity, as one row an entity.
fn group(assignments: Vec<Assignment>, level_path: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for assignment in assignments {
        let Some(role) = assignment.role() else {
            continue;
        };
        let external = assignment.is_external(level_path);
        let row = Row {
            entity: assignment.entity,
            entity_name: assignment.entity_name,
            lei: assignment.lei,
            roles: vec![role],
            external,
            assigned_by: assignment.assigned_by_name,
        };
        match groups.last_mut().filter(|group| group.code == assignment.collection) {
            Some(group) => match group.rows.last_mut().filter(|last| last.entity == row.entity) {
                Some(last) => last.roles.push(role),
                None => group.rows.push(row),
            },
            None => groups.push(Group {
                code: assignment.collection,
                name: assignment.collection_name,
                frequency: assignment.frequency,
                deadline: assignment.deadline,
                rows: vec![row],
            }),
        }
    }
    groups
}

/// Why an assignment has no effect (I21, O32).
fn wait(row: Assignment, roles: Roles, environment: Environment) -> Option<Waiting> {
    let role = row.role()?;
    let reason = if roles.has(role) {
        "you had lost the role for a time; a web user administrator of your organisation must \
         confirm the assignment."
            .to_owned()
    } else {
        format!(
            "you are not in the group {}. The delegated access administrator of your \
             organisation assigns it.",
            role.group(environment)
        )
    };
    Some(Waiting { collection: row.collection, entity: row.entity, title: role.title(), reason })
}
