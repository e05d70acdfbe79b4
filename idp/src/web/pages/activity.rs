//! Profile, tab Activity: what happened to the own account (O20).

use askama::Template;
use axum::{response::Response, routing::get};
use portal_core::{
    Timestamp,
    permission::{Action, Sight},
};
use serde::Deserialize;
use storage::AuditSearch;

use super::{
    entries::EntryView,
    person::PersonView,
    route::{Guard, Of, PageRoute, Verb},
};
use crate::{
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        cursor::CursorScope,
        error::PageError,
        query::Query,
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
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    asking.may_own(Action::ViewOwnAudit)?;
    let user = asking.who.account.user.id;
    let scope = CursorScope { list: "activity", actor: user, filter: "" };
    let position = scope.read::<(i64, i64)>(&asking.app, &wanted.page);
    let before = position.map(|(at, seq)| (Timestamp::from_millis(at), seq));
    let own = AuditSearch { own: Some(user), ..AuditSearch::within(Sight::Everything) };
    let mut found = asking.app.store.list_audit(&own, before, PAGE + 1).await?;
    let has_more = found.len() as u64 > PAGE;
    found.truncate(usize::try_from(PAGE).unwrap_or_default());
    let names = asking.app.store.audit_names(&found).await?;
    let last = found.last().filter(|_| has_more);
    let older = last.map(|last| (last.content.at.millis(), last.content.seq));
    let page = ActivityPage {
        t: asking.texts(),
        chrome: asking.chrome("profile"),
        tab: "activity",
        person: PersonView::of(&asking),
        notice: None,
        entries: EntryView::all(&found, asking.texts(), &names),
        newest: position.map(|_| "/profile/activity"),
        older: older
            .map(|older| format!("/profile/activity?page={}", scope.write(&asking.app, &older))),
    };
    chrome::page(&page)
}
