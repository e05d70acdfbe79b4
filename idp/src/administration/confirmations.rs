//! What became dormant is confirmed or taken away by a second administrator (I28, security.md 82), and a peer's grant
//! by the operator where the third party asks for it (O2).

use std::collections::BTreeSet;

use portal_core::{
    Timestamp,
    administrators::RoleKind,
    audit::AuditAction,
    descent::Descent,
    id::{ApplicationId, GroupId, LevelId, UserId},
    membership::MembershipChange,
    notice::NoticeKind,
    permission::{Action, Object, StaffRole},
};
use serde_json::json;
use storage::{AccessReview, Account, DormantMembership, HeldRole, HeldStaffRole};

use super::{
    Administration, AdministrationError, Change, Done, audience::Audience, roles::with_person,
};

/// What is decided about a person's dormant access.
#[derive(Clone, Debug, Default)]
pub struct DormantChoice {
    /// Roles that are decided about, each by its boundary: the same role can wait at the level of the account and above.
    pub roles: BTreeSet<(RoleKind, LevelId)>,
    /// Memberships that are decided about.
    pub groups: BTreeSet<GroupId>,
    /// Roles of the staff that are decided about.
    pub staff: BTreeSet<StaffRole>,
    /// Whether they count again, or are taken away.
    pub confirm: bool,
}

impl DormantChoice {
    /// Whether nothing was chosen.
    pub fn is_empty(&self) -> bool {
        self.roles.is_empty() && self.groups.is_empty() && self.staff.is_empty()
    }
}

/// Who decides about what is dormant, and by whose hand everybody concerned came to be.
#[derive(Clone, Copy, Debug)]
pub struct Decider<'a> {
    /// Who; `None` for set-up.
    pub actor: Option<UserId>,
    /// Looked up for the decider and for [`makers`] of what is dormant.
    pub descent: &'a Descent,
}

/// Who made something dormant, and is to be looked up before it is decided about.
pub fn makers<'a>(account: &Account, roles: impl IntoIterator<Item = &'a HeldRole>) -> Vec<UserId> {
    let granted = roles.into_iter().filter(|role| role.waits_for_operator());
    let granted = granted.filter_map(|role| role.granted_by);
    account.user.replaced.hands().into_iter().chain(granted).collect()
}

impl Decider<'_> {
    /// What is asked of the permission table before a dormant membership is decided about.
    pub fn membership_question(
        &self,
        account: &Account,
        membership: &DormantMembership,
    ) -> (Action, Object) {
        let by = account.user.replaced.hands();
        (Action::ConfirmMembership, self.dormant(account, Some(membership.application), &by))
    }

    /// The same for a dormant role: one question, or two when it waits for the operator and the person's sign-in data
    /// were replaced as well.
    pub fn role_questions(&self, account: &Account, role: &HeldRole) -> Vec<(Action, Object)> {
        let application = role.kind.application();
        let replaced_by = account.user.replaced.hands();
        let mut questions = Vec::new();
        if role.waits_for_operator() {
            let granted_by = role.granted_by.into_iter().collect();
            let object = self.dormant(account, application, &granted_by);
            questions.push((Action::ConfirmPeerGrant, object));
        }
        if !replaced_by.is_empty() || !role.waits_for_operator() {
            let action = match role.kind {
                RoleKind::UserAdministrator => Action::ConfirmUserAdministrator,
                RoleKind::AccessAdministrator(_) => Action::ConfirmAccessAdministrator,
            };
            questions.push((action, self.dormant(account, application, &replaced_by)));
        }
        questions
    }

    /// The same for a role of the staff. Whoever is of the staff was admitted by two, so only whoever granted it, and
    /// whoever replaced the sign-in data, is no second one.
    pub fn staff_question(account: &Account, held: &HeldStaffRole) -> (Action, Object) {
        let granted_by = held.granted_by.filter(|_| held.is_new());
        let object = Object::Dormant {
            user: account.user.id,
            level: account.level.path.clone(),
            reach: account.reach.clone(),
            application: None,
            originators: account.user.replaced.hands().into_iter().chain(granted_by).collect(),
        };
        (Action::ConfirmStaffRole, object)
    }

    /// Whoever could be the one who made it dormant, or is a second account of the person's own, is no second
    /// administrator.
    fn dormant(
        &self,
        account: &Account,
        application: Option<ApplicationId>,
        by: &BTreeSet<UserId>,
    ) -> Object {
        let is_no_second = |actor: &UserId| {
            by.iter().any(|by| self.descent.is_one_hand(*actor, *by))
                || self.descent.stems_from(*actor, account.user.id)
        };
        Object::Dormant {
            user: account.user.id,
            level: account.level.path.clone(),
            reach: account.reach.clone(),
            application,
            originators: by.iter().copied().chain(self.actor.filter(is_no_second)).collect(),
        }
    }
}

