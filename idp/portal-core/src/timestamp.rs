//! An instant, as the whole portal keeps it.

use serde::{Deserialize, Serialize};

/// An instant in Unix milliseconds. Stored as `i64`, because SQLite compares times as text (design §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant that many milliseconds after 1970-01-01T00:00:00Z.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Unix milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole Unix seconds, as JWT claims want them (RFC 7519 §2, `NumericDate`).
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The instant `seconds` later; at the end of time it stays there.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// Milliseconds from `earlier` to `self`; negative when `earlier` is later.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_its_milliseconds() {
        let at = Timestamp::from_millis(1_795_262_400_999);
        assert_eq!((at.millis(), at.seconds()), (1_795_262_400_999, 1_795_262_400));
        assert_eq!(Timestamp::from_millis(-1).seconds(), -1, "towards the past");
        assert_eq!(at.plus_seconds(60).millis(), 1_795_262_460_999);
        assert_eq!(at.plus_seconds(-60).millis(), 1_795_262_340_999);
        assert_eq!(at.plus_seconds(60).millis_since(at), 60_000);
        assert_eq!(at.millis_since(at.plus_seconds(60)), -60_000);
    }

    #[test]
    fn time_ends_where_it_cannot_be_counted_any_more() {
        let end = Timestamp::from_millis(i64::MAX);
        assert_eq!(end.plus_seconds(1), end);
        assert_eq!(end.plus_seconds(i64::MAX), end);
        assert_eq!(end.millis_since(Timestamp::from_millis(-1)), i64::MAX);
    }
}
