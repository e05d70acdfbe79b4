//! Memberships from a file: given and taken away as on the page (manual §4), all or nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

use portal_core::{
    audit::AuditAction,
    email::EmailKey,
    expiry::ExpirationDate,
    id::{ApplicationId, GroupId, ThirdPartyId, UserId},
    membership::{Held, Staged},
    one_time_link::LinkPurpose,
    permission::{self, Action, Decision, Denial},
};
use serde_json::json;
use storage::{Account, OfferedGroup};

use super::{
    Administration, AdministrationError, Change, Done,
    change::{access_of, object_of},
    imports::{Applied, ImportedFile, Preview, Refusal, Taken, is_there},
};
use crate::secrets;

/// A row of the file.
#[derive(Clone, Debug)]
pub struct ImportedMembership {
    /// Its number in the file.
    pub row: usize,
    /// Whose.
    pub email: EmailKey,
    /// The name of the group.
    pub group: String,
    /// What is to be done.
    pub step: MembershipStep,
}

/// What a row asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipStep {
    /// To assign a membership, with its last day if it has one. What is assigned already stays as it is.
    Add(Option<ExpirationDate>),
    /// To remove it.
    Remove,
}

/// What a row does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipEffect {
    /// Assigns a membership.
    Added,
    /// Removes one.
    Removed,
    /// Nothing: it is so already.
    Nothing,
}

/// A row with what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedMembership {
    /// The row.
    pub row: usize,
    /// Whose.
    pub user: UserId,
    /// The person's name.
    pub name: String,
    /// What it does.
    pub effect: MembershipEffect,
}

impl Administration<'_> {
    /// Shows what an import would do, and does nothing.
    ///
    /// # Errors
    /// [`AdministrationError`]; what is wrong with rows stands in the preview.
    pub async fn preview_memberships(
        &self,
        rows: &[ImportedMembership],
        file: &ImportedFile,
    ) -> Done<Preview<ChangedMembership>> {
        let preview = {
            let (mut change, third_party) = self.begin_membership_import(rows).await?;
            change.apply_rows(rows, third_party).await?
        };
        self.keep_ticket(LinkPurpose::MembershipImport, file, &preview).await?;
        Ok(preview)
    }

    /// Gives and takes away memberships as it was shown.
    ///
    /// # Errors
    /// [`AdministrationError::Stale`] when it is not what was shown.
    pub async fn import_memberships(
        &self,
        rows: &[ImportedMembership],
        file: &ImportedFile,
    ) -> Done<Applied> {
        let (mut change, third_party) = self.begin_membership_import(rows).await?;
        let shown = match self.take_ticket(&change, LinkPurpose::MembershipImport, file).await? {
            Taken::Now(shown) => shown,
            Taken::Before(count) => return Ok(Applied::Before(count)),
        };
        let done = change.apply_rows(rows, third_party).await?;
        done.check(&shown)?;
        let count = |effect| done.effects.iter().filter(|row: &&_| row.effect == effect).count();
        let (added, removed) = (count(MembershipEffect::Added), count(MembershipEffect::Removed));
        let first = done.effects.first().map(|row| row.user);
        let level = match first {
            Some(user) => change.tx.find_account(user).await?.map(|account| account.level.id),
            None => None,
        };
        let detail = json!({
            "added": added,
            "removed": removed,
            "file": secrets::hexadecimal(&file.digest),
        });
        let object =
            third_party.map_or_else(|| "root".to_owned(), |id| format!("third_party:{id}"));
        change.record(AuditAction::MembershipsImported, object, level, detail);
        change.note_applied(file, added + removed).await?;
        change.commit().await?;
        Ok(Applied::Now(added + removed))
    }

    /// The organisation of a file is that of the first person in it who is in sight.
    async fn begin_membership_import(
        &self,
        rows: &[ImportedMembership],
    ) -> Done<(Change<'_>, Option<ThirdPartyId>)> {
        let keys: Vec<EmailKey> = rows.iter().map(|row| row.email.clone()).collect();
        let accounts = by_address(self.store.list_accounts_of(&keys).await?);
        let is_seen = |account: &&Account| {
            permission::decide(self.actor, Action::ViewUser, &object_of(account), self.now)
                .is_allowed()
        };
        let first = keys.iter().find_map(|key| accounts.get(key.as_str()).filter(is_seen));
        let third_party = first.and_then(|account| account.third_party.as_ref()).map(|of| of.id);
        Ok((self.change(third_party).await?, third_party))
    }
}

/// What the rows of a file refer to, loaded once for all.
struct Known {
    people: HashMap<String, Account>,
    groups: HashMap<String, OfferedGroup>,
    by_id: HashMap<GroupId, OfferedGroup>,
    held: HashMap<UserId, Held>,
    onboarded: HashSet<ApplicationId>,
    third_party: Option<ThirdPartyId>,
}

