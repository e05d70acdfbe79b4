//! Delegated roles (manual §5): one save grants and revokes, all of it or nothing.

use portal_core::{
    access::Application,
    account::UserStatus,
    administrators::{Departure, RoleKind, is_filled},
    audit::AuditAction,
    id::UserId,
    notice::NoticeKind,
    permission::{Action, Object},
};
use serde_json::{Value, json};
use storage::{Account, HeldRole, NewDelegatedRole, NoticeFacts};

use super::{Administration, AdministrationError, Change, Done, Rule, change::object_of};

/// What a save of the Roles section changes.
#[derive(Clone, Debug, Default)]
pub struct RoleChange {
    /// The version of the account that was on the page; the save is stale when there is a newer one (I27). Set-up
    /// has no page.
    pub version: Option<i64>,
    /// Roles to grant.
    pub grant: Vec<RoleKind>,
    /// Roles to revoke.
    pub revoke: Vec<RoleKind>,
    /// The operator's reason to go on when nobody is left (O4).
    pub orphan: Option<String>,
}

impl RoleChange {
    /// Whether it changes nothing.
    pub const fn is_empty(&self) -> bool {
        self.grant.is_empty() && self.revoke.is_empty()
    }
}

impl Administration<'_> {
    /// Grants `DelegatedUserAdmin` (manual §5, I11). Staff never hold delegated roles (I16).
    pub async fn grant_user_administrator(&self, user: UserId) -> Done<()> {
        let grant = vec![RoleKind::UserAdministrator];
        self.change_roles(user, &RoleChange { grant, ..RoleChange::default() }).await
    }

    /// Grants `ApplicationAccessAdmin` for one application (manual §5, I11).
    pub async fn grant_access_administrator(
        &self,
        user: UserId,
        application: &Application,
    ) -> Done<()> {
        let grant = vec![RoleKind::AccessAdministrator(application.id)];
        self.change_roles(user, &RoleChange { grant, ..RoleChange::default() }).await
    }

    /// Grants and revokes delegated roles of a person in one save. Each is decided by the permission table, and the
    /// whole is refused when one is (security.md 88). A grant by a peer counts at once, unless the operator confirms
    /// every administrator of the third party (O2).
    ///
    /// # Errors
    /// [`AdministrationError`]; [`AdministrationError::Stale`] when the account has a newer version.
    pub async fn change_roles(&self, user: UserId, wanted: &RoleChange) -> Done<()> {
        self.save_user(user, None, wanted).await.map(|_| ())
    }
}

