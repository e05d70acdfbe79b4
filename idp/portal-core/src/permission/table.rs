//! The permission table. Change it here and nowhere else; `docs/permissions.md` is written from it.

use super::{Action, Relation, StaffRole};

/// One row: whoever stands in `relation` to the object may do `action`.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What is allowed.
    pub action: Action,
    /// To whom.
    pub relation: Relation,
    /// Why: manual section or invariant.
    pub reason: &'static str,
}

const fn row(action: Action, relation: Relation, reason: &'static str) -> Row {
    Row { action, relation, reason }
}

const IDENTITY_ADMIN: Relation = Relation::Staff(StaffRole::IdentityAdmin);

/// Everything that is allowed. What is not here is denied.
pub const TABLE: &[Row] = &[
    row(
        Action::ViewUser,
        Relation::UserAdministrator,
        "manual §3: DUAs manage the users of their organisation",
    ),
    row(
        Action::ViewUser,
        Relation::AnyAccessAdministrator,
        "manual §4: DAAs find the users to whom they give access",
    ),
    row(Action::ViewUser, IDENTITY_ADMIN, "manual, glossary: accounts can be managed by staff"),
    row(Action::ViewUser, Relation::Staff(StaffRole::Support), "the support centre helps users"),
    row(
        Action::ViewUser,
        Relation::Staff(StaffRole::Auditor),
        "O20: the auditor sees all, read-only",
    ),
    row(Action::CreateUser, Relation::UserAdministrator, "manual §3, I9: only a DUA creates users"),
    row(Action::CreateUser, IDENTITY_ADMIN, "manual, glossary; I9"),
    row(
        Action::ModifyUser,
        Relation::UserAdministrator,
        "manual §3, I9: only a DUA modifies users",
    ),
    row(Action::ModifyUser, IDENTITY_ADMIN, "manual, glossary; I9"),
    row(Action::DeleteUser, Relation::UserAdministrator, "manual §3, I9: only a DUA deletes users"),
    row(Action::DeleteUser, IDENTITY_ADMIN, "manual, glossary; I9"),
    row(
        Action::AssignMembership,
        Relation::AccessAdministrator,
        "manual §4, I10: only a DAA of the application",
    ),
    row(Action::AssignMembership, IDENTITY_ADMIN, "manual, glossary; I10"),
    row(
        Action::GrantUserAdministrator,
        Relation::UserAdministrator,
        "manual §5, I11: only a DUA makes DUAs",
    ),
    row(Action::GrantUserAdministrator, IDENTITY_ADMIN, "I11, I15: confirmed nominations"),
    row(
        Action::GrantAccessAdministrator,
        Relation::AccessAdministrator,
        "manual §5, I11: only for applications that the DAA manages",
    ),
    row(Action::GrantAccessAdministrator, IDENTITY_ADMIN, "I11, I15: confirmed nominations"),
    row(Action::GrantStaffRole, IDENTITY_ADMIN, "I16: staff roles are the operator's own"),
    row(Action::CreateThirdParty, IDENTITY_ADMIN, "O1: the operator admits third parties"),
    row(Action::OnboardThirdParty, IDENTITY_ADMIN, "O37: decided once, by the operator"),
    row(Action::RegisterApplication, IDENTITY_ADMIN, "applications and clients are the operator's"),
    row(Action::ViewOwnProfile, Relation::Oneself, "manual §2"),
    row(Action::ChangeOwnPassword, Relation::Oneself, "manual §2: option to change the password"),
    row(Action::DecideOwnConsent, Relation::Oneself, "nobody consents for another person"),
];
