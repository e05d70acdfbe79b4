//! Who asks: nobody, a plain user, and every kind of administrator and of staff.

use idp::administration::RoleChange;
use portal_core::{
    administrators::RoleKind,
    id::{LevelId, UserId},
    organisation::LevelPath,
    permission::{Actor, StaffRole},
};

use crate::harness::{TestIdp, Visitor};

/// Who asks.
pub(super) struct Caller {
    pub(super) name: &'static str,
    pub(super) visitor: Visitor,
    /// `None` for whoever is not signed in.
    pub(super) actor: Option<Actor>,
    pub(super) csrf: String,
}

impl Caller {
    /// Whose account it is.
    pub(super) fn id(&self) -> Option<UserId> {
        match &self.actor {
            Some(Actor::Person { id, .. }) => Some(*id),
            _ => None,
        }
    }

    /// All of them; delegated administrators at `own`, staff at the root.
    pub(super) async fn all(idp: &TestIdp, own: LevelId) -> Vec<Self> {
        let mut nobody = idp.visitor();
        let csrf = nobody.get("/login").await.field("csrf_token").unwrap();
        let mut callers = vec![Self { name: "nobody", visitor: nobody, actor: None, csrf }];
        for (name, roles) in [
            ("plain user", &[] as &[&str]),
            ("DUA", &["DelegatedUserAdmin"]),
            ("DAA of CASPER", &["CASPER"]),
            ("DAA of the SSM Portal", &["SSM-PORTAL"]),
            ("DUA and DAA", &["DelegatedUserAdmin", "CASPER"]),
        ] {
            callers.push(Self::delegated(idp, (name, own), roles).await);
        }
        for (name, role) in [
            ("identity administrator", StaffRole::IdentityAdmin),
            ("support", StaffRole::Support),
            ("auditor", StaffRole::Auditor),
        ] {
            callers.push(Self::staff(idp, name, role).await);
        }
        callers
    }

    /// Somebody at a level who holds delegated roles, each named by its application.
    pub(super) async fn delegated(
        idp: &TestIdp,
        (name, level): (&'static str, LevelId),
        roles: &[&str],
    ) -> Self {
        let (user, email) = person(idp, name, level).await;
        let mut grant = Vec::new();
        for role in roles {
            let application = idp.app.store.find_application(role).await.unwrap();
            grant.push(RoleKind::of(application.map(|application| application.id)));
        }
        if !grant.is_empty() {
            let change = RoleChange { grant, ..RoleChange::default() };
            idp.administration().change_roles(user, &change).await.unwrap();
        }
        Self::signed_in(idp, name, (user, &email)).await
    }

    /// Somebody of the operator's staff.
    pub(super) async fn staff(idp: &TestIdp, name: &'static str, role: StaffRole) -> Self {
        let root = idp.app.store.find_level(&LevelPath::root()).await.unwrap().unwrap();
        let (user, email) = person(idp, name, root.id).await;
        idp.administration().grant_staff_role(user, role).await.unwrap();
        Self::signed_in(idp, name, (user, &email)).await
    }

    async fn signed_in(idp: &TestIdp, name: &'static str, (user, email): (UserId, &str)) -> Self {
        let account = idp.app.store.find_account(user).await.unwrap().unwrap();
        let actor = idp.app.store.actor(&account).await.unwrap();
        let mut visitor = idp.signed_in(email).await;
        let csrf = visitor.get("/profile").await.field("csrf_token").unwrap();
        Self { name, visitor, actor: Some(actor), csrf }
    }
}

async fn person(idp: &TestIdp, name: &str, level: LevelId) -> (UserId, String) {
    let email = format!("caller-{}@bank.example", name.to_lowercase().replace(' ', "-"));
    let user = idp.create_user(&email, level, None).await;
    idp.activate(user).await;
    (user, email)
}