impl Change<'_> {
    /// The roles of a save. The caller has seen to its version, and says whether the same save took the person over.
    pub(super) async fn apply_roles(
        &mut self,
        account: &Account,
        wanted: &RoleChange,
        is_taken_over: bool,
    ) -> Done<()> {
        let user = account.user.id;
        for kind in &wanted.grant {
            self.permit_role(account, *kind, Purpose::Grant).await?;
        }
        for kind in &wanted.revoke {
            self.permit_role(account, *kind, Purpose::Revoke).await?;
        }
        if account.third_party.is_none() {
            return Err(AdministrationError::Rule(Rule::StaffHoldNoDelegatedRole));
        }
        for kind in &wanted.grant {
            self.keep_first_to_nominations(account, *kind).await?;
        }
        let departure = Departure::From(&wanted.revoke);
        self.keep_administrators(account, departure, wanted.orphan.as_deref()).await?;
        let before = self.tx.list_delegated_roles(user).await?;
        // The same role can be held at the level of the account and above it: whoever may take one may take both.
        for role in before.iter().filter(|role| wanted.revoke.contains(&role.kind)) {
            self.revoke_role(account, role).await?;
        }
        for kind in &wanted.grant {
            self.grant_role(account, *kind, is_taken_over).await?;
        }
        if self.tx.list_delegated_roles(user).await? != before {
            self.tx.raise_version(user).await?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Grant,
    Revoke,
}

impl Change<'_> {
    /// A role ends with every reason that ends an administrator: call it when an account is deleted, suspended or
    /// moved (domain.md 2.4). The caller has been permitted that, and has asked [`Self::keep_administrators`].
    pub(super) async fn revoke_all_roles(&mut self, account: &Account) -> Done<()> {
        for role in self.tx.list_delegated_roles(account.user.id).await? {
            self.revoke_role(account, &role).await?;
        }
        Ok(())
    }

    async fn permit_role(&self, account: &Account, kind: RoleKind, purpose: Purpose) -> Done<()> {
        match kind {
            RoleKind::UserAdministrator => {
                self.permit(Action::GrantUserAdministrator, &object_of(account))
            }
            RoleKind::AccessAdministrator(application) => {
                let mut object = self.access(account, application).await?;
                // What is held can be revoked also where the third party is not onboarded any more.
                if let (Object::Access { onboarded, .. }, Purpose::Revoke) = (&mut object, purpose)
                {
                    *onboarded = true;
                }
                self.permit(Action::GrantAccessAdministrator, &object)
            }
        }
    }

    /// A member of the staff adds to those who fill a role, and makes no first one: who that is comes from the signatory,
    /// with evidence and the eyes of two (I15, security.md 84).
    async fn keep_first_to_nominations(&self, account: &Account, kind: RoleKind) -> Done<()> {
        let (Some(_), Some(third_party)) = (self.actor_id(), &account.third_party) else {
            return Ok(());
        };
        if !self.is_operator(account, kind) {
            return Ok(());
        }
        let administered = self.tx.find_administered(third_party.id).await?;
        let in_office = administered.map(|found| found.administrators).unwrap_or_default();
        if is_filled(&in_office, kind, self.now()) {
            return Ok(());
        }
        Err(AdministrationError::Rule(Rule::FirstByNomination(kind)))
    }

    async fn grant_role(
        &mut self,
        account: &Account,
        kind: RoleKind,
        is_taken_over: bool,
    ) -> Done<()> {
        if !matches!(account.user.status, UserStatus::Invited | UserStatus::Active) {
            return Err(AdministrationError::Rule(Rule::AdministratorInUse));
        }
        // What is held is held at this level or above it, and includes what is granted.
        let held = self.tx.list_delegated_roles(account.user.id).await?;
        if held.iter().any(|role| role.kind == kind) {
            return Ok(());
        }
        let role = NewDelegatedRole {
            user: account.user.id,
            level: account.level.id,
            application: kind.application(),
            granted_by: self.actor_id(),
            nomination: None,
        };
        if !self.tx.insert_delegated_role(&role, self.now()).await? {
            return Ok(());
        }
        let is_of_one_hand = is_taken_over || self.is_of_one_hand(account).await?;
        let waits = is_of_one_hand
            || (self.operator_confirms(account).await? && !self.is_operator(account, kind));
        if waits {
            let role = (kind, account.level.id);
            self.tx.make_role_dormant(account.user.id, role, self.now()).await?;
        }
        let facts = self.role_facts(account, kind).await?;
        let after = if waits { "dormant" } else { "held" };
        let level = account.level.path.as_str();
        let detail = before_and_after((&facts, level), "none", after);
        self.record_of(account, AuditAction::RoleGranted, detail);
        if waits {
            self.tell(account, NoticeKind::RoleWaits, facts.clone());
            let facts = with_person(facts, account);
            return self.tell_staff(NoticeKind::GrantToConfirm, &facts).await;
        }
        self.tell(account, NoticeKind::RoleGranted, facts.clone());
        self.tell_of_administrator(account, NoticeKind::AdministratorAdded, facts).await
    }

    /// Revokes one role, of one boundary; the others of the person stay.
    pub(super) async fn revoke_role(&mut self, account: &Account, role: &HeldRole) -> Done<()> {
        let (user, by) = (account.user.id, self.actor_id());
        if !self.tx.delete_delegated_role(user, role.key(), by, self.now()).await? {
            return Ok(());
        }
        let facts = self.role_facts(account, role.kind).await?;
        let level = self.tx.find_level_by_id(role.level).await?;
        let level = level.ok_or(AdministrationError::Missing("level"))?;
        let before = if role.dormant_at.is_some() { "dormant" } else { "held" };
        let detail = before_and_after((&facts, level.path.as_str()), before, "none");
        self.record_of(account, AuditAction::RoleRevoked, detail);
        self.tell(account, NoticeKind::RoleRevoked, facts.clone());
        self.tell_of_administrator(account, NoticeKind::AdministratorRemoved, facts).await
    }

    /// Peers of the level and the operator hear of every administrator who comes or goes (O2).
    pub(super) async fn tell_of_administrator(
        &mut self,
        account: &Account,
        kind: NoticeKind,
        facts: NoticeFacts,
    ) -> Done<()> {
        let facts = with_person(facts, account);
        let level = account.level.path.clone();
        self.tell_administrators_and_staff(&level, account.user.id, (kind, &facts)).await
    }

    async fn operator_confirms(&self, account: &Account) -> Done<bool> {
        let Some(third_party) = &account.third_party else {
            return Ok(false);
        };
        let administered = self.tx.find_administered(third_party.id).await?;
        Ok(administered.is_some_and(|administered| administered.confirms_administrators))
    }

    /// Whether the actor could confirm what a peer grants: then nothing waits.
    fn is_operator(&self, account: &Account, kind: RoleKind) -> bool {
        let object = Object::Dormant {
            user: account.user.id,
            level: account.level.path.clone(),
            reach: account.reach.clone(),
            application: kind.application(),
            originators: Vec::new(),
        };
        self.may(Action::ConfirmPeerGrant, &object)
    }

    /// The facts of notices about a role of a person: who changed it, which role, at which organisation.
    pub(super) async fn role_facts(&self, account: &Account, kind: RoleKind) -> Done<NoticeFacts> {
        let mut facts = self.facts();
        facts.insert("role".to_owned(), self.role_name(kind).await?);
        let third_party = account.third_party.as_ref().map(|third_party| third_party.name.clone());
        facts.extend(third_party.map(|name| ("organisation".to_owned(), name)));
        Ok(facts)
    }

    /// A role as notices and the audit trail name it: `DelegatedUserAdmin`, `ApplicationAccessAdmin:CASPER`.
    async fn role_name(&self, kind: RoleKind) -> Done<String> {
        let Some(id) = kind.application() else {
            return Ok(storage::role_name(None));
        };
        let application = self.tx.find_application_by_id(id).await?;
        let application = application.ok_or(AdministrationError::Missing("application"))?;
        Ok(storage::role_name(Some(&application.code)))
    }
}

/// The facts, with the person whom they are about: for notices to others.
pub(super) fn with_person(mut facts: NoticeFacts, account: &Account) -> NoticeFacts {
    facts.insert("person".to_owned(), account.user.display_name());
    facts
}

/// What the trail keeps of one role, which is named with its boundary.
fn before_and_after((facts, level): (&NoticeFacts, &str), before: &str, after: &str) -> Value {
    json!({ "role": facts.get("role"), "level": level, "before": before, "after": after })
}
