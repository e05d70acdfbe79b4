//! Accounts that lapse by themselves (O17, domain.md 2.4): told ahead of their last day, deleted long after it, and
//! suspended when nobody signs in any more.

use crate::{Timestamp, expiry::ExpirationDate};

/// So many days before its last day an account's end is told, each once (O17).
const TOLD_AHEAD: [i64; 3] = [1, 7, 30];
/// So many days an account is kept after its last one (O17).
const KEPT_DAYS: i64 = 180;
/// Thirteen months, in days.
const UNUSED_DAYS: i64 = 396;
/// So many days before it is suspended, the person is told.
const WARNED_DAYS: i64 = 30;
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Days within which an end is told.
pub const TOLD_WITHIN: i64 = 30;

/// Which notice of the end of an account is due: so many days ahead. The nearest one alone, when several would be.
pub fn told_ahead(last_day: ExpirationDate, now: Timestamp) -> Option<i64> {
    if last_day.is_over(now) {
        return None;
    }
    TOLD_AHEAD.into_iter().find(|days| {
        ExpirationDate::days_from(now, *days).is_some_and(|horizon| last_day <= horizon)
    })
}

/// Accounts whose last day was before this one are deleted now; `None` beyond the calendar.
pub fn kept_since(now: Timestamp) -> Option<ExpirationDate> {
    ExpirationDate::days_from(now, -KEPT_DAYS)
}

/// What is due with an account that nobody uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disuse {
    /// Nothing: it is used.
    Nothing,
    /// The person is told that it will be suspended.
    Warn,
    /// It is suspended.
    Suspend,
}

/// Whoever used an account before this instant is at least told.
pub fn warned_before(now: Timestamp) -> Timestamp {
    now.plus_seconds(-(UNUSED_DAYS - WARNED_DAYS) * DAY_SECONDS)
}

/// When an account that was used last at an instant is suspended.
pub fn suspended_from(last_use: Timestamp) -> Timestamp {
    last_use.plus_seconds(UNUSED_DAYS * DAY_SECONDS)
}

/// What is due. `last_use` is the last sign-in, or when the account was activated or reinstated after that.
pub fn disuse(last_use: Timestamp, now: Timestamp) -> Disuse {
    if now >= suspended_from(last_use) {
        Disuse::Suspend
    } else if last_use < warned_before(now) {
        Disuse::Warn
    } else {
        Disuse::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_262_400_000); // 2026-11-21T12:00:00Z

    #[test]
    fn the_end_of_an_account_is_told_thirty_seven_and_one_days_ahead() {
        let told = |day: &str| told_ahead(ExpirationDate::from_iso(day).unwrap(), NOW);
        for (day, expected) in [
            ("2026-12-22", None),
            ("2026-12-21", Some(30)),
            ("2026-11-29", Some(30)),
            ("2026-11-28", Some(7)),
            ("2026-11-23", Some(7)),
            ("2026-11-22", Some(1)),
            ("2026-11-21", Some(1)),
            ("2026-11-20", None),
        ] {
            assert_eq!(told(day), expected, "{day}");
        }
    }

    #[test]
    fn an_account_is_kept_for_a_hundred_and_eighty_days() {
        assert_eq!(kept_since(NOW).unwrap().to_iso(), "2026-05-25");
    }

    #[test]
    fn an_account_that_nobody_uses_is_told_and_then_suspended() {
        let days = |days: i64, seconds: i64| NOW.plus_seconds(-days * DAY_SECONDS + seconds);
        for (last_use, expected) in [
            (days(366, 0), Disuse::Nothing),
            (days(366, -1), Disuse::Warn),
            (days(396, 1), Disuse::Warn),
            (days(396, 0), Disuse::Suspend),
            (days(1000, 0), Disuse::Suspend),
        ] {
            assert_eq!(disuse(last_use, NOW), expected);
        }
    }
}
