//! A check: a name, the section that asks for the behaviour, and the look at it.

use std::pin::Pin;

use crate::subject::Subject;

/// `Ok` when the provider behaves, else what it did instead.
pub type Verdict = anyhow::Result<()>;

/// What a check does to the provider.
pub(crate) type Run = for<'a> fn(&'a Subject) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// What a check cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Only the registered client.
    Client,
    /// A person who can sign in.
    Person,
    /// A person, and a second client.
    SecondClient,
}

/// One behaviour.
#[derive(Clone, Copy)]
pub struct Check {
    /// Unique name: `endpoint-behaviour`.
    pub id: &'static str,
    /// The specification and section that ask for it.
    pub spec: &'static str,
    /// What it cannot do without.
    pub needs: Needs,
    run: Run,
}

impl Check {
    pub(crate) const fn new(id: &'static str, spec: &'static str, needs: Needs, run: Run) -> Self {
        Self { id, spec, needs, run }
    }

    /// Looks at the behaviour.
    pub async fn run(&self, subject: &Subject) -> Verdict {
        (self.run)(subject).await
    }
}

/// The table of a group of checks: `id, section => function`.
macro_rules! checks {
    ($needs:ident: $($id:literal, $spec:literal => $run:path;)+) => {
        [$($crate::check::Check::new($id, $spec, $crate::check::Needs::$needs, |subject| {
            Box::pin($run(subject))
        })),+]
    };
}

pub(crate) use checks;
