//! Where somebody is in a list that is worked off: a decision, taken or refused, leads back to the same page of it.

use serde::de::DeserializeOwned;

use super::asking::Asking;

/// Where a page of a list begins: after what, and how its address says it.
pub(crate) struct ListPlace<T> {
    /// The last of the page before; `None` on the first page.
    pub(crate) after: Option<T>,
    /// The same as a value in an address or a form; empty on the first page.
    pub(crate) word: String,
}

impl<T: DeserializeOwned> ListPlace<T> {
    /// What an address or a form says of a list; the first page for what is none of ours.
    pub(crate) fn read(asking: &Asking, list: &str, word: &str) -> Self {
        match asking.cursor(list, "").read(&asking.app, word) {
            Some(after) => Self { after: Some(after), word: word.to_owned() },
            None => Self::first(),
        }
    }
}

impl<T> ListPlace<T> {
    /// The first page.
    pub(crate) const fn first() -> Self {
        Self { after: None, word: String::new() }
    }

    /// What follows in the query of an address.
    pub(crate) fn to_query(&self) -> String {
        if self.word.is_empty() { String::new() } else { format!("&after={}", self.word) }
    }
}
