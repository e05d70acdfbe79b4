//! Profile, tab Activity: what happened to the own account (O20).

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response, routing::get};
use axum_extra::extract::Query;
use portal_core::{
    Timestamp,
    permission::{Action, Sight},
};
use serde::Deserialize;
use storage::AuditSearch;

use super::{
    entries::EntryView,
    own,
    person::PersonView,
    route::{Guard, Of, PageRoute, Verb},
};
use crate::{
    App,
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        cursor::CursorScope,
        error::PageError,
        request_id::RequestContext,
        visitor::SignedIn,
    },
};

/// The tab.
pub(super) const ROUTES: &[PageRoute] = &[PageRoute {
    path: "/profile/activity",
    guards: &[(Verb::Get, Guard::Asks(Action::ViewOwnAudit, Of::Oneself))],
    handler: || get(show),
}];

/// Entries on one page.
const PAGE: u64 = 25;

/// Which page.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    page: String,
}

#[derive(Template)]
#[template(path = "profile_activity.html")]
struct ActivityPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    tab: &'static str,
    person: PersonView,
    notice: Option<String>,
    entries: Vec<EntryView>,
    newest: Option<&'static str>,
    older: Option<String>,
}

/// `GET /profile/activity`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    own::check(&app, &who, Action::ViewOwnAudit)?;
    let user = who.account.user.id;
    let scope = CursorScope { list: "activity", actor: user, filter: "" };
    let position = scope.read::<(i64, i64)>(&app, &wanted.page);
    let before = position.map(|(at, seq)| (Timestamp::from_millis(at), seq));
    let own = AuditSearch { own: Some(user), ..AuditSearch::within(Sight::Everything) };
    let mut found = app.store.list_audit(&own, before, PAGE + 1).await?;
    let has_more = found.len() as u64 > PAGE;
    found.truncate(usize::try_from(PAGE).unwrap_or_default());
    let names = app.store.audit_names(&found).await?;
    let last = found.last().filter(|_| has_more);
    let older = last.map(|last| (last.content.at.millis(), last.content.seq));
    let page = ActivityPage {
        t: &context.texts,
        chrome: Chrome::personal(&app, &browser, &context, &who, "profile"),
        tab: "activity",
        person: PersonView::of(&who, &context.texts),
        notice: None,
        entries: EntryView::all(&found, &context.texts, &names),
        newest: position.map(|_| "/profile/activity"),
        older: older.map(|older| format!("/profile/activity?page={}", scope.write(&app, &older))),
    };
    chrome::page(&page)
}
