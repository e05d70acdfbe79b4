//! How often somebody may have a file of users checked. A check tells which addresses are taken, anywhere: whoever
//! corrects a file needs some, whoever tries addresses needs many (I5, E30).

use crate::Timestamp;

/// Most checks of one person within an hour.
pub const CHECKS_AT_MOST: u64 = 20;
const HOUR_SECONDS: i64 = 3600;

/// Checks after this instant count.
pub fn counted_since(now: Timestamp) -> Timestamp {
    now.plus_seconds(-HOUR_SECONDS)
}

/// Whether somebody who has had so many checks gets another.
pub const fn may_check(before: u64) -> bool {
    before < CHECKS_AT_MOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_files_an_hour_are_checked() {
        assert!(may_check(0) && may_check(19));
        assert!(!may_check(20) && !may_check(21));
        let (noon, eleven) = (1_795_262_400_000, 1_795_258_800_000);
        assert_eq!(counted_since(Timestamp::from_millis(noon)), Timestamp::from_millis(eleven));
    }
}
