//! Applications, groups and memberships: who may open what (manual §4, I17–I19).

use serde::{Deserialize, Serialize};

use std::collections::HashMap;

use crate::{
    id::{ApplicationId, GroupId},
    permission::StaffRole,
};

/// Production and pre-production are two applications, never mixed in one token (domain.md 107, I18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// Real work.
    Production,
    /// Tests; codes and groups carry [`PRE_PRODUCTION_PREFIX`].
    PreProduction,
}

/// Prefix of codes and groups of pre-production applications (manual §4).
pub const PRE_PRODUCTION_PREFIX: &str = "A-";

impl Environment {
    /// The stored spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::PreProduction => "pre-production",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Production, Self::PreProduction].into_iter().find(|e| e.as_str() == text)
    }

    /// The environment that a code or group name belongs to.
    pub fn of_name(name: &str) -> Self {
        if name.starts_with(PRE_PRODUCTION_PREFIX) { Self::PreProduction } else { Self::Production }
    }
}

/// An application in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Identifier.
    pub id: ApplicationId,
    /// Code ("A-CASPER").
    pub code: String,
    /// Title of its tile ("CASPER Pre-Production").
    pub title: String,
    /// Line under the title.
    pub subtitle: String,
    /// Environment.
    pub environment: Environment,
}

/// A group of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Identifier.
    pub id: GroupId,
    /// Name ("SSM-PORTAL_USER").
    pub name: String,
    /// What membership in it gives.
    pub description: String,
    /// The application it opens.
    pub application_id: ApplicationId,
}

/// A group does not fit the application it is to be created in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the group's name belongs to the other environment")]
pub struct EnvironmentMismatch;

/// Checks that a group's name carries the prefix of its application's environment, and only then (I18).
///
/// # Errors
/// [`EnvironmentMismatch`].
pub fn check_group_name(name: &str, application: &Application) -> Result<(), EnvironmentMismatch> {
    if Environment::of_name(name) == application.environment {
        Ok(())
    } else {
        Err(EnvironmentMismatch)
    }
}

/// What a person holds in one application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// Names of the person's groups of this application.
    pub groups: Vec<String>,
    /// Whether the person is delegated access administrator of it.
    pub is_access_administrator: bool,
    /// Staff roles of the person; they belong to no application.
    pub staff: Vec<StaffRole>,
}

/// What a person holds in all applications.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    by_application: HashMap<ApplicationId, Holding>,
    staff: Vec<StaffRole>,
}

impl Holdings {
    /// Nothing but staff roles.
    pub fn of_staff(staff: Vec<StaffRole>) -> Self {
        Self { by_application: HashMap::new(), staff }
    }

    /// Adds a group of an application.
    pub fn add_group(&mut self, application: ApplicationId, name: String) {
        self.by_application.entry(application).or_default().groups.push(name);
    }

    /// Adds the access administrator's role for an application.
    pub fn add_administrator(&mut self, application: ApplicationId) {
        self.by_application.entry(application).or_default().is_access_administrator = true;
    }

    /// What is held in one application: nothing of any other (I18).
    pub fn of(&self, application: ApplicationId) -> Holding {
        let held = self.by_application.get(&application).cloned().unwrap_or_default();
        Holding { staff: self.staff.clone(), ..held }
    }
}

impl Holding {
    /// Whether tile and token are given: at least one group; or the access administrator's role, or a staff role,
    /// where the application has a place for them without a group (I17, I19).
    pub fn opens(&self, application_code: &str) -> bool {
        let name = application_code.strip_prefix(PRE_PRODUCTION_PREFIX).unwrap_or(application_code);
        !self.groups.is_empty()
            || (self.is_access_administrator && admits_administrators(name))
            || self.staff.iter().any(|role| admits_staff(name, *role))
    }
}

/// The SSM Portal's "Manage Users" is for its access administrators, also without a group (I17).
fn admits_administrators(application: &str) -> bool {
    application == "SSM-PORTAL"
}

/// The operator's own desks inside the applications: owners of data collections in CASPER, process desks in the
/// SSM Portal (domain.md 102, 1.10).
fn admits_staff(application: &str, role: StaffRole) -> bool {
    matches!(
        (application, role),
        ("CASPER", StaffRole::CollectionOwner)
            | ("SSM-PORTAL", StaffRole::ProcessOwner | StaffRole::IdentityAdmin)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(groups: &[&str], is_access_administrator: bool) -> Holding {
        Holding {
            groups: groups.iter().map(|g| (*g).to_owned()).collect(),
            is_access_administrator,
            ..Holding::default()
        }
    }

    #[test]
    fn a_group_opens_an_application_and_a_role_only_where_it_has_a_place() {
        assert!(holding(&["CASPER_WEB_DATA_SUBMITTER"], false).opens("CASPER"));
        assert!(!holding(&[], true).opens("CASPER"));
        assert!(!holding(&[], false).opens("SSM-PORTAL"));
        assert!(holding(&[], true).opens("SSM-PORTAL"));
        assert!(holding(&[], true).opens("A-SSM-PORTAL"));
        let owner = Holding { staff: vec![StaffRole::CollectionOwner], ..Holding::default() };
        assert!(owner.opens("CASPER") && owner.opens("A-CASPER") && !owner.opens("SSM-PORTAL"));
        let auditor = Holding { staff: vec![StaffRole::Auditor], ..Holding::default() };
        assert!(!auditor.opens("CASPER") && !auditor.opens("SSM-PORTAL"));
    }

    #[test]
    fn what_is_held_in_one_application_says_nothing_of_another() {
        let (casper, ssm) =
            (ApplicationId(uuid::Uuid::from_u128(1)), ApplicationId(uuid::Uuid::from_u128(2)));
        let mut holdings = Holdings::of_staff(vec![]);
        holdings.add_group(casper, "CASPER_WEB_DATA_SUBMITTER".into());
        holdings.add_administrator(ssm);
        assert_eq!(holdings.of(casper), holding(&["CASPER_WEB_DATA_SUBMITTER"], false));
        assert_eq!(holdings.of(ssm), holding(&[], true));
        assert_eq!(holdings.of(ApplicationId(uuid::Uuid::from_u128(3))), Holding::default());
    }

    #[test]
    fn a_group_of_the_other_environment_does_not_fit() {
        let casper = Application {
            id: ApplicationId(uuid::Uuid::nil()),
            code: "CASPER".into(),
            title: "CASPER".into(),
            subtitle: String::new(),
            environment: Environment::Production,
        };
        assert!(check_group_name("CASPER_WEB_USER_ADMIN", &casper).is_ok());
        assert_eq!(check_group_name("A-CASPER_WEB_USER_ADMIN", &casper), Err(EnvironmentMismatch));
    }

    #[test]
    fn environments_are_read_back_as_they_are_written() {
        for (environment, word) in [
            (Environment::Production, "production"),
            (Environment::PreProduction, "pre-production"),
        ] {
            assert_eq!(environment.as_str(), word);
            assert_eq!(Environment::parse(word), Some(environment));
        }
        assert_eq!(Environment::parse("test"), None);
    }

    #[test]
    fn a_role_of_the_staff_belongs_to_every_application() {
        let holdings = Holdings::of_staff(vec![StaffRole::Auditor]);
        let held = holdings.of(ApplicationId(uuid::Uuid::from_u128(1)));
        assert_eq!(held, Holding { staff: vec![StaffRole::Auditor], ..Holding::default() });
    }
}
