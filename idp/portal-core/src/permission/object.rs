//! On whom or what somebody acts, and in which relations an actor stands to it.

use super::{Actor, DelegatedRole, Relation, StaffRole};
use crate::{
    Timestamp,
    id::{ApplicationId, UserId},
    organisation::LevelPath,
};

/// On whom or what.
#[derive(Clone, Debug)]
pub enum Object {
    /// A person's account at a level.
    User {
        /// Who.
        id: UserId,
        /// Where.
        level: LevelPath,
        /// How far the person's delegated roles reach: the topmost of their boundaries and of `level`.
        reach: LevelPath,
    },
    /// A person's address and number together (I28).
    SignInData {
        /// Whose.
        user: UserId,
        /// Where the person sits.
        level: LevelPath,
        /// Whether the person holds a delegated role.
        is_administrator: bool,
    },
    /// A level: to create something at, or what is kept of it.
    Level(LevelPath),
    /// An application at a level: the access of all its people to it.
    Application {
        /// Where.
        level: LevelPath,
        /// Which.
        application: ApplicationId,
    },
    /// A person's access to an application.
    Access {
        /// Whose.
        user: UserId,
        /// Where the person sits.
        level: LevelPath,
        /// How far the person's delegated roles reach: the topmost of their boundaries and of `level`.
        reach: LevelPath,
        /// Which application.
        application: ApplicationId,
        /// Whether the person's third party is onboarded to it (I10, O7).
        onboarded: bool,
    },
    /// What became dormant when a person's sign-in data were replaced (I28).
    Dormant {
        /// Whose.
        user: UserId,
        /// Where the person sits.
        level: LevelPath,
        /// How far the person's delegated roles reach: the topmost of their boundaries and of `level`.
        reach: LevelPath,
        /// Of which application; `None` for the role `DelegatedUserAdmin`.
        application: Option<ApplicationId>,
        /// Who replaced the sign-in data or granted the role, and whoever asks though one hand could have made both
        /// (`descent`).
        originators: Vec<UserId>,
    },
    /// A nomination for the third party of a level.
    Nomination {
        /// The level of the third party.
        level: LevelPath,
        /// Who filed it for the signatory, and who has confirmed it so far.
        originators: Vec<UserId>,
    },
    /// The whole tree.
    Everything,
}

/// All relations in which the actor stands now to the object, which is touched at a level (`holder`). Set-up counts as
/// the identity administrator.
pub(super) fn relations(
    actor: &Actor,
    object: &Object,
    touched: Option<&LevelPath>,
    now: Timestamp,
) -> Vec<Relation> {
    let Actor::Person { id, roles, staff, expires_on } = actor else {
        return vec![Relation::Staff(StaffRole::IdentityAdmin)];
    };
    if expires_on.is_some_and(|date| date.is_over(now)) {
        return Vec::new();
    }
    let mut held: Vec<Relation> = staff.iter().copied().map(Relation::Staff).collect();
    if object.person() == Some(id) {
        held.push(Relation::Oneself);
    }
    if object.originators().contains(id) {
        held.push(Relation::Originator);
    }
    let reaching = roles.iter().filter(|role| touched.is_some_and(|at| role.level().contains(at)));
    held.extend(reaching.flat_map(|role| role.relations_to(object)));
    held
}

impl DelegatedRole {
    /// The boundary of the role.
    pub const fn level(&self) -> &LevelPath {
        let (Self::UserAdministrator { level } | Self::AccessAdministrator { level, .. }) = self;
        level
    }

    /// The relations to an object within the boundary.
    fn relations_to(&self, object: &Object) -> Vec<Relation> {
        match self {
            Self::UserAdministrator { .. } => match object {
                Object::SignInData { is_administrator: false, .. } => {
                    vec![Relation::UserAdministrator, Relation::UserAdministratorOfPlainUser]
                }
                _ => vec![Relation::UserAdministrator],
            },
            Self::AccessAdministrator { application, .. } => {
                if object.application() == Some(application) {
                    vec![Relation::AccessAdministrator, Relation::AnyAccessAdministrator]
                } else {
                    vec![Relation::AnyAccessAdministrator]
                }
            }
        }
    }
}

impl Object {
    pub(super) const fn level(&self) -> Option<&LevelPath> {
        match self {
            Self::User { level, .. }
            | Self::SignInData { level, .. }
            | Self::Level(level)
            | Self::Application { level, .. }
            | Self::Access { level, .. }
            | Self::Dormant { level, .. }
            | Self::Nomination { level, .. } => Some(level),
            Self::Everything => None,
        }
    }

    const fn application(&self) -> Option<&ApplicationId> {
        match self {
            Self::Application { application, .. } | Self::Access { application, .. } => {
                Some(application)
            }
            Self::Dormant { application, .. } => application.as_ref(),
            _ => None,
        }
    }

    pub(super) const fn person(&self) -> Option<&UserId> {
        match self {
            Self::User { id: user, .. }
            | Self::SignInData { user, .. }
            | Self::Access { user, .. }
            | Self::Dormant { user, .. } => Some(user),
            _ => None,
        }
    }

    fn originators(&self) -> &[UserId] {
        match self {
            Self::Nomination { originators, .. } | Self::Dormant { originators, .. } => originators,
            _ => &[],
        }
    }
}
