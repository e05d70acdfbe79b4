//! The one place that asks what time it is.

use std::sync::atomic::{AtomicI64, Ordering};

/// How far the clock of the provider was set forward in this run, seconds.
static AHEAD: AtomicI64 = AtomicI64::new(0);

/// Now at the provider, in Unix seconds.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp() + AHEAD.load(Ordering::Relaxed)
}

/// The clock of the provider was set forward.
pub(crate) fn move_on(seconds: i64) {
    AHEAD.fetch_add(seconds, Ordering::Relaxed);
}
