//! Counting wrong passwords and wrong codes (O11, security.md 60–63).
//!
//! Two counters, because they stop two different things. Wrong passwords are counted for a pair of address and
//! source, so that a stranger cannot lock a person out. Wrong codes are counted for the account over all its
//! logins: whoever gets that far knows the password. Both are claimed before anything is compared, in one atomic
//! statement, so that parallel tries are counted as many as they are; only success sets them back.

use crate::Timestamp;

/// Wrong tries in a row before a lock, and between one lock and the next.
pub const TRIES_PER_LOCK: u32 = 10;
/// Length of the first lock, in seconds; each further one is twice as long.
pub const FIRST_LOCK_SECONDS: i64 = 15 * 60;
/// Wrong codes in a row after which only an administrator can help (NIST SP 800-63B-4 §3.2.2).
pub const CODES_UNTIL_SUSPENSION: u32 = 100;
/// No lock is longer than a day: doubling would otherwise reach years.
const LONGEST_LOCK_SECONDS: i64 = 24 * 60 * 60;

/// When the claim that makes `consecutive` failures locks, until when; `None` when it does not lock.
pub fn lock_after(consecutive: u32, now: Timestamp) -> Option<Timestamp> {
    if consecutive == 0 || !consecutive.is_multiple_of(TRIES_PER_LOCK) {
        return None;
    }
    let doublings = (consecutive / TRIES_PER_LOCK - 1).min(16);
    let seconds = FIRST_LOCK_SECONDS.saturating_mul(1_i64 << doublings);
    Some(now.plus_seconds(seconds.min(LONGEST_LOCK_SECONDS)))
}

/// Whether that many wrong codes in a row suspend the factor until an administrator acts.
pub const fn suspends_factor(consecutive: u32) -> bool {
    consecutive >= CODES_UNTIL_SUSPENSION
}

/// The code counter of an account as it is loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CodeFailures {
    /// Wrong codes since the last success.
    pub consecutive: u32,
    /// No code is sent or taken before this.
    pub locked_until: Option<Timestamp>,
    /// Set when only an administrator can help.
    pub suspended_at: Option<Timestamp>,
}

impl CodeFailures {
    /// Whether no code is sent or taken now.
    pub fn bars(&self, now: Timestamp) -> bool {
        self.suspended_at.is_some() || self.locked_until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn every_tenth_failure_locks_twice_as_long_as_the_one_before() {
        let minutes = |n| lock_after(n, NOW).map(|until| until.millis_since(NOW) / 60_000);
        assert_eq!([0, 1, 9, 11, 99].map(minutes), [None; 5]);
        assert_eq!([10, 20, 30, 40].map(minutes), [Some(15), Some(30), Some(60), Some(120)]);
        assert_eq!(minutes(90), Some(24 * 60));
        assert_eq!(minutes(u32::MAX - u32::MAX % 10), Some(24 * 60));
    }

    #[test]
    fn a_lock_ends_by_time_and_a_suspension_does_not() {
        let locked = CodeFailures {
            consecutive: 10,
            locked_until: Some(NOW.plus_seconds(900)),
            suspended_at: None,
        };
        assert!(
            locked.bars(NOW)
                && locked.bars(NOW.plus_seconds(899))
                && !locked.bars(NOW.plus_seconds(900))
        );
        let suspended = CodeFailures { suspended_at: Some(NOW), ..CodeFailures::default() };
        assert!(suspended.bars(NOW.plus_seconds(10_000_000)));
        assert!(!suspends_factor(99) && suspends_factor(100));
    }
}
