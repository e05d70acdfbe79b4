//! Which actions need a fresh sign-in beside the row that allows them (O18).

use super::Action;

/// Changes of other people's accounts, access and roles, and of organisations: whoever finds an open browser does none of
/// them. Pages that are asked for such an action, and the forms that lead to it, ask for both factors again when the
/// last proof is too old. What somebody does with the own account proves the password by itself.
pub const FRESH: &[Action] = &[
    // Posted by the Roles section alone, which asks for each role in addition.
    Action::ViewUser,
    Action::CreateUser,
    Action::ModifyUser,
    Action::ReplaceSignInData,
    Action::ChangeExpiration,
    Action::DeleteUser,
    Action::SuspendUser,
    Action::UnlockUser,
    Action::ResendActivation,
    Action::AssignMembership,
    Action::ViewConfirmations,
    Action::ConfirmMembership,
    Action::ConfirmUserAdministrator,
    Action::ConfirmAccessAdministrator,
    Action::ConfirmPeerGrant,
    Action::DecideAccessRequest,
    Action::ReviewAccess,
    Action::GrantUserAdministrator,
    Action::GrantAccessAdministrator,
    Action::OrphanThirdParty,
    Action::GrantStaffRole,
    Action::ConfirmStaffRole,
    Action::CreateThirdParty,
    Action::ModifyThirdParty,
    Action::SuspendThirdParty,
    Action::MergeThirdParty,
    Action::OnboardThirdParty,
    Action::FileNomination,
    Action::ConfirmNomination,
    Action::RefuseNomination,
    Action::RegisterApplication,
    Action::ModifyApplication,
];

/// Whether an action that changes something needs a fresh sign-in.
pub fn needs_fresh_sign_in(action: Action) -> bool {
    FRESH.contains(&action)
}
