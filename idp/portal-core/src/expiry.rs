//! The account expiration date of temporary accounts (manual §3 c vi).

use jiff::{civil::Date, tz::TimeZone};

use crate::Timestamp;

/// The clock by which dates of the operator end.
const ZONE: &str = "Europe/Berlin";

/// The last day on which an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExpirationDate(Date);

/// The text is no date, or the date is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpirationDateError {
    /// Not `YYYY-MM-DD`.
    #[error("not a date")]
    Malformed,
    /// Today is allowed, the past is not (E10).
    #[error("a date in the past")]
    Past,
}

impl ExpirationDate {
    /// Reads a stored date, which may be over.
    ///
    /// # Errors
    /// [`ExpirationDateError::Malformed`].
    pub fn from_iso(text: &str) -> Result<Self, ExpirationDateError> {
        text.parse().map(Self).map_err(|_| ExpirationDateError::Malformed)
    }

    /// Parses a date that an administrator sets: today or later (E10).
    ///
    /// # Errors
    /// [`ExpirationDateError`].
    pub fn parse(typed: &str, now: Timestamp) -> Result<Self, ExpirationDateError> {
        let date = Self::from_iso(typed.trim())?;
        if date.is_over(now) { Err(ExpirationDateError::Past) } else { Ok(date) }
    }

    /// The date as `YYYY-MM-DD`.
    pub fn to_iso(self) -> String {
        self.0.to_string()
    }

    /// Whether the day has passed: the account is valid through 23:59:59 Europe/Berlin of the date (O17).
    pub fn is_over(self, now: Timestamp) -> bool {
        today(now).is_none_or(|today| today > self.0)
    }

    /// The first moment of the day at the operator, and the first after it; `None` beyond the calendar.
    pub fn bounds(self) -> Option<(Timestamp, Timestamp)> {
        let zone = TimeZone::get(ZONE).ok()?;
        let start = |date: Date| {
            let midnight = date.to_zoned(zone.clone()).ok()?;
            Some(Timestamp::from_millis(midnight.timestamp().as_millisecond()))
        };
        Some((start(self.0)?, start(self.0.tomorrow().ok()?)?))
    }

    /// The date that many days after the day of `now`; `None` beyond the calendar.
    pub fn days_from(now: Timestamp, days: i64) -> Option<Self> {
        let today = today(now)?;
        today.checked_add(jiff::Span::new().try_days(days).ok()?).ok().map(Self)
    }
}

/// The day at the operator. An instant outside the calendar has none, and whatever depends on it has expired.
fn today(now: Timestamp) -> Option<Date> {
    let zone = TimeZone::get(ZONE).ok()?;
    let instant = jiff::Timestamp::from_millisecond(now.millis()).ok()?;
    Some(instant.to_zoned(zone).date())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn an_account_is_valid_through_the_last_second_of_its_day_in_berlin() {
        let winter = ExpirationDate::from_iso("2026-12-31").unwrap();
        assert!(!winter.is_over(at("2026-12-31T22:59:59Z")));
        assert!(winter.is_over(at("2026-12-31T23:00:00Z")));
        let summer = ExpirationDate::from_iso("2026-07-01").unwrap();
        assert!(!summer.is_over(at("2026-07-01T21:59:59Z")));
        assert!(summer.is_over(at("2026-07-01T22:00:00Z")));
    }

    #[test]
    fn a_day_goes_from_midnight_to_midnight_in_berlin() {
        let day = |iso| ExpirationDate::from_iso(iso).unwrap().bounds().unwrap();
        let from_to = |from, to| (at(from), at(to));
        assert_eq!(day("2026-12-31"), from_to("2026-12-30T23:00:00Z", "2026-12-31T23:00:00Z"));
        // The clocks go back: the day has 25 hours.
        assert_eq!(day("2026-10-25"), from_to("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"));
    }

    #[test]
    fn today_may_be_set_and_yesterday_may_not() {
        let now = at("2026-11-21T12:00:00Z");
        assert!(ExpirationDate::parse("2026-11-21", now).is_ok());
        assert_eq!(ExpirationDate::parse("2026-11-20", now), Err(ExpirationDateError::Past));
        assert_eq!(ExpirationDate::parse("21.11.2026", now), Err(ExpirationDateError::Malformed));
        assert_eq!(ExpirationDate::parse("2026-02-30", now), Err(ExpirationDateError::Malformed));
    }

    #[test]
    fn a_date_is_read_back_as_it_is_written() {
        let date = ExpirationDate::from_iso("2026-12-31").unwrap();
        assert_eq!(date.to_iso(), "2026-12-31");
    }
}
