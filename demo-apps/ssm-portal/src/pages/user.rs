//! A user's permissions: select a process type, set the level per institution, Save (manual B
//! section 6). Every button sends the whole form, so nothing set on one page is lost by turning to
//! another, and no script is needed.

use axum::{
    extract::{Path, RawQuery, State},
    response::{Html, IntoResponse, Redirect, Response},
};
use relying_party::{Rejection, SignedInForm};

use super::{
    Administrator, database_down, missing, not_an_administrator, parameter,
    user_form::Sent,
    user_view::{self, Notice, View},
};
use crate::{
    App,
    access::{self, Scope},
    accounts::{self, Account},
    permissions::{self, Change, ProcessType, Saved},
};

/// `GET /useradmin/{id}`
pub(crate) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    administrator: Administrator,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Rejection> {
    let query = query.as_deref();
    let account = find(&app, &id, &administrator.scope).await?;
    app.rp.require(&administrator.person, &access::RECENT_SIGN_IN)?;
    let types = types(&app, &account).await?;
    let wanted = parameter(query, "process_type").and_then(|id| id.parse().ok());
    let current = types.iter().find(|one| Some(one.id) == wanted).or(types.first()).cloned();
    let saved = parameter(query, "saved").and_then(|count| count.parse().ok());
    let sent = Sent::opened(account.version, current.as_ref().map(|one| one.id), query);
    let notice = saved.map_or(Notice::None, Notice::Saved);
    let view = View { account, types, current, sent, notice };
    user_view::render(&app, &administrator.person, view).await
}

/// `POST /useradmin/{id}`: any button of the form.
pub(crate) async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    SignedInForm { person, form }: SignedInForm<Vec<(String, String)>>,
) -> Result<Response, Rejection> {
    let scope = access::manages(&person).ok_or_else(|| not_an_administrator(&app))?;
    let mut account = find(&app, &id, &scope).await?;
    let types = types(&app, &account).await?;
    let mut sent = Sent::parse(&form);
    let chosen = types.iter().find(|one| Some(one.id) == sent.chosen_type).cloned();
    let current = types.iter().find(|one| Some(one.id) == sent.current_type).cloned();
    let mut notice = Notice::None;

    if chosen != current {
        // Another process type was selected. What is staged belongs to the old one (E43).
        if sent.staged.is_empty() {
            return Ok(Redirect::to(&address(&account, chosen.as_ref(), &sent)).into_response());
        }
        notice = Notice::Unsaved(address(&account, chosen.as_ref(), &sent));
    } else if sent.wants_save() {
        app.rp.require(&person, &access::RECENT_SIGN_IN)?;
        let Some(current) = &current else {
            return Err(missing(&app));
        };
        let change = Change {
            account_id: account.id,
            version: sent.version,
            process_type: current.id,
            levels: sent.levels(),
        };
        let now = app.rp.config().clock.now();
        let saved = permissions::save(&app.pool, &person, &scope, &change, now)
            .await
            .map_err(database_down(&app))?;
        match saved {
            Saved::Changed(count) => {
                let back = format!("{}&saved={count}", address(&account, Some(current), &sent));
                return Ok(Redirect::to(&back).into_response());
            }
            Saved::NotOnOffer => return Err(missing(&app)),
            Saved::Stale => {
                account = find(&app, &id, &scope).await?;
                sent.version = account.version;
                notice = Notice::Stale;
            }
        }
    }
    let view = View { account, types, current, sent, notice };
    Ok(user_view::render(&app, &person, view).await?.into_response())
}

async fn find(app: &App, id: &str, scope: &Scope) -> Result<Account, Rejection> {
    let id = id.parse().map_err(|_| missing(app))?;
    accounts::find(&app.pool, id, scope)
        .await
        .map_err(database_down(app))?
        .ok_or_else(|| missing(app))
}

async fn types(app: &App, account: &Account) -> Result<Vec<ProcessType>, Rejection> {
    permissions::process_types(&app.pool, &account.third_party).await.map_err(database_down(app))
}

fn address(account: &Account, process_type: Option<&ProcessType>, sent: &Sent) -> String {
    let process_type = process_type.map_or(String::new(), |one| one.id.to_string());
    format!("/useradmin/{}?process_type={process_type}&{}", account.id, sent.place())
}
