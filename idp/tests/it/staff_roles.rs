//! Roles of the operator's staff: two people admit each of them, and nobody takes over a colleague (I15, I16, I28).

use axum::http::StatusCode;
use idp::administration::{DormantChoice, StaffRoleChange, UserSave};
use portal_core::{
    account::NewUser,
    audit::AuditAction,
    email::Email,
    id::UserId,
    notice::NoticeKind,
    organisation::LevelPath,
    permission::{Denial, Sight, StaffRole},
    phone::PhoneNumber,
};
use storage::AuditSearch;

use crate::{
    harness::{Page, TestIdp, Visitor},
    on_both_databases,
    roles::{account_of, acting, actor, denial},
};

const ALL: [StaffRole; 1] = [StaffRole::IdentityAdmin];

/// A member of the staff, admitted at set-up.
async fn staff(idp: &TestIdp, name: &str, roles: &[StaffRole]) -> UserId {
    let root = idp.app.store.find_level(&LevelPath::root()).await.unwrap().unwrap();
    let user = idp.create_user(&format!("{name}@ecb.example"), root.id, None).await;
    idp.activate(user).await;
    for role in roles {
        idp.administration().grant_staff_role(user, *role).await.unwrap();
    }
    user
}

async fn counting(idp: &TestIdp, user: UserId) -> Vec<StaffRole> {
    idp.app.store.staff_roles(user).await.unwrap()
}

async fn confirm(
    idp: &TestIdp,
    by: UserId,
    of: UserId,
) -> Result<(), idp::administration::AdministrationError> {
    let choice = DormantChoice { staff: ALL.into(), confirm: true, ..DormantChoice::default() };
    let by = actor(idp, by).await;
    acting(idp, &by).decide_dormant(of, &choice).await
}

/// Opens the page of a person's roles and saves it with these boxes.
async fn save(visitor: &mut Visitor, path: &str, boxes: &[(&str, &str)]) -> Page {
    let page = visitor.get(path).await.expect(StatusCode::OK);
    let (token, version) = (page.field("csrf_token").unwrap(), page.field("version").unwrap());
    let mut fields = vec![("csrf_token", token.as_str())];
    if boxes.iter().all(|(name, _)| *name != "version") {
        fields.push(("version", version.as_str()));
    }
    fields.extend(boxes);
    visitor.post(path, &fields).await
}

on_both_databases! {
    async fn what_one_identity_administrator_grants_counts_when_a_second_one_confirms_it(idp) {
        let anna = staff(&idp, "anna", &ALL).await;
        let ben = staff(&idp, "ben", &ALL).await;
        let new = staff(&idp, "new", &[]).await;
        let by = actor(&idp, anna).await;
        acting(&idp, &by).grant_staff_role(new, StaffRole::IdentityAdmin).await.unwrap();
        assert!(counting(&idp, new).await.is_empty());
        let told = idp.app.store.list_notices(ben, None, 50).await.unwrap();
        assert!(told.iter().any(|notice| notice.kind == NoticeKind::StaffRoleWaits));
        let told = idp.app.store.list_notices(new, None, 50).await.unwrap();
        assert_eq!(told[0].kind, NoticeKind::StaffRoleGiven, "the holder knows that it waits");
        assert_eq!(told[0].facts["role"], StaffRole::IdentityAdmin.as_str());
        assert!(matches!(denial(confirm(&idp, anna, new).await), Denial::Excluded(_)), "whoever granted it");
        assert!(confirm(&idp, new, new).await.is_err(), "nobody the own");
        confirm(&idp, ben, new).await.unwrap();
        assert_eq!(counting(&idp, new).await, ALL);
        let again = confirm(&idp, ben, new).await;
        assert!(matches!(again, Err(idp::administration::AdministrationError::Stale)));
    }
}

on_both_databases! {
    /// One person would else confirm the first administrators of a third party twice (I15).
    async fn whoever_replaces_address_and_number_of_a_colleague_does_not_become_the_colleague(idp) {
        let anna = staff(&idp, "anna", &ALL).await;
        let ben = staff(&idp, "ben", &ALL).await;
        let cora = staff(&idp, "cora", &ALL).await;
        let mut signed_in = idp.signed_in("ben@ecb.example").await;
        idp.clock.advance_seconds(1);
        let account = account_of(&idp, "ben@ecb.example").await;
        let details = NewUser {
            phone: PhoneNumber::parse("+447700900099").unwrap(),
            email: Email::parse("taken@ecb.example").unwrap(),
            ..TestIdp::new_user("ben@ecb.example", account.level.id)
        };
        let save = UserSave { version: account.user.version, details, link: [7; 32] };
        let by = actor(&idp, anna).await;
        assert!(acting(&idp, &by).modify_user(ben, &save).await.unwrap().is_dormant);
        assert!(counting(&idp, ben).await.is_empty());
        assert!(signed_in.get("/apps").await.location().starts_with("/login"));
        assert!(matches!(denial(confirm(&idp, anna, ben).await), Denial::Excluded(_)));
        confirm(&idp, cora, ben).await.unwrap();
        assert_eq!(counting(&idp, ben).await, ALL);
    }
}

