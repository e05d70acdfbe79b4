//! The application's own sessions, in memory: who is signed in, and until when that is known.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{Person, attempt::ATTEMPT_LIFE};

/// A session ends after this long without a request, in milliseconds.
pub(crate) const IDLE: i64 = 30 * 60 * 1000;
/// A session ends this long after sign-in whatever happens, in milliseconds.
pub(crate) const ABSOLUTE: i64 = 12 * 60 * 60 * 1000;
/// How long the end of a session at the provider is remembered, in milliseconds: as long as a
/// sign-in may take.
const ENDED_LIFE: i64 = ATTEMPT_LIFE;
/// Most sessions that are kept; then the longest idle one goes.
const MAX_SESSIONS: usize = 100_000;

/// What the provider's last answer said. Tokens stay here and never reach the browser.
#[derive(Clone)]
pub(crate) struct Facts {
    /// The person's claims.
    pub(crate) person: Arc<Person>,
    /// Kept as the hint for sign-out.
    pub(crate) id_token: String,
    /// Until when these facts are good, Unix milliseconds.
    pub(crate) good_until: i64,
}

struct State {
    facts: Facts,
    last_seen: i64,
}

/// One signed-in browser.
pub(crate) struct Session {
    /// Value of the session cookie.
    pub(crate) id: String,
    /// Expected in every form.
    pub(crate) csrf_token: String,
    created_at: i64,
    state: Mutex<State>,
    /// Held while renewing: one renewal at a time, as each uses up the refresh token.
    pub(crate) refresh_token: tokio::sync::Mutex<Option<String>>,
}

impl Session {
    /// What is known of the person.
    pub(crate) fn facts(&self) -> Facts {
        self.state().facts.clone()
    }

    /// Replaces what is known.
    pub(crate) fn renew(&self, facts: Facts) {
        self.state().facts = facts;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self, now: i64) -> bool {
        now - self.created_at >= ABSOLUTE || now - self.state().last_seen >= IDLE
    }
}

/// What a session begins with.
pub(crate) struct NewSession {
    /// A fresh secret: the value of the cookie.
    pub(crate) id: String,
    /// A secret.
    pub(crate) csrf_token: String,
    pub(crate) facts: Facts,
    pub(crate) refresh_token: Option<String>,
    /// When the sign-in began, Unix milliseconds.
    pub(crate) asked_at: i64,
}

/// All sessions of the application.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<Book>);

#[derive(Default)]
struct Book {
    /// By the value of their cookie.
    sessions: HashMap<String, Arc<Session>>,
    /// The provider's sessions that have ended lately: `sid`, and when.
    ended: HashMap<String, i64>,
}

impl Sessions {
    /// Begins a session, unless the provider's own session has ended while this sign-in was on its
    /// way: then nothing begins, and the answer is `false`.
    pub(crate) fn begin(&self, new: NewSession, now: i64) -> bool {
        let sid = new.facts.person.sid.clone();
        let id = new.id.clone();
        let session = Session {
            id: new.id,
            csrf_token: new.csrf_token,
            created_at: now,
            state: Mutex::new(State { facts: new.facts, last_seen: now }),
            refresh_token: tokio::sync::Mutex::new(new.refresh_token),
        };
        let mut book = self.book();
        // One that begins after the end is no leftover: its provider knows what it says.
        if sid.is_some_and(|sid| book.ended.get(&sid).is_some_and(|at| *at >= new.asked_at)) {
            return false;
        }
        let all = &mut book.sessions;
        if all.len() >= MAX_SESSIONS {
            all.retain(|_, known| !known.is_over(now));
        }
        if all.len() >= MAX_SESSIONS
            && let Some(oldest) =
                all.values().min_by_key(|known| known.state().last_seen).map(|s| s.id.clone())
        {
            all.remove(&oldest);
        }
        all.insert(id, Arc::new(session));
        true
    }

    /// The living session of this cookie; the call counts as a sign of life.
    pub(crate) fn find(&self, id: &str, now: i64) -> Option<Arc<Session>> {
        let all = &mut self.book().sessions;
        let session = all.get(id)?.clone();
        if session.is_over(now) {
            all.remove(id);
            return None;
        }
        session.state().last_seen = now;
        Some(session)
    }

    /// Ends one session.
    pub(crate) fn end(&self, id: &str) -> Option<Arc<Session>> {
        self.book().sessions.remove(id)
    }

    /// Ends every session of the provider's session `sid`, or of the person `sub` if there is no
    /// `sid` (OpenID Connect Back-Channel Logout 1.0 section 2.6). How many there were.
    pub(crate) fn end_of(&self, sid: Option<&str>, sub: Option<&str>, now: i64) -> usize {
        let mut book = self.book();
        book.ended.retain(|_, at| now - *at < ENDED_LIFE);
        if let Some(sid) = sid.filter(|_| book.ended.len() < MAX_SESSIONS) {
            book.ended.insert(sid.to_owned(), now);
        }
        let all = &mut book.sessions;
        let before = all.len();
        all.retain(|_, session| {
            let person = session.facts().person;
            let same_sid = sid.is_none_or(|sid| person.sid.as_deref() == Some(sid));
            let same_sub = sub.is_none_or(|sub| person.sub == sub);
            !(same_sid && same_sub && (sid.is_some() || sub.is_some()))
        });
        before - all.len()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
