//! User administration: giving and taking back.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use relying_party::{Problem, Rejection, SignedInForm};
use serde::Deserialize;

use super::{
    Chrome,
    user::{parse_pair, target, write_pair},
};
use crate::{AppState, Change, Denial, Event, Role, member::Member};

/// The form of both actions.
#[derive(Deserialize)]
pub(crate) struct ChangeForm {
    role: Role,
    pair: String,
    /// The warning about the last administrator was read.
    #[serde(default)]
    confirmed: String,
}

/// `POST /users/{id}/assignments`: gives a role on a pair, or confirms what slept.
pub(crate) async fn add(
    State(state): State<AppState>,
    Path(id): Path<String>,
    SignedInForm { person, form }: SignedInForm<ChangeForm>,
) -> Result<Response, Rejection> {
    let member = Member::load(&state, person).await?;
    member.require_recent_sign_in(&state)?;
    let change = read_change(&state, &id, &form)?;
    let done = state.database.assign(&member.account, &change, state.clock.now()).await;
    match done.map_err(|error| state.failed(&error))? {
        Ok(Event::Confirmed) => Ok(back(change.account, "confirmed")),
        Ok(_) => Ok(back(change.account, "assigned")),
        Err(denial) => Err(explain(&state, denial, change.account)),
    }
}

#[derive(Template)]
#[template(path = "last_administrator.html")]
struct LastAdministratorPage {
    chrome: Chrome,
    id: i64,
    name: String,
    collection: String,
    entity: String,
    pair: String,
}

/// `POST /users/{id}/assignments/remove`: takes a role on a pair back. Removing the last web
/// user administrator of a pair asks first (E49).
pub(crate) async fn remove(
    State(state): State<AppState>,
    Path(id): Path<String>,
    SignedInForm { person, form }: SignedInForm<ChangeForm>,
) -> Result<Response, Rejection> {
    let failed = |error| state.failed(&error);
    let member = Member::load(&state, person).await?;
    member.require_recent_sign_in(&state)?;
    let change = read_change(&state, &id, &form)?;
    let asks = change.role == Role::UserAdmin && form.confirmed != "yes";
    if asks && let Some(page) = warn(&state, &member, &change).await? {
        return Ok(page);
    }
    let done = state.database.remove(&member.account, &change, state.clock.now()).await;
    match done.map_err(failed)? {
        // Who has just given up the own last pair no longer sees the list of others.
        Ok(()) => Ok(back(change.account, "removed")),
        Err(denial) => Err(explain(&state, denial, change.account)),
    }
}

/// The page that asks, if nobody else would be left to administer the pair.
async fn warn(
    state: &AppState,
    member: &Member,
    change: &Change,
) -> Result<Option<Response>, Rejection> {
    let failed = |error| state.failed(&error);
    let actor = state.database.get_actor(&member.account).await.map_err(failed)?;
    let account = state.find_visible(&actor, &change.account.to_string()).await?;
    actor
        .check_remove(target(&account), &change.pair)
        .map_err(|denial| explain(state, denial, change.account))?;
    let others = state.database.count_other_administrators(&change.pair, &account.identity).await;
    if others.map_err(failed)? > 0 {
        return Ok(None);
    }
    let page = LastAdministratorPage {
        chrome: Chrome::new(state, member, "users"),
        id: account.id,
        name: account.name,
        pair: write_pair(&change.pair),
        collection: change.pair.collection.clone(),
        entity: change.pair.entity.clone(),
    };
    state.page(&page).map(Some)
}

fn read_change(state: &AppState, id: &str, form: &ChangeForm) -> Result<Change, Rejection> {
    let account = id.parse().map_err(|_| state.no_such_page())?;
    let pair = parse_pair(&form.pair).ok_or_else(|| {
        state.rp.problem(
            &Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "Nothing was chosen")
                .text("Choose a data collection and a reporting entity. Nothing was changed.")
                .advice("Go back and choose one from the list.")
                .link(format!("/users/{account}"), "Back to the user"),
        )
    })?;
    Ok(Change { account, role: form.role, pair })
}

fn back(account: i64, done: &str) -> Response {
    Redirect::to(&format!("/users/{account}?done={done}")).into_response()
}

/// A denial in words. Out of sight looks like nonexistent.
fn explain(state: &AppState, denial: Denial, account: i64) -> Rejection {
    let problem = match denial {
        Denial::OutOfSight => return state.no_such_page(),
        Denial::PairNotHeld => Problem::new(StatusCode::FORBIDDEN, "You cannot decide on this")
            .text(
                "You can give and take back only the data collections and reporting entities \
                     that are assigned to you as an administrator. Nothing was changed.",
            )
            .advice("Ask the ECB collection owner, or an administrator who holds the pair."),
        Denial::GroupMissing => Problem::new(StatusCode::CONFLICT, "The group is missing")
            .text(
                "The person does not have this role in the Identity Portal, so an assignment \
                 would have no effect. Nothing was changed.",
            )
            .advice(
                "Ask the delegated access administrator (DAA) of the organisation to assign the \
                 group first.",
            ),
    };
    state.rp.problem(&problem.link(format!("/users/{account}"), "Back to the user"))
}
