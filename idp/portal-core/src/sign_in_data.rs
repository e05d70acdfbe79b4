//! No takeover through user administration (I28, security.md 82): whoever replaces both the address and the number of
//! a person could become that person.
//!
//! One replacement is over when the person has signed in since, with what was not replaced, and a week has passed. Until
//! then the other one is the second of two, however long somebody waits between them. Where nobody has signed in yet,
//! whoever created the account chose both.

use std::collections::BTreeSet;

use crate::{Timestamp, id::UserId};

/// Two replacements within so many seconds count as one: seven days.
pub const TOGETHER_SECONDS: i64 = 7 * 24 * 60 * 60;

/// Whose hand did something; `None` for set-up.
pub type Hand = Option<UserId>;

/// That an address or a number was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Hand,
}

/// What administrators replaced of what a person signs in with (I28).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplacedSignInData {
    /// The address, last.
    pub email: Option<Replacement>,
    /// The number, last.
    pub phone: Option<Replacement>,
    /// Everybody who had a hand in replacing both, one after the other or at once. Known for good: else what is dormant
    /// could be taken away and given anew by one of them, a week later.
    pub taken_over_by: BTreeSet<UserId>,
}

impl ReplacedSignInData {
    /// Whether somebody could have become the person.
    pub fn is_taken_over(&self) -> bool {
        !self.taken_over_by.is_empty()
    }

    /// Everybody who could have: whose address or number stands there now, and who ever replaced both.
    pub fn hands(&self) -> BTreeSet<UserId> {
        let last = [self.email, self.phone].into_iter().flatten();
        let last = last.filter_map(|replacement| replacement.by);
        self.taken_over_by.iter().copied().chain(last).collect()
    }

    /// The last replacement.
    pub fn last(&self) -> Option<Replacement> {
        [self.email, self.phone].into_iter().flatten().max_by_key(|replacement| replacement.at)
    }
}

/// What is known of an account before something is replaced.
#[derive(Clone, Copy, Debug)]
pub struct Before<'a> {
    /// What was replaced.
    pub replaced: &'a ReplacedSignInData,
    /// Who asked for a new address that waits for its proof.
    pub waiting: Option<Hand>,
    /// When the person signed in last.
    pub last_login: Option<Timestamp>,
    /// Who chose address and number of somebody who has never signed in, although others gave the person something.
    pub chosen: Option<UserId>,
}

impl Before<'_> {
    /// Whose a replacement was that is not over.
    fn open(&self, replacement: Option<Replacement>, now: Timestamp) -> Option<Hand> {
        let is_open = |replacement: &Replacement| {
            now.millis_since(replacement.at) < TOGETHER_SECONDS * 1000
                || self.last_login.is_none_or(|login| login <= replacement.at)
        };
        replacement.filter(is_open).map(|replacement| replacement.by)
    }
}

/// What an administrator is about to replace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replacing {
    /// The address.
    pub email: bool,
    /// The number.
    pub phone: bool,
}

impl Replacing {
    /// Whether anything is replaced.
    pub const fn any(self) -> bool {
        self.email || self.phone
    }

