//! What an entry says of before and after, as rows of a small table. Those who write entries know four forms: a field
//! with `before` and `after`, both at the top for one thing, both at the top for several, and plain facts.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// A row. `name` is the field as it is stored; empty for the thing itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// Something that was changed.
    Change {
        /// What.
        name: String,
        /// As it was.
        before: Value,
        /// As it is.
        after: Value,
    },
    /// Something that was noted.
    Fact {
        /// What.
        name: String,
        /// As it is.
        value: Value,
    },
}

/// The rows of a stored detail; none for a text that is no JSON object.
pub(super) fn rows(detail: &str) -> Vec<Row> {
    let Ok(Value::Object(members)) = serde_json::from_str::<Value>(detail) else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    if members.contains_key("before") || members.contains_key("after") {
        rows.extend(pair(&members));
    }
    for (name, value) in members.iter().filter(|(name, _)| !is_side(name)) {
        match value {
            Value::Null => {}
            Value::Object(inner) if is_pair(inner) => {
                rows.push(change(name.clone(), inner.get("before"), inner.get("after")));
            }
            _ => rows.push(Row::Fact { name: name.clone(), value: value.clone() }),
        }
    }
    rows
}

fn is_side(name: &str) -> bool {
    matches!(name, "before" | "after")
}

fn is_pair(members: &Map<String, Value>) -> bool {
    !members.is_empty() && members.keys().all(|name| is_side(name))
}

fn pair(members: &Map<String, Value>) -> Vec<Row> {
    let (before, after) = (members.get("before"), members.get("after"));
    let facts = |value: Option<&Value>| match value {
        Some(Value::Object(facts)) => Some(facts.clone()),
        None | Some(Value::Null) => Some(Map::new()),
        Some(_) => None,
    };
    match (facts(before), facts(after)) {
        (Some(before), Some(after)) if !before.is_empty() || !after.is_empty() => {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            names
                .into_iter()
                .map(|name| change(name.clone(), before.get(name), after.get(name)))
                .filter(|row| !matches!(row, Row::Change { before, after, .. } if before == after))
                .collect()
        }
        _ => vec![change(String::new(), before, after)],
    }
}

fn change(name: String, before: Option<&Value>, after: Option<&Value>) -> Row {
    let value = |value: Option<&Value>| value.cloned().unwrap_or_default();
    Row::Change { name, before: value(before), after: value(after) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changed(name: &str, before: Value, after: Value) -> Row {
        Row::Change { name: name.to_owned(), before, after }
    }

    fn fact(name: &str, value: Value) -> Row {
        Row::Fact { name: name.to_owned(), value }
    }

    #[test]
    fn every_form_of_before_and_after_becomes_rows() {
        for (detail, expected) in [
            (
                json!({ "last_name": { "before": "A", "after": "B" }, "reason": "x" }),
                vec![changed("last_name", "A".into(), "B".into()), fact("reason", "x".into())],
            ),
            (
                json!({ "role": "Auditor", "before": false, "after": true }),
                vec![changed("", false.into(), true.into()), fact("role", "Auditor".into())],
            ),
            (
                json!({ "before": { "name": "A", "lei": null }, "after": { "name": "B", "lei": null } }),
                vec![changed("name", "A".into(), "B".into())],
            ),
            (
                json!({ "group": "G", "before": null, "after": { "until": "2027-01-01" } }),
                vec![changed("until", Value::Null, "2027-01-01".into()), fact("group", "G".into())],
            ),
            (
                json!({ "group": "G", "before": null, "after": { "until": null } }),
                vec![fact("group", "G".into())],
            ),
            (json!({ "before": "NOMINATED" }), vec![changed("", "NOMINATED".into(), Value::Null)]),
            (json!({ "replacement": null }), vec![]),
            (json!({}), vec![]),
        ] {
            assert_eq!(rows(&detail.to_string()), expected, "{detail}");
        }
    }

    #[test]
    fn what_is_no_object_has_no_rows() {
        for detail in ["", "null", "[1]", "{\"a\":", "\"before\""] {
            assert_eq!(rows(detail), vec![], "{detail}");
        }
    }
}
