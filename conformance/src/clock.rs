//! The one place that asks what time it is.

/// Now, in Unix seconds.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}
