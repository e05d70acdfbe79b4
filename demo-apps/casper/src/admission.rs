//! Who gets a session: whoever has a group of this environment, or owns data collections.

use relying_party::{Admission, Clock, Decision, Person};

use crate::{Claims, Database, Environment, Identity, Roles};

/// Asked at every sign-in, and whenever fresh claims arrive.
pub(crate) struct Gate {
    pub(crate) environment: Environment,
    pub(crate) database: Database,
    pub(crate) clock: Clock,
}

impl Admission for Gate {
    /// Makes the account at the first sign-in (I24), and none for a person without a role (E35).
    async fn admit(&self, person: &Person) -> Decision {
        let claims = read_claims(self.environment, person);
        let now = self.clock.now();
        let done = if claims.roles.any() {
            self.database.sign_in(&claims, now).await.map(|_| ())
        } else {
            self.database.note_refusal(&claims.identity, now).await
        };
        match done {
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "sign-in not recorded");
                Decision::Unavailable
            }
            Ok(()) if claims.roles.any() => Decision::Admit,
            Ok(()) => Decision::refuse(refusal(self.environment)),
        }
    }
}

/// The part of the portal's claims that CASPER keeps.
pub(crate) fn read_claims(environment: Environment, person: &Person) -> Claims {
    let sort_name = if person.family_name.is_empty() {
        person.name.to_lowercase()
    } else {
        format!("{}, {}", person.family_name, person.given_name).to_lowercase()
    };
    let name = [&person.name, &person.email, &person.sub]
        .into_iter()
        .find(|text| !text.is_empty())
        .cloned()
        .unwrap_or_default();
    Claims {
        identity: Identity { iss: person.iss.clone(), sub: person.sub.clone() },
        name,
        sort_name,
        email: person.email.clone(),
        third_party: person.third_party.as_ref().map(|third_party| third_party.id.clone()),
        third_party_name: person.third_party.as_ref().map(|third_party| third_party.name.clone()),
        level_path: person.level.as_ref().map(|level| level.path.clone()).unwrap_or_default(),
        roles: Roles::from_claims(environment, &person.groups, &person.staff_roles),
    }
}

/// What is missing, in words for the person (E35).
pub(crate) fn refusal(environment: Environment) -> String {
    let app = environment.app_name();
    let other = environment.other().app_name();
    format!(
        "Your account in the Identity Portal has no role in {app} (web data submitter or web user \
         administrator), so no account was made for you here. Access to {other} is separate: if \
         that is what you have, open its tile in My Apps."
    )
}
