//! The evidence of an access review: who decided what, when. Its digest is stored with the sign-off, so that an export
//! can be compared with what was signed.

use portal_core::access_review::ItemDecision;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use storage::{AccessReview, ReviewItem};

use crate::secrets;

/// SHA-256 over the lines of the evidence: one JSON text with a line feed for the review, then one for each
/// membership, in their order.
pub struct Evidence(Sha256);

impl Evidence {
    /// Begins with the review itself.
    pub fn begin(review: &AccessReview) -> Self {
        let mut evidence = Self(Sha256::new());
        evidence.line(&json!([
            review.id,
            review.third_party,
            review.application_code,
            review.begun_at.millis(),
        ]));
        evidence
    }

    /// Adds the next membership.
    pub fn add(&mut self, item: &ReviewItem) {
        self.line(&of(item));
    }

    /// The digest, in hexadecimal.
    pub fn finish(self) -> String {
        secrets::hexadecimal(&self.0.finalize())
    }

    fn line(&mut self, value: &Value) {
        self.0.update(value.to_string());
        self.0.update(b"\n");
    }
}

/// A membership with its decision, as evidence.
pub fn of(item: &ReviewItem) -> Value {
    json!({
        "position": item.position,
        "user": item.user,
        "person": item.person,
        "email": item.email,
        "group": item.group_name,
        "assigned_at": item.assigned_at.millis(),
        "assigned_by": item.assigned_by,
        "valid_until": item.valid_until,
        "decision": item.decision.map(ItemDecision::as_str),
        "decided_by": item.decided_by,
        "decided_at": item.decided_at.map(portal_core::Timestamp::millis),
    })
}
