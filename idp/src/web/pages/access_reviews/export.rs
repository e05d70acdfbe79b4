//! The evidence of a review as a file: who decided what, when, and who signed it off.

use axum::{body::Body, extract::Path, response::Response};
use portal_core::access_review::ItemDecision;
use serde_json::json;
use storage::{AccessReview, ItemsWanted, ReviewItem};
use uuid::Uuid;

use crate::{
    administration::review_evidence,
    web::{asking::Asking, csv, error::PageError},
};

/// Memberships that are read at once.
const PAGE: u64 = 500;
/// The columns of the file.
const COLUMNS: [&str; 11] = [
    "position",
    "person",
    "email",
    "group",
    "assigned_at",
    "valid_until",
    "decision",
    "decided_by",
    "decided_at",
    "signed_off_by",
    "digest",
];

/// `GET /reviews/{id}/evidence.csv`.
pub(super) async fn csv(asking: Asking, Path(id): Path<String>) -> Result<Response, PageError> {
    let (review, items) = load(&asking, (&id, "csv")).await?;
    let mut text = csv::head(COLUMNS);
    let signed_off_by = review.signed_off_by.map(|by| by.to_string()).unwrap_or_default();
    for item in items {
        let cells = [
            item.position.to_string(),
            item.person,
            item.email,
            item.group_name,
            asking.texts().instant(item.assigned_at),
            item.valid_until.unwrap_or_default(),
            item.decision.map_or("", ItemDecision::as_str).to_owned(),
            item.decided_by.map(|by| by.to_string()).unwrap_or_default(),
            item.decided_at.map(|at| asking.texts().instant(at)).unwrap_or_default(),
            signed_off_by.clone(),
            review.digest.clone().unwrap_or_default(),
        ];
        text.push_str(&csv::line(cells.iter().map(String::as_str)));
    }
    Ok(csv::attachment("access-review.csv", csv::TEXT_CSV, Body::from(text)))
}

/// `GET /reviews/{id}/evidence.json`.
pub(super) async fn json(asking: Asking, Path(id): Path<String>) -> Result<Response, PageError> {
    let (review, items) = load(&asking, (&id, "json")).await?;
    let evidence = json!({
        "review": review.id,
        "third_party": review.third_party,
        "level": review.level_name,
        "application": review.application_code,
        "state": review.state.as_str(),
        "begun_at": review.begun_at.millis(),
        "due_at": review.due_at.millis(),
        "signed_off_at": review.signed_off_at.map(portal_core::Timestamp::millis),
        "signed_off_by": review.signed_off_by,
        "digest": review.digest,
        "memberships": items.iter().map(review_evidence::of).collect::<Vec<_>>(),
    });
    let body = Body::from(evidence.to_string());
    Ok(csv::attachment("access-review.json", "application/json", body))
}

/// The review with all its memberships; that they leave the portal is noted first.
async fn load(
    asking: &Asking,
    (id, form): (&str, &str),
) -> Result<(AccessReview, Vec<ReviewItem>), PageError> {
    let id = Uuid::try_parse(id).map_err(|_| PageError::NotFound)?;
    let review = asking.administration().export_review(id, form).await?;
    let mut wanted = ItemsWanted { limit: PAGE, ..ItemsWanted::default() };
    let mut all = Vec::new();
    loop {
        let items = asking.app.store.list_review_items(id, &wanted).await?;
        let Some(last) = items.last() else {
            return Ok((review, all));
        };
        wanted.after = last.position;
        all.extend(items);
    }
}
