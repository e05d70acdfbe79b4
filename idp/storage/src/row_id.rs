//! Identifiers of rows that are read in the order of time.

use portal_core::Timestamp;
use uuid::{Builder, Uuid};

/// An identifier greater than those of earlier milliseconds (RFC 9562 §5.7).
pub(crate) fn at(now: Timestamp) -> Uuid {
    let random = Uuid::new_v4().into_bytes();
    let tail = random.first_chunk::<10>().copied().unwrap_or_default();
    Builder::from_unix_timestamp_millis(now.millis().unsigned_abs(), &tail).into_uuid()
}
