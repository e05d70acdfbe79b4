//! Sign-ins that have begun: what the callback must match.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use crate::Requirement;

/// How long a sign-in may take, in milliseconds.
pub(crate) const ATTEMPT_LIFE: i64 = 10 * 60 * 1000;
/// More attempts than this at once are a flood; the oldest go, one for each that comes.
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
    /// What the authentication must be like, if the request demanded anything.
    pub(crate) requirement: Option<Requirement>,
    /// The session that this sign-in replaces, by its cookie. The answer may come as a form from
    /// another site, without that cookie.
    pub(crate) session: Option<String>,
    /// Unix milliseconds.
    pub(crate) started_at: i64,
}

/// The attempts by `state`.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<Book>);

/// What is under way. Both maps always have the same attempts.
#[derive(Default)]
struct Book {
    by_state: HashMap<String, (u64, Attempt)>,
    /// `state` by number, the oldest first: nothing is ever looked for by going through all.
    in_order: BTreeMap<u64, String>,
    next_number: u64,
}

impl Attempts {
    /// Remembers `attempt` under its `state`.
    pub(crate) fn begin(&self, state: String, attempt: Attempt) {
        let now = attempt.started_at;
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while book.oldest_is_over(now) || book.by_state.len() >= MAX_ATTEMPTS {
            book.forget_oldest();
        }
        book.remove(&state);
        let number = book.next_number;
        book.next_number = number.wrapping_add(1);
        book.in_order.insert(number, state.clone());
        book.by_state.insert(state, (number, attempt));
    }

    /// Reads and removes the attempt of `state`, if this `browser` began it and it is young enough.
    /// Another browser leaves it in place.
    pub(crate) fn take(&self, state: &str, browser: &str, now: i64) -> Option<Attempt> {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if book.by_state.get(state)?.1.browser != browser {
            return None;
        }
        book.remove(state).filter(|attempt| !is_over(attempt, now))
    }
}

impl Book {
    fn oldest_is_over(&self, now: i64) -> bool {
        self.in_order
            .first_key_value()
            .and_then(|(_, state)| self.by_state.get(state))
            .is_some_and(|(_, attempt)| is_over(attempt, now))
    }

    fn forget_oldest(&mut self) {
        if let Some((_, state)) = self.in_order.pop_first() {
            self.by_state.remove(&state);
        }
    }

    fn remove(&mut self, state: &str) -> Option<Attempt> {
        let (number, attempt) = self.by_state.remove(state)?;
        self.in_order.remove(&number);
        Some(attempt)
    }
}

const fn is_over(attempt: &Attempt, now: i64) -> bool {
    now - attempt.started_at >= ATTEMPT_LIFE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(attempts: &Attempts, state: usize, started_at: i64) {
        let attempt = Attempt {
            browser: "browser".to_owned(),
            nonce: String::new(),
            pkce_verifier: String::new(),
            target: "/".to_owned(),
            requirement: None,
            session: None,
            started_at,
        };
        attempts.begin(state.to_string(), attempt);
    }

    fn count(attempts: &Attempts) -> (usize, usize) {
        let book = attempts.0.lock().unwrap();
        (book.by_state.len(), book.in_order.len())
    }

    #[test]
    fn attempts_that_are_over_go_when_another_begins() {
        let attempts = Attempts::default();
        for state in 0..10 {
            begin(&attempts, state, 0);
        }
        begin(&attempts, 10, ATTEMPT_LIFE - 1);
        assert_eq!(count(&attempts), (11, 11));
        begin(&attempts, 11, ATTEMPT_LIFE);
        assert_eq!(count(&attempts), (2, 2));
    }

    #[test]
    fn a_flood_drops_the_oldest_and_no_more_than_that() {
        let attempts = Attempts::default();
        for state in 0..=MAX_ATTEMPTS {
            begin(&attempts, state, 0);
        }
        assert_eq!(count(&attempts), (MAX_ATTEMPTS, MAX_ATTEMPTS));
        assert!(attempts.take("0", "browser", 1).is_none());
        assert!(attempts.take("1", "browser", 1).is_some());
    }

    #[test]
    fn an_attempt_is_taken_once_and_by_its_browser_only() {
        let attempts = Attempts::default();
        begin(&attempts, 1, 0);
        assert!(attempts.take("1", "another", 1).is_none());
        assert!(attempts.take("1", "browser", 1).is_some());
        assert!(attempts.take("1", "browser", 1).is_none());
        assert_eq!(count(&attempts), (0, 0));
    }
}
