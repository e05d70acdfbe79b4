//! The evidence of a review as a file: who decided what, when, and who signed it off.

use std::collections::HashMap;

use axum::{body::Body, extract::Path, response::Response};
use portal_core::{Timestamp, access_review::ItemDecision, expiry::ExpirationDate, id::UserId};
use serde_json::{Value, json};
use storage::{AccessReview, ItemsWanted, ReviewItem};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::{
    administration::review_evidence,
    web::{asking::Asking, csv, error::PageError, person_name::name_of},
};

/// Memberships that are read at once.
const PAGE: u64 = 500;
/// The columns of the file.
const COLUMNS: [&str; 16] = [
    "position",
    "person",
    "email",
    "level",
    "application",
    "group",
    "assigned_at",
    "valid_until",
    "decision",
    "decided_by",
    "decided_by_name",
    "decided_at",
    "signed_off_by",
    "signed_off_by_name",
    "signed_off_at",
    "digest",
];

/// A review with all its memberships, and the names of who decided.
struct Evidence {
    review: AccessReview,
    items: Vec<ReviewItem>,
    names: HashMap<UserId, String>,
}

/// `GET /reviews/{id}/evidence.csv`.
pub(super) async fn csv(asking: Asking, Path(id): Path<String>) -> Result<Response, PageError> {
    let evidence = Evidence::load(&asking, (&id, "csv")).await?;
    let (review, texts) = (&evidence.review, asking.texts());
    let id = |user: Option<UserId>| user.map(|user| user.to_string()).unwrap_or_default();
    let at = |at: Option<Timestamp>| at.map(|at| texts.instant(at)).unwrap_or_default();
    let mut text = csv::head(COLUMNS);
    for item in &evidence.items {
        let cells: [&str; 16] = [
            &item.position.to_string(),
            &item.person,
            &item.email,
            &review.level_name,
            &review.application_code,
            &item.group_name,
            &at(Some(item.assigned_at)),
            item.valid_until.as_deref().unwrap_or_default(),
            item.decision.map_or("", ItemDecision::as_str),
            &id(item.decided_by),
            evidence.name(item.decided_by).unwrap_or_default(),
            &at(item.decided_at),
            &id(review.signed_off_by),
            evidence.name(review.signed_off_by).unwrap_or_default(),
            &at(review.signed_off_at),
            review.digest.as_deref().unwrap_or_default(),
        ];
        text.push_str(&csv::line(cells));
    }
    Ok(csv::attachment(&file_name(review, "csv"), csv::TEXT_CSV, Body::from(text)))
}

/// `GET /reviews/{id}/evidence.json`. The digest is over the members that `digest_members` names; names and times in
/// words stand beside them.
pub(super) async fn json(asking: Asking, Path(id): Path<String>) -> Result<Response, PageError> {
    let evidence = Evidence::load(&asking, (&id, "json")).await?;
    let review = &evidence.review;
    let text = json!({
        "review": review.id,
        "third_party": review.third_party,
        "level": review.level_name,
        "application": review.application_code,
        "state": review.state.as_str(),
        "begun_at": review.begun_at.millis(),
        "begun_at_iso": iso(review.begun_at),
        "due_at": review.due_at.millis(),
        "due_at_iso": iso(review.due_at),
        "signed_off_at": review.signed_off_at.map(Timestamp::millis),
        "signed_off_at_iso": review.signed_off_at.map(iso),
        "signed_off_by": review.signed_off_by,
        "signed_off_by_name": evidence.name(review.signed_off_by),
        "digest": review.digest,
        "digest_members": review_evidence::MEMBERS,
        "memberships": evidence.items.iter().map(|item| evidence.of(item)).collect::<Vec<_>>(),
    });
    let body = Body::from(text.to_string());
    Ok(csv::attachment(&file_name(review, "json"), "application/json", body))
}

impl Evidence {
    /// Loads it; that it leaves the portal is noted first.
    async fn load(asking: &Asking, (id, form): (&str, &str)) -> Result<Self, PageError> {
        let id = Uuid::try_parse(id).map_err(|_| PageError::NotFound)?;
        let review = asking.administration().export_review(id, form).await?;
        let store = &asking.app.store;
        let mut wanted = ItemsWanted { limit: PAGE, ..ItemsWanted::default() };
        let mut items = Vec::new();
        loop {
            let some = store.list_review_items(id, &wanted).await?;
            let Some(last) = some.last() else {
                break;
            };
            wanted.after = last.position;
            items.extend(some);
        }
        let deciders = items.iter().filter_map(|item| item.decided_by);
        let mut people: Vec<UserId> = deciders.chain(review.signed_off_by).collect();
        people.sort_unstable();
        people.dedup();
        let accounts = store.list_accounts(&people).await?;
        let texts = asking.texts();
        let names = accounts.iter().map(|one| (one.user.id, name_of(one, texts))).collect();
        Ok(Self { review, items, names })
    }

    fn name(&self, user: Option<UserId>) -> Option<&str> {
        user.and_then(|user| self.names.get(&user)).map(String::as_str)
    }

    /// A membership as evidence, with what is easier to read beside it.
    fn of(&self, item: &ReviewItem) -> Value {
        let mut value = review_evidence::of(item);
        if let Some(members) = value.as_object_mut() {
            members.insert("assigned_at_iso".to_owned(), json!(iso(item.assigned_at)));
            members.insert("decided_by_name".to_owned(), json!(self.name(item.decided_by)));
            members.insert("decided_at_iso".to_owned(), json!(item.decided_at.map(iso)));
        }
        value
    }
}

/// An instant as RFC 3339 writes it.
fn iso(at: Timestamp) -> String {
    let nanoseconds = i128::from(at.millis()) * 1_000_000;
    let instant = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok();
    instant.and_then(|instant| instant.format(&Rfc3339).ok()).unwrap_or_default()
}

/// What the file is called: of what, of whom, and since when. Names may have letters that a header has not.
fn file_name(review: &AccessReview, ending: &str) -> String {
    let day = ExpirationDate::days_from(review.begun_at, 0);
    let day = day.map(ExpirationDate::to_iso).unwrap_or_default();
    let words = ["access-review", &review.application_code, &review.level_name, &day];
    let words = words.map(plain);
    let words: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    format!("{}.{ending}", words.join("-"))
}

/// Letters and digits of ASCII, with a hyphen for whatever stands between them.
fn plain(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_has_nothing_but_letters_digits_and_hyphens() {
        for (text, expected) in [
            ("BANK E, S.A.", "BANK-E-S-A"),
            ("A-CASPER", "A-CASPER"),
            ("Bank \"Ő\"\r\nX", "Bank-X"),
            ("Ő", ""),
        ] {
            assert_eq!(plain(text), expected);
        }
    }

    #[test]
    fn an_instant_is_written_in_universal_time() {
        assert_eq!(iso(Timestamp::from_millis(1_795_262_400_000)), "2026-11-21T12:00:00Z");
    }
}
