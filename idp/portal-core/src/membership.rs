//! What an administrator stages on the page "Assign Memberships", and what a save makes of it (manual §4, I27).
//!
//! A staged set names groups to add, to remove, and memberships whose last day moves. What comes out is what really
//! changes: who adds a group and takes it back before saving has changed nothing (E23).

use std::collections::{BTreeMap, BTreeSet};

use crate::{expiry::ExpirationDate, id::GroupId};

/// Most groups that one save may speak of.
pub const STAGED_AT_MOST: usize = 200;

/// A membership that somebody holds, as far as a save needs to know it.
pub type Held = BTreeMap<GroupId, Option<ExpirationDate>>;

/// What was staged for one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staged {
    /// Groups to be added, with the last day of the membership if it has one.
    pub additions: BTreeMap<GroupId, Option<ExpirationDate>>,
    /// Groups to be removed.
    pub removals: BTreeSet<GroupId>,
    /// Memberships whose last day becomes another one, or none.
    pub last_days: BTreeMap<GroupId, Option<ExpirationDate>>,
}

/// One thing that a save does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipChange {
    /// The membership begins.
    Assigned {
        /// In which group.
        group: GroupId,
        /// Its last day.
        until: Option<ExpirationDate>,
    },
    /// The membership ends.
    Removed {
        /// In which group.
        group: GroupId,
        /// What its last day was.
        until: Option<ExpirationDate>,
    },
    /// The membership goes on, until another day.
    Moved {
        /// In which group.
        group: GroupId,
        /// What its last day was.
        from: Option<ExpirationDate>,
        /// What it is now.
        until: Option<ExpirationDate>,
    },
}

/// Why a staged set is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StagedError {
    /// It speaks of too many groups.
    #[error("too many groups")]
    TooMany,
    /// It removes or moves a membership that is not held.
    #[error("not held")]
    NotHeld(GroupId),
}

impl Staged {
    /// Every group that it speaks of: each is asked of the permission table (security.md 88).
    pub fn groups(&self) -> BTreeSet<GroupId> {
        let named = self.additions.keys().chain(&self.removals).chain(self.last_days.keys());
        named.copied().collect()
    }

    /// Whether nothing is staged.
    pub fn is_empty(&self) -> bool {
        self.additions.is_empty() && self.removals.is_empty() && self.last_days.is_empty()
    }

    /// What a save changes for somebody who holds `held`, in the order of the groups.
    ///
    /// # Errors
    /// [`StagedError`]; then nothing is to be changed at all.
    pub fn changes(&self, held: &Held) -> Result<Vec<MembershipChange>, StagedError> {
        if self.groups().len() > STAGED_AT_MOST {
            return Err(StagedError::TooMany);
        }
        let mut after = held.clone();
        // What is added and removed again before the save stays as it is.
        for group in self.removals.iter().filter(|group| !self.additions.contains_key(group)) {
            after.remove(group).ok_or(StagedError::NotHeld(*group))?;
        }
        for (group, until) in &self.additions {
            if !self.removals.contains(group) {
                after.insert(*group, *until);
            }
        }
        for (group, until) in &self.last_days {
            if !self.removals.contains(group) && !self.additions.contains_key(group) {
                *after.get_mut(group).ok_or(StagedError::NotHeld(*group))? = *until;
            }
        }
        Ok(difference(held, &after))
    }
}

impl MembershipChange {
    /// The group that it concerns.
    pub const fn group(self) -> GroupId {
        let (Self::Assigned { group, .. }
        | Self::Removed { group, .. }
        | Self::Moved { group, .. }) = self;
        group
    }

    /// Whether it gives something: a membership, or more time for one.
    pub fn gives(self) -> bool {
        match self {
            Self::Assigned { .. } => true,
            Self::Removed { .. } => false,
            Self::Moved { from, until, .. } => match (from, until) {
                (Some(from), Some(until)) => until > from,
                (Some(_), None) => true,
                (None, _) => false,
            },
        }
    }
}

