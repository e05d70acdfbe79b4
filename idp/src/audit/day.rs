//! Days of the trail, in UTC, as its times are.

use portal_core::Timestamp;
use time::{Date, macros::format_description};

/// Milliseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// Parses `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        Date::parse(text, format_description!("[year]-[month]-[day]")).ok().map(Self)
    }

    /// `YYYY-MM-DD`.
    pub fn to_iso(self) -> String {
        self.0.to_string()
    }

    /// Its first instant.
    pub fn begin(self) -> Timestamp {
        let midnight = self.0.midnight().assume_utc().unix_timestamp();
        Timestamp::from_millis(midnight.saturating_mul(1000))
    }

    /// The instant after it.
    pub fn end(self) -> Timestamp {
        Timestamp::from_millis(self.begin().millis().saturating_add(DAY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lasts_from_midnight_to_midnight() {
        let day = Day::parse("2026-11-21").unwrap();
        assert_eq!(day.begin(), Timestamp::from_millis(1_795_219_200_000));
        assert_eq!(day.end(), Day::parse("2026-11-22").unwrap().begin());
        assert_eq!(day.to_iso(), "2026-11-21");
        for text in ["", "21.11.2026", "2026-13-01", "2026-02-30", "2026-1-1", " 2026-11-21"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
