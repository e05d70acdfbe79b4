//! What a person was told: changes to the account, roles and access (domain.md 4.4).

use askama::Template;
use axum::{response::Response, routing::get};
use portal_core::permission::Action;
use serde::Deserialize;
use storage::Notice;
use uuid::Uuid;

use super::{
    is_open_to,
    route::{Guard, Of, PageRoute, Verb},
};
use crate::{
    notify::notice_words,
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        query::Query,
    },
};

/// The page of notices.
pub(super) const ROUTES: &[PageRoute] = &[PageRoute {
    path: "/notices",
    guards: &[(Verb::Get, Guard::Asks(Action::ViewOwnProfile, Of::Oneself))],
    handler: || get(show),
}];

/// Notices on one page.
const PAGE: u64 = 25;

/// Which page.
#[derive(Deserialize)]
pub(super) struct Wanted {
    before: Option<String>,
}

struct NoticeView {
    title: String,
    text: String,
    at: String,
    is_new: bool,
    /// The page that it leads to, for whoever can open it.
    page: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "notices.html")]
struct NoticesPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    notices: Vec<NoticeView>,
    older: Option<String>,
}

/// `GET /notices`: to have seen the page is to have read what is on it.
pub(super) async fn show(
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    asking.may_own(Action::ViewOwnProfile)?;
    let user = asking.who.account.user.id;
    let cursor = asking.cursor("notices", "");
    let before = wanted.before.and_then(|before| cursor.read(&asking.app, &before));
    let mut notices = asking.app.store.list_notices(user, before, PAGE + 1).await?;
    let has_more = notices.len() as u64 > PAGE;
    notices.truncate(usize::try_from(PAGE).unwrap_or_default());
    let last = notices.last().filter(|_| has_more);
    let older = last.map(|notice| cursor.write(&asking.app, &notice.id));
    let new: Vec<Uuid> =
        notices.iter().filter(|notice| !notice.is_read).map(|notice| notice.id).collect();
    if !new.is_empty() {
        let tx = asking.app.store.begin().await?;
        tx.read_notices(user, &new, asking.app.now()).await?;
        tx.commit().await?;
    }
    let chrome = asking.chrome("notices");
    let notices = notices.iter().map(|notice| view(notice, &asking)).collect();
    chrome::page(&NoticesPage { t: asking.texts(), chrome, notices, older })
}

fn view(notice: &Notice, asking: &Asking) -> NoticeView {
    let texts = asking.texts();
    let (title, text) = notice_words(texts, notice);
    let is_open = |page: &&str| is_open_to(&asking.who.actor, page, asking.app.now());
    NoticeView {
        title,
        text,
        at: texts.instant(notice.created_at),
        is_new: !notice.is_read,
        page: notice.kind.page().filter(is_open),
    }
}
