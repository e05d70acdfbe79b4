//! Requests for access: a person asks for a group of an application, an access administrator decides (domain.md 4.3,
//! "User asks, administrator approves").

use crate::{
    Timestamp,
    expiry::ExpirationDate,
    id::{GroupId, UserId},
    plain_text::is_hidden,
};

/// Most requests of one person that are open at once.
pub const OPEN_AT_MOST: u64 = 10;
/// Longest reason, in characters.
pub const REASON_AT_MOST: usize = 500;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// Waits for an access administrator.
    Open,
    /// The membership was assigned.
    Granted,
    /// It was not.
    Refused,
    /// The person took it back.
    Withdrawn,
    /// The person's account was no longer in use, or the group was given in another way.
    Lapsed,
}

impl RequestState {
    const ALL: [Self; 5] =
        [Self::Open, Self::Granted, Self::Refused, Self::Withdrawn, Self::Lapsed];

    /// The stored spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Granted => "GRANTED",
            Self::Refused => "REFUSED",
            Self::Withdrawn => "WITHDRAWN",
            Self::Lapsed => "LAPSED",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Why somebody asks, or why somebody refuses: one to [`REASON_AT_MOST`] characters, lines allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

/// The text is no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReasonError {
    /// Nothing was written.
    #[error("a reason is missing")]
    Missing,
    /// More than [`REASON_AT_MOST`] characters, or characters that cannot be shown.
    #[error("not a reason")]
    Unfit,
}

impl Reason {
    /// Parses what was typed.
    ///
    /// # Errors
    /// [`ReasonError`].
    pub fn parse(typed: &str) -> Result<Self, ReasonError> {
        let text = typed.replace("\r\n", "\n");
        let text = text.trim();
        if text.is_empty() {
            return Err(ReasonError::Missing);
        }
        let is_shown = |c: char| !is_hidden(c) || c == '\n';
        if text.chars().count() > REASON_AT_MOST || !text.chars().all(is_shown) {
            return Err(ReasonError::Unfit);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A request to be filed.
#[derive(Clone, Debug)]
pub struct NewAccessRequest {
    /// Who asks.
    pub user: UserId,
    /// For which group.
    pub group: GroupId,
    /// Why.
    pub reason: Reason,
    /// The last day on which the access is wanted, if it is for a time only.
    pub wished_until: Option<ExpirationDate>,
}

/// What is known of a person's requests when another one comes.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Whether the person is in the group already.
    pub is_member: bool,
    /// Whether a request for the group is open.
    pub has_open_for_group: bool,
    /// How many requests are open.
    pub open: u64,
}

/// Why a request cannot be filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The person is in the group already.
    #[error("held already")]
    Held,
    /// At most one open request a group and person.
    #[error("asked already")]
    AskedAlready,
    /// [`OPEN_AT_MOST`].
    #[error("too many requests are open")]
    TooMany,
}

/// Checks whether a person may ask for one group more.
///
/// # Errors
/// [`RequestError`].
pub const fn check(standing: Standing) -> Result<(), RequestError> {
    if standing.is_member {
        Err(RequestError::Held)
    } else if standing.has_open_for_group {
        Err(RequestError::AskedAlready)
    } else if standing.open >= OPEN_AT_MOST {
        Err(RequestError::TooMany)
    } else {
        Ok(())
    }
}

/// What an access administrator answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The group is given, until that day if there is one.
    Grant {
        /// Last day of the membership.
        until: Option<ExpirationDate>,
    },
    /// It is not, for this reason.
    Refuse {
        /// Shown to the person.
        reason: Reason,
    },
}

impl Answer {
    /// The state that the request goes to.
    pub const fn state(&self) -> RequestState {
        match self {
            Self::Grant { .. } => RequestState::Granted,
            Self::Refuse { .. } => RequestState::Refused,
        }
    }
}

/// The day that is proposed to whoever grants: the one that was wished for, unless it has passed meanwhile.
pub fn proposed_until(wished: Option<ExpirationDate>, now: Timestamp) -> Option<ExpirationDate> {
    wished.filter(|day| !day.is_over(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read_back_as_it_is_written() {
        for state in RequestState::ALL {
            assert_eq!(RequestState::parse(state.as_str()), Some(state));
        }
        assert_eq!(RequestState::parse("open"), None);
    }

    #[test]
    fn a_reason_has_words_and_an_end() {
        assert_eq!(
            Reason::parse("  Q3 returns\r\nfor Elsa ").unwrap().as_str(),
            "Q3 returns\nfor Elsa"
        );
        assert!(Reason::parse(&"x".repeat(REASON_AT_MOST)).is_ok());
        for (text, error) in [
            ("", ReasonError::Missing),
            (" \r\n\t ", ReasonError::Missing),
            ("a\u{7}b", ReasonError::Unfit),
            (&"x".repeat(REASON_AT_MOST + 1), ReasonError::Unfit),
        ] {
            assert_eq!(Reason::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn one_asks_once_for_a_group_and_not_for_what_is_held() {
        let free = Standing { is_member: false, has_open_for_group: false, open: 0 };
        for (standing, expected) in [
            (free, Ok(())),
            (Standing { open: OPEN_AT_MOST - 1, ..free }, Ok(())),
            (Standing { is_member: true, ..free }, Err(RequestError::Held)),
            (
                Standing { has_open_for_group: true, open: 1, ..free },
                Err(RequestError::AskedAlready),
            ),
            (Standing { open: OPEN_AT_MOST, ..free }, Err(RequestError::TooMany)),
        ] {
            assert_eq!(check(standing), expected, "{standing:?}");
        }
    }

    #[test]
    fn an_answer_ends_the_request() {
        assert_eq!(Answer::Grant { until: None }.state(), RequestState::Granted);
        let reason = Reason::parse("Ask Petra first").unwrap();
        assert_eq!(Answer::Refuse { reason }.state(), RequestState::Refused);
    }

    #[test]
    fn a_wished_day_that_has_passed_is_not_proposed() {
        let now = Timestamp::from_millis(1_795_262_400_000); // 2026-11-21T12:00:00Z
        let day = |iso| ExpirationDate::from_iso(iso).ok();
        assert_eq!(proposed_until(day("2026-11-21"), now), day("2026-11-21"));
        assert_eq!(proposed_until(day("2026-11-20"), now), None);
        assert_eq!(proposed_until(None, now), None);
    }
}
