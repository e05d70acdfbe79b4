//! Sessions: what signing in gives, and for how long (O18, I1).

use crate::{Timestamp, account::Channel, id::UserId};

/// A session without a request for this long has ended, in seconds.
pub const IDLE_SECONDS: i64 = 30 * 60;
/// No session lives longer than this after both factors were proved, in seconds.
pub const ABSOLUTE_SECONDS: i64 = 12 * 60 * 60;
/// How long before its end a person is warned, in seconds (O18).
pub const WARNING_SECONDS: i64 = 2 * 60;
/// A change of other people's accounts and rights needs both factors proved within this time, in seconds (O18).
pub const FRESH_SECONDS: i64 = 15 * 60;
/// The form of such a change is shown only to whose proof is younger than this, in seconds: there is time to fill it in.
pub const FRESH_FOR_FORM_SECONDS: i64 = 10 * 60;
/// How often `last_seen_at` is written at most, in seconds: not every request needs to write.
pub const TOUCH_SECONDS: i64 = 60;

/// Authentication context: password and a code to a proved phone. The registered value for two factors; it stands
/// in the discovery document, and a relying party asks for it by `acr_values`.
pub const ACR_TWO_FACTOR: &str = "https://refeds.org/profile/mfa";

/// A signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Public name of the session: claim `sid`, audit, list of sessions. Not the cookie.
    pub sid: String,
    /// Who signed in.
    pub user_id: UserId,
    /// When both factors were proved.
    pub auth_time: Timestamp,
    /// What was proved ([`ACR_TWO_FACTOR`]).
    pub acr: String,
    /// How (RFC 8176).
    pub amr: Vec<String>,
    /// When it began, or was renewed under a new cookie after a change of credentials.
    pub created_at: Timestamp,
    /// Last request, to within [`TOUCH_SECONDS`].
    pub last_seen_at: Timestamp,
    /// Set when it was ended.
    pub ended_at: Option<Timestamp>,
}

/// How long a session still lives, in seconds; nothing once it is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeLeft {
    /// Without a request.
    pub idle: i64,
    /// With as many as there may be.
    pub overall: i64,
}

impl Session {
    /// How long it still lives: whole seconds, the last one begun included.
    pub fn time_left(&self, now: Timestamp) -> TimeLeft {
        if !self.is_alive(now) {
            return TimeLeft::default();
        }
        let until = |end: Timestamp| end.millis_since(now).saturating_add(999).div_euclid(1000);
        TimeLeft {
            idle: until(self.last_seen_at.plus_seconds(IDLE_SECONDS)),
            overall: until(self.auth_time.plus_seconds(ABSOLUTE_SECONDS)),
        }
    }

    /// Whether it may be used now.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.ended_at.is_none()
            && now < self.last_seen_at.plus_seconds(IDLE_SECONDS)
            && now < self.auth_time.plus_seconds(ABSOLUTE_SECONDS)
    }

    /// Whether both factors were proved lately enough to change other people's accounts and rights (O18).
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.auth_time.plus_seconds(FRESH_SECONDS)
    }

    /// Whether they were proved lately enough to begin with such a change.
    pub fn is_fresh_for_form(&self, now: Timestamp) -> bool {
        now < self.auth_time.plus_seconds(FRESH_FOR_FORM_SECONDS)
    }

    /// Whether this request should be written down as activity.
    pub fn wants_touch(&self, now: Timestamp) -> bool {
        now >= self.last_seen_at.plus_seconds(TOUCH_SECONDS)
    }
}

/// The methods that a login by password and a code over `channel` used (RFC 8176: `pwd`, `otp`, `sms` or `tel`,
/// `mfa`).
pub fn amr_of(channel: Channel) -> Vec<String> {
    ["pwd", "otp", channel.amr(), "mfa"].map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> (Timestamp, Session) {
        let start = Timestamp::from_millis(0);
        let session = Session {
            sid: "s".into(),
            user_id: UserId(uuid::Uuid::nil()),
            auth_time: start,
            acr: ACR_TWO_FACTOR.into(),
            amr: amr_of(Channel::Voice),
            created_at: start,
            last_seen_at: start,
            ended_at: None,
        };
        (start, session)
    }

    #[test]
    fn a_session_is_idle_for_half_an_hour_old_after_twelve_and_fresh_for_a_quarter_of_one() {
        let (start, mut session) = begun();
        let at = |seconds: i64| start.plus_seconds(seconds);
        assert!(session.is_alive(at(1_799)) && !session.is_alive(at(1_800)));
        assert!(session.is_fresh(at(899)) && !session.is_fresh(at(900)));
        assert!(session.is_fresh_for_form(at(599)) && !session.is_fresh_for_form(at(600)));
        assert!(!session.wants_touch(at(59)) && session.wants_touch(at(60)));
        session.last_seen_at = at(43_199);
        assert!(session.is_alive(at(43_199)) && !session.is_alive(at(43_200)));
    }

    #[test]
    fn the_time_left_is_told_until_the_session_is_over() {
        let (start, mut session) = begun();
        assert_eq!(WARNING_SECONDS, 120, "two minutes to answer (O18)");
        let left = |session: &Session, at: Timestamp| {
            let left = session.time_left(at);
            (left.idle, left.overall)
        };
        assert_eq!(left(&session, start), (1_800, 43_200));
        assert_eq!(left(&session, start.plus_seconds(1_799)), (1, 41_401));
        assert_eq!(
            left(&session, Timestamp::from_millis(1_799_001)),
            (1, 41_401),
            "a second begun"
        );
        assert_eq!(left(&session, start.plus_seconds(1_800)), (0, 0));
        session.last_seen_at = start.plus_seconds(43_100);
        assert_eq!(left(&session, start.plus_seconds(43_199)), (1_701, 1));
        session.ended_at = Some(start);
        assert_eq!(left(&session, start), (0, 0));
    }

    #[test]
    fn a_session_ends_by_idleness_by_age_and_by_being_ended() {
        let (start, mut session) = begun();
        assert!(session.is_alive(start.plus_seconds(IDLE_SECONDS - 1)));
        assert!(!session.is_alive(start.plus_seconds(IDLE_SECONDS)));
        session.last_seen_at = start.plus_seconds(ABSOLUTE_SECONDS - 1);
        assert!(session.is_alive(start.plus_seconds(ABSOLUTE_SECONDS - 1)));
        assert!(!session.is_alive(start.plus_seconds(ABSOLUTE_SECONDS)));
        assert!(session.is_fresh(start.plus_seconds(FRESH_SECONDS - 1)));
        assert!(!session.is_fresh(start.plus_seconds(FRESH_SECONDS)));
        assert!(session.is_fresh_for_form(start.plus_seconds(FRESH_FOR_FORM_SECONDS - 1)));
        assert!(!session.is_fresh_for_form(start.plus_seconds(FRESH_FOR_FORM_SECONDS)));
        session.ended_at = Some(start);
        assert!(!session.is_alive(start.plus_seconds(1)));
        assert_eq!(session.amr, ["pwd", "otp", "tel", "mfa"]);
    }
}
