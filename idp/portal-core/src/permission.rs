//! Who may do what to whom: one table, asked through one function (design §3, first kernel; I8–I16, I28, I29).
//!
//! [`table::TABLE`] is data: a row allows an action to an actor who stands in a certain relation to the object.
//! What no row allows is denied. An object outside the actor's sight is denied as [`Denial::NotFound`], so that it
//! looks like one that does not exist.

mod fresh;
mod holder;
mod object;
mod sight;
mod table;

use crate::{
    Timestamp,
    expiry::ExpirationDate,
    id::{ApplicationId, UserId},
    organisation::LevelPath,
};

pub use fresh::{FRESH, asked_within, fresh_changes, needs_fresh_sign_in};
pub use holder::ON_HOLDER;
pub use object::Object;
pub use sight::{ApplicationSight, Sight, application_sight, is_in_sight, sight};
pub use table::{Effect, Row, TABLE};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// See a user's details, and find the user in lists, searches and counts.
    ViewUser,
    /// Create a user account at a level.
    CreateUser,
    /// Modify a user account.
    ModifyUser,
    /// Change both the e-mail address and the phone number of a person within seven days (I28).
    ReplaceSignInData,
    /// Set, move or remove the expiration date of an account.
    ChangeExpiration,
    /// Delete a user account.
    DeleteUser,
    /// Suspend an account, and end the suspension.
    SuspendUser,
    /// End a lock that wrong codes caused.
    UnlockUser,
    /// Send the activation mail again.
    ResendActivation,
    /// Take a list of users out of the portal.
    ExportUsers,
    /// Assign or remove a membership in a group of an application.
    AssignMembership,
    /// See whose access waits for a confirmation.
    ViewConfirmations,
    /// Let memberships count again that became dormant when sign-in data were replaced (I28).
    ConfirmMembership,
    /// Grant or refuse the access that somebody asked for.
    DecideAccessRequest,
    /// Hold an access review of an application at a level.
    ReviewAccess,
    /// See an access review, and take its evidence out of the portal.
    ViewAccessReview,
    /// See why somebody may do what they may, now or on a day.
    ExplainAccess,
    /// Grant or revoke the role `DelegatedUserAdmin`.
    GrantUserAdministrator,
    /// Grant or revoke the role `ApplicationAccessAdmin` of an application.
    GrantAccessAdministrator,
    /// Let a delegated role count again that became dormant when sign-in data were replaced (I28).
    ConfirmUserAdministrator,
    /// The same for the role `ApplicationAccessAdmin` of an application.
    ConfirmAccessAdministrator,
    /// Let a delegated role count that a peer granted, where the operator confirms every administrator (O2).
    ConfirmPeerGrant,
    /// Take the last administrator away, which leaves the third party orphaned (O4).
    OrphanThirdParty,
    /// Grant or revoke a role of the operator's staff.
    GrantStaffRole,
    /// Confirm a role of the operator's staff that another member of it granted, or whose holder was given another
    /// address and number.
    ConfirmStaffRole,
    /// See third parties with their levels, subsidiaries and applications.
    ViewThirdParty,
    /// Create a third party with its level and subsidiaries.
    CreateThirdParty,
    /// Modify a third party, its levels and subsidiaries.
    ModifyThirdParty,
    /// Suspend a third party, end the suspension, close it.
    SuspendThirdParty,
    /// Put the levels of one third party under another one.
    MergeThirdParty,
    /// Onboard a third party to an application, and take that back.
    OnboardThirdParty,
    /// See nominations.
    ViewNomination,
    /// File a nomination for a third party, or invite its signatory to.
    FileNomination,
    /// Confirm a nomination.
    ConfirmNomination,
    /// Return a nomination with a question, or reject it.
    RefuseNomination,
    /// Register an application with its groups, or a client.
    RegisterApplication,
    /// See applications with their groups and clients.
    ViewApplication,
    /// Modify how an application is shown and how often access to it is reviewed.
    ModifyApplication,
    /// Read the audit trail of a level.
    ViewAudit,
    /// Take the audit trail of a level out of the portal.
    ExportAudit,
    /// See the own profile and the own applications.
    ViewOwnProfile,
    /// See what happened on the own account.
    ViewOwnAudit,
    /// Ask for access to an application.
    RequestAccess,
    /// Change the own password.
    ChangeOwnPassword,
    /// Acknowledge the terms of use.
    AcknowledgeTerms,
    /// Have the own account deleted.
    DeleteOwnAccount,
    /// Allow a client to hear of oneself, and take that back.
    DecideOwnConsent,
}

