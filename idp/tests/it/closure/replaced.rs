//! Whose address and number somebody has, as this test counts it.

use std::collections::BTreeSet;

use portal_core::{Timestamp, id::UserId};
use storage::Account;

use super::World;

const WEEK_MILLIS: i64 = 7 * 24 * 60 * 60 * 1000;

impl World {
    /// Who made the account of somebody who has never signed in, and to whom others gave something.
    pub(super) async fn who_chose(&self, account: &Account) -> Option<UserId> {
        let user = account.user.id;
        let creator = account.user.created_by.filter(|_| !self.signed_in.contains_key(&user))?;
        let memberships = self.store.list_memberships(user).await.unwrap();
        let roles = self.store.list_delegated_roles(user).await.unwrap();
        let mut givers = memberships.iter().map(|held| held.assigned_by);
        let is_of_others = givers.any(|giver| giver != Some(creator))
            || roles.iter().any(|role| role.granted_by != Some(creator));
        is_of_others.then_some(creator)
    }

    /// Everybody who had a hand in it, when neither address nor number is what the person knows: each was replaced, and
    /// not so long ago that it is the person's by now, or was chosen by whoever made the account.
    pub(super) fn note_replaced(
        &mut self,
        user: UserId,
        (by, chosen): (UserId, Option<UserId>),
        now_replaced: [bool; 2],
    ) -> Option<BTreeSet<UserId>> {
        if now_replaced == [false; 2] {
            return None;
        }
        let (now, login) = (self.now, self.signed_in.get(&user).copied());
        let is_open = |at: Timestamp| {
            now.millis_since(at) < WEEK_MILLIS || login.is_none_or(|login| login <= at)
        };
        let halves = self.replaced.entry(user).or_default();
        let mut takers = BTreeSet::new();
        let mut is_both = true;
        for (half, is_replaced) in halves.iter_mut().zip(now_replaced) {
            if is_replaced {
                *half = Some((by, now));
            }
            let hand = half.filter(|(_, at)| is_open(*at)).map(|(hand, _)| hand);
            let hands: Vec<UserId> =
                hand.into_iter().chain(chosen.filter(|_| !is_replaced)).collect();
            is_both &= !hands.is_empty();
            takers.extend(hands);
        }
        is_both.then_some(takers)
    }
}
