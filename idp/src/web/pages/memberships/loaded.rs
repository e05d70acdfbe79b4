//! What the page "Assign Memberships" is made of, and what of it the administrator may give.

use std::collections::{HashMap, HashSet};

use portal_core::{
    Timestamp,
    id::{ApplicationId, GroupId, UserId},
    membership::{Held, MembershipChange},
    permission::{self, Action, Decision, Denial},
};
use storage::{AccessAdministrator, Account, HeldMembership, OfferedGroup};

use super::staging;
use crate::{
    administration::{access_of, object_of},
    web::{asking::Asking, error::PageError, person_name::name_of},
};

/// A person with everything that could be, and is, assigned.
pub(super) struct Loaded {
    pub(super) account: Account,
    pub(super) memberships: Vec<HeldMembership>,
    /// Groups of the applications that the third party is onboarded to.
    pub(super) offered: Vec<OfferedGroup>,
    /// Whom to ask for what one does not manage.
    pub(super) administrators: Vec<AccessAdministrator>,
    /// Applications that the administrator manages here, and the third party is onboarded to.
    managed: HashSet<ApplicationId>,
    /// Whether the administrator manages anything here, onboarded or not.
    manages_any: bool,
}

/// Whether the person is in the administrator's sight.
pub(super) fn may_view(asking: &Asking, account: &Account) -> bool {
    asking.is_allowed(Action::ViewUser, &object_of(account))
}

/// Whether the last day of a membership is over.
pub(super) fn is_over(membership: &HeldMembership, now: Timestamp) -> bool {
    membership.valid_until.is_some_and(|day| day.is_over(now))
}

impl Loaded {
    /// Loads it for the person of that id, who must be in sight.
    pub(super) async fn of(asking: &Asking, id: &str) -> Result<Self, PageError> {
        let (app, actor) = (&asking.app, &asking.who.actor);
        let id: UserId = id.parse().map_err(|_| PageError::NotFound)?;
        let account = app.store.find_account(id).await?.ok_or(PageError::NotFound)?;
        asking.may(Action::ViewUser, &object_of(&account))?;
        let (offered, onboarded) = match &account.third_party {
            Some(third_party) => (
                app.store.list_offered_groups(third_party.id).await?,
                // Also those that are switched off: what was given there can be taken away.
                app.store.list_onboarded_applications(third_party.id).await?,
            ),
            None => Default::default(),
        };
        let onboarded: HashSet<ApplicationId> = onboarded.iter().map(|one| one.id).collect();
        let (mut managed, mut manages_any) = (HashSet::new(), false);
        for application in app.store.list_applications().await? {
            let object = access_of(&account, application.id, onboarded.contains(&application.id));
            match permission::decide(actor, Action::AssignMembership, &object, app.now()) {
                Decision::Allow(_) => {
                    managed.insert(application.id);
                    manages_any = true;
                }
                Decision::Deny(Denial::NotOnboarded) => manages_any = true,
                Decision::Deny(_) => {}
            }
        }
        let level = &account.level.path;
        Ok(Self {
            memberships: app.store.list_memberships(id).await?,
            administrators: app.store.list_access_administrators(level, app.now()).await?,
            account,
            offered,
            managed,
            manages_any,
        })
    }

    /// Whether the page is for this administrator at all (E18).
    pub(super) const fn may_assign(&self) -> bool {
        self.manages_any
    }

    /// What is held.
    pub(super) fn held(&self) -> Held {
        self.memberships.iter().map(|held| (held.group.id, held.valid_until)).collect()
    }

    /// Whether the administrator gives and takes access to an application here.
    pub(super) fn manages(&self, application: ApplicationId) -> bool {
        self.managed.contains(&application)
    }

    /// Whether a group is one that the administrator may give here (O7).
    pub(super) fn may_give(&self, group: GroupId) -> bool {
        self.offered
            .iter()
            .any(|offered| offered.group.id == group && self.manages(offered.application.id))
    }

    /// Who gives access to an application, by name.
    pub(super) fn administrators_of(&self, application: ApplicationId) -> Vec<&str> {
        let all = self.administrators.iter().filter(|one| one.application == application);
        all.map(|one| one.name.as_str()).collect()
    }

    /// What others changed, in words: what, who, when (E22).
    pub(super) async fn difference_words(
        &self,
        asking: &Asking,
        difference: &[MembershipChange],
    ) -> Result<Vec<String>, PageError> {
        let (store, texts) = (&asking.app.store, asking.texts());
        let former = store.list_former_memberships(self.account.user.id).await?;
        let author = |change: &MembershipChange| match *change {
            MembershipChange::Removed { group, .. } => {
                let last = former.iter().find(|one| one.group == group)?;
                Some((last.removed_by, last.removed_at))
            }
            MembershipChange::Assigned { group, .. } | MembershipChange::Moved { group, .. } => {
                let held = self.memberships.iter().find(|held| held.group.id == group)?;
                Some((held.assigned_by, held.assigned_at))
            }
        };
        let authors: Vec<_> = difference.iter().map(author).collect();
        let ids: Vec<UserId> = authors.iter().flatten().filter_map(|(by, _)| *by).collect();
        let accounts = store.list_accounts(&ids).await?;
        let people: HashMap<UserId, String> =
            accounts.iter().map(|one| (one.user.id, name_of(one, texts))).collect();
        let names = self.group_names(&former.iter().map(|one| one.group).collect::<Vec<_>>());
        let words = difference.iter().zip(authors).map(|(change, author)| {
            let (key, until) = match change {
                MembershipChange::Assigned { .. } => ("memberships-other-added", None),
                MembershipChange::Removed { .. } => ("memberships-other-removed", None),
                MembershipChange::Moved { until, .. } => {
                    ("memberships-other-moved", Some(staging::iso(*until)))
                }
            };
            let by = author.and_then(|(by, _)| by).and_then(|by| people.get(&by).cloned());
            let by = by.unwrap_or_else(|| texts.msg("memberships-by-portal"));
            let at = author.map(|(_, at)| texts.instant(at)).unwrap_or_default();
            let until = until.filter(|day| !day.is_empty());
            let until = until.unwrap_or_else(|| texts.msg("memberships-no-end"));
            let group = names.get(&change.group()).cloned().unwrap_or_default();
            let values = [("group", &group), ("by", &by), ("at", &at), ("until", &until)];
            texts.msg_with(key, values.map(|(name, value)| (name, value.as_str())))
        });
        Ok(words.collect())
    }

    /// Names of groups that are held or offered; of another one, its identifier.
    fn group_names(&self, others: &[GroupId]) -> HashMap<GroupId, String> {
        let mut names: HashMap<GroupId, String> =
            others.iter().map(|group| (*group, group.to_string())).collect();
        names.extend(self.offered.iter().map(|one| (one.group.id, one.group.name.clone())));
        names.extend(self.memberships.iter().map(|one| (one.group.id, one.group.name.clone())));
        names
    }
}
