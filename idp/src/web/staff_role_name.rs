//! The names of the roles of the staff.

use portal_core::permission::StaffRole;

/// Where the words of a role stand; those that explain it, with `-hint` after it.
pub(crate) const fn staff_role_key(role: StaffRole) -> &'static str {
    match role {
        StaffRole::IdentityAdmin => "staff-role-identity-admin",
        StaffRole::Support => "staff-role-support",
        StaffRole::CollectionOwner => "staff-role-collection-owner",
        StaffRole::ProcessOwner => "staff-role-process-owner",
        StaffRole::Auditor => "staff-role-auditor",
    }
}
