//! The two environments of CASPER, the roles, and the groups of the portal that give them.

use serde::{Deserialize, Serialize};

/// Which of the two CASPERs this process is. They share the program and nothing else: groups,
/// database, address and client are separate (domain.md statements 84 and 107).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// CASPER.
    Production,
    /// CASPER Pre-Production: test data only.
    PreProduction,
}

impl Environment {
    /// The name of the application in this environment, as the tiles of the portal have it.
    pub const fn app_name(self) -> &'static str {
        match self {
            Self::Production => "CASPER",
            Self::PreProduction => "CASPER Pre-Production",
        }
    }

    /// The other one, to which a person in the wrong place may want to go.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Production => Self::PreProduction,
            Self::PreProduction => Self::Production,
        }
    }

    /// Whether nothing in here is real.
    pub const fn is_test(self) -> bool {
        matches!(self, Self::PreProduction)
    }
}

impl std::str::FromStr for Environment {
    type Err = UnknownEnvironment;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "production" => Ok(Self::Production),
            "pre-production" => Ok(Self::PreProduction),
            _ => Err(UnknownEnvironment),
        }
    }
}

/// The environment is neither `production` nor `pre-production`.
#[derive(Debug, thiserror::Error)]
#[error("the environment must be `production` or `pre-production`")]
pub struct UnknownEnvironment;

/// A role that an assignment gives on one data collection and one reporting entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Submits data for what it is assigned to.
    #[serde(rename = "WEB_DATA_SUBMITTER")]
    DataSubmitter,
    /// Manages the access of its own organisation's users to what it is assigned to.
    #[serde(rename = "WEB_USER_ADMIN")]
    UserAdmin,
}

impl Role {
    /// Both roles, in the order in which pages show them.
    pub const ALL: [Self; 2] = [Self::DataSubmitter, Self::UserAdmin];

    /// The role in storage, forms and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DataSubmitter => "WEB_DATA_SUBMITTER",
            Self::UserAdmin => "WEB_USER_ADMIN",
        }
    }

    /// The inverse of [`Role::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// The role as people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::DataSubmitter => "Web data submitter",
            Self::UserAdmin => "Web user administrator",
        }
    }

    /// What the role is for, in the words of manual A section 4.
    pub const fn description(self) -> &'static str {
        match self {
            Self::DataSubmitter => {
                "Web data submitters are responsible for submitting data in CASPER for data \
                 collections and entities to which they are assigned."
            }
            Self::UserAdmin => {
                "Web user administrators are responsible for managing access to data collections \
                 and reporting entities in CASPER for users who belong to the same organisation."
            }
        }
    }

    /// The group of the portal that carries this role in `environment`: "(A-)" goes with
    /// "(pre-) production" (domain.md statements 83 and 84).
    pub const fn group(self, environment: Environment) -> &'static str {
        match (self, environment) {
            (Self::DataSubmitter, Environment::Production) => "CASPER_WEB_DATA_SUBMITTER",
            (Self::DataSubmitter, Environment::PreProduction) => "A-CASPER_WEB_DATA_SUBMITTER",
            (Self::UserAdmin, Environment::Production) => "CASPER_WEB_USER_ADMIN",
            (Self::UserAdmin, Environment::PreProduction) => "A-CASPER_WEB_USER_ADMIN",
        }
    }
}

/// The staff role of a collection owner in the claims of the portal.
const COLLECTION_OWNER: &str = "ECB_COLLECTION_OWNER";

/// What the portal lets a person be in this environment. Says nothing yet about which data
/// collections and entities: that is the assignments' part (I21).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Roles {
    /// May submit where assigned.
    pub data_submitter: bool,
    /// May administer users where assigned.
    pub user_admin: bool,
    /// ECB staff that own data collections.
    pub collection_owner: bool,
}

impl Roles {
    /// Reads the claims. Groups of the other environment count for nothing (I18).
    pub fn from_claims(environment: Environment, groups: &[String], staff: &[String]) -> Self {
        let has = |role: Role| groups.iter().any(|group| group == role.group(environment));
        Self {
            data_submitter: has(Role::DataSubmitter),
            user_admin: has(Role::UserAdmin),
            collection_owner: staff.iter().any(|role| role == COLLECTION_OWNER),
        }
    }

    /// Whether the person may come in at all.
    pub const fn any(self) -> bool {
        self.data_submitter || self.user_admin || self.collection_owner
    }

    /// Whether the portal gives `role`.
    pub const fn has(self, role: Role) -> bool {
        match role {
            Role::DataSubmitter => self.data_submitter,
            Role::UserAdmin => self.user_admin,
        }
    }

    /// The assignable roles that the portal gives.
    pub fn assignable(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_group_of_the_other_environment_gives_nothing() {
        let test_only = groups(&["A-CASPER_WEB_DATA_SUBMITTER", "A-CASPER_WEB_USER_ADMIN"]);
        assert!(!Roles::from_claims(Environment::Production, &test_only, &[]).any());
        let real_only = groups(&["CASPER_WEB_DATA_SUBMITTER", "CASPER_WEB_USER_ADMIN"]);
        assert!(!Roles::from_claims(Environment::PreProduction, &real_only, &[]).any());
    }

    #[test]
    fn the_two_roles_do_not_exclude_each_other() {
        let both = groups(&["CASPER_WEB_DATA_SUBMITTER", "CASPER_WEB_USER_ADMIN"]);
        let roles = Roles::from_claims(Environment::Production, &both, &[]);
        assert_eq!(roles.assignable().collect::<Vec<_>>(), Role::ALL);
        assert!(!roles.collection_owner);
    }

    #[test]
    fn a_collection_owner_comes_in_without_a_group_and_others_of_the_staff_do_not() {
        for environment in [Environment::Production, Environment::PreProduction] {
            let owner = groups(&["ECB_COLLECTION_OWNER"]);
            assert!(Roles::from_claims(environment, &[], &owner).any());
            let auditor = groups(&["ECB_AUDITOR"]);
            assert!(!Roles::from_claims(environment, &[], &auditor).any());
        }
    }

    #[test]
    fn a_staff_role_sent_as_a_group_gives_nothing() {
        let forged = groups(&["ECB_COLLECTION_OWNER"]);
        assert!(!Roles::from_claims(Environment::Production, &forged, &[]).any());
    }

    #[test]
    fn a_role_survives_its_text() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("web_user_admin"), None);
    }
}
