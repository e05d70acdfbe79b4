//! Who may do what to whom: one table, asked through one function (design §3, first kernel; I8–I16, I28, I29).
//!
//! [`table::TABLE`] is data: a row allows an action to an actor who stands in a certain relation to the object.
//! What no row allows is denied. An object outside the actor's sight is denied as [`Denial::NotFound`], so that it
//! looks like one that does not exist.

mod table;

use crate::{
    Timestamp,
    expiry::ExpirationDate,
    id::{ApplicationId, UserId},
    organisation::LevelPath,
};

pub use table::{Row, TABLE};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// See a user's details, and find the user in lists, searches and counts.
    ViewUser,
    /// Create a user account at a level.
    CreateUser,
    /// Modify a user account.
    ModifyUser,
    /// Delete a user account.
    DeleteUser,
    /// Assign or remove a membership in a group of an application.
    AssignMembership,
    /// Grant or revoke the role `DelegatedUserAdmin`.
    GrantUserAdministrator,
    /// Grant or revoke the role `ApplicationAccessAdmin` of an application.
    GrantAccessAdministrator,
    /// Grant a role of the operator's staff.
    GrantStaffRole,
    /// Create a third party with its level and subsidiaries.
    CreateThirdParty,
    /// Onboard a third party to an application.
    OnboardThirdParty,
    /// Register an application with its groups, or a client.
    RegisterApplication,
    /// See the own profile and the own applications.
    ViewOwnProfile,
    /// Change the own password.
    ChangeOwnPassword,
    /// Allow a client to hear of oneself, and take that back.
    DecideOwnConsent,
}

/// A relation between an actor and an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The object is the actor.
    Oneself,
    /// Delegated user administrator of the object's level or one above it.
    UserAdministrator,
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
    const ALL: [Self; 5] = [
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

/// On whom or what.
#[derive(Clone, Debug)]
pub enum Object {
    /// A person's account at a level.
    User {
        /// Who.
        id: UserId,
        /// Where.
        level: LevelPath,
    },
    /// A level, to create something at.
    Level(LevelPath),
    /// A person's access to an application.
    Access {
        /// Whose.
        user: UserId,
        /// Where the person sits.
        level: LevelPath,
        /// Which application.
        application: ApplicationId,
        /// Whether the person's third party is onboarded to it (I10, O7).
        onboarded: bool,
    },
    /// The whole tree.
    Everything,
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
}

impl Decision {
    /// Whether it allows.
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allow(_))
    }
}

/// Decides whether `actor` may do `action` to `object` now.
pub fn decide(actor: &Actor, action: Action, object: &Object, now: Timestamp) -> Decision {
    let held = relations(actor, object, now);
    let Some(row) = TABLE.iter().find(|row| row.action == action && held.contains(&row.relation))
    else {
        let sees =
            TABLE.iter().any(|row| row.action == Action::ViewUser && held.contains(&row.relation));
        return Decision::Deny(if sees { Denial::Forbidden } else { Denial::NotFound });
    };
    match object {
        Object::Access { onboarded: false, .. } => Decision::Deny(Denial::NotOnboarded),
        _ => Decision::Allow(row.reason),
    }
}

/// All relations in which the actor stands to the object now. Set-up counts as the identity administrator.
fn relations(actor: &Actor, object: &Object, now: Timestamp) -> Vec<Relation> {
    let (id, roles, staff) = match actor {
        Actor::Setup => return vec![Relation::Staff(StaffRole::IdentityAdmin)],
        Actor::Person { expires_on, .. } if expires_on.is_some_and(|date| date.is_over(now)) => {
            return Vec::new();
        }
        Actor::Person { id, roles, staff, .. } => (id, roles, staff),
    };
    let mut held: Vec<Relation> = staff.iter().copied().map(Relation::Staff).collect();
    if object.person() == Some(id) {
        held.push(Relation::Oneself);
    }
    held.extend(roles.iter().flat_map(|role| role.relations_to(object)));
    held
}

impl DelegatedRole {
    fn relations_to(&self, object: &Object) -> Vec<Relation> {
        let (Self::UserAdministrator { level } | Self::AccessAdministrator { level, .. }) = self;
        if !object.level().is_some_and(|of_object| level.contains(of_object)) {
            return Vec::new();
        }
        match (self, object) {
            (Self::UserAdministrator { .. }, _) => vec![Relation::UserAdministrator],
            (
                Self::AccessAdministrator { application, .. },
                Object::Access { application: wanted, .. },
            ) if application == wanted => {
                vec![Relation::AccessAdministrator, Relation::AnyAccessAdministrator]
            }
            (Self::AccessAdministrator { .. }, _) => vec![Relation::AnyAccessAdministrator],
        }
    }
}

impl Object {
    fn level(&self) -> Option<&LevelPath> {
        match self {
            Self::User { level, .. } | Self::Level(level) | Self::Access { level, .. } => {
                Some(level)
            }
            Self::Everything => None,
        }
    }

    fn person(&self) -> Option<&UserId> {
        match self {
            Self::User { id, .. } | Self::Access { user: id, .. } => Some(id),
            Self::Level(_) | Self::Everything => None,
        }
    }
}

#[cfg(test)]
mod tests;
