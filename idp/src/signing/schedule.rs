//! When keys are published, sign, and go (security.md 46). Pure: instants and stored keys in, decisions out.
//!
//! ```text
//! published      |-------------------------------------------|
//! signs                       |-----------------|
//! verifies       |--------------------------------------------------------|
//!             created   active_from        retired_at   + PUBLISHED   + VERIFIES
//! ```

use keys::Algorithm;
use oidc_core::token::TOKEN_LIFETIME;
use portal_core::{Timestamp, session::ABSOLUTE_SECONDS};
use storage::StoredSigningKey;

use crate::config::{self, ConfigError};

#[cfg(test)]
mod tests;

/// How long a relying party may use its copy of the key set, seconds.
pub const JWKS_MAX_AGE_SECONDS: i64 = 300;

/// A retired key is published for the longest life of what it signed, and for as long as an old copy of the key set
/// may be in use; milliseconds.
const PUBLISHED_AFTER_RETIREMENT: i64 = TOKEN_LIFETIME + 1000 * JWKS_MAX_AGE_SECONDS;

/// A retired key verifies an `id_token_hint` for as long as the session that the hint is of can live (OpenID Connect
/// RP-Initiated Logout 2: the hint may be over); milliseconds.
const VERIFIES_AFTER_RETIREMENT: i64 = 1000 * ABSOLUTE_SECONDS + PUBLISHED_AFTER_RETIREMENT;

/// Milliseconds of a minute and of a day.
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// The least time between publishing and signing, minutes: the age of a copy of the key set, the pause of a relying
/// party between two looks at it (one minute in ours), and clocks that differ.
const LEAST_AHEAD: u32 = 10;

/// How often keys change, and how long before its first signature a key is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    rotate_every: i64,
    publish_ahead: i64,
}

impl Schedule {
    /// Checks the configuration.
    ///
    /// # Errors
    /// [`ConfigError::Keys`].
    pub fn new(config: &config::Keys) -> Result<Self, ConfigError> {
        let is_sane = (1..=3650).contains(&config.rotate_every_days)
            && (LEAST_AHEAD..=12 * 60).contains(&config.publish_ahead_minutes);
        if !is_sane {
            return Err(ConfigError::Keys);
        }
        Ok(Self {
            rotate_every: i64::from(config.rotate_every_days) * DAY,
            publish_ahead: i64::from(config.publish_ahead_minutes) * MINUTE,
        })
    }
}

/// What a key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published, signs later.
    Next,
    /// Signs.
    Active,
    /// Signs no more, still published.
    Retiring,
    /// Neither signs nor is published.
    Retired,
    /// Taken back: nothing that it signed counts.
    Revoked,
}

impl KeyState {
    /// The state of a key.
    pub fn of(key: &StoredSigningKey, now: Timestamp) -> Self {
        if key.revoked_at.is_some() {
            Self::Revoked
        } else if now < key.active_from {
            Self::Next
        } else if key.retired_at.is_none_or(|retired| now < retired) {
            Self::Active
        } else if is_published(key, now) {
            Self::Retiring
        } else {
            Self::Retired
        }
    }

    /// The word on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }
}

/// Whether the key set shows a key.
pub(super) fn is_published(key: &StoredSigningKey, now: Timestamp) -> bool {
    key.revoked_at.is_none()
        && key.retired_at.is_none_or(|at| now < later(at, PUBLISHED_AFTER_RETIREMENT))
}

/// Keys that were retired at this instant or before verify nothing any more.
pub(super) fn verifies_since(now: Timestamp) -> Timestamp {
    later(now, -VERIFIES_AFTER_RETIREMENT)
}

/// The span in which a new key is to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    pub(super) until: Option<Timestamp>,
}

/// What an algorithm needs. `keys` are the stored keys of any algorithm; revoked ones do not count.
pub(super) struct Line<'a> {
    keys: Vec<&'a StoredSigningKey>,
    now: Timestamp,
}

impl<'a> Line<'a> {
    pub(super) fn of(keys: &'a [StoredSigningKey], algorithm: Algorithm, now: Timestamp) -> Self {
        let own =
            |key: &&StoredSigningKey| key.alg == algorithm.as_str() && key.revoked_at.is_none();
        Self { keys: keys.iter().filter(own).collect(), now }
    }

    fn in_state(&self, state: KeyState) -> impl Iterator<Item = &'a StoredSigningKey> {
        let now = self.now;
        self.keys.iter().copied().filter(move |key| KeyState::of(key, now) == state)
    }

    /// The key that waits for its turn.
    pub(super) fn next(&self) -> Option<&'a StoredSigningKey> {
        self.in_state(KeyState::Next).min_by_key(|key| key.active_from)
    }

    /// The keys that sign until the one after them does.
    pub(super) fn active(&self) -> impl Iterator<Item = &'a StoredSigningKey> {
        self.in_state(KeyState::Active)
    }

    /// When no key signs now: a span from now until the next one does. There is no time to publish before use.
    pub(super) fn gap(&self) -> Option<Span> {
        let until = self.next().map(|key| key.active_from);
        self.active().next().is_none().then_some(Span { from: self.now, until })
    }

    /// A span that follows the active key, unless another key already waits for it.
    pub(super) fn successor(&self, schedule: &Schedule) -> Option<Span> {
        let from = later(self.now, schedule.publish_ahead);
        self.gap().or_else(|| self.next().is_none().then_some(Span { from, until: None }))
    }

    /// [`Line::successor`] when it is time.
    pub(super) fn due(&self, schedule: &Schedule) -> Option<Span> {
        let is_old = |key: &StoredSigningKey| {
            later(key.active_from, schedule.rotate_every) <= later(self.now, schedule.publish_ahead)
        };
        self.successor(schedule).filter(|_| self.active().all(is_old))
    }
}

fn later(at: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_millis(at.millis().saturating_add(millis))
}
