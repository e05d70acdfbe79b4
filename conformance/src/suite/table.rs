//! What came of all plans, as a table.

use std::fmt::Write as _;

use super::{expected::Expected, run::ModuleResult};

/// The results of all plans against what was expected.
pub struct Table<'a> {
    expected: &'a Expected,
    plans: Vec<(String, Vec<ModuleResult>)>,
    broken: Vec<(String, String)>,
}

impl<'a> Table<'a> {
    /// An empty table.
    pub const fn new(expected: &'a Expected) -> Self {
        Self { expected, plans: Vec::new(), broken: Vec::new() }
    }

    /// Adds the results of a plan.
    pub fn add(&mut self, plan: &str, results: Vec<ModuleResult>) {
        self.plans.push((plan.to_owned(), results));
    }

    /// Adds a plan that could not be run.
    pub fn add_broken(&mut self, plan: &str, reason: String) {
        self.broken.push((plan.to_owned(), reason));
    }

    /// A line for one result.
    pub fn line(&self, result: &ModuleResult) -> String {
        let ModuleResult { module, variant, result: word, reasons, id } = result;
        let reason = match self.expected.reason(module, word) {
            Some("") => String::new(),
            Some(reason) => format!("  expected: {reason}"),
            None => {
                let told = reasons.join(" | ");
                format!("  NOT EXPECTED: {told} (log {id})")
            }
        };
        let variant = if variant.is_empty() { String::new() } else { format!("  [{variant}]") };
        format!("{word:<12}  {module}{variant}{reason}")
    }

    fn counts(&self, results: &[ModuleResult]) -> (usize, usize, usize) {
        let is_fine =
            |result: &&ModuleResult| self.expected.reason(&result.module, &result.result).is_some();
        let passed = results.iter().filter(|result| result.result == "PASSED").count();
        let fine = results.iter().filter(is_fine).count();
        (passed, fine - passed, results.len() - fine)
    }

    /// How many results are not fine; a plan that could not be run, or had no module, is one.
    pub fn failed(&self) -> usize {
        let empty = self.plans.iter().filter(|(_, results)| results.is_empty()).count();
        let bad: usize = self.plans.iter().map(|(_, results)| self.counts(results).2).sum();
        bad + empty + self.broken.len()
    }

    /// A line a plan, and a sum: `N passed, N failed`, with the expected others as skipped.
    pub fn summary(&self) -> String {
        let mut text = String::new();
        let (mut all, mut others) = (0, 0);
        for (plan, results) in &self.plans {
            let (passed, other, bad) = self.counts(results);
            (all, others) = (all + passed, others + other);
            // Writing into a text cannot fail.
            let _ = writeln!(text, "{plan:<24} {passed} passed, {other} as expected, {bad} not");
        }
        for (plan, reason) in &self.broken {
            let _ = writeln!(text, "{plan:<24} not run: {reason}");
        }
        let tail = if others == 0 { String::new() } else { format!(", {others} skipped") };
        let _ = write!(text, "{all} passed, {} failed{tail}", self.failed());
        text
    }
}