/// Whether somebody could be one who took a person over, or the person.
fn is_taker_or_person(
    descent: &Descent,
    actor: UserId,
    (person, takers): (UserId, &BTreeSet<UserId>),
) -> bool {
    takers.iter().any(|taker| descent.is_one_hand(actor, *taker))
        || descent.stems_from(actor, person)
}

impl Administration<'_> {
    /// Confirms or takes away what is dormant: everything that was chosen, or nothing.
    ///
    /// # Errors
    /// [`AdministrationError::Denied`] when the permission table refuses one of them: oneself, whoever replaced the
    /// sign-in data, and whoever could be the same person, never confirm; [`AdministrationError::Stale`] when one is not dormant any more.
    pub async fn decide_dormant(&self, user: UserId, choice: &DormantChoice) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        let mut roles = change.tx.list_delegated_roles(user).await?;
        roles.retain(|role| role.dormant_at.is_some() && choice.roles.contains(&role.key()));
        let mut memberships = change.tx.list_dormant_memberships(user).await?;
        memberships.retain(|membership| choice.groups.contains(&membership.group));
        change.permit(Action::ViewConfirmations, &super::object_of(&account))?;
        change.permit_decision(&account, &roles, &memberships).await?;
        let mut staff = change.tx.list_staff_roles(user).await?;
        staff.retain(|held| held.dormant_at.is_some() && choice.staff.contains(&held.role));
        for held in &staff {
            let (action, object) = Decider::staff_question(&account, held);
            change.permit(action, &object)?;
        }
        let found = [roles.len(), memberships.len(), staff.len()];
        if found != [choice.roles.len(), choice.groups.len(), choice.staff.len()] {
            return Err(AdministrationError::Stale);
        }
        for held in &staff {
            change.decide_staff_role(&account, (held, choice.confirm)).await?;
        }
        for role in &roles {
            change.decide_role(&account, role, choice.confirm).await?;
        }
        change.decide_memberships(&account, &memberships, choice.confirm).await?;
        if !roles.is_empty() || !staff.is_empty() {
            change.tx.raise_version(user).await?;
        }
        change.commit().await
    }
}

