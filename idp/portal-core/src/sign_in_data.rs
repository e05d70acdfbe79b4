//! No takeover through user administration (I28, security.md 82): whoever replaces both the address and the number of
//! a person could become that person.

use crate::{Timestamp, account::ReplacedSignInData, id::UserId};

/// Two replacements within so many seconds count as one: seven days.
pub const TOGETHER_SECONDS: i64 = 7 * 24 * 60 * 60;

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

    /// Whether both are replaced, counting what was replaced before, and an address that waits for its proof.
    pub fn replaces_both(
        self,
        before: ReplacedSignInData,
        email_waits: bool,
        now: Timestamp,
    ) -> bool {
        let lately = |at: Option<Timestamp>| {
            at.is_some_and(|at| now.millis_since(at) < TOGETHER_SECONDS * 1000)
        };
        let email = self.email || email_waits || lately(before.email_at);
        let phone = self.phone || lately(before.phone_at);
        self.any() && email && phone
    }
}

impl ReplacedSignInData {
    /// Whether address and number were replaced within seven days of each other, and that person was the last to:
    /// what such a one gives to the account then counts only when somebody else confirms it, however much later
    /// (security.md 82). Else what is dormant could be taken away and given anew.
    pub fn are_both_by(self, person: UserId) -> bool {
        self.both_by() == Some(person)
    }

    /// Who that was, if address and number were replaced within seven days of each other.
    pub fn both_by(self) -> Option<UserId> {
        let together = self.email_at.zip(self.phone_at).is_some_and(|(email, phone)| {
            email.millis_since(phone).abs() < TOGETHER_SECONDS * 1000
        });
        self.by.filter(|_| together)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_262_400_000);

    #[test]
    fn one_at_a_time_is_one_until_the_other_follows_within_seven_days() {
        let (email, phone, both, neither) = (
            Replacing { email: true, phone: false },
            Replacing { email: false, phone: true },
            Replacing { email: true, phone: true },
            Replacing::default(),
        );
        let ago = |email: Option<i64>, phone: Option<i64>| ReplacedSignInData {
            email_at: email.map(|seconds| NOW.plus_seconds(-seconds)),
            phone_at: phone.map(|seconds| NOW.plus_seconds(-seconds)),
            by: None,
        };
        let (never, week) = (ago(None, None), 604_800);
        for (replacing, before, waits, expected) in [
            (both, never, false, true),
            (email, never, false, false),
            (phone, never, false, false),
            (phone, never, true, true),
            (email, never, true, false),
            (phone, ago(Some(week - 1), None), false, true),
            (phone, ago(Some(week), None), false, false),
            (email, ago(None, Some(week - 1)), false, true),
            (email, ago(None, Some(week)), false, false),
            (email, ago(Some(1), None), false, false),
            (phone, ago(None, Some(1)), false, false),
            (neither, ago(Some(1), Some(1)), true, false),
        ] {
            let found = replacing.replaces_both(before, waits, NOW);
            assert_eq!(found, expected, "{replacing:?} {before:?} {waits}");
        }
    }

    #[test]
    fn whoever_replaced_both_within_seven_days_is_known_for_good() {
        let (me, other) = (UserId(uuid::Uuid::from_u128(1)), UserId(uuid::Uuid::from_u128(2)));
        let replaced = |apart: i64| ReplacedSignInData {
            email_at: Some(NOW),
            phone_at: Some(NOW.plus_seconds(apart)),
            by: Some(me),
        };
        assert!(replaced(0).are_both_by(me) && !replaced(0).are_both_by(other));
        for (apart, expected) in
            [(604_799, true), (-604_799, true), (604_800, false), (-604_800, false)]
        {
            assert_eq!(replaced(apart).are_both_by(me), expected, "{apart}");
        }
        let one = ReplacedSignInData { phone_at: None, ..replaced(0) };
        assert!(!one.are_both_by(me));
        assert!(!ReplacedSignInData { by: None, ..replaced(0) }.are_both_by(me));
    }
}
