//! "Why can this person do this?" (domain.md 4.3): from a membership or a role back to who gave it, under which role,
//! who had given that, and so on, to a nomination that the operator confirmed, to staff, or to set-up.

use crate::{
    Timestamp,
    id::{ApplicationId, NominationId, UserId},
    permission::StaffRole,
};

/// Most steps that are followed back.
const STEPS_AT_MOST: usize = 32;

/// What was given: a membership of an application, or a delegated role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// By whom; `None` for set-up and for a confirmed nomination.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// The nomination whose confirmation gave it.
    pub nomination: Option<NominationId>,
    /// Of which application; `None` for the role `DelegatedUserAdmin`.
    pub application: Option<ApplicationId>,
}

/// A delegated role that somebody held for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RolePeriod {
    /// Who held it.
    pub holder: UserId,
    /// How it was given: since when, by whom, for which application.
    pub given: Given,
    /// When it ended; `None` while it is held.
    pub ended_at: Option<Timestamp>,
}

/// A role of the operator's staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaffPeriod {
    /// Who holds it.
    pub holder: UserId,
    /// Which.
    pub role: StaffRole,
    /// Since when.
    pub since: Timestamp,
}

/// One step back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Given by somebody as delegated administrator of that application, or of users (`None`).
    Administrator {
        /// By whom.
        by: UserId,
        /// When.
        at: Timestamp,
        /// Under the role for this application.
        application: Option<ApplicationId>,
        /// Since when that role was held.
        since: Timestamp,
    },
    /// Given by staff of the operator.
    Staff {
        /// By whom.
        by: UserId,
        /// When.
        at: Timestamp,
        /// Under which role.
        role: StaffRole,
    },
    /// Given by somebody whose role at that time is not known any more.
    Unknown {
        /// By whom.
        by: UserId,
        /// When.
        at: Timestamp,
    },
    /// Given by the confirmation of a nomination.
    Nomination {
        /// When.
        at: Timestamp,
        /// Which.
        nomination: NominationId,
    },
    /// Given when the portal was set up.
    Setup {
        /// When.
        at: Timestamp,
    },
}

/// All steps back from what was given, nearest first. Nothing but a nomination that is named counts as one: what nobody
/// gave and no nomination, set-up gave.
pub fn reasons(given: Given, roles: &[RolePeriod], staff: &[StaffPeriod]) -> Vec<Reason> {
    let mut given = given;
    let mut reasons = Vec::new();
    while reasons.len() < STEPS_AT_MOST {
        let at = given.at;
        if let Some(nomination) = given.nomination {
            reasons.push(Reason::Nomination { at, nomination });
            break;
        }
        let Some(by) = given.by else {
            reasons.push(Reason::Setup { at });
            break;
        };
        let held = roles.iter().filter(|role| role.holder == by && role.was_held(at));
        let held = held.filter(|role| role.given.application == given.application);
        // The one that was held longest: it cannot come from the act that it explains.
        if let Some(role) = held.min_by_key(|role| role.given.at) {
            let (application, since) = (role.given.application, role.given.at);
            reasons.push(Reason::Administrator { by, at, application, since });
            given = role.given;
            continue;
        }
        let role = staff.iter().find(|role| role.holder == by && role.since <= at);
        reasons.push(match role {
            Some(StaffPeriod { role, .. }) => Reason::Staff { by, at, role: *role },
            None => Reason::Unknown { by, at },
        });
        break;
    }
    reasons
}

impl RolePeriod {
    /// Whether it was held at that moment.
    pub fn was_held(&self, at: Timestamp) -> bool {
        self.given.at <= at && self.ended_at.is_none_or(|ended| at <= ended)
    }
}

