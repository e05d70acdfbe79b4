//! Which actions on a person touch the delegated roles that the person holds (I8, I13, security.md 82).

use super::{Action, Actor, Object};
use crate::organisation::LevelPath;

/// Actions that end, take over or decide about what an administrator holds. The boundary of a role can lie above the
/// level of its holder's account (E56). Whoever does one of these by a delegated role needs a boundary within which all
/// roles of the person lie, and not the account alone: nobody brings down somebody of higher standing. One's own roles
/// are one's own to give up, and the operator's staff stand above all of them.
pub const ON_HOLDER: &[Action] = &[
    Action::ModifyUser,
    Action::ChangeExpiration,
    Action::DeleteUser,
    Action::SuspendUser,
    Action::GrantUserAdministrator,
    Action::GrantAccessAdministrator,
    Action::ConfirmUserAdministrator,
    Action::ConfirmAccessAdministrator,
];

/// The level at which an action touches an object: where it is, or how far what the person holds reaches.
pub(super) fn level_touched<'a>(
    actor: &Actor,
    action: Action,
    object: &'a Object,
) -> Option<&'a LevelPath> {
    let is_own = matches!(actor, Actor::Person { id, .. } if object.person() == Some(id));
    match object {
        Object::User { reach, .. }
        | Object::Access { reach, .. }
        | Object::Dormant { reach, .. }
            if ON_HOLDER.contains(&action) && !is_own =>
        {
            Some(reach)
        }
        _ => object.level(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::{Decision, DelegatedRole, Denial, StaffRole, TABLE, decide};
    use super::*;
    use crate::{
        Timestamp,
        id::{ApplicationId, UserId},
    };

    const NOW: Timestamp = Timestamp::from_millis(1_795_262_400_000);
    const CASPER: ApplicationId = ApplicationId(Uuid::from_u128(1));
    const ME: UserId = UserId(Uuid::from_u128(10));
    const OTHER: UserId = UserId(Uuid::from_u128(11));
    const BANK: &str = "Root/BANK E";
    const BRANCH: &str = "Root/BANK E/Branch";

    fn at(path: &str) -> LevelPath {
        LevelPath::from_stored(path.to_owned())
    }

    fn actor(roles: Vec<DelegatedRole>, staff: Vec<StaffRole>) -> Actor {
        Actor::Person { id: ME, roles, staff, expires_on: None }
    }

    /// Administrator of everything there is.
    fn administrator_of(path: &str) -> Vec<DelegatedRole> {
        vec![
            DelegatedRole::UserAdministrator { level: at(path) },
            DelegatedRole::AccessAdministrator { level: at(path), application: CASPER },
        ]
    }

    /// A person of the branch whose roles reach so far, as each kind of object.
    fn objects(user: UserId, reach: &str) -> [Object; 3] {
        let (level, reach) = (at(BRANCH), at(reach));
        let (application, onboarded) = (CASPER, true);
        [
            Object::User { id: user, level: level.clone(), reach: reach.clone() },
            Object::Access {
                user,
                level: level.clone(),
                reach: reach.clone(),
                application,
                onboarded,
            },
            Object::Dormant {
                user,
                level,
                reach,
                application: Some(application),
                originators: vec![],
            },
        ]
    }

    fn allowed(actor: &Actor, object: &Object) -> Vec<Action> {
        let mut allowed: Vec<Action> = TABLE.iter().map(|row| row.action).collect();
        allowed.sort_unstable();
        allowed.dedup();
        allowed.retain(|action| decide(actor, *action, object, NOW).is_allowed());
        allowed
    }

    #[test]
    fn nobody_touches_whoever_holds_a_role_above_the_own_boundary_and_still_sees_and_helps_them() {
        let of_branch = actor(administrator_of(BRANCH), vec![]);
        for (peer, higher) in objects(OTHER, BRANCH).into_iter().zip(objects(OTHER, BANK)) {
            let mut rest = allowed(&of_branch, &peer);
            rest.retain(|action| !ON_HOLDER.contains(action));
            assert_eq!(allowed(&of_branch, &higher), rest, "{higher:?}");
            assert!(rest.contains(&Action::ViewUser) && rest.contains(&Action::ViewConfirmations));
            for action in ON_HOLDER {
                let denied = decide(&of_branch, *action, &higher, NOW);
                assert_eq!(denied, Decision::Deny(Denial::Forbidden), "in sight: {action:?}");
            }
        }
    }

    #[test]
    fn whoever_has_the_boundary_and_the_operator_are_not_limited_by_it() {
        let both = [administrator_of(BRANCH), administrator_of(BANK)].concat();
        let staff = actor(vec![], vec![StaffRole::IdentityAdmin]);
        for who in [actor(administrator_of(BANK), vec![]), actor(both, vec![]), staff, Actor::Setup]
        {
            for (peer, higher) in objects(OTHER, BRANCH).into_iter().zip(objects(OTHER, BANK)) {
                assert_eq!(allowed(&who, &higher), allowed(&who, &peer), "{higher:?}");
            }
        }
    }

    #[test]
    fn a_role_of_another_kind_does_not_lend_its_boundary() {
        let mut roles = administrator_of(BRANCH);
        roles.push(DelegatedRole::AccessAdministrator { level: at(BANK), application: CASPER });
        let mixed = actor(roles, vec![]);
        let [user, access, _] = objects(OTHER, BANK);
        assert!(!decide(&mixed, Action::DeleteUser, &user, NOW).is_allowed());
        assert!(decide(&mixed, Action::GrantAccessAdministrator, &access, NOW).is_allowed());
    }

    #[test]
    fn the_own_roles_are_ones_own_to_give_up() {
        let of_branch = actor(administrator_of(BRANCH), vec![]);
        for (own, higher) in objects(ME, BRANCH).into_iter().zip(objects(ME, BANK)) {
            assert_eq!(allowed(&of_branch, &higher), allowed(&of_branch, &own), "{higher:?}");
        }
    }
}
