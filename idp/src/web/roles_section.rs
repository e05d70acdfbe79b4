//! The Roles section as each kind of administrator sees it (manual §5, E16, E17, E20, E21).

use portal_core::{
    access::Application,
    administrators::RoleKind,
    permission::{Action, Object},
};
use storage::{Account, HeldRole};

use crate::{
    administration::{access_of, object_of},
    web::{
        asking::Asking,
        error::PageError,
        role_name::{role_field, role_name},
    },
};

/// One check box.
#[derive(Clone, Debug)]
pub(crate) struct RoleBox {
    /// The role.
    pub kind: RoleKind,
    /// What follows `role.` in the name of the field.
    pub name: String,
    /// What stands beside the box.
    pub label: String,
    /// Whether the person holds the role.
    pub is_held: bool,
    /// Whether the box is ticked: as held, or as it was sent.
    pub is_ticked: bool,
    /// Whether the role waits for a confirmation.
    pub is_dormant: bool,
    /// Why the reader may not change it.
    pub locked: Option<String>,
    /// What is wrong with the change.
    pub error: Option<String>,
}

/// The section.
#[derive(Clone, Debug)]
pub(crate) struct RolesSection {
    /// `DelegatedUserAdmin`.
    pub users: RoleBox,
    /// `ApplicationAccessAdmin`, a box for each application.
    pub access: Vec<RoleBox>,
    /// Whether it asks to confirm that an own role is given up (E15).
    pub asks_about_own: bool,
    /// Whether it asks to confirm that another level ends the roles that are held (E25).
    pub asks_about_move: bool,
    /// Whether it asks the operator for a reason to leave the third party without an administrator (O4).
    pub asks_for_reason: bool,
    /// The reason as it was typed.
    pub reason: String,
}

/// What the section is made from.
struct Found<'a> {
    asking: &'a Asking,
    account: &'a Account,
    held: Vec<HeldRole>,
}

impl RolesSection {
    /// The section for a person's roles; `None` where there are none to see: staff hold no delegated roles (I16).
    ///
    /// # Errors
    /// [`PageError`] when the database fails.
    pub(crate) async fn load(
        asking: &Asking,
        account: &Account,
    ) -> Result<Option<Self>, PageError> {
        let Some(third_party) = &account.third_party else {
            return Ok(None);
        };
        let store = &asking.app.store;
        let administered = store.find_administered(third_party.id).await?;
        let onboarded = administered.map(|one| one.onboarded).unwrap_or_default();
        let held = store.list_delegated_roles(account.user.id).await?;
        let found = Found { asking, account, held };
        let mut access = Vec::new();
        for application in store.list_applications().await? {
            let is_onboarded = onboarded.contains(&application.id);
            access.extend(found.access_box(&application, is_onboarded));
        }
        Ok(Some(Self {
            users: found.users_box(),
            access,
            asks_about_own: false,
            asks_about_move: false,
            asks_for_reason: false,
            reason: String::new(),
        }))
    }

    /// All boxes.
    pub(crate) fn boxes(&self) -> impl Iterator<Item = &RoleBox> {
        std::iter::once(&self.users).chain(&self.access)
    }

    /// What is held, by its names in full.
    pub(crate) fn held(&self) -> impl Iterator<Item = String> {
        let name = |one: &RoleBox| match one.kind {
            RoleKind::UserAdministrator => one.label.clone(),
            RoleKind::AccessAdministrator(_) => format!("ApplicationAccessAdmin: {}", one.label),
        };
        self.boxes().filter(|one| one.is_held).map(name)
    }

    /// All boxes, to be changed.
    pub(crate) fn boxes_mut(&mut self) -> impl Iterator<Item = &mut RoleBox> {
        std::iter::once(&mut self.users).chain(&mut self.access)
    }

    /// Whether the reader may change anything.
    pub(crate) fn is_changeable(&self) -> bool {
        self.boxes().any(|one| one.locked.is_none())
    }

    /// Whether the reader may change a role of access administrators.
    pub(crate) fn is_access_changeable(&self) -> bool {
        self.access.iter().any(|one| one.locked.is_none())
    }

    /// Whether the person is access administrator of anything.
    pub(crate) fn has_access_role(&self) -> bool {
        self.access.iter().any(|one| one.is_ticked)
    }
}

impl Found<'_> {
    fn may(&self, action: Action, object: &Object) -> bool {
        self.asking.is_allowed(action, object)
    }

    fn may_grant_user_administrator(&self) -> bool {
        self.may(Action::GrantUserAdministrator, &object_of(self.account))
    }

    fn role_box(&self, kind: RoleKind, name: String, label: String) -> RoleBox {
        let held = || self.held.iter().filter(|held| held.kind == kind);
        let is_held = held().next().is_some();
        RoleBox {
            kind,
            name,
            label,
            is_held,
            is_ticked: is_held,
            is_dormant: is_held && held().all(|held| held.dormant_at.is_some()),
            locked: None,
            error: None,
        }
    }

    fn users_box(&self) -> RoleBox {
        let kind = RoleKind::UserAdministrator;
        let action = Action::GrantUserAdministrator;
        let locked = (!self.may_grant_user_administrator()).then(|| {
            self.locked_above((action, object_of(&self.within())))
                .unwrap_or_else(|| self.asking.text("roles-locked-user-administrator"))
        });
        RoleBox { locked, ..self.role_box(kind, role_field(kind, &[]), role_name(kind, &[])) }
    }

    /// The box of an application: for whoever may change it, and read-only for what is held or what a user
    /// administrator is to know of.
    fn access_box(&self, application: &Application, onboarded: bool) -> Option<RoleBox> {
        let kind = RoleKind::AccessAdministrator(application.id);
        let name = role_field(kind, std::slice::from_ref(application));
        let found = self.role_box(kind, name, application.title.clone());
        // What is held can be revoked also where the third party is not onboarded any more.
        let onboarded_or_held = onboarded || found.is_held;
        let action = Action::GrantAccessAdministrator;
        if self.may(action, &access_of(self.account, application.id, onboarded_or_held)) {
            return Some(found);
        }
        let is_of_interest = found.is_held || (onboarded && self.may_grant_user_administrator());
        is_of_interest.then(|| {
            let within = access_of(&self.within(), application.id, onboarded_or_held);
            let locked = self.locked_above((action, within)).unwrap_or_else(|| {
                let (key, title) = ("roles-locked-access-administrator", &application.title);
                self.asking.texts().msg1(key, "application", title)
            });
            RoleBox { locked: Some(locked), ..found }
        })
    }

    /// The person, as if no role reached above the account.
    fn within(&self) -> Account {
        Account { reach: self.account.level.path.clone(), ..self.account.clone() }
    }

    /// Why the reader may not change a role whose like at the level of the account is the reader's to change.
    fn locked_above(&self, (action, within): (Action, Object)) -> Option<String> {
        self.may(action, &within).then(|| self.asking.text("roles-locked-above"))
    }
}
