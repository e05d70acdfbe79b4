//! The reviews in sight, and beginning one.

use askama::Template;
use axum::response::{IntoResponse as _, Redirect, Response};
use portal_core::{
    id::{ApplicationId, ThirdPartyId},
    permission::Action,
};
use serde::Deserialize;
use storage::{ReviewDue, ReviewsWanted};
use uuid::Uuid;

use super::state_words;
use crate::{
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        query::Query,
    },
};

/// Reviews on one page.
const PAGE: u64 = 25;
/// Applications that are offered to begin a review of.
const OFFERS: u64 = 100;

/// Which page.
#[derive(Default, Deserialize)]
pub(in crate::web::pages) struct Wanted {
    before: Option<String>,
}

/// One review.
struct View {
    id: Uuid,
    level: String,
    application: String,
    state: String,
    mark: &'static str,
    begun: String,
    due: String,
    percent: u64,
}

#[derive(Template)]
#[template(path = "access/reviews.html")]
struct ReviewsPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    reviews: Vec<View>,
    offers: Vec<ReviewDue>,
    older: Option<String>,
}

/// `GET /reviews`.
pub(super) async fn show(
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let sight = asking.application_sight(Action::ViewAccessReview);
    if sight.is_empty() {
        return Err(PageError::Hidden);
    }
    let cursor = asking.cursor("reviews", "");
    let before = wanted.before.and_then(|before| cursor.read(&asking.app, &before));
    let asked = ReviewsWanted { before, limit: PAGE + 1, ..Default::default() };
    let mut found = asking.app.store.list_access_reviews(&sight, asked).await?;
    let has_more = found.len() as u64 > PAGE;
    found.truncate(usize::try_from(PAGE).unwrap_or_default());
    let last = found.last().filter(|_| has_more);
    let older = last.map(|review| cursor.write(&asking.app, &review.id));
    let ids: Vec<Uuid> = found.iter().map(|review| review.id).collect();
    let progress = asking.app.store.list_review_progress(&ids).await?;
    let texts = asking.texts();
    let reviews = found.into_iter().map(|review| {
        let (key, mark) = state_words(review.state);
        View {
            percent: progress.get(&review.id).copied().unwrap_or_default().percent(),
            id: review.id,
            level: review.level_name,
            application: review.application_title,
            state: texts.msg(key),
            mark,
            begun: texts.instant(review.begun_at),
            due: texts.instant(review.due_at),
        }
    });
    let may = asking.application_sight(Action::ReviewAccess);
    let page = ReviewsPage {
        t: texts,
        chrome: asking.chrome("nav-reviews"),
        reviews: reviews.collect(),
        offers: asking.app.store.list_reviewable(&may, OFFERS).await?,
        older,
    };
    chrome::page(&page)
}

/// `POST /reviews`: begins one.
pub(super) async fn begin(asking: Asking, form: OwnForm) -> Result<Response, PageError> {
    form.only(&["of"], &[])?;
    let (third_party, application) = form.get("of").split_once(':').ok_or(PageError::BadRequest)?;
    let third_party: ThirdPartyId = third_party.parse().map_err(|_| PageError::NotFound)?;
    let application: ApplicationId = application.parse().map_err(|_| PageError::NotFound)?;
    let administration = asking.administration();
    let id = administration.begin_access_review(third_party, application).await?;
    Ok(Redirect::to(&format!("/reviews/{id}")).into_response())
}
