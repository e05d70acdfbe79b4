//! How long a session still lives, for the warning before its end, and "Stay signed in" (O18). The pages' script asks.

use std::sync::Arc;

use axum::{Json, extract::State, http::HeaderMap};
use portal_core::{permission::Action, session::TimeLeft};
use serde::Serialize;

use crate::{
    App,
    web::{asking::Asking, error::PageError, form::OwnForm, visitor::LiveSession},
};

/// The seconds that a session has left: none when there is none.
#[derive(Serialize)]
pub(super) struct Left {
    idle: i64,
    overall: i64,
}

impl From<TimeLeft> for Left {
    fn from(TimeLeft { idle, overall }: TimeLeft) -> Self {
        Self { idle, overall }
    }
}

/// `GET /session`. To look is not to use it: a page that is open and left alone keeps nobody signed in.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Left>, PageError> {
    let live = LiveSession::look(&app, &headers).await?;
    let left = live.map_or_else(TimeLeft::default, |live| live.session.time_left(app.now()));
    Ok(Json(left.into()))
}

/// `POST /session`: "Stay signed in". Like every request of the person, it begins the idle time anew.
pub(super) async fn stay(asking: Asking, form: OwnForm) -> Result<Json<Left>, PageError> {
    asking.may_own(Action::ViewOwnProfile)?;
    form.only(&[], &[])?;
    Ok(Json(asking.who.session.time_left(asking.app.now()).into()))
}
