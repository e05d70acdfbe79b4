//! Why nothing was changed.

use portal_core::{
    access_request::RequestError, access_review::ReviewError, administrators::RoleKind,
    first_staff::SetUpOver, id::ApplicationId, nomination::appointment::NotAppointed,
    permission::Denial,
};
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

impl AdministrationError {
    /// What exists already breaks this rule; all else went wrong by itself.
    pub(super) fn taken(rule: Rule) -> impl FnOnce(StorageError) -> Self {
        move |error| match error {
            StorageError::Conflict(_) => Self::Rule(rule),
            other => Self::Storage(other),
        }
    }
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
    /// Another level ends the delegated roles, so they are not changed in the same save.
    MovesWithRoles,
    /// Only an account in use is suspended.
    NotActive,
    /// Only a suspended account is reinstated.
    NotSuspended,
    /// No new address waits for its proof.
    NoNewAddress,
    /// Nothing locks the account.
    NotLocked,
    /// Only whoever has an account in use, or is invited to one, becomes an administrator.
    AdministratorInUse,
    /// The first of a third party to fill a role is named by its signatory, and confirmed by staff who did not file it
    /// (I15).
    FirstByNomination(RoleKind),
    /// A third party keeps an administrator of its users (I14).
    LastUserAdministrator,
    /// A third party keeps an administrator of access to each of its applications (I14).
    LastAccessAdministrator(ApplicationId),
    /// The operator keeps an identity administrator.
    LastIdentityAdministrator,
    /// In an application that is switched off nothing new is given.
    SwitchedOff,
    /// The third party lets nobody give access to oneself (O8).
    SelfAssignment,
    /// A third party that is closed stays so.
    ThirdPartyClosed,
    /// The life cycle of a third party does not go that way.
    ThirdPartyStatus,
    /// What carries on is another third party that is not closed.
    Successor,
    /// Two third parties can be merged only while one is in operation and the other is not closed.
    Merger,
    /// There is a level of that name already.
    LevelNameTaken,
    /// The names of the levels, one below the other, are too long.
    LevelPathTooLong,
    /// Something hangs on the level still (E27).
    LevelNotEmpty,
    /// The level of a third party goes only with it.
    LevelOfThirdParty,
    /// The level has a subsidiary of that short name already.
    SubsidiaryNameTaken,
    /// The life cycle of a nomination does not go that way.
    NominationStatus,
    /// A nomination is handed in whole: an administrator for everything, with evidence (O1).
    NominationIncomplete,
    /// A person who is named has an account elsewhere (E56, I5).
    NomineeElsewhere,
    /// A person who is named has an account that gets no role as it stands.
    NotAppointed(NotAppointed),
    /// The third party is not in a state to get administrators.
    NominationOfBarred,
    /// Set-up makes no (further) member of staff.
    SetUpOver(SetUpOver),
    /// A request for access cannot be filed.
    Request(RequestError),
    /// A request for access was decided, withdrawn or lapsed before.
    RequestOver,
    /// An access review does not go on.
    Review(ReviewError),
    /// Too many files were checked within an hour.
    TooManyChecks,
    /// Nobody has access that could be reviewed.
    NothingToReview,
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
            Self::MovesWithRoles => "rule-moves-with-roles",
            Self::NotActive => "rule-not-active",
            Self::NotSuspended => "rule-not-suspended",
            Self::NoNewAddress => "rule-no-new-address",
            Self::NotLocked => "rule-not-locked",
            Self::AdministratorInUse => "rule-administrator-in-use",
            Self::FirstByNomination(_) => "rule-first-by-nomination",
            Self::LastUserAdministrator => "rule-last-user-administrator",
            Self::LastAccessAdministrator(_) => "rule-last-access-administrator",
            Self::LastIdentityAdministrator => "rule-last-identity-administrator",
            Self::SwitchedOff => "rule-switched-off",
            Self::SelfAssignment => "rule-self-assignment",
            Self::ThirdPartyClosed => "rule-third-party-closed",
            Self::ThirdPartyStatus => "rule-third-party-status",
            Self::Successor => "rule-successor",
            Self::Merger => "rule-merger",
            Self::LevelNameTaken => "rule-level-name-taken",
            Self::LevelPathTooLong => "rule-level-path-too-long",
            Self::LevelNotEmpty => "rule-level-not-empty",
            Self::LevelOfThirdParty => "rule-level-of-third-party",
            Self::SubsidiaryNameTaken => "rule-subsidiary-name-taken",
            Self::NominationStatus => "rule-nomination-status",
            Self::NominationIncomplete => "rule-nomination-incomplete",
            Self::NomineeElsewhere => "rule-nominee-elsewhere",
            Self::NotAppointed(why) => not_appointed(why),
            Self::NominationOfBarred => "rule-nomination-of-barred",
            Self::SetUpOver(SetUpOver::InOffice) => "rule-set-up-over",
            Self::SetUpOver(SetUpOver::Enough) => "rule-set-up-enough",
            Self::Request(RequestError::Held) => "rule-request-held",
            Self::Request(RequestError::AskedAlready) => "rule-request-asked-already",
            Self::Request(RequestError::TooMany) => "rule-request-too-many",
            Self::RequestOver => "rule-request-over",
            Self::Review(ReviewError::Over) => "rule-review-over",
            Self::Review(ReviewError::Own) => "rule-review-own",
            Self::Review(ReviewError::Undecided) => "rule-review-undecided",
            Self::TooManyChecks => "rule-too-many-checks",
            Self::NothingToReview => "rule-nothing-to-review",
        }
    }
}

/// The key of the words for why somebody is not appointed.
const fn not_appointed(why: NotAppointed) -> &'static str {
    match why {
        NotAppointed::Deleted => "rule-nominee-deleted",
        NotAppointed::Suspended => "rule-nominee-suspended",
        NotAppointed::Expired => "rule-nominee-expired",
        NotAppointed::Locked => "rule-nominee-locked",
    }
}