impl Change<'_> {
    async fn apply_rows(
        &mut self,
        rows: &[ImportedMembership],
        third_party: Option<ThirdPartyId>,
    ) -> Done<Preview<ChangedMembership>> {
        let known = self.known(rows, third_party).await?;
        let mut of_people: BTreeMap<&str, Vec<&ImportedMembership>> = BTreeMap::new();
        for row in rows {
            of_people.entry(row.email.as_str()).or_default().push(row);
        }
        let mut preview = Preview::default();
        for (email, rows) in of_people {
            self.apply_of_person(&known, (email, &rows), &mut preview).await?;
        }
        preview.effects.sort_by_key(|effect| effect.row);
        preview.refusals.sort_by_key(|refusal| refusal.row);
        Ok(preview)
    }

    async fn known(
        &self,
        rows: &[ImportedMembership],
        third_party: Option<ThirdPartyId>,
    ) -> Done<Known> {
        let keys: Vec<EmailKey> = rows.iter().map(|row| row.email.clone()).collect();
        let names: Vec<String> = rows.iter().map(|row| row.group.clone()).collect();
        let people = by_address(self.tx.list_accounts_of(&keys).await?);
        let groups = self.tx.list_groups_named(&names).await?;
        let ids: Vec<UserId> = people.values().map(|account| account.user.id).collect();
        Ok(Known {
            held: self.tx.list_held(&ids).await?,
            people,
            by_id: groups.iter().map(|one| (one.group.id, one.clone())).collect(),
            groups: groups.into_iter().map(|one| (one.group.name.clone(), one)).collect(),
            onboarded: match third_party {
                Some(id) => self.tx.list_onboarded(id).await?,
                None => HashSet::new(),
            },
            third_party,
        })
    }

    async fn apply_of_person(
        &mut self,
        known: &Known,
        (email, rows): (&str, &[&ImportedMembership]),
        preview: &mut Preview<ChangedMembership>,
    ) -> Done<()> {
        let account = known.people.get(email).filter(|account| is_there(account));
        let account = account.filter(|account| self.may(Action::ViewUser, &object_of(account)));
        let Some(account) = account else {
            for row in rows {
                preview.refuse(row.row, Refusal::Person);
            }
            return Ok(());
        };
        let user = account.user.id;
        let is_own = self.actor_id() == Some(user);
        let forbids_self = is_own && self.four_eyes(account).await?.forbids_self_assignment;
        let held = known.held.get(&user).cloned().unwrap_or_default();
        let mut staged = Staged::default();
        for row in rows {
            let group = match self.group_of(known, account, row) {
                Ok(group) => group,
                Err(refusal) => {
                    preview.refuse(row.row, refusal);
                    continue;
                }
            };
            let effect = match (row.step, held.contains_key(&group)) {
                (MembershipStep::Add(_), false) if forbids_self => {
                    preview.refuse(row.row, Refusal::SelfAssignment);
                    continue;
                }
                (MembershipStep::Add(until), false) => {
                    staged.additions.insert(group, until);
                    MembershipEffect::Added
                }
                (MembershipStep::Remove, true) => {
                    staged.removals.insert(group);
                    MembershipEffect::Removed
                }
                (MembershipStep::Add(_), true) | (MembershipStep::Remove, false) => {
                    MembershipEffect::Nothing
                }
            };
            let name = account.user.display_name();
            preview.effects.push(ChangedMembership { row: row.row, user, name, effect });
        }
        let changes = staged.changes(&held);
        let changes = changes.map_err(|_| AdministrationError::Missing("membership"))?;
        self.change_memberships(account, &changes, &known.by_id).await
    }

    /// The group of a row, if the permission table lets the actor give and take it away.
    fn group_of(
        &self,
        known: &Known,
        account: &Account,
        row: &ImportedMembership,
    ) -> Result<GroupId, Refusal> {
        if account.third_party.as_ref().map(|of| of.id) != known.third_party {
            return Err(Refusal::OtherOrganisation);
        }
        let offered = known.groups.get(&row.group).ok_or(Refusal::Group)?;
        let application = offered.application.id;
        let object = access_of(account, application, known.onboarded.contains(&application));
        let is_offered = offered.is_enabled || row.step == MembershipStep::Remove;
        match self.decide(Action::AssignMembership, &object) {
            Decision::Allow(_) if is_offered => Ok(offered.group.id),
            Decision::Deny(Denial::NotOnboarded) => Err(Refusal::NotOnboarded),
            Decision::Allow(_) | Decision::Deny(_) => Err(Refusal::Group),
        }
    }
}

fn by_address(accounts: Vec<Account>) -> HashMap<String, Account> {
    let key = |account: &Account| EmailKey::of(&account.user.email).as_str().to_owned();
    accounts.into_iter().map(|account| (key(&account), account)).collect()
}
