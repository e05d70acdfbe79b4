//! No takeover through user administration (I28, security.md 82): whoever replaces both the address and the number of
//! a person could become that person.
//!
//! One replacement is over when the person has signed in since, with what was not replaced, and a week has passed. Until
//! then the other one is the second of two, however long somebody waits between them.

use crate::{Timestamp, account::ReplacedSignInData, id::UserId};

/// Two replacements within so many seconds count as one: seven days.
pub const TOGETHER_SECONDS: i64 = 7 * 24 * 60 * 60;

/// What is known of an account before something is replaced.
#[derive(Clone, Copy, Debug, Default)]
pub struct Before {
    /// What was replaced.
    pub replaced: ReplacedSignInData,
    /// Whether a new address waits for its proof.
    pub email_waits: bool,
    /// When the person signed in last.
    pub last_login: Option<Timestamp>,
}

impl Before {
    /// Whether a replacement is not over.
    fn is_open(self, replaced_at: Option<Timestamp>, now: Timestamp) -> bool {
        replaced_at.is_some_and(|at| {
            now.millis_since(at) < TOGETHER_SECONDS * 1000
                || self.last_login.is_none_or(|login| login <= at)
        })
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

    /// Whether both are replaced, counting what was replaced before and is not over, and an address that waits for its
    /// proof.
    pub fn replaces_both(self, before: Before, now: Timestamp) -> bool {
        let email =
            self.email || before.email_waits || before.is_open(before.replaced.email_at, now);
        let phone = self.phone || before.is_open(before.replaced.phone_at, now);
        self.any() && email && phone
    }
}

impl ReplacedSignInData {
    /// Whether address and number were replaced together, and that person was the last to:
    /// what such a one gives to the account then counts only when somebody else confirms it, however much later
    /// (security.md 82). Else what is dormant could be taken away and given anew.
    pub fn are_both_by(self, person: UserId) -> bool {
        self.both_by() == Some(person)
    }

    /// Who that was, if address and number were replaced together: within seven days of each other, or noted as such by
    /// [`Replacing::replaces_both`].
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
    fn one_at_a_time_is_one_until_the_other_follows_before_it_is_over() {
        let (email, phone, both, neither) = (
            Replacing { email: true, phone: false },
            Replacing { email: false, phone: true },
            Replacing { email: true, phone: true },
            Replacing::default(),
        );
        let at = |ago: Option<i64>| ago.map(|seconds| NOW.plus_seconds(-seconds));
        let before = |email: Option<i64>, phone: Option<i64>, login: Option<i64>| Before {
            replaced: ReplacedSignInData { email_at: at(email), phone_at: at(phone), by: None },
            email_waits: false,
            last_login: at(login),
        };
        let (week, never) = (604_800, before(None, None, Some(0)));
        let waits = Before { email_waits: true, ..never };
        for (replacing, before, expected) in [
            (both, never, true),
            (email, never, false),
            (phone, never, false),
            (phone, waits, true),
            (email, waits, false),
            (phone, before(Some(week - 1), None, Some(0)), true),
            (phone, before(Some(week), None, Some(0)), false),
            (email, before(None, Some(week - 1), Some(0)), true),
            (email, before(None, Some(week), Some(0)), false),
            (email, before(Some(1), None, Some(0)), false),
            (phone, before(None, Some(1), Some(0)), false),
            (neither, Before { email_waits: true, ..before(Some(1), Some(1), None) }, false),
        ] {
            assert_eq!(replacing.replaces_both(before, NOW), expected, "{replacing:?} {before:?}");
        }
        // Nobody has signed in since: it is not known whose the account is.
        for (login, expected) in [
            (None, true),
            (Some(9 * week), true),
            (Some(8 * week), true),
            (Some(8 * week - 1), false),
            (Some(0), false),
        ] {
            let of_email = phone.replaces_both(before(Some(8 * week), None, login), NOW);
            let of_phone = email.replaces_both(before(None, Some(8 * week), login), NOW);
            assert_eq!((of_email, of_phone), (expected, expected), "{login:?}");
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
