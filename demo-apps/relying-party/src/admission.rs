//! The application's say in who gets a session.

use std::{future::Future, pin::Pin};

use crate::Person;

/// Asked after every check of the protocol and before the session exists, at each sign-in and
/// again whenever fresh claims replace the old ones. The place to make the local account.
pub trait Admission: Send + Sync + 'static {
    /// Lets `person` in or not.
    fn admit(&self, person: &Person) -> impl Future<Output = Decision> + Send;
}

/// What an application says to a person who has signed in at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A session begins, or goes on.
    Admit,
    /// No session; the person reads `reason` (what is missing) on a page that says whom to ask.
    Refuse {
        /// One or two sentences for the person.
        reason: String,
    },
    /// The application cannot decide now, for example as its database is down: 503.
    Unavailable,
}

impl Decision {
    /// A refusal with its reason.
    pub fn refuse(reason: impl Into<String>) -> Self {
        Self::Refuse { reason: reason.into() }
    }
}

/// The plainest rule: whoever is in this group may come in.
#[derive(Clone, Debug)]
pub struct GroupRequired(pub String);

impl Admission for GroupRequired {
    async fn admit(&self, person: &Person) -> Decision {
        if person.in_group(&self.0) {
            return Decision::Admit;
        }
        Decision::Refuse {
            reason: format!(
                "Your account is not in the group {}. Ask the delegated access administrator of \
                 your organisation to assign it, then sign in again.",
                self.0
            ),
        }
    }
}

/// [`Admission`] as an object.
pub(crate) trait DynAdmission: Send + Sync {
    fn admit<'a>(
        &'a self,
        person: &'a Person,
    ) -> Pin<Box<dyn Future<Output = Decision> + Send + 'a>>;
}

impl<A: Admission> DynAdmission for A {
    fn admit<'a>(
        &'a self,
        person: &'a Person,
    ) -> Pin<Box<dyn Future<Output = Decision> + Send + 'a>> {
        Box::pin(Admission::admit(self, person))
    }
}
