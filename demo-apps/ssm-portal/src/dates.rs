//! Dates as the manual writes them: "02 October 2020" (domain.md statement 120).

use time::{Date, OffsetDateTime, macros::format_description};

/// `02 October 2020` for Unix milliseconds, in UTC.
pub(crate) fn day(at: i64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000)
        .ok()
        .and_then(|at| at.format(format_description!("[day] [month repr:long] [year]")).ok())
        .unwrap_or_default()
}

/// Unix milliseconds of noon UTC on a day written `2020-10-02`.
pub(crate) fn parse_day(written: &str) -> Option<i64> {
    let day = Date::parse(written, format_description!("[year]-[month]-[day]")).ok()?;
    Some(day.with_hms(12, 0, 0).ok()?.assume_utc().unix_timestamp() * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_shown_as_the_manual_writes_it() {
        let at = parse_day("2020-10-02").unwrap();
        assert_eq!(day(at), "02 October 2020");
    }
}
