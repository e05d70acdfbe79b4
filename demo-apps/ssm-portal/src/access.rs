//! Who may come in, and who may manage whom.

use relying_party::{Admission, Decision, Person, Requirement};
use sqlx::SqlitePool;

use crate::accounts;

/// Who changes what others may do has shown password and code within this hour: a browser that
/// was left open for the day gives nothing away.
pub(crate) const RECENT_SIGN_IN: Requirement = Requirement::max_age(60 * 60);

/// Whose accounts and institutions an administrator may see and change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everybody's: operator staff.
    All,
    /// Those of one third party (domain.md I23, O24).
    ThirdParty(String),
}

impl Scope {
    /// The third party that limits a query; `None` limits nothing.
    pub(crate) fn third_party(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::ThirdParty(name) => Some(name),
        }
    }

    /// Whether things of `third_party` are inside.
    pub(crate) fn covers(&self, third_party: &str) -> bool {
        self.third_party().is_none_or(|own| own == third_party)
    }
}

/// The third party of a person: the level below the root, such as `BANK_01` of `Root/BANK_01`.
pub(crate) fn third_party(person: &Person) -> Option<&str> {
    let path = person.level.as_ref()?.path.strip_prefix("Root/")?;
    let name = path.split('/').next().unwrap_or(path);
    (!name.is_empty()).then_some(name)
}

/// What the person may manage: a delegated access administrator of this application its own third
/// party, the operator's process owners and identity administrators everything, others nothing
/// (manual B section 6).
pub(crate) fn manages(person: &Person) -> Option<Scope> {
    let is_staff = person.level.as_ref().is_some_and(|level| level.path == "Root")
        && (person.has_staff_role("ECB_PROCESS_OWNER")
            || person.has_staff_role("ECB_IDENTITY_ADMIN"));
    if is_staff {
        return Some(Scope::All);
    }
    let own = third_party(person).filter(|_| person.app_admin)?;
    Some(Scope::ThirdParty(own.to_owned()))
}

/// Lets in whoever has the group, and makes the account then (manual B section 6: "When a new
/// user logs into the SSM Portal for the first time, an account is automatically created").
/// Administrators without the group come in for Manage Users only, and get no account (I17).
pub(crate) struct GroupOrAdministrator {
    pub(crate) group: String,
    pub(crate) pool: SqlitePool,
    pub(crate) clock: relying_party::Clock,
}

impl Admission for GroupOrAdministrator {
    async fn admit(&self, person: &Person) -> Decision {
        if !person.in_group(&self.group) {
            return match manages(person) {
                Some(_) => Decision::Admit,
                None => Decision::refuse(format!(
                    "Your account is not in the group {}, so no SSM Portal account was created.",
                    self.group
                )),
            };
        }
        match accounts::record_sign_in(&self.pool, person, self.clock.now()).await {
            Ok(()) => Decision::Admit,
            Err(error) => {
                tracing::error!(%error, "the account could not be written");
                Decision::Unavailable
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn person(level: &str, app_admin: bool, staff: &[&str]) -> Person {
        serde_json::from_value(json!({
            "iss": "https://op.example", "sub": "1", "app_admin": app_admin,
            "staff_roles": staff, "level": { "id": "l", "path": level },
        }))
        .unwrap()
    }

    #[test]
    fn an_administrator_manages_the_own_third_party_and_nobody_elses() {
        let scope = manages(&person("Root/BANK_01/Branch", true, &[])).unwrap();
        assert_eq!(scope, Scope::ThirdParty("BANK_01".to_owned()));
        assert!(scope.covers("BANK_01"));
        assert!(!scope.covers("BANK E"));
    }

    #[test]
    fn a_plain_user_manages_nothing() {
        assert_eq!(manages(&person("Root/BANK_01", false, &[])), None);
    }

    #[test]
    fn process_owners_manage_everything_only_at_the_root() {
        let role = ["ECB_PROCESS_OWNER"];
        assert_eq!(manages(&person("Root", false, &role)), Some(Scope::All));
        assert_eq!(manages(&person("Root/BANK_01", false, &role)), None);
        assert_eq!(manages(&person("Root", false, &["ECB_SUPPORT"])), None);
    }

    #[test]
    fn an_administrator_without_a_third_party_manages_nothing() {
        assert_eq!(manages(&person("Root", true, &[])), None);
        assert_eq!(manages(&person("Root/", true, &[])), None);
    }
}
