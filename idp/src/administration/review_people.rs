//! The people whom a review does something to: each is loaded once and told once, whatever number of memberships.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use portal_core::{id::UserId, notice::NoticeKind};
use storage::{Account, NoticeFacts};

use super::{AdministrationError, Change, Done};

/// The people, with the groups that they are told of.
#[derive(Default)]
pub(super) struct ReviewPeople {
    accounts: HashMap<UserId, Account>,
    groups: BTreeMap<UserId, Vec<String>>,
}

impl ReviewPeople {
    /// Loads those who are not yet.
    pub(super) async fn load(
        &mut self,
        change: &Change<'_>,
        people: impl Iterator<Item = UserId>,
    ) -> Done<()> {
        let new: BTreeSet<UserId> =
            people.filter(|user| !self.accounts.contains_key(user)).collect();
        let new: Vec<UserId> = new.into_iter().collect();
        let accounts = change.tx.list_accounts(&new).await?;
        self.accounts.extend(accounts.into_iter().map(|account| (account.user.id, account)));
        Ok(())
    }

    /// Somebody is told of a group. Returns the account, which was loaded.
    pub(super) fn note(&mut self, user: UserId, group: &str) -> Done<&Account> {
        let account = self.accounts.get(&user).ok_or(AdministrationError::Missing("user"))?;
        self.groups.entry(user).or_default().push(group.to_owned());
        Ok(account)
    }

    /// Tells everybody of the groups of theirs.
    pub(super) fn tell(self, change: &mut Change<'_>, kind: NoticeKind, facts: &NoticeFacts) {
        for (user, groups) in self.groups {
            if let Some(account) = self.accounts.get(&user) {
                let mut facts = facts.clone();
                facts.insert("groups".to_owned(), groups.join(", "));
                change.tell(account, kind, facts);
            }
        }
    }
}
