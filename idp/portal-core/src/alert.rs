//! Alerts: what somebody is called for at night (security.md 133). The trail of the last ten minutes is counted; what is
//! out of the ordinary in it is decided here.

/// How far back is counted, in seconds.
pub const WINDOW_SECONDS: i64 = 10 * 60;
/// A storm is not raised again for so long, in seconds: who is called knows already.
pub const QUIET_SECONDS: i64 = 60 * 60;
/// Refused sign-ins from which they are a storm: one account takes no more wrong codes than that in a row
/// (NIST SP 800-63B-4 §3.2.2), so this is no single person who mistypes.
pub const GUESSES: u64 = 100;
/// Codes sent beyond the sign-ins that they led to from which it is a storm: each costs money, and one account is sent
/// only a handful in ten minutes (security.md 133).
pub const SENDS: u64 = 100;

/// What happened within the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sign-ins with both factors.
    pub succeeded: u64,
    /// Refused passwords and codes.
    pub refused: u64,
    /// Codes sent.
    pub sent: u64,
    /// Codes and refresh tokens that came a second time.
    pub reused: u64,
    /// Staff roles granted.
    pub staff_granted: u64,
}

/// What is out of the ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    /// Somebody guesses passwords or codes.
    GuessStorm,
    /// Somebody has codes sent that nobody enters.
    SendStorm,
    /// A code or refresh token came a second time: it may have been stolen (RFC 9700 §4.14).
    TokenReused,
    /// Somebody joined the operator's staff, or rose in it.
    StaffGranted,
}

impl Alert {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::GuessStorm, Self::SendStorm, Self::TokenReused, Self::StaffGranted];

    /// The stored and logged word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GuessStorm => "guess-storm",
            Self::SendStorm => "send-storm",
            Self::TokenReused => "token-reused",
            Self::StaffGranted => "staff-granted",
        }
    }

    /// Whether each time counts, and not how often within a while.
    pub const fn is_of_each_time(self) -> bool {
        matches!(self, Self::TokenReused | Self::StaffGranted)
    }

    /// For how long it is not raised again, in seconds. Each time that came meanwhile is counted then.
    pub const fn quiet_seconds(self) -> i64 {
        if self.is_of_each_time() { WINDOW_SECONDS } else { QUIET_SECONDS }
    }

    const fn is_due(self, counts: &Counts) -> bool {
        match self {
            Self::GuessStorm => counts.refused >= GUESSES && counts.refused > counts.succeeded,
            Self::SendStorm => counts.sent >= counts.succeeded.saturating_add(SENDS),
            Self::TokenReused => counts.reused > 0,
            Self::StaffGranted => counts.staff_granted > 0,
        }
    }

    /// What these counts call somebody for.
    pub fn due(counts: &Counts) -> Vec<Self> {
        Self::ALL.into_iter().filter(|alert| alert.is_due(counts)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_the_ordinary_is_an_alert_and_nothing_else() {
        let none = Counts::default();
        for (counts, alerts) in [
            (none, vec![]),
            (Counts { refused: 99, ..none }, vec![]),
            (Counts { refused: 100, ..none }, vec![Alert::GuessStorm]),
            // On a busy morning many mistype, and more sign in.
            (Counts { refused: 100, succeeded: 100, sent: 199, ..none }, vec![]),
            (Counts { refused: 101, succeeded: 100, ..none }, vec![Alert::GuessStorm]),
            (Counts { sent: 99, ..none }, vec![]),
            (Counts { sent: 100, ..none }, vec![Alert::SendStorm]),
            (Counts { sent: 1099, succeeded: 1000, ..none }, vec![]),
            (Counts { sent: 1100, succeeded: 1000, ..none }, vec![Alert::SendStorm]),
            (Counts { reused: 1, succeeded: 1000, ..none }, vec![Alert::TokenReused]),
            (Counts { staff_granted: 1, ..none }, vec![Alert::StaffGranted]),
            (
                Counts { succeeded: 0, refused: 100, sent: 100, reused: 1, staff_granted: 1 },
                Alert::ALL.to_vec(),
            ),
            (Counts { sent: u64::MAX, succeeded: u64::MAX, ..none }, vec![Alert::SendStorm]),
        ] {
            assert_eq!(Alert::due(&counts), alerts, "{counts:?}");
        }
    }

    #[test]
    fn storms_are_quiet_for_an_hour_and_what_counts_each_time_for_as_long_as_is_counted() {
        for (alert, word, is_of_each_time, quiet) in [
            (Alert::GuessStorm, "guess-storm", false, 3_600),
            (Alert::SendStorm, "send-storm", false, 3_600),
            (Alert::TokenReused, "token-reused", true, 600),
            (Alert::StaffGranted, "staff-granted", true, 600),
        ] {
            assert_eq!(alert.as_str(), word);
            assert_eq!(alert.is_of_each_time(), is_of_each_time, "{word}");
            assert_eq!(alert.quiet_seconds(), quiet, "{word}");
        }
        assert_eq!(WINDOW_SECONDS, 600);
    }
}
