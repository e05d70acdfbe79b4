//! The evidence of an access review: who decided what, when. Its digest is stored with the sign-off, so that an export
//! can be compared with what was signed.

use portal_core::access_review::{ItemDecision, ReviewState};
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

/// A mark of the decisions of a review in which all is decided, for the form of its sign-off: another one as soon as
/// another membership is to be removed, or the review lapses. `removals` are the positions of what is to be removed.
pub fn mark(state: ReviewState, removals: &[i32]) -> String {
    let mut hash = Sha256::new();
    hash.update(state.as_str());
    for position in removals {
        hash.update(b",");
        hash.update(position.to_string());
    }
    secrets::hexadecimal(&hash.finalize())
}

/// The members of [`of`], for whoever computes the digest from an export that says more.
pub const MEMBERS: [&str; 11] = [
    "position",
    "user",
    "person",
    "email",
    "group",
    "assigned_at",
    "assigned_by",
    "valid_until",
    "decision",
    "decided_by",
    "decided_at",
];

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

#[cfg(test)]
mod tests {
    use portal_core::{
        Timestamp,
        id::{GroupId, UserId},
    };
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_members_of_a_membership_are_named() {
        let item = ReviewItem {
            position: 1,
            user: UserId(Uuid::nil()),
            person: "Hugo Belmonte".to_owned(),
            email: "hugo@bank-e.example".to_owned(),
            group: GroupId(Uuid::nil()),
            group_name: "CASPER_USER".to_owned(),
            assigned_by: None,
            assigned_at: Timestamp::from_millis(0),
            valid_until: None,
            last_login_at: None,
            decision: None,
            decided_by: None,
            decided_at: None,
        };
        let evidence = of(&item);
        let mut names: Vec<&String> = evidence.as_object().unwrap().keys().collect();
        let mut expected = MEMBERS;
        names.sort();
        expected.sort_unstable();
        assert_eq!(names, expected);
    }

    #[test]
    fn a_mark_is_of_its_state_and_removals_alone() {
        use ReviewState::{Lapsed, Open};
        assert_eq!(mark(Open, &[1, 12]), mark(Open, &[1, 12]));
        for (state, removals) in
            [(Lapsed, [1, 12].as_slice()), (Open, &[]), (Open, &[11, 2]), (Open, &[112])]
        {
            assert_ne!(mark(state, removals), mark(Open, &[1, 12]), "{state:?} {removals:?}");
        }
    }
}
