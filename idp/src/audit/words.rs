//! Entries of the trail in words that a person reads.

use portal_core::{
    audit::{AuditAction, AuditActor, chain::Content},
    id::{LevelId, ThirdPartyId},
};
use serde_json::Value;
use storage::{AuditNames, PersonName};

use super::detail::{self, Row};
use crate::texts::Texts;

/// An entry in words. Whoever is deleted is a former user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryWords {
    /// What happened.
    pub what: String,
    /// Who did it.
    pub who: Named,
    /// On whom or what.
    pub on_whom: Named,
    /// The name of its level.
    pub level: String,
    /// What was before, and what is after.
    pub changes: Vec<ChangeWords>,
    /// What else was noted: names and values.
    pub facts: Vec<(String, String)>,
}

/// Somebody or something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// What tells two of one name apart: an address, or an identifier.
    pub more: String,
}

/// A row of the table of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeWords {
    /// What was changed.
    pub name: String,
    /// As it was.
    pub before: String,
    /// As it is.
    pub after: String,
}

/// The words of one language, with the names that the entries speak of.
pub struct Reader<'a> {
    /// The language.
    pub texts: &'a Texts,
    /// The names.
    pub names: &'a AuditNames,
}

/// What an action is called; one of a newer version keeps its stored word.
pub fn action_words(texts: &Texts, action: &str) -> String {
    let known = AuditAction::parse(action);
    let words = known.and_then(|known| texts.msg_if_any(&action_key(known)));
    words.unwrap_or_else(|| action.to_owned())
}

/// The key of the words of an action.
fn action_key(action: AuditAction) -> String {
    format!("audit-action-{}", dashed(action.as_str()))
}

/// What the actions of a subject are called together.
pub fn subject_words(texts: &Texts, subject: &str) -> String {
    let words = texts.msg_if_any(&format!("audit-subject-{}", dashed(subject)));
    words.unwrap_or_else(|| subject.to_owned())
}

fn dashed(word: &str) -> String {
    word.replace(['.', '_'], "-")
}

impl Reader<'_> {
    /// The words of an entry.
    pub fn read(&self, content: &Content) -> EntryWords {
        let (mut changes, mut facts) = (Vec::new(), Vec::new());
        for row in detail::rows(&content.detail) {
            match row {
                Row::Change { name, before, after } => changes.push(ChangeWords {
                    name: self.field(&name),
                    before: self.value(&before),
                    after: self.value(&after),
                }),
                Row::Fact { name, value } => facts.push((self.field(&name), self.value(&value))),
            }
        }
        EntryWords {
            what: action_words(self.texts, &content.action),
            who: self.actor(&content.actor),
            on_whom: self.object(&content.object),
            level: content.level_id.and_then(|id| self.level(id)).unwrap_or_default(),
            changes,
            facts,
        }
    }

    fn actor(&self, actor: &str) -> Named {
        let plain = |key: &str| Named { name: self.texts.msg(key), more: String::new() };
        match actor {
            "anonymous" => plain("audit-who-anonymous"),
            "system" => plain("audit-who-system"),
            _ => self
                .person(actor)
                .unwrap_or_else(|| Named { name: actor.to_owned(), more: String::new() }),
        }
    }

    fn object(&self, object: &str) -> Named {
        if let Some(person) = self.person(object) {
            return person;
        }
        let (kind, id) = object.split_once(':').unwrap_or((object, ""));
        let name = match kind {
            "third_party" => {
                let id = id.parse::<ThirdPartyId>().ok();
                id.and_then(|id| self.names.third_parties.get(&id).cloned())
            }
            "level" => id.parse().ok().and_then(|id| self.level(id)),
            _ => None,
        };
        let label = self.texts.msg_if_any(&format!("audit-object-{}", dashed(kind)));
        let label = label.unwrap_or_else(|| kind.to_owned());
        match name {
            Some(name) => Named { name, more: label },
            // The digest of an address that nobody has says nothing to a reader.
            None if kind == "address" => Named { name: label, more: String::new() },
            None => Named { name: label, more: id.to_owned() },
        }
    }

    /// The person that a stored text names, if it names one.
    fn person(&self, text: &str) -> Option<Named> {
        let id = AuditActor::user_of(text)?;
        Some(match self.names.people.get(&id) {
            Some(PersonName::Known { name, email }) => {
                Named { name: name.clone(), more: email.clone() }
            }
            Some(PersonName::Former) | None => {
                Named { name: self.texts.msg("former-user"), more: id.to_string() }
            }
        })
    }

    fn level(&self, id: LevelId) -> Option<String> {
        self.names.levels.get(&id).cloned()
    }

    /// What a stored field is called; one without words keeps its name.
    fn field(&self, name: &str) -> String {
        if name.is_empty() {
            return self.texts.msg("audit-field-state");
        }
        let words = self.texts.msg_if_any(&format!("audit-field-{}", dashed(name)));
        words.unwrap_or_else(|| name.replace('_', " "))
    }

    fn value(&self, value: &Value) -> String {
        match value {
            Value::Null => "–".to_owned(),
            Value::Bool(true) => self.texts.msg("audit-yes"),
            Value::Bool(false) => self.texts.msg("audit-no"),
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.value(item)).collect();
                if items.is_empty() { "–".to_owned() } else { items.join(", ") }
            }
            Value::Object(members) => {
                let members = members.iter();
                let members: Vec<String> = members
                    .map(|(name, value)| format!("{}: {}", self.field(name), self.value(value)))
                    .collect();
                if members.is_empty() { "–".to_owned() } else { members.join("; ") }
            }
        }
    }
}

#[cfg(test)]
mod tests;
