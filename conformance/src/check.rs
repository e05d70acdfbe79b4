//! A check: a name, the section that asks for the behaviour, and the look at it.

use std::{fmt, pin::Pin};

use crate::subject::Subject;

/// `Ok` when the provider behaves, else what it did instead, or a [`Skip`].
pub type Verdict = anyhow::Result<()>;

/// What a check does to the provider.
pub(crate) type Run = for<'a> fn(&'a Subject) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// One behaviour.
#[derive(Clone, Copy)]
pub struct Check {
    /// Unique name: `endpoint-behaviour`.
    pub id: &'static str,
    /// The specification and section that ask for it.
    pub spec: &'static str,
    /// The modules of the official suite that assert the same.
    pub modules: &'static [&'static str],
    run: Run,
}

impl Check {
    pub(crate) const fn new(
        id: &'static str,
        spec: &'static str,
        modules: &'static [&'static str],
        run: Run,
    ) -> Self {
        Self { id, spec, modules, run }
    }

    /// Looks at the behaviour.
    pub async fn run(&self, subject: &Subject) -> Verdict {
        (self.run)(subject).await
    }
}

/// Why a check has nothing to look at: the provider does not announce the feature, or the run was
/// not given what the check needs. Raised with `?` from anywhere in a check.
#[derive(Debug)]
pub struct Skip(String);

impl Skip {
    /// A check cannot be made, for this reason.
    pub fn because(reason: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Self(reason.into()))
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Skip {}

/// The table of a group of checks: `id, section, official modules => function`.
macro_rules! checks {
    ($($id:literal, $spec:literal $(, $module:literal)* => $run:path;)+) => {
        &[$($crate::check::Check::new($id, $spec, &[$($module),*], |subject| {
            Box::pin($run(subject))
        })),+]
    };
}

pub(crate) use checks;