impl Reason {
    /// The person of it, if there is one.
    pub const fn by(self) -> Option<UserId> {
        match self {
            Self::Administrator { by, .. } | Self::Staff { by, .. } | Self::Unknown { by, .. } => {
                Some(by)
            }
            Self::Nomination { .. } | Self::Setup { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ANNA: UserId = UserId(Uuid::from_u128(1));
    const BEN: UserId = UserId(Uuid::from_u128(2));
    const STAFF: UserId = UserId(Uuid::from_u128(3));
    const CASPER: Option<ApplicationId> = Some(ApplicationId(Uuid::from_u128(10)));
    const SSM: Option<ApplicationId> = Some(ApplicationId(Uuid::from_u128(11)));

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn given(by: Option<UserId>, millis: i64, application: Option<ApplicationId>) -> Given {
        Given { by, at: at(millis), nomination: None, application }
    }

    fn role(holder: UserId, given: Given, ended: Option<i64>) -> RolePeriod {
        RolePeriod { holder, given, ended_at: ended.map(at) }
    }

    #[test]
    fn a_membership_leads_over_a_peer_to_the_nomination() {
        let nomination = NominationId(Uuid::from_u128(20));
        let nominated = Given { nomination: Some(nomination), ..given(None, 1, CASPER) };
        let roles = [role(ANNA, nominated, None), role(BEN, given(Some(ANNA), 5, CASPER), None)];
        let found = reasons(given(Some(BEN), 9, CASPER), &roles, &[]);
        let step = |by, millis, since| Reason::Administrator {
            by,
            at: at(millis),
            application: CASPER,
            since: at(since),
        };
        assert_eq!(
            found,
            [step(BEN, 9, 5), step(ANNA, 5, 1), Reason::Nomination { at: at(1), nomination }]
        );
        assert_eq!(found.iter().filter_map(|reason| reason.by()).count(), 2);
    }

    #[test]
    fn a_role_that_was_held_then_counts_even_if_it_is_over_now() {
        let roles = [role(BEN, given(None, 1, CASPER), Some(9))];
        let then = reasons(given(Some(BEN), 9, CASPER), &roles, &[]);
        assert!(matches!(then.first(), Some(Reason::Administrator { .. })));
        let later = reasons(given(Some(BEN), 10, CASPER), &roles, &[]);
        assert_eq!(later, [Reason::Unknown { by: BEN, at: at(10) }]);
        let before = reasons(given(Some(BEN), 0, CASPER), &roles, &[]);
        assert_eq!(before, [Reason::Unknown { by: BEN, at: at(0) }]);
    }

    #[test]
    fn the_role_for_another_application_explains_nothing() {
        let roles = [role(BEN, given(None, 1, SSM), None)];
        let found = reasons(given(Some(BEN), 5, CASPER), &roles, &[]);
        assert_eq!(found, [Reason::Unknown { by: BEN, at: at(5) }]);
    }

    #[test]
    fn staff_and_set_up_are_where_it_ends() {
        let staff = [StaffPeriod { holder: STAFF, role: StaffRole::IdentityAdmin, since: at(3) }];
        let found = reasons(given(Some(STAFF), 5, CASPER), &[], &staff);
        let role = StaffRole::IdentityAdmin;
        assert_eq!(found, [Reason::Staff { by: STAFF, at: at(5), role }]);
        let early = reasons(given(Some(STAFF), 2, CASPER), &[], &staff);
        assert_eq!(early, [Reason::Unknown { by: STAFF, at: at(2) }]);
        assert_eq!(reasons(given(None, 2, CASPER), &[], &[]), [Reason::Setup { at: at(2) }]);
    }

    #[test]
    fn what_no_nomination_gave_is_explained_by_none() {
        let roles = [role(ANNA, given(None, 1, CASPER), None)];
        let found = reasons(given(Some(ANNA), 2, CASPER), &roles, &[]);
        assert_eq!(found.last(), Some(&Reason::Setup { at: at(1) }));
    }

    #[test]
    fn two_who_gave_each_other_the_role_do_not_go_on_for_ever() {
        let roles = [
            role(ANNA, given(Some(BEN), 5, CASPER), None),
            role(BEN, given(Some(ANNA), 5, CASPER), None),
        ];
        let found = reasons(given(Some(ANNA), 6, CASPER), &roles, &[]);
        assert_eq!(found.len(), STEPS_AT_MOST);
    }
}
