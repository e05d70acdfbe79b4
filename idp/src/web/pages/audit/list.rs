//! The entries of the trail, newest first.

use askama::Template;
use axum::{
    http::{StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use portal_core::{
    audit::AuditAction,
    permission::{Action, Sight},
};
use storage::AuditSearch;

use super::filter::{FilterErrors, Wanted};
use crate::{
    App,
    audit::words,
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        level_choice::{self, LevelChoice},
        pages::entries::EntryView,
    },
};

/// Entries on one page.
const PAGE: u64 = 25;

#[derive(Template)]
#[template(path = "audit/list.html")]
struct ListPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    wanted: &'a Wanted,
    levels: LevelChoice,
    subjects: Vec<(String, String)>,
    errors: FilterErrors,
    no_error: Option<String>,
    /// Why there is no file.
    refusal: Option<String>,
    entries: Vec<EntryView>,
    is_filtered: bool,
    may_export: bool,
    newest: Option<String>,
    older: Option<String>,
}

/// `GET /audit`.
pub(super) async fn show(asking: Asking, uri: Uri) -> Result<Response, PageError> {
    page(&asking, Wanted::of_address(&uri)?, None).await
}

/// The page; with a `refusal` it tells why there is no file.
pub(super) async fn page(
    asking: &Asking,
    mut wanted: Wanted,
    refusal: Option<&str>,
) -> Result<Response, PageError> {
    let (app, texts, seen) = (&asking.app, asking.texts(), asking.sight(Action::ViewAudit));
    if seen.is_empty() {
        return Err(PageError::Forbidden);
    }
    let chosen = (&mut wanted.level, wanted.level_name.as_str());
    let levels = LevelChoice::load(app, &seen, chosen, texts).await?;
    let errors = wanted.errors(texts);
    let is_odd = errors.any() || levels.error.is_some();
    let mut found = Vec::new();
    let mut names = storage::AuditNames::default();
    if !is_odd {
        let search = search(app, &wanted, seen).await?;
        let position = wanted.position(asking);
        found = app.store.list_audit(&search, position, PAGE + 1).await?;
    }
    let has_more = found.len() as u64 > PAGE;
    found.truncate(usize::try_from(PAGE).unwrap_or_default());
    if !found.is_empty() {
        names = app.store.audit_names(&found).await?;
    }
    let last = found.last().map(|entry| (entry.content.at, entry.content.seq));
    let page = ListPage {
        t: texts,
        chrome: asking.chrome("nav-audit"),
        levels,
        subjects: subjects(texts),
        errors,
        no_error: None,
        refusal: refusal.map(|key| texts.msg(key)),
        entries: EntryView::all(&found, texts, &names),
        is_filtered: wanted.is_filtered(),
        may_export: !is_odd && !asking.sight(Action::ExportAudit).is_empty(),
        newest: wanted.position(asking).map(|_| wanted.address("")),
        older: last.filter(|_| has_more).map(|last| wanted.address_after(asking, last)),
        wanted: &wanted,
    };
    let is_refused = is_odd || refusal.is_some();
    let status = if is_refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, chrome::page(&page)?).into_response())
}

/// What is searched, within sight. A level out of sight is none.
pub(super) async fn search(
    app: &App,
    wanted: &Wanted,
    seen: Sight,
) -> Result<AuditSearch, PageError> {
    let level = level_choice::find_chosen(app, &seen, &wanted.level).await?;
    let within = level.map_or(seen, |level| Sight::Levels(vec![level.path]));
    wanted.search(app, within).await
}

/// What the actions can happen to, in words, in the order of the words.
fn subjects(texts: &Texts) -> Vec<(String, String)> {
    let mut subjects: Vec<(String, String)> = AuditAction::subjects()
        .into_iter()
        .map(|subject| (subject.to_owned(), words::subject_words(texts, subject)))
        .collect();
    subjects.sort_by(|one, other| one.1.cmp(&other.1));
    let all = (String::new(), texts.msg("audit-what-all"));
    std::iter::once(all).chain(subjects).collect()
}
