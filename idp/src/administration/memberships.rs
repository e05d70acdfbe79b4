//! Memberships: the access right of the portal (manual §4).

use std::collections::{BTreeMap, HashMap, HashSet};

use portal_core::{
    access::Group,
    account::UserStatus,
    audit::AuditAction,
    expiry::ExpirationDate,
    id::{GroupId, UserId},
    membership::{Held, MembershipChange, Staged},
    notice::NoticeKind,
    one_hand::OneHand,
    permission::Action,
};
use serde_json::{Value, json};
use storage::{Account, NewMembership, NoticeFacts, OfferedGroup};

use super::{
    Administration, AdministrationError, Change, Done, Rule, audience::Audience, one_hand::Given,
};

/// What is saved for one person.
#[derive(Clone, Debug)]
pub struct MembershipSave {
    /// What the form was made from; `None` for set-up and imports, which replace nothing that anybody looked at.
    pub known_version: Option<i64>,
    /// What was staged.
    pub staged: Staged,
}

/// The groups that a save speaks of.
pub(super) type Groups = HashMap<GroupId, OfferedGroup>;

impl Administration<'_> {
    /// Saves a staged set of memberships, all or nothing (manual §4: "Click Save to finish", I27). Every group in it
    /// is asked of the permission table (I10, security.md 88). Returns what has changed.
    ///
    /// # Errors
    /// [`AdministrationError::Stale`] when somebody else changed the person's memberships meanwhile.
    pub async fn save_memberships(
        &self,
        user: UserId,
        save: &MembershipSave,
    ) -> Done<Vec<MembershipChange>> {
        let (mut change, account) = self.change_user(user).await?;
        let groups = permit_groups(&change, &account, &save.staged).await?;
        if save.known_version.is_some_and(|known| known != account.user.access_version) {
            return Err(AdministrationError::Stale);
        }
        let held = change.tx.list_memberships(user).await?;
        let held: Held = held.into_iter().map(|held| (held.group.id, held.valid_until)).collect();
        let mut staged = save.staged.clone();
        if save.known_version.is_none() {
            // What is assigned already stays as it is.
            staged.additions.retain(|group, _| !held.contains_key(group));
        }
        let changes = staged.changes(&held);
        let changes = changes.map_err(|_| AdministrationError::Missing("membership"))?;
        change.change_memberships(&account, &changes, &groups).await?;
        change.commit().await?;
        Ok(changes)
    }

    /// Assigns a group membership (manual §4, I10).
    pub async fn assign_membership(&self, user: UserId, group: &Group) -> Done<()> {
        let staged = Staged { additions: [(group.id, None)].into(), ..Staged::default() };
        self.save_one(user, staged).await
    }

    /// Removes a group membership (manual §4: "using the same interface"); whoever has none has none after.
    pub async fn remove_membership(&self, user: UserId, group: &Group) -> Done<()> {
        let staged = Staged { removals: [group.id].into(), ..Staged::default() };
        match self.save_one(user, staged).await {
            Err(AdministrationError::Missing("membership")) => Ok(()),
            done => done,
        }
    }

    async fn save_one(&self, user: UserId, staged: Staged) -> Done<()> {
        self.save_memberships(user, &MembershipSave { known_version: None, staged }).await?;
        Ok(())
    }

    /// Ends a membership whose last day is over, for good: it counted for nothing since (manual §4). The job's.
    /// `false` when it was ended, or given another day, meanwhile.
    pub async fn end_membership(&self, user: UserId, group: GroupId) -> Done<bool> {
        let (mut change, account) = self.change_user(user).await?;
        let held = change.tx.list_memberships(user).await?;
        let is_over =
            |until: Option<ExpirationDate>| until.is_some_and(|day| day.is_over(self.now));
        let Some(held) =
            held.into_iter().find(|one| one.group.id == group && is_over(one.valid_until))
        else {
            return Ok(false);
        };
        if !change.tx.delete_membership(user, group, None, self.now).await? {
            return Ok(false);
        }
        let until = held.valid_until.map(ExpirationDate::to_iso);
        let detail = json!({
            "group": held.group.name,
            "application": held.application.code,
            "before": { "until": until },
            "after": null,
        });
        change.record_of(&account, AuditAction::MembershipEnded, detail);
        if is_told(&account) {
            let facts = NoticeFacts::from([("groups".to_owned(), held.group.name)]);
            change.tell(&account, NoticeKind::MembershipEnded, facts);
        }
        change.commit().await?;
        Ok(true)
    }
}

