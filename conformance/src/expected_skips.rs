//! The list of checks that may skip, each with its reason. Nothing else may vanish from a run.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, bail, ensure};

/// Checks that are expected to skip, by name.
#[derive(Debug, Default)]
pub struct ExpectedSkips(BTreeMap<String, String>);

impl ExpectedSkips {
    /// Reads a file with lines `check-name: reason`; empty lines and lines with `#` do not count.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display();
        let text =
            std::fs::read_to_string(path).with_context(|| format!("{name} cannot be read"))?;
        Self::parse(&text).with_context(|| name.to_string())
    }

    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let mut list = BTreeMap::new();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let Some((id, reason)) = line.split_once(": ") else {
                bail!("{line:?} is not `check: reason`");
            };
            let is_new = list.insert(id.to_owned(), reason.trim().to_owned()).is_none();
            ensure!(is_new, "{id} is listed twice");
        }
        Ok(Self(list))
    }

    pub(crate) fn reason(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }

    /// The names in the list.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expected_skip_has_a_reason_and_is_named_once() {
        let list = ExpectedSkips::parse("# why\n\na-b: because: of it \n").unwrap();
        assert_eq!(list.reason("a-b"), Some("because: of it"));
        assert!(ExpectedSkips::parse("a-b").is_err());
        assert!(ExpectedSkips::parse("a: x\na: y").is_err());
    }
}
