//! Removes one rule of the provider after another in a copy of the tree, and tells whether the
//! checks notice.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use anyhow::{Context as _, ensure};
use clap::Parser;
use conformance::mutations::{Mutation, read_all};

/// Mutations of the provider that the conformance checks must notice.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Only mutations whose name begins with one of these.
    names: Vec<String>,
    /// A copy of the tree that may be changed.
    #[arg(long, value_name = "DIR", required_unless_present = "list")]
    tree: Option<PathBuf>,
    /// Only list them, with the checks that must fail.
    #[arg(long)]
    list: bool,
}

enum Outcome {
    Caught,
    /// The checks that passed all the same.
    Missed(Vec<String>),
    /// It could not be built or run.
    Broken(String),
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    let mut all = read_all(Path::new("conformance/mutations"))?;
    all.retain(|mutation| {
        options.names.is_empty() || options.names.iter().any(|name| mutation.name.starts_with(name))
    });
    ensure!(!all.is_empty(), "there is no such mutation");
    let Some(tree) = options.tree.filter(|_| !options.list) else {
        for mutation in &all {
            say(&format!("{}\t{}\t{}", mutation.name, mutation.file, mutation.fails.join(" ")))?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    let (mut caught, mut others) = (0, 0);
    for mutation in &all {
        let begun = Instant::now();
        let outcome = try_out(mutation, &tree)?;
        let word = match &outcome {
            Outcome::Caught => format!("caught  {}", mutation.name),
            Outcome::Missed(checks) => {
                format!("MISSED  {}: {} passed", mutation.name, checks.join(", "))
            }
            Outcome::Broken(reason) => format!("BROKEN  {}: {reason}", mutation.name),
        };
        say(&format!("{word}  ({} s)", begun.elapsed().as_secs()))?;
        if matches!(outcome, Outcome::Caught) { caught += 1 } else { others += 1 }
    }
    say(&format!("{caught} passed, {others} failed"))?;
    Ok(ExitCode::from(u8::from(others > 0)))
}

/// Makes the change, runs the checks, and puts the file back.
fn try_out(mutation: &Mutation, tree: &Path) -> anyhow::Result<Outcome> {
    let path = tree.join(&mutation.file);
    let before = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    fs::write(&path, mutation.apply(&before)?)?;
    let outcome = run_checks(mutation, tree);
    fs::write(&path, before)?;
    outcome
}

fn run_checks(mutation: &Mutation, tree: &Path) -> anyhow::Result<Outcome> {
    let output = Command::new(tree.join("scripts/conformance"))
        .args(["--only", &mutation.fails.join(",")])
        .current_dir(tree)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .context("scripts/conformance cannot be run")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let has = |word: &str, check: &str| {
        let begin = format!("{word}  {check}  (");
        text.lines().any(|line| line.starts_with(&begin))
    };
    let is_known = |check: &&String| has("FAIL", check) || has("pass", check) || has("skip", check);
    if let Some(check) = mutation.fails.iter().find(|check| !is_known(check)) {
        let errors = String::from_utf8_lossy(&output.stderr);
        let why = errors.lines().find(|line| line.starts_with("error")).unwrap_or("it did not run");
        return Ok(Outcome::Broken(format!("{check}: {why}")));
    }
    let missed: Vec<_> =
        mutation.fails.iter().filter(|check| !has("FAIL", check)).cloned().collect();
    Ok(if missed.is_empty() { Outcome::Caught } else { Outcome::Missed(missed) })
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
