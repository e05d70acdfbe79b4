//! What came of a run: lines for people, JUnit XML for machines.

use std::{fmt::Write as _, time::Duration};

use crate::check::{Check, Verdict};

/// What came of one check.
pub struct Outcome {
    /// The check.
    pub check: Check,
    /// What it saw.
    pub verdict: Verdict,
    /// How long it took.
    pub took: Duration,
}

/// What came of a run.
#[derive(Default)]
pub struct Report {
    outcomes: Vec<Outcome>,
}

impl Outcome {
    /// `pass` or `FAIL`, the check, its section, and what the provider did instead.
    pub fn line(&self) -> String {
        let (id, spec) = (self.check.id, self.check.spec);
        match &self.verdict {
            Ok(()) => format!("pass  {id}  ({spec})"),
            Err(reason) => format!("FAIL  {id}  ({spec}): {reason:#}"),
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
        self.outcomes.iter().filter(|o| o.verdict.is_err()).count()
    }

    /// `N passed, N failed`.
    pub fn summary(&self) -> String {
        let failed = self.failed();
        format!("{} passed, {failed} failed", self.outcomes.len() - failed)
    }

    /// The run as a JUnit document with one test suite.
    pub fn junit(&self) -> String {
        let (tests, failures) = (self.outcomes.len(), self.failed());
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuites name=\"conformance\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n\
             <testsuite name=\"conformance\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n"
        );
        for outcome in &self.outcomes {
            // Writing into a text cannot fail.
            let _ = write!(
                xml,
                "<testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
                escape(outcome.check.spec),
                escape(outcome.check.id),
                outcome.took.as_secs_f64()
            );
            match &outcome.verdict {
                Ok(()) => xml.push_str("/>\n"),
                Err(reason) => {
                    let message = escape(&format!("{reason:#}"));
                    let _ = writeln!(xml, "><failure message=\"{message}\"/></testcase>");
                }
            }
        }
        xml.push_str("</testsuite>\n</testsuites>\n");
        xml
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
    use crate::check::Needs;

    #[test]
    fn a_report_counts_and_escapes() {
        let check =
            Check::new("token-x", "RFC 6749 5.2", Needs::Client, |_| Box::pin(async { Ok(()) }));
        let outcome = |verdict| Outcome { check, verdict, took: Duration::from_millis(12) };
        let mut report = Report::default();
        report.add(outcome(Ok(())));
        report.add(outcome(Err(anyhow::anyhow!("got <b> & \"c\"\u{1}"))));
        assert_eq!(report.summary(), "1 passed, 1 failed");
        let xml = report.junit();
        assert!(xml.contains("tests=\"2\" failures=\"1\""), "{xml}");
        assert!(xml.contains("message=\"got &lt;b&gt; &amp; &quot;c&quot;?\""), "{xml}");
    }
}
