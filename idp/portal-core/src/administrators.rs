//! The administrators of a third party: which roles there are to fill, and who is left in them (I14, O4).
//!
//! A delegated third party in operation always has an administrator of users, and one of access for each application
//! that it is onboarded to. One counts who can act for the whole organisation: ACTIVE (a timed lock does not matter),
//! unexpired, with a role that is not dormant and whose boundary is the third party's topmost level.

use crate::{
    Timestamp,
    expiry::ExpirationDate,
    id::{ApplicationId, UserId},
};

/// A delegated role without its boundary (manual §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleKind {
    /// `DelegatedUserAdmin`.
    UserAdministrator,
    /// `ApplicationAccessAdmin` for this application.
    AccessAdministrator(ApplicationId),
}

impl RoleKind {
    /// The application of an access administrator.
    pub const fn application(self) -> Option<ApplicationId> {
        match self {
            Self::UserAdministrator => None,
            Self::AccessAdministrator(application) => Some(application),
        }
    }

    /// The role for that application; without one, the user administrator's.
    pub fn of(application: Option<ApplicationId>) -> Self {
        application.map_or(Self::UserAdministrator, Self::AccessAdministrator)
    }
}

/// Somebody who fills a role of a third party: ACTIVE, and not dormant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Administrator {
    /// Who.
    pub user: UserId,
    /// The role.
    pub kind: RoleKind,
    /// The last day of the account.
    pub expires_on: Option<ExpirationDate>,
}

/// How somebody stops being an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure<'a> {
    /// With every role: the account is deleted or suspended, or moves to another level (E14, E25, E68).
    Whole,
    /// These roles are revoked (E15, E20, E69).
    From(&'a [RoleKind]),
    /// The account gets a last day (E13).
    On(ExpirationDate),
}

/// A role that somebody leaves, with who is left in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vacancy {
    /// The role.
    pub kind: RoleKind,
    /// Its other administrators, at the time of the departure.
    pub left: Vec<UserId>,
}

/// The roles that `who` leaves, in their order, with who is left in each. Whoever was no administrator leaves none.
pub fn vacancies(
    administrators: &[Administrator],
    who: UserId,
    departure: Departure<'_>,
    now: Timestamp,
) -> Vec<Vacancy> {
    // The end of a last day is the first moment at which others are needed.
    let is_there = |one: &Administrator| match (departure, one.expires_on) {
        (_, None) => true,
        (Departure::On(last_day), Some(until)) => until > last_day && !until.is_over(now),
        (_, Some(until)) => !until.is_over(now),
    };
    let leaves = |kind: RoleKind| match departure {
        Departure::Whole | Departure::On(_) => true,
        Departure::From(roles) => roles.contains(&kind),
    };
    let mut left: Vec<RoleKind> = administrators
        .iter()
        .filter(|one| one.user == who && leaves(one.kind))
        .filter(|one| one.expires_on.is_none_or(|until| !until.is_over(now)))
        .map(|one| one.kind)
        .collect();
    left.sort_unstable();
    left.dedup();
    left.into_iter()
        .map(|kind| Vacancy {
            kind,
            left: administrators
                .iter()
                .filter(|one| one.kind == kind && one.user != who && is_there(one))
                .map(|one| one.user)
                .collect(),
        })
        .collect()
}

/// Whether somebody fills a role now.
pub fn is_filled(administrators: &[Administrator], kind: RoleKind, now: Timestamp) -> bool {
    let is_over = |one: &Administrator| one.expires_on.is_some_and(|until| until.is_over(now));
    administrators.iter().any(|one| one.kind == kind && !is_over(one))
}

/// What is known of a role beside who fills it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seat {
    /// Whether somebody holds it, also one whose role is dormant, or ever did.
    pub was_taken: bool,
    /// Whether somebody holds it who was invited and has not come yet.
    pub is_awaited: bool,
}

