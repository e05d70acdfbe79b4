//! Why nothing was changed.

use portal_core::{id::ApplicationId, permission::Denial};
use storage::StorageError;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// The permission table says no.
    #[error("not permitted: {0:?}")]
    Denied(Denial),
    /// What it refers to does not exist.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// A rule of the portal says no.
    #[error("against the rule {0:?}")]
    Rule(Rule),
    /// Somebody else changed it meanwhile (I27, security.md 108).
    #[error("it was changed meanwhile")]
    Stale,
    /// Storage failed, or it exists already.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A rule of the portal that a change would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A group's name carries the prefix of its application's environment (I18).
    GroupOfOtherEnvironment,
    /// A new account is invited or nominated.
    NewAccountState,
    /// Only an invited account is activated.
    NotInvited,
    /// Staff of the operator belong to no third party (I16).
    StaffOfNoThirdParty,
    /// Staff of the operator hold no delegated role (I16).
    StaffHoldNoDelegatedRole,
    /// Address and number of a person are not both replaced, nor one's own, but by the operator (I28).
    ReplacesSignInData,
    /// An account moves within its third party only (E26).
    OtherThirdParty,
    /// Only an account in use is suspended.
    NotActive,
    /// Only a suspended account is reinstated.
    NotSuspended,
    /// Nothing locks the account.
    NotLocked,
    /// Only whoever has an account in use, or is invited to one, becomes an administrator.
    AdministratorInUse,
    /// A third party keeps an administrator of its users (I14).
    LastUserAdministrator,
    /// A third party keeps an administrator of access to each of its applications (I14).
    LastAccessAdministrator(ApplicationId),
    /// The third party lets nobody give access to oneself (O8).
    SelfAssignment,
}

impl Rule {
    /// The key of the words for it in `locales/`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::GroupOfOtherEnvironment => "rule-group-of-other-environment",
            Self::NewAccountState => "rule-new-account-state",
            Self::NotInvited => "rule-not-invited",
            Self::StaffOfNoThirdParty => "rule-staff-of-no-third-party",
            Self::StaffHoldNoDelegatedRole => "rule-staff-hold-no-delegated-role",
            Self::ReplacesSignInData => "rule-replaces-sign-in-data",
            Self::OtherThirdParty => "rule-other-third-party",
            Self::NotActive => "rule-not-active",
            Self::NotSuspended => "rule-not-suspended",
            Self::NotLocked => "rule-not-locked",
            Self::AdministratorInUse => "rule-administrator-in-use",
            Self::LastUserAdministrator => "rule-last-user-administrator",
            Self::LastAccessAdministrator(_) => "rule-last-access-administrator",
            Self::SelfAssignment => "rule-self-assignment",
        }
    }
}
