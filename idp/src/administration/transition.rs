//! What an entry in the trail says of a change: how it was before and how it is after it (I25), and what belongs to it.

use serde_json::{Map, Value, json};

/// A change as the trail keeps it.
pub(super) struct Transition {
    detail: Map<String, Value>,
}

impl Transition {
    /// From one state to another, each with its own facts.
    pub(super) fn between(before: Value, after: Value) -> Self {
        let both = [("before".to_owned(), before), ("after".to_owned(), after)];
        Self { detail: Map::from_iter(both) }
    }

    /// The state of an account or of a third party.
    pub(super) fn of_status(before: &str, after: &str) -> Self {
        Self::between(json!({ "status": before }), json!({ "status": after }))
    }

    /// A fact that is neither before nor after.
    pub(super) fn with(mut self, name: &str, fact: impl Into<Value>) -> Self {
        self.detail.insert(name.to_owned(), fact.into());
        self
    }

    /// The detail of the entry.
    pub(super) fn into_detail(self) -> Value {
        Value::Object(self.detail)
    }
}
