//! What each kind of person may, written out by hand beside the table: a row that is taken out, added or turned fails
//! here by the name of its relation.

use std::collections::BTreeSet;

use super::{Action, Action as A, Effect, Relation, StaffRole, TABLE};

/// The actions of the rows of a relation.
fn rows(effect: Effect, relation: Relation) -> BTreeSet<Action> {
    TABLE
        .iter()
        .filter(|row| row.effect == effect && row.relation == relation)
        .map(|row| row.action)
        .collect()
}

fn holds(effect: Effect, relation: Relation, actions: &[Action]) {
    let listed: BTreeSet<Action> = actions.iter().copied().collect();
    assert_eq!(rows(effect, relation), listed, "{effect:?} {relation:?}");
}

#[test]
fn a_user_administrator_may_exactly_this() {
    holds(
        Effect::Allow,
        Relation::UserAdministrator,
        &[
            A::ViewUser,
            A::CreateUser,
            A::ModifyUser,
            A::ChangeExpiration,
            A::DeleteUser,
            A::SuspendUser,
            A::UnlockUser,
            A::ResendActivation,
            A::ExportUsers,
            A::ViewConfirmations,
            A::ExplainAccess,
            A::GrantUserAdministrator,
            A::ConfirmUserAdministrator,
            A::ViewThirdParty,
            A::ViewAudit,
            A::ExportAudit,
        ],
    );
}

#[test]
fn an_access_administrator_of_whatever_application_may_exactly_this() {
    holds(
        Effect::Allow,
        Relation::AnyAccessAdministrator,
        &[
            A::ViewUser,
            A::ExportUsers,
            A::ViewConfirmations,
            A::ExplainAccess,
            A::ViewThirdParty,
            A::ViewAudit,
            A::ExportAudit,
        ],
    );
}

#[test]
fn an_identity_administrator_may_exactly_this() {
    holds(
        Effect::Allow,
        Relation::Staff(StaffRole::IdentityAdmin),
        &[
            A::ViewUser,
            A::CreateUser,
            A::ModifyUser,
            A::ReplaceSignInData,
            A::ChangeExpiration,
            A::DeleteUser,
            A::SuspendUser,
            A::UnlockUser,
            A::ResendActivation,
            A::ExportUsers,
            A::AssignMembership,
            A::ViewConfirmations,
            A::ConfirmMembership,
            A::DecideAccessRequest,
            A::ReviewAccess,
            A::ViewAccessReview,
            A::ExplainAccess,
            A::GrantUserAdministrator,
            A::GrantAccessAdministrator,
            A::ConfirmUserAdministrator,
            A::ConfirmAccessAdministrator,
            A::ConfirmPeerGrant,
            A::OrphanThirdParty,
            A::GrantStaffRole,
            A::ConfirmStaffRole,
            A::ViewThirdParty,
            A::CreateThirdParty,
            A::ModifyThirdParty,
            A::SuspendThirdParty,
            A::MergeThirdParty,
            A::OnboardThirdParty,
            A::ViewNomination,
            A::FileNomination,
            A::ConfirmNomination,
            A::RefuseNomination,
            A::RegisterApplication,
            A::ViewApplication,
            A::ModifyApplication,
            A::ViewAudit,
            A::ExportAudit,
        ],
    );
}

#[test]
fn the_support_centre_may_exactly_this() {
    holds(
        Effect::Allow,
        Relation::Staff(StaffRole::Support),
        &[
            A::ViewUser,
            A::UnlockUser,
            A::ResendActivation,
            A::ExplainAccess,
            A::ViewThirdParty,
            A::ViewNomination,
            A::ViewApplication,
        ],
    );
}

#[test]
fn an_auditor_may_exactly_this() {
    holds(
        Effect::Allow,
        Relation::Staff(StaffRole::Auditor),
        &[
            A::ViewUser,
            A::ExportUsers,
            A::ViewConfirmations,
            A::ViewAccessReview,
            A::ExplainAccess,
            A::ViewThirdParty,
            A::ViewNomination,
            A::ViewApplication,
            A::ViewAudit,
            A::ExportAudit,
        ],
    );
}

#[test]
fn a_user_administrator_replaces_the_sign_in_data_of_plain_users() {
    holds(Effect::Allow, Relation::UserAdministratorOfPlainUser, &[A::ReplaceSignInData]);
}

#[test]
fn nobody_may_this_with_oneself() {
    holds(
        Effect::Deny,
        Relation::Oneself,
        &[
            A::ReplaceSignInData,
            A::ChangeExpiration,
            A::SuspendUser,
            A::UnlockUser,
            A::ConfirmMembership,
            A::DecideAccessRequest,
            A::ConfirmUserAdministrator,
            A::ConfirmAccessAdministrator,
            A::ConfirmPeerGrant,
            A::GrantStaffRole,
            A::ConfirmStaffRole,
        ],
    );
}

#[test]
fn an_access_administrator_may_exactly_this_in_its_application() {
    holds(
        Effect::Allow,
        Relation::AccessAdministrator,
        &[
            A::AssignMembership,
            A::ConfirmMembership,
            A::DecideAccessRequest,
            A::ReviewAccess,
            A::ViewAccessReview,
            A::GrantAccessAdministrator,
            A::ConfirmAccessAdministrator,
        ],
    );
}

#[test]
fn whoever_began_it_does_not_end_it() {
    holds(
        Effect::Deny,
        Relation::Originator,
        &[
            A::ConfirmMembership,
            A::ConfirmUserAdministrator,
            A::ConfirmAccessAdministrator,
            A::ConfirmStaffRole,
            A::ConfirmPeerGrant,
            A::ConfirmNomination,
        ],
    );
}

#[test]
fn everybody_may_exactly_this_with_oneself() {
    holds(
        Effect::Allow,
        Relation::Oneself,
        &[
            A::ViewOwnProfile,
            A::ViewOwnAudit,
            A::RequestAccess,
            A::ChangeOwnPassword,
            A::AcknowledgeTerms,
            A::DeleteOwnAccount,
            A::DecideOwnConsent,
        ],
    );
}

#[test]
fn the_table_has_no_other_row_and_none_twice() {
    assert_eq!(TABLE.len(), 112);
    let relations: BTreeSet<(bool, Relation)> =
        TABLE.iter().map(|row| (row.effect == Effect::Allow, row.relation)).collect();
    assert_eq!(relations.len(), 10, "a relation of the table has no list here");
    for row in TABLE {
        let same = TABLE
            .iter()
            .filter(|other| (other.action, other.relation) == (row.action, row.relation));
        assert_eq!(same.count(), 1, "{:?} {:?}", row.action, row.relation);
        assert!(!row.reason.is_empty());
    }
}
