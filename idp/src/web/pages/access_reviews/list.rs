//! The reviews in sight, and beginning one.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    id::{ApplicationId, ThirdPartyId},
    permission::Action,
};
use serde::Deserialize;
use storage::{ReviewDue, ReviewsWanted};
use uuid::Uuid;

use super::state_words;
use crate::{
    administration::AdministrationError,
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
    more_offers: Option<String>,
    chosen: String,
    older: Option<String>,
    error: Option<String>,
}

impl ReviewsPage<'_> {
    /// Whether an application was chosen already.
    fn is_chosen(&self, offer: &ReviewDue) -> bool {
        self.chosen == format!("{}:{}", offer.third_party, offer.application)
    }
}

/// `GET /reviews`.
pub(super) async fn show(
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    page(&asking, wanted, None).await
}

/// The list; `refused` is what was chosen to begin a review of, and why none was begun.
async fn page(
    asking: &Asking,
    wanted: Wanted,
    refused: Option<(String, String)>,
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
    let (offers, more_offers) = offers(asking).await?;
    let (chosen, error) = refused.unzip();
    let page = ReviewsPage {
        t: texts,
        chrome: asking.chrome("nav-reviews"),
        reviews: reviews.collect(),
        offers,
        more_offers,
        chosen: chosen.unwrap_or_default(),
        older,
        error,
    };
    chrome::page(&page)
}

/// What reviews can be begun of, and words that say so where there is more of it.
async fn offers(asking: &Asking) -> Result<(Vec<ReviewDue>, Option<String>), PageError> {
    let may = asking.application_sight(Action::ReviewAccess);
    let mut offers = asking.app.store.list_reviewable(&may, OFFERS + 1).await?;
    let has_more = offers.len() as u64 > OFFERS;
    offers.truncate(usize::try_from(OFFERS).unwrap_or_default());
    let words = || asking.texts().msg1("reviews-more-offers", "count", &OFFERS.to_string());
    Ok((offers, has_more.then(words)))
}

/// `POST /reviews`: begins one.
pub(super) async fn begin(asking: Asking, form: OwnForm) -> Result<Response, PageError> {
    form.only(&["of"], &[])?;
    let (third_party, application) = form.get("of").split_once(':').ok_or(PageError::BadRequest)?;
    let third_party: ThirdPartyId = third_party.parse().map_err(|_| PageError::NotFound)?;
    let application: ApplicationId = application.parse().map_err(|_| PageError::NotFound)?;
    let administration = asking.administration();
    let (status, error) = match administration.begin_access_review(third_party, application).await {
        Ok(id) => return Ok(Redirect::to(&format!("/reviews/{id}")).into_response()),
        Err(AdministrationError::Stale) => {
            (StatusCode::CONFLICT, asking.text("reviews-begun-already"))
        }
        Err(AdministrationError::Rule(rule)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, asking.text(rule.key()))
        }
        Err(error) => return Err(error.into()),
    };
    let refused = Some((form.get("of").to_owned(), error));
    Ok((status, page(&asking, Wanted::default(), refused).await?).into_response())
}