    /// Everybody who has a hand in it when both are replaced by now, counting what was replaced before and is not over,
    /// an address that waits for its proof, and what whoever created the account chose; `None` when one of the two is
    /// still what the person knows.
    pub fn takes_over(
        self,
        by: Hand,
        before: &Before<'_>,
        now: Timestamp,
    ) -> Option<BTreeSet<UserId>> {
        let chosen = before.chosen.map(Some);
        let email = [before.waiting, before.open(before.replaced.email, now), chosen];
        let phone = [before.open(before.replaced.phone, now), chosen, None];
        // What is replaced now is nobody else's any more.
        let of = |is_replaced: bool, earlier: [Option<Hand>; 3]| -> Vec<Hand> {
            if is_replaced { vec![by] } else { earlier.into_iter().flatten().collect() }
        };
        let (email, phone) = (of(self.email, email), of(self.phone, phone));
        let both = self.any() && !email.is_empty() && !phone.is_empty();
        both.then(|| email.into_iter().chain(phone).flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_262_400_000);
    const WEEK: i64 = 604_800;

    const EMAIL: Replacing = Replacing { email: true, phone: false };
    const PHONE: Replacing = Replacing { email: false, phone: true };
    const BOTH: Replacing = Replacing { email: true, phone: true };

    fn person(number: u128) -> UserId {
        UserId(uuid::Uuid::from_u128(number))
    }

    fn ago(seconds: Option<i64>, by: u128) -> Option<Replacement> {
        let by = Some(person(by));
        seconds.map(|seconds| Replacement { at: NOW.plus_seconds(-seconds), by })
    }

    /// Replaced by 2 and 3 that many seconds ago; the replacement is by 1.
    fn takers(
        replacing: Replacing,
        (email, phone): (Option<i64>, Option<i64>),
        login: Option<i64>,
    ) -> Option<Vec<u128>> {
        let replaced = ReplacedSignInData {
            email: ago(email, 2),
            phone: ago(phone, 3),
            taken_over_by: BTreeSet::new(),
        };
        let last_login = login.map(|seconds| NOW.plus_seconds(-seconds));
        let before = Before { replaced: &replaced, waiting: None, last_login, chosen: None };
        numbers(replacing.takes_over(Some(person(1)), &before, NOW))
    }

    fn numbers(takers: Option<BTreeSet<UserId>>) -> Option<Vec<u128>> {
        takers.map(|takers| takers.iter().map(|one| one.0.as_u128()).collect())
    }

    #[test]
    fn one_at_a_time_is_one_until_the_other_follows_before_it_is_over() {
        for (replacing, replaced, expected) in [
            (BOTH, (None, None), Some(vec![1])),
            (BOTH, (Some(1), Some(1)), Some(vec![1])),
            (EMAIL, (None, None), None),
            (PHONE, (None, None), None),
            (PHONE, (Some(WEEK - 1), None), Some(vec![1, 2])),
            (PHONE, (Some(WEEK), None), None),
            (EMAIL, (None, Some(WEEK - 1)), Some(vec![1, 3])),
            (EMAIL, (None, Some(WEEK)), None),
            (EMAIL, (Some(1), None), None),
            (PHONE, (None, Some(1)), None),
            (EMAIL, (Some(1), Some(1)), Some(vec![1, 3])),
            (Replacing::default(), (Some(1), Some(1)), None),
        ] {
            assert_eq!(
                takers(replacing, replaced, Some(0)),
                expected,
                "{replacing:?} {replaced:?}"
            );
        }
        // Nobody has signed in since: it is not known whose the account is.
        for (login, expected) in [
            (None, true),
            (Some(9 * WEEK), true),
            (Some(8 * WEEK), true),
            (Some(8 * WEEK - 1), false),
            (Some(0), false),
        ] {
            let of_email = takers(PHONE, (Some(8 * WEEK), None), login).is_some();
            let of_phone = takers(EMAIL, (None, Some(8 * WEEK)), login).is_some();
            assert_eq!((of_email, of_phone), (expected, expected), "{login:?}");
        }
    }

    #[test]
    fn an_address_that_waits_and_what_the_creator_chose_count_as_replaced() {
        let replaced = ReplacedSignInData::default();
        let never =
            Before { replaced: &replaced, waiting: None, last_login: Some(NOW), chosen: None };
        let waits = Before { waiting: Some(Some(person(4))), ..never };
        let of_setup = Before { waiting: Some(None), ..never };
        let chosen = Before { chosen: Some(person(5)), last_login: None, ..never };
        for (replacing, before, expected) in [
            (PHONE, waits, Some(vec![1, 4])),
            (EMAIL, waits, None),
            (BOTH, waits, Some(vec![1])),
            (PHONE, of_setup, Some(vec![1])),
            (EMAIL, chosen, Some(vec![1, 5])),
            (PHONE, chosen, Some(vec![1, 5])),
            (BOTH, chosen, Some(vec![1])),
            (Replacing::default(), waits, None),
            (Replacing::default(), chosen, None),
        ] {
            let found = replacing.takes_over(Some(person(1)), &before, NOW);
            assert_eq!(numbers(found), expected, "{replacing:?} {before:?}");
        }
        // Set-up takes over as well, and is nobody.
        assert_eq!(numbers(BOTH.takes_over(None, &never, NOW)), Some(vec![]));
    }

    #[test]
    fn everybody_who_had_a_hand_in_it_is_known() {
        let replaced = ReplacedSignInData {
            email: ago(Some(5), 2),
            phone: ago(Some(9), 3),
            taken_over_by: [person(7)].into(),
        };
        let hands: Vec<u128> = replaced.hands().iter().map(|one| one.0.as_u128()).collect();
        assert_eq!(hands, [2, 3, 7]);
        assert_eq!(replaced.last(), ago(Some(5), 2));
        assert!(replaced.is_taken_over());
        let one = ReplacedSignInData { taken_over_by: BTreeSet::new(), ..replaced };
        assert!(!one.is_taken_over());
        assert_eq!(ReplacedSignInData::default().last(), None);
    }
}