/// Whether a role has nobody any more: the accounts of all who filled it are over, or nobody who holds or held it
/// counts, since what is dormant counts for nothing. A role that nobody was ever appointed to has not run out (I15),
/// and neither has one whose first holders are invited.
pub fn has_run_out(
    administrators: &[Administrator],
    kind: RoleKind,
    seat: Seat,
    now: Timestamp,
) -> bool {
    let is_over = administrators.iter().any(|one| one.kind == kind);
    !is_filled(administrators, kind, now) && (is_over || (seat.was_taken && !seat.is_awaited))
}

/// The roles that nobody, or only somebody of `days` or fewer, fills: what administrators are warned of ahead (E13).
/// With each, the day on which the last one goes.
pub fn ending_soon(
    administrators: &[Administrator],
    needed: &[RoleKind],
    days: i64,
    now: Timestamp,
) -> Vec<(RoleKind, ExpirationDate)> {
    let Some(horizon) = ExpirationDate::days_from(now, days) else {
        return Vec::new();
    };
    needed
        .iter()
        .filter_map(|kind| {
            let filled: Vec<_> = administrators.iter().filter(|one| one.kind == *kind).collect();
            if filled.iter().any(|one| one.expires_on.is_none()) {
                return None;
            }
            let last = filled.iter().filter_map(|one| one.expires_on).max()?;
            (last <= horizon && !last.is_over(now)).then_some((*kind, last))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_262_400_000); // 2026-11-21T12:00:00Z
    const CASPER: RoleKind = RoleKind::AccessAdministrator(ApplicationId(Uuid::from_u128(1)));
    const SSM: RoleKind = RoleKind::AccessAdministrator(ApplicationId(Uuid::from_u128(2)));
    const UNKNOWN: Seat = Seat { was_taken: false, is_awaited: false };
    const ANNA: UserId = UserId(Uuid::from_u128(10));
    const BEN: UserId = UserId(Uuid::from_u128(11));

    fn day(iso: &str) -> ExpirationDate {
        ExpirationDate::from_iso(iso).unwrap()
    }

    fn one(user: UserId, kind: RoleKind, until: Option<&str>) -> Administrator {
        Administrator { user, kind, expires_on: until.map(day) }
    }

    fn vacancy(kind: RoleKind, left: &[UserId]) -> Vacancy {
        Vacancy { kind, left: left.to_vec() }
    }

    #[test]
    fn whoever_leaves_as_the_only_one_leaves_nobody() {
        let users = RoleKind::UserAdministrator;
        let all = [one(ANNA, users, None), one(ANNA, CASPER, None), one(BEN, CASPER, None)];
        let whole = vacancies(&all, ANNA, Departure::Whole, NOW);
        assert_eq!(whole, [vacancy(users, &[]), vacancy(CASPER, &[BEN])]);
        let unticked = vacancies(&all, ANNA, Departure::From(&[CASPER]), NOW);
        assert_eq!(unticked, [vacancy(CASPER, &[BEN])]);
        assert_eq!(vacancies(&all, BEN, Departure::From(&[users]), NOW), []);
        assert_eq!(vacancies(&all, BEN, Departure::From(&[SSM]), NOW), []);
    }

    #[test]
    fn whoever_has_expired_neither_counts_nor_leaves() {
        let all = [one(ANNA, CASPER, None), one(BEN, CASPER, Some("2026-11-20"))];
        assert_eq!(vacancies(&all, ANNA, Departure::Whole, NOW), [vacancy(CASPER, &[])]);
        assert_eq!(vacancies(&all, BEN, Departure::Whole, NOW), []);
        let today = [one(ANNA, CASPER, None), one(BEN, CASPER, Some("2026-11-21"))];
        assert_eq!(vacancies(&today, ANNA, Departure::Whole, NOW), [vacancy(CASPER, &[BEN])]);
    }

    #[test]
    fn a_last_day_needs_somebody_who_is_there_on_the_day_after() {
        let on = |until, departure: &str| {
            let all = [one(ANNA, CASPER, None), one(BEN, CASPER, until)];
            let found = vacancies(&all, ANNA, Departure::On(day(departure)), NOW);
            found.into_iter().flat_map(|vacancy| vacancy.left).collect::<Vec<_>>()
        };
        assert_eq!(on(None, "2026-12-31"), [BEN]);
        assert_eq!(on(Some("2027-01-01"), "2026-12-31"), [BEN]);
        assert_eq!(on(Some("2026-12-31"), "2026-12-31"), []);
        assert_eq!(on(Some("2026-12-30"), "2026-12-31"), []);
        assert_eq!(on(Some("2026-11-20"), "2026-11-19"), []);
    }

    #[test]
    fn the_last_day_of_the_last_administrator_is_known_ahead() {
        let soon = |all: &[Administrator]| ending_soon(all, &[CASPER, SSM], 30, NOW);
        assert_eq!(soon(&[one(ANNA, CASPER, Some("2026-12-21"))]), [(CASPER, day("2026-12-21"))]);
        assert_eq!(soon(&[one(ANNA, CASPER, Some("2026-12-22"))]), []);
        assert_eq!(soon(&[one(ANNA, CASPER, Some("2026-11-20"))]), []);
        assert_eq!(soon(&[one(ANNA, CASPER, Some("2026-11-21"))]), [(CASPER, day("2026-11-21"))]);
        let other = [one(ANNA, CASPER, Some("2026-12-21")), one(BEN, CASPER, None)];
        assert_eq!(soon(&other), []);
        let later = [one(ANNA, SSM, Some("2026-12-01")), one(BEN, SSM, Some("2026-12-02"))];
        assert_eq!(soon(&later), [(SSM, day("2026-12-02"))]);
        assert_eq!(soon(&[one(ANNA, RoleKind::UserAdministrator, Some("2026-12-01"))]), []);
    }

    #[test]
    fn a_role_is_named_by_its_application() {
        assert_eq!(RoleKind::of(None), RoleKind::UserAdministrator);
        assert_eq!(RoleKind::UserAdministrator.application(), None);
        assert_eq!(RoleKind::of(CASPER.application()), CASPER);
    }

    #[test]
    fn a_role_has_run_out_when_the_last_of_its_accounts_is_over() {
        let holder = |user: UserId, kind: RoleKind, until: Option<&str>| Administrator {
            user,
            kind,
            expires_on: until.map(|day| ExpirationDate::from_iso(day).unwrap()),
        };
        for (administrators, filled, run_out) in [
            (vec![], false, false),
            (vec![holder(ANNA, CASPER, None)], true, false),
            (vec![holder(ANNA, SSM, Some("2026-11-20"))], false, false),
            (vec![holder(ANNA, CASPER, Some("2026-11-20"))], false, true),
            (vec![holder(ANNA, CASPER, Some("2026-11-21"))], true, false),
            (
                vec![holder(ANNA, CASPER, Some("2026-11-20")), holder(BEN, CASPER, None)],
                true,
                false,
            ),
        ] {
            let found = (
                is_filled(&administrators, CASPER, NOW),
                has_run_out(&administrators, CASPER, UNKNOWN, NOW),
            );
            assert_eq!(found, (filled, run_out), "{administrators:?}");
        }
    }

    #[test]
    fn a_role_that_is_held_has_run_out_when_nobody_in_it_counts_or_is_awaited() {
        let filled = [one(ANNA, CASPER, None)];
        let over = [one(ANNA, CASPER, Some("2026-11-20"))];
        for (was_taken, is_awaited, with_nobody) in
            [(false, false, false), (true, false, true), (true, true, false)]
        {
            let seat = Seat { was_taken, is_awaited };
            assert_eq!(has_run_out(&[], CASPER, seat, NOW), with_nobody, "{seat:?}");
            assert!(!has_run_out(&filled, CASPER, seat, NOW), "{seat:?}");
            assert!(has_run_out(&over, CASPER, seat, NOW), "{seat:?}");
        }
    }
}
