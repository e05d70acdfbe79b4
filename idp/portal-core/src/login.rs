//! The login procedure (manual §1, design §3): one state machine.
//!
//! ```text
//! Started ──password right──▶ PasswordProved ──code right──▶ SignedIn
//!    ▲                            │
//!    └── expired, resend, ────────┘   the wanted target is kept
//!        five wrong codes, superseded
//! ```
//!
//! Each step proves only itself; none routes to another; all return to the stored target. Whether a login has
//! expired is decided in [`PasswordProved::next`], by the time of the server and nothing else.

mod page_address;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    account::{Channel, Standing, User},
    failures::CodeFailures,
    id::UserId,
};
pub use page_address::PageAddress;

/// A code is dead this many seconds after it was sent: "three minutes" of the manual (I2).
pub const CODE_LIFETIME_SECONDS: i64 = 180;
/// For this long after it was sent, another code may be asked for: who notices late that none came still gets what
/// was asked for, and a forgotten browser does not decide over the channel for ever.
pub const RESEND_SECONDS: i64 = 15 * 60;
/// Wrong codes after which a login ends (O11).
pub const TRIES_PER_LOGIN: u32 = 5;
/// Digits of a code.
pub const CODE_DIGITS: usize = 6;

/// A six-digit code as it was drawn or typed. No `Debug`: it must not reach a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// The code that fresh randomness gives: every value from 000000 to 999999 is as likely as any other.
    /// `draw` is asked again while its number lies in the part of the range that would favour low codes.
    pub fn draw(mut draw: impl FnMut() -> u32) -> Self {
        const VALUES: u32 = 1_000_000;
        const FAIR: u32 = u32::MAX - u32::MAX % VALUES;
        let number = loop {
            let number = draw();
            if number < FAIR {
                break number % VALUES;
            }
        };
        Self(format!("{number:06}"))
    }

    /// Reads what was typed: six ASCII digits; spaces and hyphens between them are ignored.
    /// Anything else cannot be right and costs no try (security.md 65).
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 32 {
            return None;
        }
        let digits: String =
            typed.chars().filter(|c| !c.is_ascii_whitespace() && *c != '-').collect();
        let is_code = digits.len() == CODE_DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
        is_code.then_some(Self(digits))
    }

    /// The digits, for sending and for the keyed digest that is stored.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Where a login leads. It survives every restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A page of the portal.
    Page(PortalPage),
    /// A page of the portal whose form needs a fresh sign-in (O18): it is asked for by a person who is signed in.
    Again(PageAddress),
    /// The authorization request stored under this id, bound to the browser that began it.
    AuthorizationRequest(String),
}

/// The portal's pages that a login may lead to: a closed list, so that no redirect can leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortalPage {
    /// My Apps.
    #[default]
    Apps,
    /// Profile.
    Profile,
    /// Profile, tab Security.
    Security,
    /// Profile, tab of the applications that were allowed to hear of the person.
    Applications,
    /// Notices.
    Notices,
    /// Users.
    Users,
    /// Requests for access.
    Requests,
    /// Access reviews.
    Reviews,
    /// Nominations.
    Nominations,
    /// Third parties.
    ThirdParties,
    /// The audit trail.
    Audit,
}

impl PortalPage {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Apps,
        Self::Profile,
        Self::Security,
        Self::Applications,
        Self::Notices,
        Self::Users,
        Self::Requests,
        Self::Reviews,
        Self::Nominations,
        Self::ThirdParties,
        Self::Audit,
    ];

    /// Its address.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Apps => "/apps",
            Self::Profile => "/profile",
            Self::Security => "/profile/security",
            Self::Applications => "/profile/applications",
            Self::Notices => "/notices",
            Self::Users => "/users",
            Self::Requests => "/requests",
            Self::Reviews => "/reviews",
            Self::Nominations => "/nominations",
            Self::ThirdParties => "/third-parties",
            Self::Audit => "/audit",
        }
    }

    /// The page at an address, or the one that an address below it belongs to; My Apps when there is none.
    pub fn of_path(path: &str) -> Self {
        let lies_at = |page: &Self| {
            path.strip_prefix(page.path())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        // The longest address that fits.
        Self::ALL
            .into_iter()
            .filter(lies_at)
            .max_by_key(|page| page.path().len())
            .unwrap_or_default()
    }

    /// Its name in the address of the login page.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Apps => "apps",
            Self::Profile => "profile",
            Self::Security => "security",
            Self::Applications => "applications",
            Self::Notices => "notices",
            Self::Users => "users",
            Self::Requests => "requests",
            Self::Reviews => "reviews",
            Self::Nominations => "nominations",
            Self::ThirdParties => "third-parties",
            Self::Audit => "audit",
        }
    }

    /// Reads [`Self::as_str`] back; anything else is My Apps.
    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|page| page.as_str() == text).unwrap_or_default()
    }
}

/// Why a login ended, also the reason that the first step shows when it begins again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The right code came in time.
    SignedIn,
    /// Three minutes are over.
    Expired,
    /// "Resend code using SMS".
    ResendSms,
    /// "Resend code using Voice".
    ResendVoice,
    /// Five wrong codes.
    TooManyTries,
    /// The account may get no code now (too many wrong codes over several logins).
    Locked,
    /// A newer login of the same account was sent a newer code (E4, I3).
    Superseded,
    /// The password was changed meanwhile (security.md 52).
    PasswordChanged,
    /// The gateway did not take the message: no code was sent, and the other channel may help (E6).
    NotSent,
}