on_both_databases! {
    async fn pages_grant_confirm_and_revoke(idp) {
        staff(&idp, "anna", &ALL).await;
        staff(&idp, "ben", &ALL).await;
        staff(&idp, "looker", &[StaffRole::Auditor]).await;
        let new = staff(&idp, "new", &[]).await;
        let (view, path) = (format!("/users/{new}"), format!("/users/{new}/staff-roles"));
        let mut anna = idp.signed_in("anna@ecb.example").await;
        assert!(anna.get(&view).await.body.contains(&path));
        let saved = save(&mut anna, &path, &[("role.ECB_AUDITOR", "yes")]).await;
        assert_eq!(saved.location(), format!("{path}?saved=yes"));
        assert!(anna.get(&path).await.body.contains("mark-warning"), "it waits");
        let own = anna.get("/confirmations").await.expect(StatusCode::OK);
        assert!(own.body.contains("Auditor") && !own.body.contains(" checked>"), "{}", own.body);
        let mut ben = idp.signed_in("ben@ecb.example").await;
        let page = ben.get("/confirmations").await;
        assert!(page.body.contains(" checked>"), "{}", page.body);
        let decided = [("staff.ECB_AUDITOR", "yes"), ("decision", "confirm")];
        let done = ben.fill_in("/confirmations", &format!("/confirmations/{new}"), &decided).await;
        assert_eq!(done.location(), "/confirmations?done=confirmed");
        assert_eq!(counting(&idp, new).await, [StaffRole::Auditor]);
        let mut of_new = idp.signed_in("new@ecb.example").await;
        of_new.get("/audit").await.expect(StatusCode::OK);
        assert_eq!(of_new.get(&path).await.status, StatusCode::FORBIDDEN, "the own");
        let mut looker = idp.signed_in("looker@ecb.example").await;
        assert_eq!(looker.get(&path).await.status, StatusCode::FORBIDDEN);
        idp.clock.advance_seconds(1);
        let offered = [("offered.ECB_AUDITOR", "held")];
        let revoked = save(&mut ben, &path, &offered).await;
        assert_eq!(revoked.location(), format!("{path}?saved=yes"), "{}", revoked.body);
        assert!(counting(&idp, new).await.is_empty());
        assert!(of_new.get("/audit").await.location().starts_with("/login"));
        let stray = save(&mut ben, &path, &[("is_admin", "yes")]).await;
        assert_eq!(stray.status, StatusCode::BAD_REQUEST);
        let stale = save(&mut ben, &path, &[("version", "1"), ("role.ECB_SUPPORT", "yes")]).await;
        assert_eq!(stale.status, StatusCode::CONFLICT);
    }
}

on_both_databases! {
    async fn people_of_a_third_party_are_no_staff(idp) {
        staff(&idp, "anna", &ALL).await;
        let hugo = account_of(&idp, crate::harness::HUGO).await.user.id;
        let mut anna = idp.signed_in("anna@ecb.example").await;
        let path = format!("/users/{hugo}/staff-roles");
        assert_eq!(anna.get(&path).await.location(), format!("/users/{hugo}/edit"));
        let grant = StaffRoleChange { grant: ALL.into(), ..StaffRoleChange::default() };
        assert!(idp.administration().change_staff_roles(hugo, &grant).await.is_err(), "I16");
    }
}

on_both_databases! {
    async fn roles_of_the_staff_end_with_the_account_and_the_trail_says_so(idp) {
        let anna = staff(&idp, "anna", &ALL).await;
        let gone = staff(&idp, "gone", &[StaffRole::Support]).await;
        let by = actor(&idp, anna).await;
        acting(&idp, &by).grant_staff_role(gone, StaffRole::Auditor).await.unwrap();
        let version = idp.app.store.find_account(gone).await.unwrap().unwrap().user.version;
        acting(&idp, &by).delete_user(gone, version, None).await.unwrap();
        let left = idp.app.store.list_staff_roles(&[gone]).await.unwrap();
        let left: Vec<_> = left.into_iter().map(|(_, held)| held.role).collect();
        assert_eq!(left, [StaffRole::Support], "it stays known what counted; what waited does not wait");
        let search = AuditSearch {
            actions: vec![AuditAction::StaffRoleRevoked],
            ..AuditSearch::within(Sight::Everything)
        };
        assert_eq!(idp.app.store.list_audit(&search, None, 10).await.unwrap().len(), 2);
    }
}
