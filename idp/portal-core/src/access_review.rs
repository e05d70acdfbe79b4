//! Access reviews: the administrators of a level certify, once a year, the access to an application that its people
//! have; half-yearly where the application is flagged (domain.md 4.3; DORA RTS 2024/1774, Art. 21(e)(iv)).
//!
//! A review is a snapshot of memberships. Each is kept or removed; when all are decided, one administrator signs off,
//! and the removals take effect. What nobody confirmed by the due date becomes dormant.

use jiff::{Span, tz::TimeZone};

use crate::Timestamp;

/// How long a review may take.
pub const DAYS: i64 = 30;
/// How many days before the end administrators are reminded, in the order of the reminders.
pub const REMINDERS: [i64; 2] = [14, 3];
/// Months between two reviews of a flagged application.
pub const HALF_YEAR: i32 = 6;
/// Months between two reviews of any other.
pub const YEAR: i32 = 12;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// What became of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewState {
    /// Being decided.
    Open,
    /// An administrator vouches for the decisions; removals took effect.
    SignedOff,
    /// The due date passed. What was not confirmed is dormant; it can still be decided and signed off.
    Lapsed,
}

impl ReviewState {
    const ALL: [Self; 3] = [Self::Open, Self::SignedOff, Self::Lapsed];

    /// The stored spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::SignedOff => "SIGNED_OFF",
            Self::Lapsed => "LAPSED",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What an administrator decides of one membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemDecision {
    /// The person needs it.
    Keep,
    /// It ends with the sign-off.
    Remove,
}

impl ItemDecision {
    /// The stored spelling, and that of the form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Remove => "remove",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Keep, Self::Remove].into_iter().find(|decision| decision.as_str() == text)
    }
}

/// Months between two reviews, of what is stored of an application.
pub const fn interval(review_months: i32) -> i32 {
    if review_months <= HALF_YEAR { HALF_YEAR } else { YEAR }
}

/// The instant so many months before: what was last reviewed, or onboarded, before it is due for a review. `None`
/// outside the calendar.
pub fn due_if_before(now: Timestamp, months: i32) -> Option<Timestamp> {
    let instant = jiff::Timestamp::from_millisecond(now.millis()).ok()?.to_zoned(TimeZone::UTC);
    let before = instant.checked_sub(Span::new().try_months(months).ok()?).ok()?;
    Some(Timestamp::from_millis(before.timestamp().as_millisecond()))
}

/// When a review that begins now lapses.
#[must_use]
pub const fn due_at(begun: Timestamp) -> Timestamp {
    begun.plus_seconds(DAYS * DAY_SECONDS)
}

/// What is next for an open review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing yet.
    Wait,
    /// Administrators are reminded; from now on so many reminders have been sent.
    Remind(i32),
    /// It lapses.
    Lapse,
}

/// Decides what is next for an open review of which `reminded` reminders have been sent. Whoever comes late sends the
/// newest reminder only.
pub fn next(due_at: Timestamp, reminded: i32, now: Timestamp) -> Next {
    if now >= due_at {
        return Next::Lapse;
    }
    let is_due = |days: i64| now >= due_at.plus_seconds(-days * DAY_SECONDS);
    let due = REMINDERS.into_iter().filter(|days| is_due(*days)).count();
    match i32::try_from(due) {
        Ok(due) if due > reminded => Next::Remind(due),
        _ => Next::Wait,
    }
}

/// How far a review is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Memberships under review.
    pub total: u64,
    /// To be kept.
    pub kept: u64,
    /// To be removed.
    pub removed: u64,
}

impl Progress {
    /// How many wait for a decision.
    pub const fn undecided(self) -> u64 {
        self.total.saturating_sub(self.kept).saturating_sub(self.removed)
    }

    /// Whole percent that are decided.
    pub const fn percent(self) -> u64 {
        match (self.kept + self.removed) * 100 / if self.total == 0 { 1 } else { self.total } {
            _ if self.total == 0 => 100,
            percent => percent,
        }
    }
}

/// Why a review does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// It was signed off: nothing of it changes any more.
    #[error("it was signed off")]
    Over,
    /// An own membership is decided by another administrator, if there is one.
    #[error("nobody decides on the own access")]
    Own,
    /// Something waits for a decision.
    #[error("not everything is decided")]
    Undecided,
}

/// Checks whether an administrator may decide on a membership. `others` is how many administrators could instead.
///
/// # Errors
/// [`ReviewError`].
pub const fn check_decision(
    state: ReviewState,
    is_own: bool,
    others: usize,
) -> Result<(), ReviewError> {
    match state {
        ReviewState::SignedOff => Err(ReviewError::Over),
        _ if is_own && others > 0 => Err(ReviewError::Own),
        _ => Ok(()),
    }
}

