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
    /// Nothing: it is used, or the person was told and has time left.
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

/// With whoever was told after this instant nothing is due yet.
pub fn waits_since(now: Timestamp) -> Timestamp {
    now.plus_seconds(-WARNED_DAYS * DAY_SECONDS)
}

/// When an account is suspended that was used last at an instant, and whose person was told at another: the later of
/// the two days, so that a warning always comes a month before.
pub fn suspended_from(last_use: Timestamp, warned_at: Timestamp) -> Timestamp {
    let unused = last_use.plus_seconds(UNUSED_DAYS * DAY_SECONDS);
    unused.max(warned_at.plus_seconds(WARNED_DAYS * DAY_SECONDS))
}

/// What is due. `last_use` is the last sign-in, or when the account was activated or reinstated after that;
/// `warned_at` when the person was told of disuse. A warning from before the last use is none.
pub fn disuse(last_use: Timestamp, warned_at: Option<Timestamp>, now: Timestamp) -> Disuse {
    if last_use >= warned_before(now) {
        return Disuse::Nothing;
    }
    match warned_at.filter(|at| *at > last_use) {
        None => Disuse::Warn,
        Some(at) if now >= suspended_from(last_use, at) => Disuse::Suspend,
        Some(_) => Disuse::Nothing,
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

    /// An instant by its seconds.
    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    // The instants are written out: what is counted from them is not counted by the same constants.
    const USED: Timestamp = at(1_761_048_000); // 2025-10-21T12:00:00Z
    const TOLD_FROM: i64 = 1_792_670_400; // 2026-10-22T12:00:00Z, 366 days later
    const SUSPENDED_FROM: i64 = 1_795_262_400; // 2026-11-21T12:00:00Z, 396 days later
    const MONTH_LATER: i64 = 1_797_854_400; // 2026-12-21T12:00:00Z

    #[test]
    fn an_account_that_nobody_uses_is_told_and_a_month_later_suspended() {
        let told = Some(at(TOLD_FROM + 1));
        for (warned_at, now, expected) in [
            (None, TOLD_FROM, Disuse::Nothing),
            (None, TOLD_FROM + 1, Disuse::Warn),
            (told, TOLD_FROM + 1, Disuse::Nothing),
            (told, SUSPENDED_FROM, Disuse::Nothing),
            (told, SUSPENDED_FROM + 1, Disuse::Suspend),
            (told, MONTH_LATER, Disuse::Suspend),
            // Whoever was told early is not suspended early.
            (Some(at(TOLD_FROM - 9)), SUSPENDED_FROM - 1, Disuse::Nothing),
            (Some(at(TOLD_FROM - 9)), SUSPENDED_FROM, Disuse::Suspend),
        ] {
            assert_eq!(disuse(USED, warned_at, at(now)), expected, "{warned_at:?} {now}");
        }
    }

    #[test]
    fn nobody_is_suspended_who_was_not_told_a_month_before_of_this_disuse() {
        for (warned_at, now, expected) in [
            (None, SUSPENDED_FROM, Disuse::Warn),
            (None, MONTH_LATER * 2, Disuse::Warn),
            (Some(at(SUSPENDED_FROM)), SUSPENDED_FROM, Disuse::Nothing),
            (Some(at(SUSPENDED_FROM)), MONTH_LATER - 1, Disuse::Nothing),
            (Some(at(SUSPENDED_FROM)), MONTH_LATER, Disuse::Suspend),
            // Told of a disuse that ended.
            (Some(at(0)), MONTH_LATER, Disuse::Warn),
            (Some(USED), MONTH_LATER, Disuse::Warn),
        ] {
            assert_eq!(disuse(USED, warned_at, at(now)), expected, "{warned_at:?} {now}");
        }
        assert_eq!(waits_since(at(MONTH_LATER)), at(SUSPENDED_FROM));
    }

    #[test]
    fn the_day_that_is_told_is_the_later_of_the_two() {
        let early = suspended_from(USED, at(TOLD_FROM - 1));
        assert_eq!(early, at(SUSPENDED_FROM));
        assert_eq!(suspended_from(USED, at(SUSPENDED_FROM)), at(MONTH_LATER));
    }
}
