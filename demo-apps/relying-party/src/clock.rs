//! The only room of this crate that asks for the time or for randomness.

use std::sync::Arc;

/// The program's time; a test gives its own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// The time of the machine.
    pub fn system() -> Self {
        Self::from_fn(|| {
            #[expect(clippy::disallowed_methods, reason = "this is the clock of the program")]
            let now = time::OffsetDateTime::now_utc();
            i64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
        })
    }

    /// A clock that asks `now` for Unix milliseconds.
    pub fn from_fn(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Unix milliseconds.
    pub fn now(&self) -> i64 {
        (self.0)()
    }
}

/// Where secrets come from; a test may give its own.
#[derive(Clone)]
pub struct Entropy(Arc<dyn Fn() -> [u8; 32] + Send + Sync>);

impl Entropy {
    /// The operating system's generator.
    #[expect(clippy::disallowed_methods, reason = "this is the source of randomness")]
    pub fn system() -> Self {
        Self(Arc::new(rand::random::<[u8; 32]>))
    }

    /// 256 random bits as 43 characters of base64url.
    pub fn secret(&self) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.bytes())
    }

    /// 256 random bits.
    pub(crate) fn bytes(&self) -> [u8; 32] {
        (self.0)()
    }
}
