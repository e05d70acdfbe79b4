//! Results other than passed that are fine, with reasons.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};

const RESULTS: [&str; 4] = ["SKIPPED", "WARNING", "REVIEW", "FAILED"];

/// What may come of which module, and why.
#[derive(Debug, Default)]
pub struct Expected(BTreeMap<(String, String), String>);

impl Expected {
    /// The list of this repository.
    pub fn own() -> anyhow::Result<Self> {
        Self::parse(include_str!("../../suite/expected")).context("suite/expected")
    }

    /// Lines `module RESULT: reason`; empty lines and lines with `#` do not count.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let mut list = BTreeMap::new();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (head, reason) = line.split_once(": ").with_context(|| format!("{line:?}"))?;
            let (module, result) = head.split_once(' ').with_context(|| format!("{line:?}"))?;
            ensure!(RESULTS.contains(&result), "{module}: {result} is no result");
            ensure!(!reason.trim().is_empty(), "{module}: there is no reason");
            let key = (module.to_owned(), result.to_owned());
            let is_new = list.insert(key, reason.trim().to_owned()).is_none();
            ensure!(is_new, "{module} {result} is listed twice");
        }
        Ok(Self(list))
    }

    /// Why a result of a module is fine, if it is.
    pub(super) fn reason(&self, module: &str, result: &str) -> Option<&str> {
        if result == "PASSED" {
            return Some("");
        }
        self.0.get(&(module.to_owned(), result.to_owned())).map(String::as_str)
    }

    /// The modules in the list.
    pub fn modules(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|(module, _)| module.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_with_a_reason_is_fine() {
        let list = Expected::parse("# x\n\na SKIPPED: no `none`\nb WARNING: few claims").unwrap();
        assert_eq!(list.reason("a", "SKIPPED"), Some("no `none`"));
        assert_eq!(list.reason("a", "FAILED"), None);
        assert_eq!(list.reason("b", "SKIPPED"), None);
        assert_eq!(list.reason("c", "PASSED"), Some(""));
        for wrong in ["a SKIPPED", "a: x", "a GONE: x", "a SKIPPED: x\na SKIPPED: y"] {
            assert!(Expected::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_list_of_this_repository_can_be_read() {
        assert!(Expected::own().unwrap().modules().count() > 5);
    }
}
