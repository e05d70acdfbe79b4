//! The state of an account as a badge. Every state that is shown is one that the account behaves by.

use portal_core::{
    Timestamp,
    account::{Standing, UserStatus},
    failures::CodeFailures,
};
use storage::Account;

use crate::texts::Texts;

/// A badge.
pub(super) struct StatusView {
    pub(super) text: String,
    /// `good`, `warning`, `bad` or `muted`.
    pub(super) tone: &'static str,
}

/// The badges of an account: its state, a lock, access that waits for confirmation (I28).
pub(super) fn badges(
    account: &Account,
    (failures, is_dormant): (&CodeFailures, bool),
    now: Timestamp,
    texts: &Texts,
) -> Vec<StatusView> {
    let (key, tone) = match account.standing(now) {
        Standing::Good => ("users-status-active", "good"),
        Standing::NotActive(UserStatus::Nominated) => ("users-status-nominated", "muted"),
        Standing::NotActive(UserStatus::Invited) => ("users-status-invited", "warning"),
        Standing::NotActive(UserStatus::Suspended) => ("users-status-suspended", "bad"),
        Standing::NotActive(_) => ("users-status-deleted", "bad"),
        Standing::Expired => ("users-status-expired", "bad"),
        Standing::ThirdPartyBarred => ("users-status-barred", "bad"),
    };
    let mut all = vec![(key, tone)];
    if failures.bars(now) {
        all.push(("users-status-locked", "bad"));
    }
    if is_dormant {
        all.push(("users-status-dormant", "warning"));
    }
    all.into_iter().map(|(key, tone)| StatusView { text: texts.msg(key), tone }).collect()
}