impl Change<'_> {
    /// Asks the permission table for each of them, with the descent of everybody concerned as it is within.
    async fn permit_decision(
        &self,
        account: &Account,
        roles: &[HeldRole],
        memberships: &[DormantMembership],
    ) -> Done<()> {
        let mut concerned = makers(account, roles);
        concerned.extend(self.actor_id());
        let descent = self.tx.descent(&concerned).await?;
        let decider = Decider { actor: self.actor_id(), descent: &descent };
        let of_roles = roles.iter().flat_map(|role| decider.role_questions(account, role));
        let of_memberships =
            memberships.iter().map(|membership| decider.membership_question(account, membership));
        for (action, object) in of_roles.chain(of_memberships) {
            self.permit(action, &object)?;
        }
        Ok(())
    }

    /// Whether the actor had a hand in replacing both address and number of a person, or could be somebody who had, or
    /// the person.
    pub(super) async fn is_of_one_hand(&self, account: &Account) -> Done<bool> {
        let takers = &account.user.replaced.taken_over_by;
        let (Some(actor), false) = (self.actor_id(), takers.is_empty()) else {
            return Ok(false);
        };
        let concerned: Vec<UserId> = takers.iter().copied().chain([actor]).collect();
        let descent = self.tx.descent(&concerned).await?;
        Ok(is_taker_or_person(&descent, actor, (account.user.id, takers)))
    }

    /// People under review for whom the actor is no second administrator: what of theirs lapsed waits for another one.
    pub(super) async fn of_one_hand_under(&self, review: &AccessReview) -> Done<Vec<UserId>> {
        let mut replaced = self.tx.list_replaced_under_review(review.id).await?;
        replaced.retain(|(_, takers)| !takers.is_empty());
        let (Some(actor), false) = (self.actor_id(), replaced.is_empty()) else {
            return Ok(Vec::new());
        };
        let takers: BTreeSet<UserId> = replaced.iter().flat_map(|(_, by)| by).copied().collect();
        let concerned: Vec<UserId> = takers.into_iter().chain([actor]).collect();
        let descent = self.tx.descent(&concerned).await?;
        let of_one_hand = replaced
            .into_iter()
            .filter(|(user, takers)| is_taker_or_person(&descent, actor, (*user, takers)));
        Ok(of_one_hand.map(|(user, _)| user).collect())
    }

    /// What somebody gives to a person whose address and number they replaced, a membership or more time for one, waits
    /// for somebody else: what became dormant cannot be taken away and given anew by one hand, and what a second one
    /// confirmed for some time cannot be made to last.
    pub(super) async fn keep_dormant(
        &mut self,
        account: &Account,
        changes: &[MembershipChange],
    ) -> Done<()> {
        if !self.is_of_one_hand(account).await? {
            return Ok(());
        }
        let (mut is_one_dormant, mut ends_access) = (false, false);
        for change in changes.iter().filter(|change| change.gives()) {
            let (user, group, now) = (account.user.id, change.group(), self.now());
            let is_dormant_now = self.tx.make_membership_dormant(user, group, now).await?;
            if !is_dormant_now {
                // A review that it lapsed in would otherwise restore it with the time that nobody else has seen.
                self.tx.keep_membership_dormant(user, group, now).await?;
            }
            is_one_dormant = true;
            ends_access |= is_dormant_now && matches!(change, MembershipChange::Moved { .. });
        }
        if is_one_dormant {
            let by = if ends_access { "more time" } else { "assignment" };
            self.record_of(account, AuditAction::AccessMadeDormant, json!({ "by": by }));
            if ends_access {
                let facts = self.facts();
                self.tell(account, NoticeKind::AccessDormant, facts);
            }
            let facts = with_person(self.facts(), account);
            let level = account.level.path.clone();
            let told = (NoticeKind::ConfirmationNeeded, &facts);
            let whom = (&level, Audience::Administrators);
            self.tell_in_charge(whom, account.user.id, told).await?;
        }
        Ok(())
    }

    async fn decide_role(&mut self, account: &Account, role: &HeldRole, confirm: bool) -> Done<()> {
        if !confirm {
            return self.revoke_role(account, role).await;
        }
        self.tx.wake_role(account.user.id, role.key()).await?;
        let facts = self.role_facts(account, role.kind).await?;
        let detail = json!({
            "role": facts.get("role"),
            "before": { "dormant_at": role.dormant_at.map(Timestamp::millis) },
            "after": { "dormant_at": null },
        });
        self.record_of(account, AuditAction::RoleConfirmed, detail);
        self.tell(account, NoticeKind::AccessConfirmed, facts.clone());
        if role.waits_for_operator() {
            self.tell_of_administrator(account, NoticeKind::AdministratorAdded, facts).await?;
        }
        match &account.third_party {
            Some(third_party) => self.end_orphaned(third_party.id).await,
            None => Ok(()),
        }
    }

    async fn decide_memberships(
        &mut self,
        account: &Account,
        memberships: &[DormantMembership],
        confirm: bool,
    ) -> Done<()> {
        let user = account.user.id;
        for membership in memberships {
            let before = json!({ "dormant_at": membership.since.millis() });
            let (action, after) = if confirm {
                self.tx.wake_membership(user, membership.group).await?;
                (AuditAction::MembershipConfirmed, json!({ "dormant_at": null }))
            } else {
                let (by, now) = (self.actor_id(), self.now());
                self.tx.delete_membership(user, membership.group, by, now).await?;
                (AuditAction::MembershipRemoved, json!(null))
            };
            let detail = json!({ "group": membership.name, "before": before, "after": after });
            self.record_of(account, action, detail);
        }
        if memberships.is_empty() {
            return Ok(());
        }
        let kind =
            if confirm { NoticeKind::AccessConfirmed } else { NoticeKind::MembershipRemoved };
        let names: Vec<&str> = memberships.iter().map(|one| one.name.as_str()).collect();
        let mut facts = self.facts();
        facts.insert("groups".to_owned(), names.join(", "));
        self.tell(account, kind, facts);
        self.tx.raise_access_version(user).await?;
        Ok(())
    }
}
