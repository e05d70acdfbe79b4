//! What became dormant is confirmed or taken away by a second administrator (I28, security.md 82), and a peer's grant
//! by the operator where the third party asks for it (O2).

use std::collections::BTreeSet;

use portal_core::{
    Timestamp,
    administrators::RoleKind,
    audit::AuditAction,
    id::{ApplicationId, GroupId, UserId},
    membership::MembershipChange,
    notice::NoticeKind,
    permission::{Action, Object},
};
use serde_json::json;
use storage::{Account, DormantMembership, HeldRole};

use super::{Administration, AdministrationError, Change, Done, roles::with_person};

/// What is decided about a person's dormant access.
#[derive(Clone, Debug, Default)]
pub struct DormantChoice {
    /// Roles that are decided about.
    pub roles: BTreeSet<RoleKind>,
    /// Memberships that are decided about.
    pub groups: BTreeSet<GroupId>,
    /// Whether they count again, or are taken away.
    pub confirm: bool,
}

/// What is asked of the permission table before a dormant membership is decided about.
pub fn membership_question(account: &Account, membership: &DormantMembership) -> (Action, Object) {
    let by = account.user.replaced.by;
    (Action::ConfirmMembership, dormant(account, Some(membership.application), by))
}

/// The same for a dormant role: one question, or two when it waits for the operator and the person's sign-in data
/// were replaced as well.
pub fn role_questions(account: &Account, role: &HeldRole) -> Vec<(Action, Object)> {
    let application = role.kind.application();
    let replaced_by = account.user.replaced.by;
    let mut questions = Vec::new();
    if role.waits_for_operator() {
        questions.push((Action::ConfirmPeerGrant, dormant(account, application, role.granted_by)));
    }
    if replaced_by.is_some() || !role.waits_for_operator() {
        let action = match role.kind {
            RoleKind::UserAdministrator => Action::ConfirmUserAdministrator,
            RoleKind::AccessAdministrator(_) => Action::ConfirmAccessAdministrator,
        };
        questions.push((action, dormant(account, application, replaced_by)));
    }
    questions
}

fn dormant(account: &Account, application: Option<ApplicationId>, by: Option<UserId>) -> Object {
    Object::Dormant {
        user: account.user.id,
        level: account.level.path.clone(),
        application,
        replaced_by: by,
    }
}

impl Administration<'_> {
    /// Confirms or takes away what is dormant: everything that was chosen, or nothing.
    ///
    /// # Errors
    /// [`AdministrationError::Denied`] when the permission table refuses one of them: oneself, and whoever replaced
    /// the sign-in data, never confirm; [`AdministrationError::Stale`] when one is not dormant any more.
    pub async fn decide_dormant(&self, user: UserId, choice: &DormantChoice) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        let mut roles = change.tx.list_delegated_roles(user).await?;
        roles.retain(|role| role.dormant_at.is_some() && choice.roles.contains(&role.kind));
        let mut memberships = change.tx.list_dormant_memberships(user).await?;
        memberships.retain(|membership| choice.groups.contains(&membership.group));
        change.permit(Action::ViewConfirmations, &super::object_of(&account))?;
        for role in &roles {
            for (action, object) in role_questions(&account, role) {
                change.permit(action, &object)?;
            }
        }
        for membership in &memberships {
            let (action, object) = membership_question(&account, membership);
            change.permit(action, &object)?;
        }
        if roles.len() != choice.roles.len() || memberships.len() != choice.groups.len() {
            return Err(AdministrationError::Stale);
        }
        for role in &roles {
            change.decide_role(&account, role, choice.confirm).await?;
        }
        change.decide_memberships(&account, &memberships, choice.confirm).await?;
        if !roles.is_empty() {
            change.tx.raise_version(user).await?;
        }
        change.commit().await
    }
}

impl Change<'_> {
    /// What somebody gives to a person whose address and number they replaced waits for somebody else: what became
    /// dormant cannot be taken away and given anew by one hand.
    pub(super) async fn keep_dormant(
        &mut self,
        account: &Account,
        changes: &[MembershipChange],
    ) -> Done<()> {
        if !self.actor_id().is_some_and(|by| account.user.replaced.are_both_by(by)) {
            return Ok(());
        }
        let mut is_one_dormant = false;
        for change in changes {
            if let MembershipChange::Assigned { group, .. } = change {
                let (user, now) = (account.user.id, self.now());
                self.tx.make_membership_dormant(user, *group, now).await?;
                is_one_dormant = true;
            }
        }
        if is_one_dormant {
            self.record_of(account, AuditAction::AccessMadeDormant, json!({ "by": "assignment" }));
            let facts = with_person(self.facts(), account);
            let level = account.level.path.clone();
            let told = (NoticeKind::ConfirmationNeeded, &facts);
            self.tell_administrators(&level, account.user.id, told).await?;
        }
        Ok(())
    }

    async fn decide_role(&mut self, account: &Account, role: &HeldRole, confirm: bool) -> Done<()> {
        if !confirm {
            return self.revoke_role(account, role.kind).await;
        }
        self.tx.wake_role(account.user.id, role.kind).await?;
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
        Ok(())
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
