//! Rules of the provider that, when removed, make checks fail: what shows that a check can fail.
//!
//! A mutation is a text in a file of this repository and what is put there instead.
//! `scripts/mutations` makes each in a copy of the tree, builds, and runs the checks that must fail.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use crate::expected_skips::ExpectedSkips;

/// A rule that is removed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutation {
    /// Its name, of all mutations: `group-what-is-gone`.
    pub name: String,
    /// The file, from the root of the repository.
    pub file: String,
    /// What stands there; exactly once.
    pub find: String,
    /// What stands there instead.
    pub replace: String,
    /// The checks that must fail.
    pub fails: Vec<String>,
}

impl Mutation {
    /// The text of the file with the rule removed. Fails when `find` does not occur exactly once.
    pub fn apply(&self, text: &str) -> anyhow::Result<String> {
        let times = text.matches(&self.find).count();
        ensure!(times == 1, "{}: it occurs {times} times in {}", self.name, self.file);
        Ok(text.replacen(&self.find, &self.replace, 1))
    }
}

/// All mutations of a folder of JSON lists, in the order of their names.
pub fn read_all(folder: &Path) -> anyhow::Result<Vec<Mutation>> {
    let mut all = BTreeMap::new();
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let list: Vec<Mutation> =
            serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        for mutation in list {
            let name = mutation.name.clone();
            ensure!(all.insert(name.clone(), mutation).is_none(), "{name} is there twice");
        }
    }
    Ok(all.into_values().collect())
}

/// What is wrong with a list: checks that neither a mutation nor the list of the others names,
/// checks that do not exist, and texts that are not where they should be. `root` is the repository.
pub fn problems(
    mutations: &[Mutation],
    others: &ExpectedSkips,
    checks: &[&str],
    root: &Path,
) -> Vec<String> {
    let mut problems = Vec::new();
    let covered: BTreeSet<_> =
        mutations.iter().flat_map(|m| &m.fails).map(String::as_str).collect();
    for check in checks {
        if !covered.contains(check) && others.reason(check).is_none() {
            problems.push(format!("no mutation makes {check} fail, and no reason is given"));
        }
    }
    for name in covered.iter().copied().chain(others.names()) {
        if !checks.contains(&name) {
            problems.push(format!("there is no check {name}"));
        }
    }
    for mutation in mutations {
        let text = fs::read_to_string(root.join(&mutation.file));
        let applied = text.map_err(anyhow::Error::new).and_then(|text| mutation.apply(&text));
        problems.extend(applied.err().map(|error| format!("{}: {error:#}", mutation.name)));
        if mutation.fails.is_empty() {
            problems.push(format!("{} makes nothing fail", mutation.name));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
    }

    #[test]
    fn every_check_can_fail_and_every_rule_is_still_where_it_was() {
        let folder = root().join("conformance/mutations");
        let mutations = read_all(&folder).unwrap();
        let others = ExpectedSkips::read(&folder.join("uncovered")).unwrap();
        let checks = crate::checks::all();
        let checks: Vec<_> = checks.iter().map(|check| check.id).collect();
        let problems = problems(&mutations, &others, &checks, root());
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    #[test]
    fn a_rule_that_is_gone_or_there_twice_is_told() {
        let mutation = Mutation {
            name: "m".to_owned(),
            file: "f".to_owned(),
            find: "a == b".to_owned(),
            replace: "true".to_owned(),
            fails: Vec::new(),
        };
        assert_eq!(mutation.apply("if a == b {").unwrap(), "if true {");
        assert!(mutation.apply("").is_err());
        assert!(mutation.apply("a == b || a == b").is_err());
    }
}