impl Change<'_> {
    /// Carries out what changes of a person's memberships, with its evidence and notices. The caller has asked the
    /// permission table for every group.
    pub(super) async fn change_memberships(
        &mut self,
        account: &Account,
        changes: &[MembershipChange],
        groups: &Groups,
    ) -> Done<()> {
        let one_hand = self.one_hand(account).await?;
        let gives: Vec<&MembershipChange> = changes.iter().filter(|one| one.gives()).collect();
        if one_hand == Some(OneHand::ToOneself)
            && !gives.is_empty()
            && self.four_eyes(account).await?.forbids_self_assignment
        {
            return Err(AdministrationError::Rule(Rule::SelfAssignment));
        }
        let is_off = |one: &&MembershipChange| {
            groups.get(&one.group()).is_some_and(|offered| !offered.is_enabled)
        };
        if gives.iter().any(is_off) {
            return Err(AdministrationError::Rule(Rule::SwitchedOff));
        }
        for one in changes {
            self.apply(account.user.id, *one).await?;
            let (action, detail) = evidence(*one, groups, one_hand);
            self.record_of(account, action, detail);
        }
        if let Some(kind) = one_hand {
            let kept: Vec<Given<'_>> =
                gives.into_iter().filter_map(|one| given(*one, groups)).collect();
            self.keep_one_hand(account, kind, &kept).await?;
        }
        self.tell_of_memberships(account, (changes, groups)).await?;
        self.keep_dormant(account, changes).await
    }

    async fn apply(&self, user: UserId, one: MembershipChange) -> Done<()> {
        let (by, now) = (self.actor_id(), self.now());
        let new = |group, valid_until| NewMembership { user, group, assigned_by: by, valid_until };
        match one {
            MembershipChange::Assigned { group, until } => {
                self.tx.insert_membership(&new(group, until), now).await?;
            }
            MembershipChange::Moved { group, until, .. } => {
                self.tx.move_last_day(&new(group, until), now).await?;
            }
            MembershipChange::Removed { group, .. } => {
                self.tx.delete_membership(user, group, by, now).await?;
            }
        }
        Ok(())
    }

    /// The person is told; of what administrators give themselves, the other administrators too (O8).
    async fn tell_of_memberships(
        &mut self,
        account: &Account,
        (changes, groups): (&[MembershipChange], &Groups),
    ) -> Done<()> {
        let Some(by) = self.actor_id() else {
            return Ok(());
        };
        let common = self.facts();
        let facts = |of: &dyn Fn(&MembershipChange) -> bool| {
            let names = named(changes.iter().filter(|one| of(one)), groups);
            let facts = common.clone().into_iter().chain([("groups".to_owned(), names.clone())]);
            (!names.is_empty()).then(|| facts.collect::<NoticeFacts>())
        };
        let removed = facts(&|one| matches!(one, MembershipChange::Removed { .. }));
        let assigned = facts(&|one| !matches!(one, MembershipChange::Removed { .. }));
        let given = facts(&|one| one.gives()).filter(|_| by == account.user.id);
        for (kind, facts) in
            [(NoticeKind::MembershipAssigned, assigned), (NoticeKind::MembershipRemoved, removed)]
        {
            if let Some(facts) = facts.filter(|_| is_told(account)) {
                self.tell(account, kind, facts);
            }
        }
        if let Some(facts) = given {
            let told = (NoticeKind::SelfAssigned, &facts);
            let whom = (&account.level.path, Audience::Administrators);
            self.tell_in_charge(whom, by, told).await?;
        }
        Ok(())
    }
}

