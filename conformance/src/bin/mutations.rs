//! Removes one rule of the provider after another in a copy of the tree, and tells whether the
//! checks notice.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::ensure;
use clap::Parser;
use conformance::{
    mutation_run::{Outcome, Run},
    mutations::{Mutation, read_all},
};

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

/// Checks of the plain flow, which go on passing unless a mutation names them: one that breaks
/// them breaks more than its rule.
const CONTROLS: &[&str] = &[
    "discovery-issuer",
    "authorize-login-page",
    "session-code-response",
    "code-token-response",
    "userinfo-get",
];

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
    // Neighbours in one file are built again in one go.
    all.sort_by(|a, b| (&a.file, &a.name).cmp(&(&b.file, &b.name)));
    check_unchanged(&all, &tree)?;
    let mut caught = 0;
    for (number, mutation) in all.iter().enumerate() {
        let begun = Instant::now();
        let outcome = try_out(mutation, &tree)?;
        let (place, seconds) = (number + 1, begun.elapsed().as_secs());
        say(&format!(
            "{}  {}  ({place}/{}, {seconds} s){}",
            outcome.word(),
            mutation.name,
            all.len(),
            outcome.told()
        ))?;
        caught += usize::from(matches!(outcome, Outcome::Caught(_)));
    }
    let others = all.len() - caught;
    say(&format!("{caught} passed, {others} failed"))?;
    Ok(ExitCode::from(u8::from(others > 0)))
}

/// Fails when a check fails although nothing was removed: its failing would show nothing.
fn check_unchanged(all: &[Mutation], tree: &Path) -> anyhow::Result<()> {
    let checks: BTreeSet<_> = all.iter().flat_map(|m| &m.fails).map(String::as_str).collect();
    let run = Run::of(tree, checks.iter().chain(CONTROLS).copied())?;
    let failing: Vec<_> = checks.into_iter().filter(|check| !run.passes(check)).collect();
    ensure!(failing.is_empty(), "without any change: {}{}", failing.join(", "), run.errors());
    Ok(())
}

/// Makes the change, runs the checks, and puts the files back.
fn try_out(mutation: &Mutation, tree: &Path) -> anyhow::Result<Outcome> {
    let changed = mutation.apply(tree)?;
    let mut before = Vec::new();
    for path in changed.keys() {
        before.push((path, fs::read_to_string(path)?));
    }
    for (path, text) in &changed {
        fs::write(path, text)?;
    }
    let named = mutation.fails.iter().map(String::as_str);
    let run = Run::of(tree, named.chain(CONTROLS.iter().copied()));
    for (path, text) in before {
        fs::write(path, text)?;
    }
    Ok(Outcome::of(mutation, &run?, CONTROLS))
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
