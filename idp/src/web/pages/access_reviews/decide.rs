//! One review: keep or remove each membership, then sign off.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    access_review::{ItemDecision, Progress, ReviewState},
    permission::Action,
    search_key::search_key,
};
use serde::Deserialize;
use storage::{AccessReview, ItemsWanted, ReviewItem};
use uuid::Uuid;

use super::state_words;
use crate::{
    administration::{AdministrationError, object_of_review},
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        query::Query,
    },
};

/// Memberships on one page.
const PAGE: u64 = 50;

/// What is shown.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::pages) struct Wanted {
    show: String,
    search: String,
    after: String,
    done: String,
}

/// One membership.
struct Item {
    position: i32,
    person: String,
    email: String,
    group: String,
    since: String,
    last_login: Option<String>,
    keep: bool,
    remove: bool,
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
    items: Vec<Item>,
    next: Option<String>,
    may: bool,
    notice: Option<String>,
    error: Option<String>,
}

/// What the handlers share.
struct Asked {
    asking: Asking,
    review: AccessReview,
}

/// `GET /reviews/{id}`.
pub(super) async fn show(
    asking: Asking,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    Asked::find(asking, &id, Action::ViewAccessReview).await?.page(wanted, None).await
}

/// `POST /reviews/{id}`: stores what is chosen on the page, or keeps all that the page shows.
pub(super) async fn submit(
    asking: Asking,
    Path(id): Path<String>,
    form: OwnForm,
) -> Result<Response, PageError> {
    let asked = Asked::find(asking, &id, Action::ReviewAccess).await?;
    let decisions = read(&form)?;
    let wanted = Wanted {
        show: form.get("show").to_owned(),
        search: form.get("search").to_owned(),
        after: form.get("after").to_owned(),
        done: "saved".to_owned(),
    };
    let administration = asked.asking.administration();
    match administration.decide_review(asked.review.id, &decisions).await {
        Ok(()) => {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("show", &wanted.show)
                .append_pair("search", &wanted.search)
                .append_pair("after", &wanted.after)
                .append_pair("done", "saved")
                .finish();
            Ok(Redirect::to(&format!("/reviews/{}?{query}", asked.review.id)).into_response())
        }
        Err(AdministrationError::Rule(rule)) => {
            let text = asked.asking.text(rule.key());
            let page = asked.page(Wanted { done: String::new(), ..wanted }, Some(text)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /reviews/{id}/sign-off`.
pub(super) async fn sign_off(
    asking: Asking,
    Path(id): Path<String>,
    form: OwnForm,
) -> Result<Response, PageError> {
    let asked = Asked::find(asking, &id, Action::ReviewAccess).await?;
    form.only(&[], &[])?;
    match asked.asking.administration().sign_off_review(asked.review.id).await {
        Ok(_) => {
            Ok(Redirect::to(&format!("/reviews/{}?done=signed", asked.review.id)).into_response())
        }
        Err(AdministrationError::Rule(rule)) => {
            let text = asked.asking.text(rule.key());
            let page = asked.page(Wanted::default(), Some(text)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// What was chosen; "keep all shown" keeps what the page showed and nobody has decided, whatever was chosen.
fn read(form: &OwnForm) -> Result<Vec<(i32, ItemDecision)>, PageError> {
    form.only(&["show", "search", "after", "do", "undecided"], &["decision."])?;
    let position = |text: &str| text.parse::<i32>().map_err(|_| PageError::BadRequest);
    if form.get("do") == "keep-all" {
        let shown = form.get("undecided").split(',').filter(|text| !text.is_empty());
        return shown.map(|text| Ok((position(text)?, ItemDecision::Keep))).collect();
    }
    form.after("decision.")
        .map(|(at, to)| Ok((position(at)?, ItemDecision::parse(to).ok_or(PageError::BadRequest)?)))
        .collect()
}

impl ReviewPage<'_> {
    /// The positions on the page that nobody has decided.
    fn undecided(&self) -> String {
        let undecided = self.items.iter().filter(|item| !item.keep && !item.remove);
        undecided.map(|item| item.position.to_string()).collect::<Vec<_>>().join(",")
    }
}

impl Asked {
    /// The review, if the person may see or do that.
    async fn find(asking: Asking, id: &str, action: Action) -> Result<Self, PageError> {
        let id = Uuid::try_parse(id).map_err(|_| PageError::NotFound)?;
        let review = asking.app.store.find_access_review(id).await?.ok_or(PageError::NotFound)?;
        asking.may(action, &object_of_review(&review))?;
        Ok(Self { asking, review })
    }

    async fn page(&self, mut wanted: Wanted, error: Option<String>) -> Result<Response, PageError> {
        let (asking, review) = (&self.asking, &self.review);
        let (store, texts) = (&asking.app.store, asking.texts());
        let filter = format!("{}\n{}\n{}", review.id, wanted.show, wanted.search);
        let cursor = asking.cursor("review", &filter);
        let after = cursor.read(&asking.app, &wanted.after);
        if after.is_none() {
            wanted.after.clear();
        }
        let asked = ItemsWanted {
            undecided: wanted.show == "undecided",
            decision: ItemDecision::parse(&wanted.show),
            search: Some(search_key(&wanted.search)).filter(|text| !text.is_empty()),
            after: after.unwrap_or_default(),
            limit: PAGE + 1,
        };
        let mut found = store.list_review_items(review.id, &asked).await?;
        let has_more = found.len() as u64 > PAGE;
        found.truncate(usize::try_from(PAGE).unwrap_or_default());
        let last = found.last().filter(|_| has_more);
        let next = last.map(|item| cursor.write(&asking.app, &item.position));
        let may = asking.is_allowed(Action::ReviewAccess, &object_of_review(review));
        let (key, mark) = state_words(review.state);
        let notice = match wanted.done.as_str() {
            "saved" => Some(texts.msg("review-saved")),
            "signed" => Some(texts.msg("review-signed")),
            _ => None,
        };
        let page = ReviewPage {
            t: texts,
            chrome: asking.chrome("nav-reviews"),
            id: review.id,
            level: review.level_name.clone(),
            application: review.application_title.clone(),
            state: texts.msg(key),
            mark,
            due: texts.instant(review.due_at),
            digest: review.digest.clone(),
            progress: store.review_progress(review.id).await?,
            wanted,
            items: found.into_iter().map(|item| view(item, texts)).collect(),
            next,
            may: may && review.state != ReviewState::SignedOff,
            notice,
            error,
        };
        chrome::page(&page)
    }
}

fn view(item: ReviewItem, texts: &Texts) -> Item {
    Item {
        position: item.position,
        person: item.person,
        email: item.email,
        group: item.group_name,
        since: texts.instant(item.assigned_at),
        last_login: item.last_login_at.map(|at| texts.instant(at)),
        keep: item.decision == Some(ItemDecision::Keep),
        remove: item.decision == Some(ItemDecision::Remove),
    }
}