/// What others changed between two looks at somebody's memberships: what is new, gone, or has another last day (E22).
pub fn difference(known: &Held, now: &Held) -> Vec<MembershipChange> {
    let groups: BTreeSet<GroupId> = known.keys().chain(now.keys()).copied().collect();
    groups
        .into_iter()
        .filter_map(|group| match (known.get(&group).copied(), now.get(&group).copied()) {
            (None, Some(until)) => Some(MembershipChange::Assigned { group, until }),
            (Some(until), None) => Some(MembershipChange::Removed { group, until }),
            (Some(from), Some(until)) if from != until => {
                Some(MembershipChange::Moved { group, from, until })
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const A: GroupId = GroupId(Uuid::from_u128(1));
    const B: GroupId = GroupId(Uuid::from_u128(2));

    fn day(iso: &str) -> Option<ExpirationDate> {
        ExpirationDate::from_iso(iso).ok()
    }

    fn staged(add: &[GroupId], remove: &[GroupId]) -> Staged {
        Staged {
            additions: add.iter().map(|group| (*group, None)).collect(),
            removals: remove.iter().copied().collect(),
            last_days: BTreeMap::new(),
        }
    }

    #[test]
    fn a_save_changes_what_was_staged_and_nothing_else() {
        let held = Held::from([(A, None)]);
        let changes = staged(&[B], &[A]).changes(&held).unwrap();
        assert_eq!(
            changes,
            [
                MembershipChange::Removed { group: A, until: None },
                MembershipChange::Assigned { group: B, until: None },
            ]
        );
        assert_eq!(Staged::default().changes(&held), Ok(vec![]));
        assert!(Staged::default().is_empty() && !staged(&[B], &[]).is_empty());
    }

    #[test]
    fn what_is_added_and_removed_again_changes_nothing() {
        assert_eq!(staged(&[A], &[A]).changes(&Held::new()), Ok(vec![]));
        assert_eq!(staged(&[A], &[A]).changes(&Held::from([(A, None)])), Ok(vec![]));
        assert_eq!(staged(&[A], &[]).changes(&Held::from([(A, None)])), Ok(vec![]));
    }

    #[test]
    fn a_membership_that_is_not_held_is_neither_removed_nor_moved() {
        let held = Held::from([(B, None)]);
        assert_eq!(staged(&[], &[A]).changes(&held), Err(StagedError::NotHeld(A)));
        let moved = Staged { last_days: [(A, None)].into(), ..Staged::default() };
        assert_eq!(moved.changes(&held), Err(StagedError::NotHeld(A)));
    }

    #[test]
    fn a_last_day_moves_only_to_another_one() {
        let held = Held::from([(A, day("2026-12-31"))]);
        let to = |until| Staged { last_days: [(A, until)].into(), ..Staged::default() };
        assert_eq!(to(day("2026-12-31")).changes(&held), Ok(vec![]));
        let moved = |until| MembershipChange::Moved { group: A, from: day("2026-12-31"), until };
        for until in [day("2027-01-31"), None, day("2026-12-01")] {
            assert_eq!(to(until).changes(&held), Ok(vec![moved(until)]));
        }
        let mut again = staged(&[A], &[]);
        again.additions.insert(A, day("2027-06-30"));
        assert_eq!(again.changes(&held), Ok(vec![moved(day("2027-06-30"))]));
    }

    #[test]
    fn a_removal_is_stronger_than_a_new_last_day() {
        let held = Held::from([(A, None)]);
        let both = Staged {
            removals: [A].into(),
            last_days: [(A, day("2026-12-31"))].into(),
            ..Staged::default()
        };
        assert_eq!(
            both.changes(&held),
            Ok(vec![MembershipChange::Removed { group: A, until: None }])
        );
    }

    #[test]
    fn more_time_is_something_given() {
        let moved = |from, until| MembershipChange::Moved { group: A, from, until }.gives();
        assert!(moved(day("2026-12-31"), day("2027-01-01")) && moved(day("2026-12-31"), None));
        assert!(!moved(day("2026-12-31"), day("2026-12-31")));
        assert!(!moved(day("2026-12-31"), day("2026-12-30")) && !moved(None, day("2026-12-31")));
        assert!(MembershipChange::Assigned { group: A, until: None }.gives());
        assert!(!MembershipChange::Removed { group: A, until: None }.gives());
    }

    #[test]
    fn a_save_speaks_of_no_more_groups_than_it_may() {
        let groups = |count: usize| Staged {
            additions: (0..count).map(|n| (GroupId(Uuid::from_u128(n as u128)), None)).collect(),
            ..Staged::default()
        };
        assert_eq!(groups(STAGED_AT_MOST).changes(&Held::new()).unwrap().len(), STAGED_AT_MOST);
        assert_eq!(groups(STAGED_AT_MOST + 1).changes(&Held::new()), Err(StagedError::TooMany));
    }

    #[test]
    fn the_difference_between_two_looks_is_what_others_did() {
        let known = Held::from([(A, None)]);
        assert_eq!(difference(&known, &known), []);
        assert_eq!(
            difference(&known, &Held::from([(B, day("2026-12-31"))])),
            [
                MembershipChange::Removed { group: A, until: None },
                MembershipChange::Assigned { group: B, until: day("2026-12-31") },
            ]
        );
        assert_eq!(
            difference(&known, &Held::from([(A, day("2026-12-31"))])),
            [MembershipChange::Moved { group: A, from: None, until: day("2026-12-31") }]
        );
    }
}