/// Loads every group of a staged set and asks the permission table for each of them; one that is not permitted, and
/// the whole is refused.
async fn permit_groups(change: &Change<'_>, account: &Account, staged: &Staged) -> Done<Groups> {
    if account.user.status == UserStatus::Deleted {
        return Err(AdministrationError::Missing("user"));
    }
    let ids: Vec<GroupId> = staged.groups().into_iter().collect();
    let onboarded = match &account.third_party {
        Some(third_party) => change.tx.list_onboarded(third_party.id).await?,
        None => HashSet::new(),
    };
    // Who may not even see the person hears nothing else.
    change.permit(Action::ViewUser, &super::object_of(account))?;
    let groups = change.tx.list_groups(&ids).await?;
    for offered in &groups {
        let application = offered.application.id;
        let object = super::access_of(account, application, onboarded.contains(&application));
        change.permit(Action::AssignMembership, &object)?;
    }
    if groups.len() != ids.len() {
        return Err(AdministrationError::Missing("group"));
    }
    Ok(groups.into_iter().map(|offered| (offered.group.id, offered)).collect())
}

/// What the trail keeps of one change: the group, and the membership before and after (I25).
fn evidence(
    one: MembershipChange,
    groups: &Groups,
    one_hand: Option<OneHand>,
) -> (AuditAction, Value) {
    let held =
        |until: Option<ExpirationDate>| json!({ "until": until.map(ExpirationDate::to_iso) });
    let (action, before, after) = match one {
        MembershipChange::Assigned { until, .. } => {
            (AuditAction::MembershipAssigned, Value::Null, held(until))
        }
        MembershipChange::Removed { until, .. } => {
            (AuditAction::MembershipRemoved, held(until), Value::Null)
        }
        MembershipChange::Moved { from, until, .. } => {
            (AuditAction::MembershipMoved, held(from), held(until))
        }
    };
    let offered = groups.get(&one.group());
    let mut detail = json!({
        "group": offered.map(|offered| &offered.group.name),
        "application": offered.map(|offered| &offered.application.code),
        "before": before,
        "after": after,
    });
    if let Some(kind) = one_hand {
        mark(&mut detail, kind, one.gives());
    }
    (action, detail)
}

/// Marks in the trail that one person alone gave access; of what somebody changes for oneself, also that it gave none.
pub(super) fn mark(detail: &mut Value, kind: OneHand, gives: bool) {
    let name = match kind {
        OneHand::ToOneself => "self_assigned",
        OneHand::ToOwnMaking if gives => "created_by_giver",
        OneHand::ToOwnMaking => return,
    };
    if let Some(detail) = detail.as_object_mut() {
        detail.insert(name.to_owned(), json!(gives));
    }
}

/// What a change gives.
fn given(one: MembershipChange, groups: &Groups) -> Option<Given<'_>> {
    let until = match one {
        MembershipChange::Assigned { until, .. } | MembershipChange::Moved { until, .. } => until,
        MembershipChange::Removed { .. } => return None,
    };
    let OfferedGroup { group, application, .. } = groups.get(&one.group())?;
    Some(Given { group: group.id, name: &group.name, application: application.id, until })
}

/// Names of groups for a notice, each with the last day of the membership where it has one.
fn named<'a>(changes: impl Iterator<Item = &'a MembershipChange>, groups: &Groups) -> String {
    let mut names = BTreeMap::new();
    for one in changes {
        let name = groups.get(&one.group()).map_or("", |offered| offered.group.name.as_str());
        let until = match one {
            MembershipChange::Assigned { until, .. } | MembershipChange::Moved { until, .. } => {
                *until
            }
            MembershipChange::Removed { .. } => None,
        };
        names.insert(name, until);
    }
    let texts: Vec<String> = names
        .into_iter()
        .map(|(name, until)| match until {
            Some(day) => format!("{name} (– {})", day.to_iso()),
            None => name.to_owned(),
        })
        .collect();
    texts.join(", ")
}

/// Whether a person is told of access: somebody without an account in use hears of it when it is activated (E67).
fn is_told(account: &Account) -> bool {
    account.user.status == UserStatus::Active
}
