//! Access that one person alone gave (O8, E54): to oneself, or to an account of the own making where the third party
//! asks for four eyes. It is allowed, marked in the trail, told to the other administrators, and reported.

use crate::{Timestamp, expiry::ExpirationDate, id::UserId};

/// Where a third party asks for a second pair of eyes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FourEyes {
    /// Administrators give no access to themselves (O8).
    pub forbids_self_assignment: bool,
    /// The operator confirms every administrator (O2).
    pub confirms_administrators: bool,
}

impl FourEyes {
    /// Whether it asks for them at all.
    pub const fn are_asked_for(self) -> bool {
        self.forbids_self_assignment || self.confirms_administrators
    }
}

/// How one person alone gave access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OneHand {
    /// To oneself (O8).
    ToOneself,
    /// To an account that the same person had created, where the third party asks for four eyes (E54).
    ToOwnMaking,
}

impl OneHand {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::ToOneself, Self::ToOwnMaking];

    /// What it is when `actor` gives access to a person who was created by `created_by`; `None` when two people took
    /// part, or it was set-up.
    pub fn of(
        actor: Option<UserId>,
        (person, created_by): (UserId, Option<UserId>),
        four_eyes: FourEyes,
    ) -> Option<Self> {
        let actor = actor?;
        if actor == person {
            return Some(Self::ToOneself);
        }
        let is_own_making = created_by == Some(actor) && four_eyes.are_asked_for();
        is_own_making.then_some(Self::ToOwnMaking)
    }

    /// The stored spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ToOneself => "to-oneself",
            Self::ToOwnMaking => "to-own-making",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The membership that somebody holds now in the group that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldSince {
    /// Since when it is as it is.
    pub assigned_at: Timestamp,
    /// Its last day, if it has one.
    pub valid_until: Option<ExpirationDate>,
    /// Whether it waits for a confirmation (I28).
    pub is_dormant: bool,
}

/// The end of a membership as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// Whether it began anew in that moment, with another last day.
    pub begins_anew: bool,
}

/// What became of access that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It counts.
    Counts,
    /// It is held, but the account is not in use.
    Unused,
    /// It counts for nothing until it is confirmed (I28).
    Dormant,
    /// Its last day is over.
    Over,
    /// It has been given another last day since.
    Changed(Timestamp),
    /// It was taken away, or ended.
    Ended(Option<Timestamp>),
}

impl Outcome {
    /// What became of access given at `given`, of what is `held` in the group now and when that of then ended, for
    /// somebody whose account is in use or not.
    pub fn of(
        given: Timestamp,
        (held, ended): (Option<HeldSince>, Option<Ended>),
        is_in_use: bool,
        now: Timestamp,
    ) -> Self {
        match (held.filter(|held| held.assigned_at == given), ended) {
            (Some(held), _) if held.valid_until.is_some_and(|day| day.is_over(now)) => Self::Over,
            (Some(held), _) if held.is_dormant => Self::Dormant,
            (Some(_), _) if is_in_use => Self::Counts,
            (Some(_), _) => Self::Unused,
            (None, Some(Ended { at, begins_anew: true })) => Self::Changed(at),
            (None, ended) => Self::Ended(ended.map(|ended| ended.at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ANNA: UserId = UserId(Uuid::from_u128(1));
    const BEN: UserId = UserId(Uuid::from_u128(2));
    const GIVEN: Timestamp = Timestamp::from_millis(1_795_262_400_000); // 2026-11-21T12:00:00Z

    #[test]
    fn one_hand_gives_to_oneself_or_where_four_eyes_are_asked_for_to_its_own_making() {
        let none = FourEyes::default();
        let own = FourEyes { forbids_self_assignment: true, ..none };
        let operator = FourEyes { confirms_administrators: true, ..none };
        for (actor, person, created_by, four_eyes, expected) in [
            (Some(ANNA), ANNA, Some(BEN), none, Some(OneHand::ToOneself)),
            (Some(ANNA), ANNA, None, own, Some(OneHand::ToOneself)),
            (Some(ANNA), BEN, Some(ANNA), none, None),
            (Some(ANNA), BEN, Some(ANNA), own, Some(OneHand::ToOwnMaking)),
            (Some(ANNA), BEN, Some(ANNA), operator, Some(OneHand::ToOwnMaking)),
            (Some(ANNA), BEN, Some(BEN), own, None),
            (Some(ANNA), BEN, None, own, None),
            (None, BEN, None, own, None),
        ] {
            let found = OneHand::of(actor, (person, created_by), four_eyes);
            assert_eq!(found, expected, "{actor:?} {person:?} {created_by:?} {four_eyes:?}");
        }
    }

    #[test]
    fn a_kind_is_read_back_as_it_is_written() {
        for kind in OneHand::ALL {
            assert_eq!(OneHand::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(OneHand::parse("to-nobody"), None);
    }

    #[test]
    fn what_was_given_counts_until_something_became_of_it() {
        let later = GIVEN.plus_seconds(60);
        let now = GIVEN.plus_seconds(3_600);
        let day = |iso: &str| ExpirationDate::from_iso(iso).ok();
        let held = |assigned_at, valid_until, is_dormant| {
            Some(HeldSince { assigned_at, valid_until, is_dormant })
        };
        let ended = |begins_anew| Some(Ended { at: later, begins_anew });
        for (held, ended, is_in_use, expected) in [
            (held(GIVEN, None, false), None, true, Outcome::Counts),
            (held(GIVEN, day("2026-11-21"), false), None, true, Outcome::Counts),
            (held(GIVEN, None, false), None, false, Outcome::Unused),
            (held(GIVEN, None, true), None, true, Outcome::Dormant),
            (held(GIVEN, day("2026-11-20"), true), None, true, Outcome::Over),
            (held(later, None, false), ended(true), true, Outcome::Changed(later)),
            (None, ended(true), true, Outcome::Changed(later)),
            (held(now, None, false), ended(false), true, Outcome::Ended(Some(later))),
            (None, ended(false), true, Outcome::Ended(Some(later))),
            (None, None, true, Outcome::Ended(None)),
        ] {
            let found = Outcome::of(GIVEN, (held, ended), is_in_use, now);
            assert_eq!(found, expected, "{held:?} {ended:?}");
        }
    }
}
