//! What a run of the checks says about a mutation.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::Context as _;

use crate::mutations::Mutation;

/// The lines of a run of `scripts/conformance`.
#[derive(Debug)]
pub struct Run {
    output: String,
    errors: String,
}

/// With what the line of a check begins.
const WORDS: [&str; 3] = ["pass", "skip", "FAIL"];

/// What came of a mutation.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every check that it names failed, and nothing else of the plain flow; what each said.
    Caught(Vec<String>),
    /// Not every check failed; what each said.
    Missed(Vec<String>),
    /// Controls that failed though it does not name them; what each said.
    Broad(Vec<String>),
    /// It could not be built or run, and why.
    Broken(String),
}

impl Run {
    /// Builds a tree and runs these checks there.
    pub fn of<'a>(tree: &Path, checks: impl Iterator<Item = &'a str>) -> anyhow::Result<Self> {
        let output = Command::new(tree.join("scripts/conformance"))
            .args(["--only", &checks.collect::<Vec<_>>().join(",")])
            .current_dir(tree)
            .stdin(Stdio::null())
            .output()
            .context("scripts/conformance cannot be run")?;
        Ok(Self {
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Whether a check ran and passed.
    pub fn passes(&self, check: &str) -> bool {
        self.line("pass", check).is_some()
    }

    /// What failed, and the errors of the compiler; a line each.
    pub fn errors(&self) -> String {
        let failed = self.output.lines().filter(|line| line.starts_with("FAIL"));
        let errors = self.errors.lines().filter(|line| line.starts_with("error"));
        indented(failed.chain(errors))
    }

    fn line(&self, word: &str, check: &str) -> Option<&str> {
        let begin = format!("{word}  {check}  (");
        self.output.lines().find(|line| line.starts_with(&begin))
    }
}

impl Outcome {
    /// What a run with the rule removed means. A check that was skipped, expected or not, did not
    /// notice anything.
    pub fn of(mutation: &Mutation, run: &Run, controls: &[&str]) -> Self {
        let is_known = |check: &&str| WORDS.iter().any(|word| run.line(word, check).is_some());
        let named: Vec<_> = mutation.fails.iter().map(String::as_str).collect();
        if let Some(check) = named.iter().find(|check| !is_known(check)) {
            return Self::Broken(format!("{check} did not run{}", run.errors()));
        }
        let failed = |check: &&str| run.line("FAIL", check).map(str::to_owned);
        let noticed = |check: &&str| {
            run.line("FAIL", check).is_some_and(|line| !line.contains("skipped, which is not"))
        };
        if !named.iter().all(noticed) {
            let said = named.iter().flat_map(|check| WORDS.map(|word| run.line(word, check)));
            return Self::Missed(said.flatten().map(str::to_owned).collect());
        }
        let is_named = |control: &&&str| {
            named.contains(*control) || mutation.breaks.iter().any(|name| name == **control)
        };
        let broad: Vec<_> = controls.iter().filter(|c| !is_named(c)).filter_map(failed).collect();
        if !broad.is_empty() {
            return Self::Broad(broad);
        }
        Self::Caught(named.iter().filter_map(failed).collect())
    }

    /// `caught`, or in capitals what went wrong.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Caught(_) => "caught",
            Self::Missed(_) => "MISSED",
            Self::Broad(_) => "BROAD ",
            Self::Broken(_) => "BROKEN",
        }
    }

    /// The checks and what they said, a line each.
    pub fn told(&self) -> String {
        match self {
            Self::Caught(lines) | Self::Missed(lines) | Self::Broad(lines) => {
                indented(lines.iter().map(String::as_str))
            }
            Self::Broken(reason) => indented([reason.as_str()].into_iter()),
        }
    }
}

/// Each on a line of its own, under the line before.
fn indented<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.flat_map(|line| ["\n    ", line]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutation(fails: &[&str], breaks: &[&str]) -> Mutation {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Mutation {
            name: "m".to_owned(),
            file: "f".to_owned(),
            find: String::new(),
            replace: String::new(),
            also: Vec::new(),
            fails: names(fails),
            breaks: names(breaks),
        }
    }

    fn run(output: &str) -> Run {
        Run { output: output.to_owned(), errors: "error: a\nwarning: b".to_owned() }
    }

    #[test]
    fn it_is_caught_when_every_check_fails_and_the_controls_pass() {
        let said = "FAIL  a  (RFC 1): x\nFAIL  b  (RFC 2): y\npass  plain  (RFC 3)";
        let outcome = Outcome::of(&mutation(&["a", "b"], &[]), &run(said), &["plain"]);
        assert_eq!(outcome.word(), "caught");
        assert_eq!(outcome.told(), "\n    FAIL  a  (RFC 1): x\n    FAIL  b  (RFC 2): y");
    }

    #[test]
    fn it_is_missed_when_a_check_passes_or_is_skipped() {
        for line in ["pass  b  (R)", "skip  b  (R): c", "FAIL  b  (R): skipped, which is not c"] {
            let said = format!("FAIL  a  (R): x\n{line}");
            let outcome = Outcome::of(&mutation(&["a", "b"], &[]), &run(&said), &[]);
            assert_eq!(outcome.word(), "MISSED", "{line}");
            assert!(outcome.told().contains(line));
        }
    }

    #[test]
    fn it_is_broad_when_a_control_fails_that_it_does_not_name() {
        let said = "FAIL  a  (R): x\nFAIL  plain  (R): y";
        for (fails, breaks, word) in [
            (&["a"][..], &[][..], "BROAD "),
            (&["a", "plain"], &[], "caught"),
            (&["a"], &["plain"], "caught"),
        ] {
            let outcome = Outcome::of(&mutation(fails, breaks), &run(said), &["plain"]);
            assert_eq!(outcome.word(), word);
        }
    }

    #[test]
    fn it_is_broken_when_a_check_did_not_run() {
        let outcome = Outcome::of(&mutation(&["a"], &[]), &run("FAIL  ab  (R): x"), &[]);
        assert_eq!(outcome.word(), "BROKEN");
        assert!(outcome.told().contains("error: a") && !outcome.told().contains("warning"));
    }
}