/// Checks whether a review can be signed off.
///
/// # Errors
/// [`ReviewError`].
pub const fn check_sign_off(state: ReviewState, progress: Progress) -> Result<(), ReviewError> {
    match state {
        ReviewState::SignedOff => Err(ReviewError::Over),
        _ if progress.undecided() > 0 => Err(ReviewError::Undecided),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn what_is_stored_is_read_back_as_it_is_written() {
        for state in ReviewState::ALL {
            assert_eq!(ReviewState::parse(state.as_str()), Some(state));
        }
        for decision in [ItemDecision::Keep, ItemDecision::Remove] {
            assert_eq!(ItemDecision::parse(decision.as_str()), Some(decision));
        }
        assert_eq!((ReviewState::parse(""), ItemDecision::parse("KEEP")), (None, None));
    }

    #[test]
    fn a_flagged_application_is_reviewed_half_yearly_and_any_other_yearly() {
        for (stored, months) in [(1, 6), (6, 6), (7, 12), (12, 12), (24, 12)] {
            assert_eq!(interval(stored), months, "{stored}");
        }
        let now = at("2026-11-30T12:00:00Z");
        assert_eq!(due_if_before(now, YEAR), Some(at("2025-11-30T12:00:00Z")));
        assert_eq!(due_if_before(now, HALF_YEAR), Some(at("2026-05-30T12:00:00Z")));
        assert_eq!(
            due_if_before(at("2026-08-31T00:00:00Z"), HALF_YEAR),
            Some(at("2026-02-28T00:00:00Z"))
        );
        assert_eq!(due_if_before(Timestamp::from_millis(i64::MIN), YEAR), None);
    }

    #[test]
    fn a_review_reminds_fourteen_and_three_days_before_it_lapses() {
        let begun = at("2026-11-01T12:00:00Z");
        let due = due_at(begun);
        assert_eq!(due, at("2026-12-01T12:00:00Z"));
        for (now, reminded, expected) in [
            ("2026-11-17T11:59:59Z", 0, Next::Wait),
            ("2026-11-17T12:00:00Z", 0, Next::Remind(1)),
            ("2026-11-17T12:00:00Z", 1, Next::Wait),
            ("2026-11-28T11:59:59Z", 1, Next::Wait),
            ("2026-11-28T12:00:00Z", 1, Next::Remind(2)),
            ("2026-11-28T12:00:00Z", 0, Next::Remind(2)),
            ("2026-12-01T11:59:59Z", 2, Next::Wait),
            ("2026-12-01T12:00:00Z", 0, Next::Lapse),
        ] {
            assert_eq!(next(due, reminded, at(now)), expected, "{now} {reminded}");
        }
    }

    #[test]
    fn progress_is_counted_in_whole_percent() {
        let progress = |total, kept, removed| Progress { total, kept, removed };
        assert_eq!(progress(0, 0, 0).percent(), 100);
        assert_eq!(progress(3, 1, 1).percent(), 66);
        assert_eq!(progress(3, 2, 1).percent(), 100);
        assert_eq!(progress(3, 1, 1).undecided(), 1);
        assert_eq!(progress(3, 2, 1).undecided(), 0);
    }

    #[test]
    fn an_own_membership_is_decided_by_another_if_there_is_one() {
        use ReviewState::{Lapsed, Open, SignedOff};
        for (state, is_own, others, expected) in [
            (Open, false, 0, Ok(())),
            (Open, true, 0, Ok(())),
            (Open, true, 1, Err(ReviewError::Own)),
            (Lapsed, false, 3, Ok(())),
            (Lapsed, true, 1, Err(ReviewError::Own)),
            (SignedOff, false, 0, Err(ReviewError::Over)),
        ] {
            assert_eq!(
                check_decision(state, is_own, others),
                expected,
                "{state:?} {is_own} {others}"
            );
        }
    }

    #[test]
    fn it_is_signed_off_once_when_all_is_decided() {
        let all = Progress { total: 2, kept: 1, removed: 1 };
        let some = Progress { total: 2, kept: 1, removed: 0 };
        for (state, progress, expected) in [
            (ReviewState::Open, all, Ok(())),
            (ReviewState::Lapsed, all, Ok(())),
            (ReviewState::Open, some, Err(ReviewError::Undecided)),
            (ReviewState::SignedOff, all, Err(ReviewError::Over)),
        ] {
            assert_eq!(check_sign_off(state, progress), expected, "{state:?} {progress:?}");
        }
    }
}
