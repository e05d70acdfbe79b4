//! The page of one review: its memberships, with what was decided or is being chosen.

use std::collections::HashMap;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use portal_core::{
    access_review::{ItemDecision, Progress, ReviewState},
    id::UserId,
    permission::Action,
    search_key::search_key,
};
use storage::{AccessReview, ItemsWanted, ReviewItem};
use uuid::Uuid;

use super::{
    decide::Wanted,
    posted::{PAGE, Posted},
    state_words,
};
use crate::{
    administration::{object_of_review, review_evidence},
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        person_name::name_of,
    },
};

/// One membership.
struct Item {
    position: i32,
    person: String,
    email: String,
    group: String,
    since: String,
    last_login: Option<String>,
    was: &'static str,
    keep: bool,
    remove: bool,
    is_anothers: bool,
    meanwhile: Option<String>,
}

/// What a sign-off would do.
struct SignOff {
    removals: String,
    mark: String,
}

#[derive(Template)]
#[template(path = "access/review.html")]
struct ReviewPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    id: Uuid,
    level: String,
    application: String,
    state: String,
    mark: &'static str,
    due: String,
    digest: Option<String>,
    progress: Progress,
    wanted: Wanted,
    shown: String,
    items: Vec<Item>,
    next: Option<String>,
    may: bool,
    sign_off: Option<SignOff>,
    notice: Option<String>,
    error: Option<String>,
}

/// Why a page is shown again: a form that was not stored, with what it brought.
#[derive(Default)]
pub(super) struct Again<'a> {
    pub(super) status: StatusCode,
    pub(super) error: Option<String>,
    pub(super) posted: Option<&'a Posted>,
}

/// What the handlers share.
pub(super) struct Asked {
    pub(super) asking: Asking,
    pub(super) review: AccessReview,
}

impl Asked {
    /// The review, if the person may see or do that.
    pub(super) async fn find(asking: Asking, id: &str, action: Action) -> Result<Self, PageError> {
        let id = Uuid::try_parse(id).map_err(|_| PageError::NotFound)?;
        let review = asking.app.store.find_access_review(id).await?.ok_or(PageError::NotFound)?;
        asking.may(action, &object_of_review(&review))?;
        Ok(Self { asking, review })
    }

    /// The page, as it stands now.
    pub(super) async fn page(
        mut self,
        mut wanted: Wanted,
        again: Again<'_>,
    ) -> Result<Response, PageError> {
        let id = self.review.id;
        if again.error.is_some() {
            let review = self.asking.app.store.find_access_review(id).await?;
            self.review = review.ok_or(PageError::NotFound)?;
        }
        let (found, next) = self.list(&mut wanted, again.posted).await?;
        let may = self.asking.is_allowed(Action::ReviewAccess, &object_of_review(&self.review))
            && self.review.state != ReviewState::SignedOff;
        let shown: Vec<String> = found.iter().map(|item| item.position.to_string()).collect();
        let items = self.items(found, again.posted).await?;
        let progress = self.asking.app.store.review_progress(id).await?;
        let texts = self.asking.texts();
        let (key, mark) = state_words(self.review.state);
        let notice = match wanted.done.as_str() {
            "saved" => Some(texts.msg("review-saved")),
            "signed" => Some(texts.msg("review-signed")),
            _ => None,
        };
        let can_end = may && progress.undecided() == 0;
        let page = ReviewPage {
            t: texts,
            chrome: self.asking.chrome("nav-reviews"),
            id,
            level: self.review.level_name.clone(),
            application: self.review.application_title.clone(),
            state: texts.msg(key),
            mark,
            due: texts.instant(self.review.due_at),
            digest: self.review.digest.clone(),
            progress,
            wanted,
            shown: shown.join(","),
            items,
            next,
            may,
            sign_off: if can_end { Some(self.sign_off().await?) } else { None },
            notice,
            error: again.error,
        };
        Ok((again.status, chrome::page(&page)?).into_response())
    }

