//! What nobody may do to oneself: every row of the permission table that denies it, through the page that reaches it
//! (I28, I29, security.md 84). Whoever asks here could do the same to another person.

use axum::http::StatusCode;
use portal_core::permission::{Action, Effect, Relation, StaffRole, TABLE};

use super::{callers::Caller, objects::World};
use crate::{on_both_databases, users::save};

const WAKE: &str = "UPDATE delegated_roles SET dormant_at = NULL";

/// A person who administers users and access, and something of theirs that waits.
struct Me {
    caller: Caller,
    path: String,
}

impl Me {
    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> StatusCode {
        let csrf = self.caller.csrf.clone();
        let fields: Vec<_> =
            fields.iter().copied().chain([("csrf_token", csrf.as_str())]).collect();
        self.caller.visitor.post(path, &fields).await.status
    }

    async fn confirm(&mut self, what: &str) -> StatusCode {
        let path = self.path.replace("/users/", "/confirmations/");
        self.post(&path, &[("decision", "confirm"), (what, "on")]).await
    }
}

/// How a role comes to wait for a confirmation, and its field. Whose role sleeps is no administrator by it meanwhile; the
/// other roles show the page.
const fn put_to_sleep(action: Action) -> Option<(&'static str, &'static str)> {
    match action {
        Action::ConfirmUserAdministrator => Some((
            "UPDATE delegated_roles SET dormant_at = 1 WHERE application_id IS NULL",
            "role.DelegatedUserAdmin",
        )),
        Action::ConfirmAccessAdministrator => Some((
            "UPDATE delegated_roles SET dormant_at = 1 WHERE application_id IS NOT NULL",
            "role.ApplicationAccessAdmin.CASPER",
        )),
        Action::ConfirmPeerGrant => Some((
            "UPDATE delegated_roles SET dormant_at = granted_at WHERE application_id IS NOT NULL",
            "role.ApplicationAccessAdmin.CASPER",
        )),
        _ => None,
    }
}

/// How a row is reached: what is done to oneself, and with which status that is refused.
async fn refused(world: &mut World, me: &mut Me, action: Action) -> bool {
    let path = me.path.clone();
    let forbidden = StatusCode::FORBIDDEN;
    if let Some((sql, field)) = put_to_sleep(action) {
        world.idp.execute(WAKE).await;
        world.idp.execute(sql).await;
        return me.confirm(field).await == forbidden;
    }
    match action {
        Action::SuspendUser => {
            me.post(&format!("{path}/suspend"), &[("version", "1"), ("reason", "rest")]).await
                == forbidden
                && me.post(&format!("{path}/reinstate"), &[]).await == forbidden
        }
        Action::UnlockUser => me.post(&format!("{path}/unlock"), &[]).await == forbidden,
        Action::ChangeExpiration => {
            let longer = [("account_expiration_date", "2027-12-31")];
            let visitor = &mut me.caller.visitor;
            save(visitor, &format!("{path}/edit"), &longer).await.status == forbidden
        }
        Action::ReplaceSignInData => {
            let mine = [("email", "me@elsewhere.example"), ("phone_number", "+34123456789")];
            let visitor = &mut me.caller.visitor;
            let page = save(visitor, &format!("{path}/edit"), &mine).await;
            page.status == StatusCode::UNPROCESSABLE_ENTITY && page.body.contains("email-error")
        }
        Action::DecideAccessRequest => {
            world.made_by(&me.caller).await;
            let request = world.made_request(&me.caller).unwrap();
            me.post(&format!("/requests/{request}"), &[("decision", "grant")]).await == forbidden
        }
        Action::ConfirmMembership => {
            let group = world.idp.app.store.find_group("A-CASPER_WEB_DATA_SUBMITTER").await;
            let (group, id) = (group.unwrap().unwrap(), me.caller.id().unwrap());
            world.idp.administration().assign_membership(id, &group).await.unwrap();
            world.idp.execute("UPDATE memberships SET dormant_at = 1").await;
            me.confirm(&format!("group.{}", group.id)).await == forbidden
        }
        Action::GrantStaffRole | Action::ConfirmStaffRole => as_staff(world, action).await,
        other => panic!("{other:?} is denied to oneself, and nobody has tried it here"),
    }
}

/// The same for roles of the staff, which only an identity administrator grants and confirms.
async fn as_staff(world: &World, action: Action) -> bool {
    let idp = &world.idp;
    let name = if action == Action::GrantStaffRole { "granting" } else { "confirming" };
    let caller = Caller::staff(idp, name, StaffRole::IdentityAdmin).await;
    let id = caller.id().unwrap();
    let mut me = Me { caller, path: format!("/users/{id}") };
    if action == Action::GrantStaffRole {
        let fields = [("version", "0"), ("role.ECB_AUDITOR", "on")];
        let path = format!("{}/staff-roles", me.path);
        return me.post(&path, &fields).await == StatusCode::FORBIDDEN;
    }
    idp.administration().grant_staff_role(id, StaffRole::Auditor).await.unwrap();
    idp.execute("UPDATE staff_roles SET dormant_at = 1 WHERE role = 'ECB_AUDITOR'").await;
    me.confirm("staff.ECB_AUDITOR").await == StatusCode::FORBIDDEN
}

on_both_databases! {
    async fn nobody_does_to_oneself_what_the_table_denies_to_oneself(idp) {
        let mut world = World::new(idp).await;
        let roles = ["DelegatedUserAdmin", "CASPER", "A-CASPER"];
        let caller = Caller::delegated(&world.idp, ("me", world.own), &roles).await;
        let id = caller.id().unwrap();
        let mut me = Me { caller, path: format!("/users/{id}") };
        let before = world.idp.app.store.find_account(id).await.unwrap().unwrap().user;
        let denied: Vec<Action> = TABLE
            .iter()
            .filter(|row| row.effect == Effect::Deny && row.relation == Relation::Oneself)
            .map(|row| row.action)
            .collect();
        assert!(denied.len() >= 10, "{denied:?}");
        for action in denied {
            assert!(refused(&mut world, &mut me, action).await, "{action:?}");
        }
        let after = world.idp.app.store.find_account(id).await.unwrap().unwrap().user;
        assert_eq!((after.expires_on, after.status), (before.expires_on, before.status));
        assert_eq!((after.email, after.phone), (before.email, before.phone));
        let asleep = world.idp.app.store.list_dormant_memberships_of(&[id]).await.unwrap();
        assert_eq!(asleep.get(&id).map(Vec::len), Some(1));
        let roles = world.idp.app.store.list_delegated_roles(id).await.unwrap();
        assert!(roles.iter().any(|role| role.dormant_at.is_some()));
    }
}
