//! The permission table. Change it here and nowhere else; `docs/permissions.md` is written from it.

use super::{Action, Relation, StaffRole};

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Whoever stands in the relation may.
    Allow,
    /// Whoever stands in the relation may not, whatever else allows it.
    Deny,
}

/// One row: whether whoever stands in `relation` to the object may do `action`.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What is allowed or denied.
    pub action: Action,
    /// To whom.
    pub relation: Relation,
    /// Which of the two.
    pub effect: Effect,
    /// Why: manual section or invariant.
    pub reason: &'static str,
}

const fn row(action: Action, relation: Relation, reason: &'static str) -> Row {
    Row { action, relation, effect: Effect::Allow, reason }
}

const fn never(action: Action, relation: Relation, reason: &'static str) -> Row {
    Row { action, relation, effect: Effect::Deny, reason }
}

const IDENTITY_ADMIN: Relation = Relation::Staff(StaffRole::IdentityAdmin);
const SUPPORT: Relation = Relation::Staff(StaffRole::Support);
const AUDITOR: Relation = Relation::Staff(StaffRole::Auditor);

/// Everything that is allowed. What is not here is denied.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    row(Action::ViewUser, Relation::UserAdministrator, "manual §3: DUAs manage the users of their organisation"),
    row(Action::ViewUser, Relation::AnyAccessAdministrator, "manual §4: DAAs find the users to whom they give access"),
    row(Action::ViewUser, IDENTITY_ADMIN, "manual, glossary: accounts can be managed by staff"),
    row(Action::ViewUser, SUPPORT, "the support centre helps users"),
    row(Action::ViewUser, AUDITOR, "O20: the auditor sees all, read-only"),
    row(Action::CreateUser, Relation::UserAdministrator, "manual §3, I9: only a DUA creates users"),
    row(Action::CreateUser, IDENTITY_ADMIN, "manual, glossary; I9"),
    row(Action::ModifyUser, Relation::UserAdministrator, "manual §3, I9: only a DUA modifies users"),
    row(Action::ModifyUser, IDENTITY_ADMIN, "manual, glossary; I9"),
    row(Action::ReplaceSignInData, Relation::UserAdministratorOfPlainUser, "I28: of a user without a delegated role"),
    row(Action::ReplaceSignInData, IDENTITY_ADMIN, "security.md 82: of an administrator only by the operator"),
    never(Action::ReplaceSignInData, Relation::Oneself, "I28, I29: nobody replaces both of the own"),
    row(Action::ChangeExpiration, Relation::UserAdministrator, "manual §3 c vi"),
    row(Action::ChangeExpiration, IDENTITY_ADMIN, "manual, glossary; I9"),
    never(Action::ChangeExpiration, Relation::Oneself, "I29: nobody lengthens the own account"),
    row(Action::DeleteUser, Relation::UserAdministrator, "manual §3, I9: only a DUA deletes users"),
    row(Action::DeleteUser, IDENTITY_ADMIN, "manual, glossary; I9"),
    row(Action::SuspendUser, Relation::UserAdministrator, "domain.md 2.4: suspended by DUA or the operator"),
    row(Action::SuspendUser, IDENTITY_ADMIN, "domain.md 2.4"),
    never(Action::SuspendUser, Relation::Oneself, "I29: nobody ends the own suspension"),
    row(Action::UnlockUser, Relation::UserAdministrator, "domain.md 2.4: the DUA helps the own users"),
    row(Action::UnlockUser, IDENTITY_ADMIN, "domain.md 2.4"),
    row(Action::UnlockUser, SUPPORT, "domain.md 2.4: by time, or the support centre"),
    never(Action::UnlockUser, Relation::Oneself, "I29: nobody unlocks oneself"),
    row(Action::ResendActivation, Relation::UserAdministrator, "O9: the DUA has \"Resend activation\""),
    row(Action::ResendActivation, IDENTITY_ADMIN, "O9"),
    row(Action::ResendActivation, SUPPORT, "O9: the support centre helps users"),
    row(Action::ExportUsers, Relation::UserAdministrator, "domain.md 4.3: the list for the auditor of the organisation"),
    row(Action::ExportUsers, Relation::AnyAccessAdministrator, "domain.md 4.3"),
    row(Action::ExportUsers, IDENTITY_ADMIN, "manual, glossary"),
    row(Action::ExportUsers, AUDITOR, "O20"),
    row(Action::AssignMembership, Relation::AccessAdministrator, "manual §4, I10: only a DAA of the application"),
    row(Action::AssignMembership, IDENTITY_ADMIN, "manual, glossary; I10"),
    row(Action::ViewConfirmations, Relation::UserAdministrator, "I28: all other administrators are told"),
    row(Action::ViewConfirmations, Relation::AnyAccessAdministrator, "I28: all other administrators are told"),
    row(Action::ViewConfirmations, IDENTITY_ADMIN, "I28, O2"),
    row(Action::ViewConfirmations, AUDITOR, "O20"),
    row(Action::ConfirmMembership, Relation::AccessAdministrator, "I28: until a DAA confirms"),
    row(Action::ConfirmMembership, IDENTITY_ADMIN, "I28"),
    never(Action::ConfirmMembership, Relation::Oneself, "I28, I29: nobody confirms the own access"),
    never(Action::ConfirmMembership, Relation::Originator, "security.md 82: a second administrator confirms"),
    row(Action::DecideAccessRequest, Relation::AccessAdministrator, "manual §4, I10: only a DAA of the application"),
    row(Action::DecideAccessRequest, IDENTITY_ADMIN, "I10"),
    never(Action::DecideAccessRequest, Relation::Oneself, "I29: nobody grants the own request"),
    row(Action::ReviewAccess, Relation::AccessAdministrator, "domain.md 4.3: administrators certify the access they give"),
    row(Action::ReviewAccess, IDENTITY_ADMIN, "O3: where the operator administers"),
    row(Action::ViewAccessReview, Relation::AccessAdministrator, "domain.md 4.3: evidence for the organisation's own auditor"),
    row(Action::ViewAccessReview, IDENTITY_ADMIN, "domain.md 4.3"),
    row(Action::ViewAccessReview, AUDITOR, "O20: the auditor sees all, read-only"),
    row(Action::ExplainAccess, Relation::UserAdministrator, "domain.md 4.3: the question every auditor asks"),
    row(Action::ExplainAccess, Relation::AnyAccessAdministrator, "domain.md 4.3"),
    row(Action::ExplainAccess, IDENTITY_ADMIN, "domain.md 4.3"),
    row(Action::ExplainAccess, AUDITOR, "O20"),
    row(Action::ExplainAccess, SUPPORT, "the support centre answers users"),
    row(Action::GrantUserAdministrator, Relation::UserAdministrator, "manual §5, I11: only a DUA makes DUAs"),
    row(Action::GrantUserAdministrator, IDENTITY_ADMIN, "I11, I15: confirmed nominations"),
    row(Action::GrantAccessAdministrator, Relation::AccessAdministrator, "manual §5, I11: only for applications that the DAA manages"),
    row(Action::GrantAccessAdministrator, IDENTITY_ADMIN, "I11, I15: confirmed nominations"),
    row(Action::ConfirmUserAdministrator, Relation::UserAdministrator, "I28: until another administrator confirms"),
    row(Action::ConfirmUserAdministrator, IDENTITY_ADMIN, "I28"),
    never(Action::ConfirmUserAdministrator, Relation::Oneself, "I28, I29"),
    never(Action::ConfirmUserAdministrator, Relation::Originator, "security.md 82: a second administrator confirms"),
    row(Action::ConfirmAccessAdministrator, Relation::AccessAdministrator, "I28: until another administrator confirms"),
    row(Action::ConfirmAccessAdministrator, IDENTITY_ADMIN, "I28"),
    never(Action::ConfirmAccessAdministrator, Relation::Oneself, "I28, I29"),
    never(Action::ConfirmAccessAdministrator, Relation::Originator, "security.md 82: a second administrator confirms"),
    row(Action::ConfirmPeerGrant, IDENTITY_ADMIN, "O2: the operator confirms every administrator of the third party"),
    never(Action::ConfirmPeerGrant, Relation::Oneself, "I29: nobody confirms the own role"),
    never(Action::ConfirmPeerGrant, Relation::Originator, "O2: not whoever granted it"),
    row(Action::OrphanThirdParty, IDENTITY_ADMIN, "O4, I14: the operator overrides, with a reason"),
    row(Action::GrantStaffRole, IDENTITY_ADMIN, "I16: staff roles are the operator's own"),
    never(Action::GrantStaffRole, Relation::Oneself, "I29: nobody grants oneself a role of the staff"),
    row(Action::ConfirmStaffRole, IDENTITY_ADMIN, "I28: four eyes of the staff are four only if two admit each of them"),
    never(Action::ConfirmStaffRole, Relation::Oneself, "I28, I29: nobody confirms the own role"),
    never(Action::ConfirmStaffRole, Relation::Originator, "security.md 82: a second one confirms"),
    row(Action::ViewThirdParty, Relation::UserAdministrator, "administrators see what their organisation is onboarded to"),
    row(Action::ViewThirdParty, Relation::AnyAccessAdministrator, "administrators see what their organisation is onboarded to"),
    row(Action::ViewThirdParty, IDENTITY_ADMIN, "O1: the operator admits third parties"),
    row(Action::ViewThirdParty, SUPPORT, "the support centre helps third parties"),
    row(Action::ViewThirdParty, AUDITOR, "O20"),
    row(Action::CreateThirdParty, IDENTITY_ADMIN, "O1: the operator admits third parties"),
    row(Action::ModifyThirdParty, IDENTITY_ADMIN, "O24: set by the operator"),
    row(Action::SuspendThirdParty, IDENTITY_ADMIN, "E55: the operator suspends a third party"),
    row(Action::MergeThirdParty, IDENTITY_ADMIN, "E27: the operator re-parents, with preview"),
    row(Action::OnboardThirdParty, IDENTITY_ADMIN, "O37: decided once, by the operator"),
    row(Action::ViewNomination, IDENTITY_ADMIN, "O1: the operator's work queue"),
    row(Action::ViewNomination, SUPPORT, "the support centre answers signatories"),
    row(Action::ViewNomination, AUDITOR, "O20"),
    row(Action::FileNomination, IDENTITY_ADMIN, "O1: on paper received, or by inviting the signatory"),
    row(Action::ConfirmNomination, IDENTITY_ADMIN, "manual, glossary: confirmed by ECB staff"),
    never(Action::ConfirmNomination, Relation::Originator, "E58, I29: four eyes"),
    row(Action::RefuseNomination, IDENTITY_ADMIN, "O1: or reject with reason"),
    row(Action::RegisterApplication, IDENTITY_ADMIN, "applications and clients are the operator's"),
    row(Action::ViewApplication, IDENTITY_ADMIN, "applications and clients are the operator's"),
    row(Action::ViewApplication, SUPPORT, "the support centre answers users"),
    row(Action::ViewApplication, AUDITOR, "O20: the auditor sees all, read-only"),
    row(Action::ModifyApplication, IDENTITY_ADMIN, "applications and clients are the operator's"),
    row(Action::ViewAudit, Relation::UserAdministrator, "O20: DUA and DAA see their level's trail"),
    row(Action::ViewAudit, Relation::AnyAccessAdministrator, "O20: DUA and DAA see their level's trail"),
    row(Action::ViewAudit, IDENTITY_ADMIN, "O20"),
    row(Action::ViewAudit, AUDITOR, "O20: the auditor sees all, read-only"),
    row(Action::ExportAudit, Relation::UserAdministrator, "domain.md 4.4: CSV and JSON export"),
    row(Action::ExportAudit, Relation::AnyAccessAdministrator, "domain.md 4.4"),
    row(Action::ExportAudit, IDENTITY_ADMIN, "domain.md 4.4"),
    row(Action::ExportAudit, AUDITOR, "domain.md 4.4"),
    row(Action::ViewOwnProfile, Relation::Oneself, "manual §2"),
    row(Action::ViewOwnAudit, Relation::Oneself, "O20: user sees own"),
    row(Action::RequestAccess, Relation::Oneself, "domain.md 4.3: a user asks, an administrator approves"),
    row(Action::ChangeOwnPassword, Relation::Oneself, "manual §2: option to change the password"),
    row(Action::AcknowledgeTerms, Relation::Oneself, "O16: nobody acknowledges for another person"),
    row(Action::DeleteOwnAccount, Relation::Oneself, "O19, E62: a user can request own deletion"),
    row(Action::DecideOwnConsent, Relation::Oneself, "nobody consents for another person"),
];