    /// The memberships of a page, and where the next one begins. Of a form that was not stored, those that it showed.
    async fn list(
        &self,
        wanted: &mut Wanted,
        posted: Option<&Posted>,
    ) -> Result<(Vec<ReviewItem>, Option<String>), PageError> {
        let (asking, id) = (&self.asking, self.review.id);
        let store = &asking.app.store;
        let filter = format!("{id}\n{}\n{}", wanted.show, wanted.search);
        let cursor = asking.cursor("review", &filter);
        let after = cursor.read(&asking.app, &wanted.after);
        if after.is_none() {
            wanted.after.clear();
        }
        let mut asked = ItemsWanted {
            undecided: wanted.show == "undecided",
            decision: ItemDecision::parse(&wanted.show),
            search: Some(search_key(&wanted.search)).filter(|text| !text.is_empty()),
            after: after.unwrap_or_default(),
            limit: PAGE + 1,
        };
        let (found, has_more) = if let Some(posted) = posted {
            let found = store.list_review_items_at(id, &posted.shown).await?;
            asked.after = found.last().map_or(asked.after, |item| item.position);
            asked.limit = 1;
            (found, !store.list_review_items(id, &asked).await?.is_empty())
        } else {
            let mut found = store.list_review_items(id, &asked).await?;
            let has_more = found.len() as u64 > PAGE;
            found.truncate(usize::try_from(PAGE).unwrap_or_default());
            (found, has_more)
        };
        let last = found.last().filter(|_| has_more);
        let next = last.map(|item| cursor.write(&asking.app, &item.position));
        Ok((found, next))
    }

    /// The rows, with what is chosen in place of what is stored. Whoever is a reviewer, but not the only one, reads the
    /// own rows; somebody else decides.
    async fn items(
        &self,
        found: Vec<ReviewItem>,
        posted: Option<&Posted>,
    ) -> Result<Vec<Item>, PageError> {
        let (store, texts) = (&self.asking.app.store, self.asking.texts());
        let (me, now) = (self.asking.who.account.user.id, self.asking.app.now());
        let mut others = false;
        if found.iter().any(|item| item.user == me) {
            let (level, application) = (&self.review.level, self.review.application);
            let all = store.list_application_administrators(level, application, now).await?;
            others = all.iter().any(|user| *user != me);
        }
        let is_changed = |item: &ReviewItem| {
            posted.is_some_and(|posted| posted.is_changed(item.position, item.decision))
        };
        let by = found.iter().filter(|item| is_changed(item)).filter_map(|item| item.decided_by);
        let mut by: Vec<UserId> = by.collect();
        by.sort_unstable();
        by.dedup();
        let accounts = store.list_accounts(&by).await?;
        let names: HashMap<UserId, String> =
            accounts.iter().map(|one| (one.user.id, name_of(one, texts))).collect();
        let items = found.into_iter().map(|item| {
            let meanwhile = is_changed(&item).then(|| meanwhile(&item, &names, texts));
            let is_anothers = others && item.user == me;
            let chosen = posted.and_then(|posted| posted.chosen(item.position));
            let chosen = chosen.filter(|_| !is_anothers).or(item.decision);
            Item { is_anothers, meanwhile, ..view(item, chosen, texts) }
        });
        Ok(items.collect())
    }

    async fn sign_off(&self) -> Result<SignOff, PageError> {
        let removals = self.asking.app.store.list_review_removals(self.review.id).await?;
        Ok(SignOff {
            removals: removals.len().to_string(),
            mark: review_evidence::mark(self.review.state, &removals),
        })
    }
}

fn meanwhile(item: &ReviewItem, names: &HashMap<UserId, String>, texts: &Texts) -> String {
    let decision = match item.decision {
        Some(ItemDecision::Keep) => texts.msg("review-keep"),
        Some(ItemDecision::Remove) => texts.msg("review-remove"),
        None => "–".to_owned(),
    };
    let by = item.decided_by.and_then(|by| names.get(&by)).map_or("–", String::as_str);
    texts.msg_with("review-meanwhile", [("decision", decision.as_str()), ("by", by)])
}

fn view(item: ReviewItem, chosen: Option<ItemDecision>, texts: &Texts) -> Item {
    Item {
        position: item.position,
        person: item.person,
        email: item.email,
        group: item.group_name,
        since: texts.instant(item.assigned_at),
        last_login: item.last_login_at.map(|at| texts.instant(at)),
        was: item.decision.map_or("", ItemDecision::as_str),
        keep: chosen == Some(ItemDecision::Keep),
        remove: chosen == Some(ItemDecision::Remove),
        is_anothers: false,
        meanwhile: None,
    }
}