/// A relation between an actor and an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The object is the actor, or something of the actor's own.
    Oneself,
    /// The actor made what is to be confirmed: filed or confirmed the nomination, replaced the sign-in data; or could
    /// be the one who did, since one hand made both.
    Originator,
    /// Delegated user administrator of the object's level or one above it.
    UserAdministrator,
    /// The same, where the person holds no delegated role.
    UserAdministratorOfPlainUser,
    /// Delegated access administrator, for the object's application, of its level or one above it.
    AccessAdministrator,
    /// Delegated access administrator of the object's level, for whatever application.
    AnyAccessAdministrator,
    /// Staff of the operator with this role.
    Staff(StaffRole),
}

/// Roles of the operator's staff (domain.md 2.2 `EcbStaffRole`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StaffRole {
    /// Confirms nominations, creates third parties, may act everywhere.
    IdentityAdmin,
    /// Support centre.
    Support,
    /// Owner of CASPER data collections.
    CollectionOwner,
    /// Desk of an SSM Portal process.
    ProcessOwner,
    /// Reads everything, changes nothing.
    Auditor,
}

impl StaffRole {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::IdentityAdmin,
        Self::Support,
        Self::CollectionOwner,
        Self::ProcessOwner,
        Self::Auditor,
    ];

    /// The stored spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdentityAdmin => "ECB_IDENTITY_ADMIN",
            Self::Support => "ECB_SUPPORT",
            Self::CollectionOwner => "ECB_COLLECTION_OWNER",
            Self::ProcessOwner => "ECB_PROCESS_OWNER",
            Self::Auditor => "ECB_AUDITOR",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// A delegated role as a person holds it: one for the level, or one for each application (manual §5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DelegatedRole {
    /// `DelegatedUserAdmin` of a level and what is below it.
    UserAdministrator {
        /// The boundary of the role.
        level: LevelPath,
    },
    /// `ApplicationAccessAdmin` for one application, of a level and what is below it.
    AccessAdministrator {
        /// The boundary of the role.
        level: LevelPath,
        /// The application it is for.
        application: ApplicationId,
    },
}

/// Who acts.
#[derive(Clone, Debug)]
pub enum Actor {
    /// The program at set-up: before the first member of staff exists, or loading demo data.
    Setup,
    /// A signed-in person.
    Person {
        /// Who.
        id: UserId,
        /// Delegated roles held.
        roles: Vec<DelegatedRole>,
        /// Staff roles held.
        staff: Vec<StaffRole>,
        /// The last day of the account, re-checked here so that no caller can forget it.
        expires_on: Option<ExpirationDate>,
    },
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Allowed by this row.
    Allow(&'static str),
    /// Denied.
    Deny(Denial),
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The object is outside the actor's sight: answer as if it did not exist (404).
    NotFound,
    /// The actor may see the object but not do this (403).
    Forbidden,
    /// The third party is not onboarded to the application.
    NotOnboarded,
    /// The actor could, were it not for this reason: nobody confirms or frees oneself (I29).
    Excluded(&'static str),
}

impl Decision {
    /// Whether it allows.
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allow(_))
    }
}

/// Decides whether `actor` may do `action` to `object` now. A row that denies is stronger than any that allows.
pub fn decide(actor: &Actor, action: Action, object: &Object, now: Timestamp) -> Decision {
    let touched = holder::level_touched(actor, action, object);
    let held = object::relations(actor, object, touched, now);
    let fits = |row: &&Row| row.action == action && held.contains(&row.relation);
    let Some(row) = TABLE.iter().filter(|row| row.effect == Effect::Allow).find(fits) else {
        let there = object::relations(actor, object, object.level(), now);
        let sees =
            TABLE.iter().any(|row| row.action == Action::ViewUser && there.contains(&row.relation));
        return Decision::Deny(if sees { Denial::Forbidden } else { Denial::NotFound });
    };
    if let Some(denying) = TABLE.iter().filter(|row| row.effect == Effect::Deny).find(fits) {
        return Decision::Deny(Denial::Excluded(denying.reason));
    }
    match object {
        Object::Access { onboarded: false, .. } => Decision::Deny(Denial::NotOnboarded),
        _ => Decision::Allow(row.reason),
    }
}

#[cfg(test)]
mod listed;
#[cfg(test)]
mod tests;
