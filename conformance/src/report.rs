//! What came of a run: lines for people, JUnit XML for machines.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use crate::{
    check::{Check, Skip, Verdict},
    expected_skips::ExpectedSkips,
};

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The provider behaves.
    Passed,
    /// What it did instead.
    Failed(String),
    /// Why there was nothing to look at.
    Skipped(String),
}

impl Finding {
    /// What a verdict means when these skips are expected. Without a list every skip is; with one,
    /// a skip that is not in it fails, and so does a check that no longer skips.
    fn of(check: &Check, verdict: Verdict, expected: Option<&ExpectedSkips>) -> Self {
        let reason = expected.and_then(|list| list.reason(check.id));
        match (verdict, expected) {
            (Ok(()), _) if reason.is_some() => {
                Self::Failed("it passes: strike it from the expected skips".to_owned())
            }
            (Ok(()), _) => Self::Passed,
            (Err(error), list) => match error.downcast_ref::<Skip>() {
                None => Self::Failed(format!("{error:#}")),
                Some(skip) if list.is_some() && reason.is_none() => {
                    Self::Failed(format!("skipped, which is not expected: {skip}"))
                }
                Some(skip) => Self::Skipped(reason.map_or_else(|| skip.to_string(), str::to_owned)),
            },
        }
    }
}

/// What came of one check, and how long it took.
pub struct Outcome {
    /// The check.
    pub check: Check,
    /// What it found.
    pub finding: Finding,
    /// How long it took.
    pub took: Duration,
}

/// What came of a run.
#[derive(Default)]
pub struct Report {
    outcomes: Vec<Outcome>,
}

impl Outcome {
    /// What came of a check whose verdict this is.
    pub fn new(
        check: Check,
        verdict: Verdict,
        took: Duration,
        expected: Option<&ExpectedSkips>,
    ) -> Self {
        Self { check, finding: Finding::of(&check, verdict, expected), took }
    }

    /// `pass`, `skip` or `FAIL`, the check, its section, and the reason.
    pub fn line(&self) -> String {
        let (id, spec) = (self.check.id, self.check.spec);
        match &self.finding {
            Finding::Passed => format!("pass  {id}  ({spec})"),
            Finding::Skipped(reason) => format!("skip  {id}  ({spec}): {reason}"),
            Finding::Failed(reason) => format!("FAIL  {id}  ({spec}): {reason}"),
        }
    }
}

impl Report {
    /// Adds what came of a check.
    pub fn add(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
    }

    /// How many checks failed.
    pub fn failed(&self) -> usize {
        self.outcomes.iter().filter(|o| matches!(o.finding, Finding::Failed(_))).count()
    }

    /// How many checks had nothing to look at.
    pub fn skipped(&self) -> usize {
        self.outcomes.iter().filter(|o| matches!(o.finding, Finding::Skipped(_))).count()
    }

    /// `N passed, N failed`, with `, N skipped` when there are any.
    pub fn summary(&self) -> String {
        let (failed, skipped) = (self.failed(), self.skipped());
        let passed = self.outcomes.len() - failed - skipped;
        let tail = if skipped == 0 { String::new() } else { format!(", {skipped} skipped") };
        format!("{passed} passed, {failed} failed{tail}")
    }

    /// The run as a JUnit document with one test suite. The official modules that assert the same
    /// are a property of each case.
    pub fn junit(&self) -> String {
        let counts = format!(
            "tests=\"{}\" failures=\"{}\" skipped=\"{}\" errors=\"0\"",
            self.outcomes.len(),
            self.failed(),
            self.skipped()
        );
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuites name=\"conformance\" {counts}>\n\
             <testsuite name=\"conformance\" {counts}>\n"
        );
        for outcome in &self.outcomes {
            // Writing into a text cannot fail.
            let _ = writeln!(xml, "{}", outcome.junit());
        }
        xml.push_str("</testsuite>\n</testsuites>\n");
        xml
    }

    /// How many checks each official module is re-created by.
    pub fn modules(checks: &[Check]) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for module in checks.iter().flat_map(|check| check.modules) {
            *counts.entry(*module).or_default() += 1;
        }
        counts
    }
}

impl Outcome {
    fn junit(&self) -> String {
        let mut xml = format!(
            "<testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\">",
            escape(self.check.spec),
            escape(self.check.id),
            self.took.as_secs_f64()
        );
        for module in self.check.modules {
            let _ = write!(
                xml,
                "<properties><property name=\"module\" value=\"{}\"/></properties>",
                escape(module)
            );
        }
        let _ = match &self.finding {
            Finding::Passed => Ok(()),
            Finding::Failed(reason) => write!(xml, "<failure message=\"{}\"/>", escape(reason)),
            Finding::Skipped(reason) => write!(xml, "<skipped message=\"{}\"/>", escape(reason)),
        };
        xml + "</testcase>"
    }
}

/// Escapes a text for an attribute; characters that XML cannot carry become `?`.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &'static str) -> Check {
        Check::new(id, "RFC 6749 5.2", &["oidcc-server"], |_| Box::pin(async { Ok(()) }))
    }

    fn finding(id: &'static str, verdict: Verdict, expected: Option<&ExpectedSkips>) -> Finding {
        Finding::of(&check(id), verdict, expected)
    }

    #[test]
    fn a_report_counts_and_escapes() {
        let outcome = |verdict| Outcome::new(check("x"), verdict, Duration::from_millis(12), None);
        let mut report = Report::default();
        report.add(outcome(Ok(())));
        report.add(outcome(Err(anyhow::anyhow!("got <b> & \"c\"\u{1}"))));
        assert_eq!(report.summary(), "1 passed, 1 failed");
        report.add(outcome(Err(Skip::because("not announced").context("somewhere"))));
        assert_eq!(report.summary(), "1 passed, 1 failed, 1 skipped");
        let xml = report.junit();
        assert!(xml.contains("tests=\"3\" failures=\"1\" skipped=\"1\""), "{xml}");
        assert!(xml.contains("<failure message=\"got &lt;b&gt; &amp; &quot;c&quot;?\"/>"), "{xml}");
        assert!(xml.contains("<skipped message=\"not announced\"/>"), "{xml}");
        assert!(xml.contains("name=\"module\" value=\"oidcc-server\""), "{xml}");
    }

    #[test]
    fn with_a_list_only_the_skips_in_it_are_fine_and_each_must_occur() {
        let list = ExpectedSkips::parse("a: no time\n").unwrap();
        let skip = || Err(Skip::because("not announced"));
        assert_eq!(finding("a", skip(), Some(&list)), Finding::Skipped("no time".to_owned()));
        assert!(matches!(finding("b", skip(), Some(&list)), Finding::Failed(_)));
        assert!(matches!(finding("a", Ok(()), Some(&list)), Finding::Failed(_)));
        assert_eq!(finding("b", Ok(()), Some(&list)), Finding::Passed);
        assert_eq!(finding("b", skip(), None), Finding::Skipped("not announced".to_owned()));
    }
}
