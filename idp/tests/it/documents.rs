//! The tables of `docs/specs.md` and `docs/security-tests.md` name functions, tests and checks. Each must exist, so that
//! the tables cannot outlive what they speak of.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const SPECS: &str = "docs/specs.md";
const SECURITY: &str = "docs/security-tests.md";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn document(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The rows of all tables: cells without the heads and rules.
fn rows(text: &str) -> Vec<Vec<String>> {
    text.lines()
        .filter(|line| line.starts_with('|') && !line.contains("---"))
        .map(|line| {
            line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
        })
        .filter(|cells: &Vec<String>| !matches!(cells[0].as_str(), "section" | "number"))
        .collect()
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Reads each file once.
#[derive(Default)]
struct Sources(BTreeMap<String, Option<String>>);

impl Sources {
    fn read(&mut self, path: &str) -> Option<&str> {
        let load = || fs::read_to_string(root().join(path)).ok();
        self.0.entry(path.to_owned()).or_insert_with(load).as_deref()
    }

    /// Why a reference leads nowhere. `path::name` names a function, type or constant in a file, `check:name` a check
    /// of `conformance/`, anything else with a slash a file.
    fn fault(&mut self, reference: &str) -> Option<String> {
        if let Some(name) = reference.strip_prefix("check:") {
            return (!checks().contains(name)).then(|| format!("no check {name}"));
        }
        let (path, name) = reference.split_once("::").unwrap_or((reference, ""));
        // Without a slash it is a word, with one at its start an address.
        if !path.contains('/') || path.starts_with('/') {
            return None;
        }
        let is_there = root().join(path).exists();
        if name.is_empty() {
            return (!is_there).then(|| format!("no file {path}"));
        }
        let Some(text) = self.read(path) else {
            return Some(format!("no file {path}"));
        };
        let item = name.rsplit("::").next().unwrap_or(name);
        let declared = ["fn", "struct", "enum", "const", "trait", "type"]
            .iter()
            .any(|kind| text.contains(&format!("{kind} {item}")));
        (!declared).then(|| format!("no {item} in {path}"))
    }
}

/// The names of all checks of `conformance/`.
fn checks() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(root().join("conformance/src/checks")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap_or_default();
        names.extend(text.split('"').skip(1).step_by(2).map(str::to_owned));
    }
    names
}

#[test]
fn whatever_the_tables_name_exists() {
    let mut sources = Sources::default();
    for path in [SPECS, SECURITY] {
        let rows = rows(&document(path));
        assert!(rows.len() > 30, "{path} has tables");
        let mut faults = Vec::new();
        for row in &rows {
            for cell in &row[1..] {
                faults.extend(quoted(cell).filter_map(|reference| sources.fault(reference)));
            }
        }
        assert!(faults.is_empty(), "{path}: {faults:#?}");
    }
}

#[test]
fn every_row_of_the_specifications_has_a_function_and_a_test_or_a_decision() {
    for row in rows(&document(SPECS)) {
        assert_eq!(row.len(), 4, "section, requirement, function, test: {row:?}");
        let decided = row[3].contains("docs/adr/");
        let tested = quoted(&row[3])
            .any(|reference| reference.starts_with("check:") || reference.contains("::"));
        assert!(decided || tested, "{row:?}");
    }
}

/// The provider, delegated administration, relying parties and their sign-out, errors and the log: the parts of the
/// checklist that are whole.
#[test]
fn every_number_of_the_security_checklist_has_a_test() {
    let rows = rows(&document(SECURITY));
    let whole = (1..=47).chain(76..=111).chain(128..=133);
    for number in whole {
        let row = rows.iter().find(|row| row[0] == number.to_string());
        let row = row.unwrap_or_else(|| panic!("no row {number}"));
        let tested = row[2..].iter().any(|cell| {
            quoted(cell)
                .any(|reference| reference.starts_with("check:") || reference.contains("::"))
        });
        assert!(tested, "no test for {number}");
    }
}
