//! Rules of the provider that, when removed, make checks fail: what shows that a check can fail.
//!
//! A mutation is a text in a file of this repository and what is put there instead.
//! `scripts/mutations` makes each in a copy of the tree, builds, and runs the checks that must fail.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, iter,
    path::{Path, PathBuf},
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
    /// Where else the same rule stands: one that is kept twice is removed twice.
    #[serde(default)]
    pub also: Vec<Edit>,
    /// The checks that must fail.
    pub fails: Vec<String>,
    /// Controls that cannot but fail with it, since the rule lies under them.
    #[serde(default)]
    pub breaks: Vec<String>,
}

/// One text that gives way to another.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The file, from the root of the repository.
    pub file: String,
    /// What stands there; exactly once.
    pub find: String,
    /// What stands there instead.
    pub replace: String,
}

impl Edit {
    /// The text of the file with the change. Fails when `find` does not occur exactly once.
    fn apply(&self, text: &str) -> anyhow::Result<String> {
        let times = text.matches(&self.find).count();
        ensure!(times == 1, "it occurs {times} times in {}: {}", self.file, self.find);
        Ok(text.replacen(&self.find, &self.replace, 1))
    }
}

impl Mutation {
    /// The files with the rule removed, and their texts.
    pub fn apply(&self, root: &Path) -> anyhow::Result<BTreeMap<PathBuf, String>> {
        let first = Edit {
            file: self.file.clone(),
            find: self.find.clone(),
            replace: self.replace.clone(),
        };
        let mut texts = BTreeMap::new();
        for edit in iter::once(&first).chain(&self.also) {
            let path = root.join(&edit.file);
            let text = match texts.remove(&path) {
                Some(text) => text,
                None => fs::read_to_string(&path).with_context(|| path.display().to_string())?,
            };
            texts.insert(path, edit.apply(&text).with_context(|| self.name.clone())?);
        }
        Ok(texts)
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
        if covered.contains(check) && others.reason(check).is_some() {
            problems
                .push(format!("a mutation makes {check} fail: strike the reason why none does"));
        }
    }
    let broken = mutations.iter().flat_map(|m| &m.breaks).map(String::as_str);
    for name in covered.iter().copied().chain(others.names()).chain(broken) {
        if !checks.contains(&name) {
            problems.push(format!("there is no check {name}"));
        }
    }
    for mutation in mutations {
        problems.extend(mutation.apply(root).err().map(|error| format!("{error:#}")));
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
        let edit =
            Edit { file: "f".to_owned(), find: "a == b".to_owned(), replace: "true".to_owned() };
        assert_eq!(edit.apply("if a == b {").unwrap(), "if true {");
        assert!(edit.apply("").is_err());
        assert!(edit.apply("a == b || a == b").is_err());
    }
}
