//! Sign-ins that have begun: what the callback must match.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// How long a sign-in may take, in milliseconds.
pub(crate) const ATTEMPT_LIFE: i64 = 10 * 60 * 1000;
/// More attempts than this at once are a flood; the oldest go.
const MAX_ATTEMPTS: usize = 20_000;

/// One sign-in on its way. Never leaves this program: the browser knows `state` and `nonce` from
/// the authorization request, and its own binding from a cookie.
pub(crate) struct Attempt {
    /// The browser that began it (the value of its sign-in cookie).
    pub(crate) browser: String,
    /// Expected in the ID token (OpenID Connect Core 3.1.3.7 number 11).
    pub(crate) nonce: String,
    /// Proof for the token endpoint (RFC 7636 section 4.5).
    pub(crate) pkce_verifier: String,
    /// Own path to open afterwards.
    pub(crate) target: String,
    /// Unix milliseconds.
    pub(crate) started_at: i64,
}

/// The attempts by `state`.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<HashMap<String, Attempt>>);

impl Attempts {
    /// Remembers `attempt` under its `state`.
    pub(crate) fn begin(&self, state: String, attempt: Attempt) {
        let now = attempt.started_at;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_ATTEMPTS {
            all.retain(|_, known| now - known.started_at < ATTEMPT_LIFE);
        }
        if all.len() >= MAX_ATTEMPTS
            && let Some(oldest) =
                all.iter().min_by_key(|(_, known)| known.started_at).map(|(state, _)| state.clone())
        {
            all.remove(&oldest);
        }
        all.insert(state, attempt);
    }

    /// Reads and removes the attempt of `state`, if this `browser` began it and it is young enough.
    /// Another browser leaves it in place.
    pub(crate) fn take(&self, state: &str, browser: &str, now: i64) -> Option<Attempt> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(state)?.browser != browser {
            return None;
        }
        all.remove(state).filter(|attempt| now - attempt.started_at < ATTEMPT_LIFE)
    }
}
