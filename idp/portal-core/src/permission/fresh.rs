//! Which actions need a fresh sign-in beside the row that allows them (O18).

use super::Action;

/// Changes of other people's accounts, access and roles, and of organisations, and the end of the own account: whoever
/// finds an open browser does none of them. Pages that are asked for such an action, and the forms that lead to it, ask
/// for both factors again when the last proof is too old. What else somebody does with the own account proves the
/// password by itself, or changes nothing that could not be changed back.
pub const FRESH: &[Action] = &[
    Action::CreateUser,
    Action::ModifyUser,
    Action::ReplaceSignInData,
    Action::ChangeExpiration,
    Action::DeleteUser,
    Action::SuspendUser,
    Action::UnlockUser,
    Action::ResendActivation,
    Action::AssignMembership,
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
    Action::DeleteOwnAccount,
];

/// Whether an action that changes something needs a fresh sign-in.
pub fn needs_fresh_sign_in(action: Action) -> bool {
    FRESH.contains(&action)
}

/// What is asked one by one within an action for which a page is asked first: a page that changes several things asks
/// whether it is for the person at all, and then for each change that the form carries.
pub const fn asked_within(action: Action) -> &'static [Action] {
    match action {
        // The page "edit": details, and roles one by one.
        Action::ViewUser => &[
            Action::ModifyUser,
            Action::ReplaceSignInData,
            Action::ChangeExpiration,
            Action::GrantUserAdministrator,
            Action::GrantAccessAdministrator,
            Action::OrphanThirdParty,
        ],
        Action::DeleteUser | Action::SuspendUser => &[Action::OrphanThirdParty],
        Action::ViewConfirmations => &[
            Action::ConfirmMembership,
            Action::ConfirmUserAdministrator,
            Action::ConfirmAccessAdministrator,
            Action::ConfirmPeerGrant,
            Action::ConfirmStaffRole,
        ],
        _ => &[],
    }
}

/// The changes that need a fresh sign-in to which an action leads: itself, or what is asked within it.
pub fn fresh_changes(action: Action) -> impl Iterator<Item = Action> {
    std::iter::once(action)
        .chain(asked_within(action).iter().copied())
        .filter(|change| needs_fresh_sign_in(*change))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn led_to(action: Action) -> Vec<Action> {
        fresh_changes(action).collect()
    }

    #[test]
    fn a_page_leads_to_the_changes_that_its_forms_carry() {
        assert_eq!(led_to(Action::UnlockUser), [Action::UnlockUser]);
        assert_eq!(led_to(Action::DeleteUser), [Action::DeleteUser, Action::OrphanThirdParty]);
        assert_eq!(led_to(Action::SuspendUser), [Action::SuspendUser, Action::OrphanThirdParty]);
        assert!(led_to(Action::ViewUser).contains(&Action::GrantAccessAdministrator));
        assert!(led_to(Action::ViewConfirmations).contains(&Action::ConfirmMembership));
    }

    #[test]
    fn to_look_is_no_change_and_needs_no_fresh_sign_in() {
        for action in [Action::ViewUser, Action::ViewConfirmations, Action::ViewOwnProfile] {
            assert!(
                !needs_fresh_sign_in(action) && !led_to(action).contains(&action),
                "{action:?}"
            );
        }
        assert!(led_to(Action::ViewOwnProfile).is_empty());
    }
}
