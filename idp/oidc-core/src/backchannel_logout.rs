//! Telling relying parties that a session is over (OpenID Connect Back-Channel Logout 1.0): what a logout token says,
//! and what the answer to it means.

use serde_json::{Value, json};

/// `typ` of logout tokens (Back-Channel Logout 2.4, RFC 8417 2.3).
pub const LOGOUT_TOKEN_TYP: &str = "logout+jwt";
/// The one member of `events`.
pub const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// A logout token lives two minutes (security.md 102), in milliseconds: each attempt sends a fresh one.
pub const LOGOUT_TOKEN_LIFETIME: i64 = 2 * 60 * 1000;
/// After this long without success nobody tries any more, in milliseconds.
pub const GIVE_UP_AFTER: i64 = 24 * 60 * 60 * 1000;

/// In the first hour a relying party that comes back is told within a minute.
const EAGER: i64 = 60 * 60 * 1000;
/// Waits after the first failures, in milliseconds; the last one repeats while eager.
const FIRST_WAITS: [i64; 5] = [1_000, 5_000, 15_000, 30_000, 45_000];
/// Wait after each failure from then on, in milliseconds.
const LATER_WAIT: i64 = 5 * 60 * 1000;
/// A relying party that refuses a token this often means it.
const MAX_REFUSALS: u32 = 3;

/// What one attempt sends. `now` is its own: `iat`, `exp` and `jti` are fresh each time.
#[derive(Clone, Copy, Debug)]
pub struct LogoutToken<'a> {
    /// `iss`.
    pub issuer: &'a str,
    /// `aud`, the one client that is told.
    pub client_id: &'a str,
    /// `sub`, as that client knows the person.
    pub subject: &'a str,
    /// `sid`, the session that is over there.
    pub sid: &'a str,
    /// `jti`, fresh.
    pub jti: &'a str,
    /// `iat`, Unix milliseconds.
    pub now: i64,
}

impl LogoutToken<'_> {
    /// The claims (Back-Channel Logout 2.4): both `sub` and `sid`, exactly one event, and never a `nonce`.
    pub fn claims(&self) -> Value {
        json!({
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": self.now.div_euclid(1000),
            "exp": (self.now + LOGOUT_TOKEN_LIFETIME).div_euclid(1000),
            "jti": self.jti,
            "sub": self.subject,
            "sid": self.sid,
            "events": { EVENT: {} },
        })
    }
}

/// How a relying party answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// With this status.
    Status(u16),
    /// Not at all, or it may not be called.
    None,
}

impl Answer {
    /// Whether the relying party is at work: it took the token, or refused this one. Otherwise there is no use in
    /// sending it the next one now.
    pub const fn is_of_a_working_receiver(self) -> bool {
        matches!(self, Self::Status(200 | 204 | 400))
    }
}

/// One attempt at a delivery.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// Which one this is, from 1.
    pub number: u32,
    /// When the delivery is given up, Unix milliseconds: [`GIVE_UP_AFTER`] after the session ended, or after an
    /// operator asked for another try.
    pub give_up_at: i64,
    /// Now, Unix milliseconds.
    pub now: i64,
}

/// What follows from an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The relying party knows.
    Delivered,
    /// Try again, not before that instant.
    Retry(i64),
    /// Given up; an operator has to look.
    Dead,
}

/// Decides on the answer to an attempt (Back-Channel Logout 2.8: 200, and 204 of those who have nothing to say, is
/// success; 400 is a refusal).
pub fn decide(answer: Answer, attempt: Attempt) -> Outcome {
    match answer {
        Answer::Status(200 | 204) => return Outcome::Delivered,
        Answer::Status(400) if attempt.number >= MAX_REFUSALS => return Outcome::Dead,
        Answer::Status(_) | Answer::None => {}
    }
    let age = attempt.now - (attempt.give_up_at - GIVE_UP_AFTER);
    let index = usize::try_from(attempt.number.saturating_sub(1)).unwrap_or(usize::MAX);
    let wait = match FIRST_WAITS.get(index) {
        Some(wait) => *wait,
        None if age < EAGER => FIRST_WAITS.last().copied().unwrap_or(LATER_WAIT),
        None => LATER_WAIT,
    };
    let next = attempt.now + wait;
    if next >= attempt.give_up_at { Outcome::Dead } else { Outcome::Retry(next) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_795_262_400_000;

    fn attempt(number: u32, after: i64) -> Attempt {
        Attempt { number, give_up_at: START + GIVE_UP_AFTER, now: START + after }
    }

    /// security.md 102.
    #[test]
    fn bcl_2_4_a_logout_token_says_exactly_this() {
        let token = LogoutToken {
            issuer: "https://id.example",
            client_id: "casper",
            subject: "anna",
            sid: "sid_1",
            jti: "j",
            now: START + 999,
        };
        let expected = json!({
            "iss": "https://id.example", "aud": "casper", "sub": "anna", "sid": "sid_1", "jti": "j",
            "iat": START / 1000, "exp": START / 1000 + 120,
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        assert_eq!(token.claims(), expected);
    }

    #[test]
    fn bcl_2_8_only_200_and_204_are_success() {
        for status in [200, 204] {
            assert_eq!(decide(Answer::Status(status), attempt(9, 0)), Outcome::Delivered);
        }
        for status in [201, 202, 206, 301, 302, 307, 401, 404, 429, 500, 501, 503] {
            let retry = Outcome::Retry(START + 1_000);
            assert_eq!(decide(Answer::Status(status), attempt(1, 0)), retry, "{status}");
        }
        assert_eq!(decide(Answer::None, attempt(1, 0)), Outcome::Retry(START + 1_000));
    }

    #[test]
    fn bcl_2_8_a_refusal_is_believed_the_third_time() {
        for number in [1, 2] {
            let outcome = decide(Answer::Status(400), attempt(number, 0));
            assert!(matches!(outcome, Outcome::Retry(_)), "{number}");
        }
        assert_eq!(decide(Answer::Status(400), attempt(3, 0)), Outcome::Dead);
    }

    /// security.md 103: while the relying party is down, tries never stop for long, and end after a day.
    #[test]
    fn tries_are_eager_for_an_hour_then_rarer_and_end_after_a_day() {
        let (mut after, mut number) = (0, 1);
        let mut longest_in_first_hour = 0;
        while let Outcome::Retry(next) = decide(Answer::None, attempt(number, after)) {
            let wait = next - START - after;
            assert!(wait > 0 && wait <= LATER_WAIT);
            if after < EAGER {
                longest_in_first_hour = longest_in_first_hour.max(wait);
            }
            (after, number) = (next - START, number + 1);
        }
        assert_eq!(longest_in_first_hour, 45_000);
        assert!((GIVE_UP_AFTER - LATER_WAIT..GIVE_UP_AFTER).contains(&after), "{after}");
        assert!(number < 400, "{number}");
    }
}
