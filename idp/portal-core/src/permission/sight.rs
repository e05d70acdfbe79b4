//! What somebody may see at all: the same table, asked for lists, searches and counts instead of one object (I8, O5).

use super::{Action, Actor, DelegatedRole, Effect, Object, Relation, TABLE, decide};
use crate::{Timestamp, id::ApplicationId, organisation::LevelPath};

/// The part of the tree that an action reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// All levels.
    Everything,
    /// These levels and what is below them; none when it is empty. No level of it lies in another.
    Levels(Vec<LevelPath>),
}

impl Sight {
    /// Whether a level is in sight.
    pub fn includes(&self, level: &LevelPath) -> bool {
        match self {
            Self::Everything => true,
            Self::Levels(levels) => levels.iter().any(|mine| mine.contains(level)),
        }
    }

    /// Whether nothing is in sight.
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::Levels(levels) if levels.is_empty())
    }
}

/// The levels at which `actor` may do `action` to a user or a level now. It says of each level what
/// [`decide`](super::decide) says of a user there who is not the actor.
pub fn sight(actor: &Actor, action: Action, now: Timestamp) -> Sight {
    let allows = |relation: Relation| {
        TABLE.iter().any(|row| {
            row.effect == Effect::Allow && row.action == action && row.relation == relation
        })
    };
    let (roles, staff) = match actor {
        Actor::Setup => return Sight::Everything,
        Actor::Person { expires_on, .. } if expires_on.is_some_and(|date| date.is_over(now)) => {
            return Sight::Levels(Vec::new());
        }
        Actor::Person { roles, staff, .. } => (roles, staff),
    };
    if staff.iter().any(|role| allows(Relation::Staff(*role))) {
        return Sight::Everything;
    }
    let levels: Vec<&LevelPath> = roles
        .iter()
        .filter(|role| {
            allows(match role {
                DelegatedRole::UserAdministrator { .. } => Relation::UserAdministrator,
                DelegatedRole::AccessAdministrator { .. } => Relation::AnyAccessAdministrator,
            })
        })
        .map(DelegatedRole::level)
        .collect();
    let mut outermost: Vec<LevelPath> = levels
        .iter()
        .filter(|level| !levels.iter().any(|other| other != *level && other.contains(level)))
        .map(|level| (*level).clone())
        .collect();
    outermost.sort();
    outermost.dedup();
    Sight::Levels(outermost)
}

/// What an action on the access to applications reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplicationSight {
    /// All applications at all levels.
    Everything,
    /// These applications, each at a level and below it.
    Of(Vec<(LevelPath, ApplicationId)>),
}

impl ApplicationSight {
    /// Whether nothing is in sight.
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::Of(pairs) if pairs.is_empty())
    }
}

/// The applications at levels on which `actor` may do `action` now: for lists of what belongs to an application, as
/// [`sight`] is for lists of people. It says of each what [`decide`](super::decide) says of the application there.
pub fn application_sight(actor: &Actor, action: Action, now: Timestamp) -> ApplicationSight {
    let allows = |relation: Relation| {
        TABLE.iter().any(|row| {
            row.effect == Effect::Allow && row.action == action && row.relation == relation
        })
    };
    let (roles, staff) = match actor {
        Actor::Setup => return ApplicationSight::Everything,
        Actor::Person { expires_on, .. } if expires_on.is_some_and(|date| date.is_over(now)) => {
            return ApplicationSight::Of(Vec::new());
        }
        Actor::Person { roles, staff, .. } => (roles, staff),
    };
    if staff.iter().any(|role| allows(Relation::Staff(*role))) {
        return ApplicationSight::Everything;
    }
    let mut pairs: Vec<(LevelPath, ApplicationId)> = roles
        .iter()
        .filter_map(|role| match role {
            DelegatedRole::AccessAdministrator { level, application } => {
                Some((level.clone(), *application))
            }
            DelegatedRole::UserAdministrator { .. } => None,
        })
        .filter(|_| allows(Relation::AccessAdministrator))
        .collect();
    pairs.sort();
    pairs.dedup();
    ApplicationSight::Of(pairs)
}

/// Whether there is anything at all to which `actor` may do `action` now, the own account included.
pub fn is_in_sight(actor: &Actor, action: Action, now: Timestamp) -> bool {
    !sight(actor, action, now).is_empty()
        || !application_sight(actor, action, now).is_empty()
        || may_oneself(actor, action, now)
}

/// Whether somebody may do this to oneself.
fn may_oneself(actor: &Actor, action: Action, now: Timestamp) -> bool {
    let Actor::Person { id, .. } = actor else {
        return false;
    };
    let (level, reach) = (LevelPath::root(), LevelPath::root());
    let oneself = Object::User { id: *id, level, reach };
    decide(actor, action, &oneself, now).is_allowed()
}