impl Ended {
    const ALL: [Self; 9] = [
        Self::SignedIn,
        Self::Expired,
        Self::ResendSms,
        Self::ResendVoice,
        Self::TooManyTries,
        Self::Locked,
        Self::Superseded,
        Self::PasswordChanged,
        Self::NotSent,
    ];

    /// The stored spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::Expired => "expired",
            Self::ResendSms => "resend_sms",
            Self::ResendVoice => "resend_voice",
            Self::TooManyTries => "too_many_tries",
            Self::Locked => "locked",
            Self::Superseded => "superseded",
            Self::PasswordChanged => "password_changed",
            Self::NotSent => "not_sent",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ended| ended.as_str() == text)
    }

    /// The end that asking for a new code over `channel` makes (manual §1: "This will restart the login process").
    pub const fn by_resend(channel: Channel) -> Self {
        match channel {
            Channel::Sms => Self::ResendSms,
            Channel::Voice => Self::ResendVoice,
        }
    }
}

/// State `Started`: what step one decides, once password and failure counters are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOne {
    /// The same answer for every reason (security.md 59). The reason is for the audit trail.
    Refuse(Refusal),
    /// Go on: send a code over the account's default channel.
    SendCode(Channel),
}

/// Why step one refused. Never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such account, no password yet, or the wrong one.
    WrongCredentials,
    /// The account may not be used.
    NotInGoodStanding(Standing),
    /// Too many wrong codes: no further code is sent.
    Locked,
}

/// Decides step one. `user` is `None` for an unknown address; then `password_is_right` is the outcome of a
/// comparison with a dummy, made for the time it takes.
pub fn step_one(
    user: Option<(&User, Standing, CodeFailures)>,
    password_is_right: bool,
    now: Timestamp,
) -> StepOne {
    let Some((user, standing, failures)) = user else {
        return StepOne::Refuse(Refusal::WrongCredentials);
    };
    if user.password_hash.is_none() || !password_is_right {
        StepOne::Refuse(Refusal::WrongCredentials)
    } else if standing != Standing::Good {
        StepOne::Refuse(Refusal::NotInGoodStanding(standing))
    } else if failures.bars(now) {
        StepOne::Refuse(Refusal::Locked)
    } else {
        StepOne::SendCode(user.default_channel)
    }
}

/// State `PasswordProved`: a code was sent and is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordProved {
    /// Whose password was proved.
    pub user_id: UserId,
    /// The address as it was typed, to fill it in again after a restart.
    pub email: String,
    /// How the code was sent.
    pub channel: Channel,
    /// When the gateway took it; the three minutes begin here.
    pub code_sent_at: Timestamp,
    /// Tries that were claimed.
    pub tries: u32,
    /// Set once it is over.
    pub ended: Option<Ended>,
    /// Where it leads.
    pub target: Target,
}

/// What happens to a login that waits for its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The page of step two is opened, or a code is about to be compared.
    Opened,
    /// "Resend code using …" is pressed.
    Resend(Channel),
    /// A code was compared; the try is already counted in `tries`.
    Compared {
        /// Whether it is the code of this login.
        is_right: bool,
    },
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Show step two; the code lives for this many more seconds (at least 1).
    AskCode {
        /// Rounded up.
        seconds_left: i64,
    },
    /// Show step two with the error that the code is wrong.
    WrongCode {
        /// How many tries this login has left.
        tries_left: u32,
    },
    /// Back to step one, with this reason; target and address are kept.
    Restart(Ended),
    /// Both factors are proved.
    SignIn,
}

impl PasswordProved {
    /// The one transition function of step two.
    pub fn next(&self, event: Event, now: Timestamp) -> Next {
        // What has ended stays ended, except that a login whose code could not be sent may ask for another channel.
        let may_resend = matches!(self.ended, None | Some(Ended::NotSent));
        // Resending comes first: whoever asks for a new code after three minutes gets what was asked for.
        if let Event::Resend(channel) = event
            && may_resend
            && now < self.code_sent_at.plus_seconds(RESEND_SECONDS)
        {
            return Next::Restart(Ended::by_resend(channel));
        }
        if let Some(ended) = self.ended {
            return Next::Restart(ended);
        }
        let left = CODE_LIFETIME_SECONDS * 1000 - now.millis_since(self.code_sent_at);
        if left <= 0 {
            return Next::Restart(Ended::Expired);
        }
        match event {
            Event::Compared { is_right: true } => Next::SignIn,
            Event::Compared { is_right: false } if self.tries >= TRIES_PER_LOGIN => {
                Next::Restart(Ended::TooManyTries)
            }
            Event::Compared { is_right: false } => {
                Next::WrongCode { tries_left: TRIES_PER_LOGIN.saturating_sub(self.tries) }
            }
            _ if self.tries >= TRIES_PER_LOGIN => Next::Restart(Ended::TooManyTries),
            _ => Next::AskCode { seconds_left: (left + 999) / 1000 },
        }
    }
}

#[cfg(test)]
#[path = "login/tests.rs"]
mod tests;
