//! A role whose boundary lies above the level where its holder's account is (E56): who may touch its holder, and which of
//! several roles of a kind a decision is about (I8, I13, I14, I25, security.md 82).

use axum::http::StatusCode;
use idp::administration::{
    Administration, AdministrationError, DormantChoice, RoleChange, Suspension, UserSave,
};
use idp::jobs::administrators::warn_of_last_administrators;
use portal_core::{
    account::NewUser,
    administrators::RoleKind,
    audit::AuditAction,
    email::Email,
    expiry::ExpirationDate,
    id::{LevelId, UserId},
    notice::NoticeKind,
    organisation::{LevelName, ThirdPartyStatus},
    permission::{Denial, Sight, StaffRole},
    phone::PhoneNumber,
};
use serde_json::{Value, json};
use storage::{AuditSearch, NewDelegatedRole};

use crate::{
    harness::{HUGO, TestIdp, Visitor},
    on_both_databases,
    roles::{USERS, access, account_of, acting, actor, administrator, denial, grant, held, save},
};

pub(crate) const HIGH: &str = "high@bank-e.example";

/// A branch of BANK E, with its own administrators and somebody who administers all of BANK E from there.
struct Branch {
    top: LevelId,
    level: LevelId,
    /// User administrator of the branch, and access administrator of CASPER there.
    local: UserId,
    /// Sits in the branch.
    high: UserId,
}

pub(crate) async fn somebody(
    idp: &TestIdp,
    email: &str,
    level: LevelId,
    roles: &[RoleKind],
) -> UserId {
    let user = idp.create_user(email, level, None).await;
    idp.activate(user).await;
    if !roles.is_empty() {
        idp.administration().change_roles(user, &grant(roles)).await.unwrap();
    }
    user
}

/// What a nomination does: it grants at the topmost level, wherever the account is.
pub(crate) async fn appoint(idp: &TestIdp, user: UserId, kind: RoleKind, level: LevelId) {
    let tx = idp.app.store.begin().await.unwrap();
    let application = kind.application();
    let role = NewDelegatedRole { user, level, application, granted_by: None, nomination: None };
    assert!(tx.insert_delegated_role(&role, idp.app.now()).await.unwrap());
    tx.commit().await.unwrap();
}

impl Branch {
    async fn new(idp: &TestIdp, kind: RoleKind) -> Self {
        let top = account_of(idp, HUGO).await.level.id;
        let name = LevelName::parse("Branch").unwrap();
        let level = idp.administration().create_level(top, &name).await.unwrap();
        let own = [USERS, access(idp, "CASPER").await];
        let local = somebody(idp, "branch@bank-e.example", level, &own).await;
        let high = somebody(idp, HIGH, level, &[]).await;
        appoint(idp, high, kind, top).await;
        Self { top, level, local, high }
    }
}

fn details(change: impl FnOnce(&mut NewUser), level: LevelId) -> NewUser {
    let mut details = TestIdp::new_user(HIGH, level);
    change(&mut details);
    details
}

/// What a user administrator could do to [`HIGH`], each with its outcome.
async fn touch(
    by: &Administration<'_>,
    idp: &TestIdp,
    branch: &Branch,
) -> Vec<(&'static str, Result<(), AdministrationError>)> {
    let account = account_of(idp, HIGH).await;
    let (user, version) = (account.user.id, account.user.version);
    let level = branch.level;
    let saves = [
        ("name", details(|new| new.company_id = Some("C-18".into()), level)),
        ("number", details(|new| new.phone = PhoneNumber::parse("+447700900099").unwrap(), level)),
        (
            "address",
            details(|new| new.email = Email::parse("taken@bank-e.example").unwrap(), level),
        ),
        ("end", details(|new| new.expires_on = ExpirationDate::from_iso("2026-12-24").ok(), level)),
        ("move", details(|_| {}, branch.top)),
    ];
    let mut done = Vec::new();
    for (what, details) in saves {
        let save = UserSave { version, details, link: [9; 32] };
        done.push((what, by.modify_user(user, &save).await.map(|_| ())));
    }
    done.push(("suspend", by.suspend_user(user, Suspension::default()).await));
    done.push(("delete", by.delete_user(user, version, None).await));
    done
}

/// What the trail says of the roles of somebody, oldest first.
async fn trail(idp: &TestIdp, user: UserId, action: AuditAction) -> Vec<Value> {
    let (actions, object) = (vec![action], Some(format!("user:{user}")));
    let search = AuditSearch { actions, object, ..AuditSearch::within(Sight::Everything) };
    let found = idp.app.store.list_audit(&search, None, 100).await.unwrap();
    let details = found.into_iter().rev().map(|entry| entry.content.detail);
    details.map(|detail| serde_json::from_str(&detail).unwrap()).collect()
}

/// The roles of somebody: of which kind and boundary, and whether dormant.
async fn roles(idp: &TestIdp, user: UserId) -> Vec<(RoleKind, LevelId, bool)> {
    let held = idp.app.store.list_delegated_roles(user).await.unwrap();
    held.iter().map(|role| (role.kind, role.level, role.dormant_at.is_some())).collect()
}

async fn told(idp: &TestIdp, user: UserId, kind: NoticeKind) -> usize {
    let notices = idp.app.store.list_notices(user, None, 50).await.unwrap();
    notices.iter().filter(|notice| notice.kind == kind).count()
}

async fn status(idp: &TestIdp) -> ThirdPartyStatus {
    account_of(idp, HUGO).await.third_party.unwrap().status
}

on_both_databases! {
    async fn an_administrator_of_a_branch_touches_nobody_who_administers_above_it(idp) {
        let branch = Branch::new(&idp, USERS).await;
        let casper = access(&idp, "CASPER").await;
        let acting_branch = actor(&idp, branch.local).await;
        let administration = acting(&idp, &acting_branch);
        for kind in [USERS, casper] {
            for (what, done) in touch(&administration, &idp, &branch).await {
                assert_eq!(denial(done), Denial::Forbidden, "{kind:?} {what}");
            }
            let revoke = RoleChange { revoke: vec![kind], ..RoleChange::default() };
            assert_eq!(denial(save(&idp, branch.local, branch.high, revoke).await), Denial::Forbidden);
            assert_eq!(roles(&idp, branch.high).await, [(kind, branch.top, false)]);
            // The same with the role of an access administrator.
            let tx = idp.app.store.begin().await.unwrap();
            assert!(tx.delete_delegated_role(branch.high, (kind, branch.top), None, idp.app.now()).await.unwrap());
            tx.commit().await.unwrap();
            appoint(&idp, branch.high, casper, branch.top).await;
        }
        // Whoever holds nothing above the branch is the branch's own.
        let plain = somebody(&idp, "plain@bank-e.example", branch.level, &[USERS]).await;
        administration.suspend_user(plain, Suspension::default()).await.unwrap();
    }
}

on_both_databases! {
    async fn an_administrator_of_the_whole_bank_and_the_operator_touch_whoever_administers_it_from_a_branch(idp) {
        let branch = Branch::new(&idp, USERS).await;
        let peer = administrator(&idp, "peer", &[USERS]).await;
        let acting_peer = actor(&idp, peer).await;
        let administration = acting(&idp, &acting_peer);
        administration.suspend_user(branch.high, Suspension::default()).await.unwrap();
        assert_eq!(roles(&idp, branch.high).await, []);
        // Without the role, the branch may: the account is there.
        let acting_branch = actor(&idp, branch.local).await;
        acting(&idp, &acting_branch).reinstate_user(branch.high).await.unwrap();
        appoint(&idp, branch.high, USERS, branch.top).await;
        let boss = idp.staff("boss@operator.example", StaffRole::IdentityAdmin).await;
        let revoke = RoleChange { revoke: vec![USERS], ..RoleChange::default() };
        save(&idp, boss, branch.high, revoke).await.unwrap();
        assert_eq!(roles(&idp, branch.high).await, []);
    }
}

on_both_databases! {
    async fn a_dormant_role_of_the_whole_bank_is_not_confirmed_by_the_branch(idp) {
        let branch = Branch::new(&idp, USERS).await;
        administrator(&idp, "peer", &[USERS]).await;
        let tx = idp.app.store.begin().await.unwrap();
        assert!(tx.make_role_dormant(branch.high, (USERS, branch.top), idp.app.now().plus_seconds(60)).await.unwrap());
        tx.commit().await.unwrap();
        for confirm in [true, false] {
            let choice = DormantChoice { roles: [(USERS, branch.top)].into(), confirm, ..DormantChoice::default() };
            let acting_branch = actor(&idp, branch.local).await;
            let refused = acting(&idp, &acting_branch).decide_dormant(branch.high, &choice).await;
            assert_eq!(denial(refused), Denial::Forbidden);
        }
        let field = format!("role.DelegatedUserAdmin@{}", branch.top);
        let list = idp.signed_in("branch@bank-e.example").await.get("/confirmations").await.expect(StatusCode::OK);
        assert!(list.body.contains(&format!("name=\"{field}\" value=\"yes\" disabled")), "{}", list.body);
        assert!(list.body.contains("DelegatedUserAdmin, BANK E"), "with its boundary");
        let mut peer = idp.signed_in("peer@bank-e.example").await;
        let at = format!("/confirmations/{}", branch.high);
        let fields = [(field.as_str(), "yes"), ("decision", "confirm")];
        let done = peer.fill_in("/confirmations", &at, &fields).await.expect(StatusCode::SEE_OTHER);
        assert!(done.location().ends_with("done=confirmed"));
        assert_eq!(roles(&idp, branch.high).await, [(USERS, branch.top, false)]);
    }
}

async fn page_of(visitor: &mut Visitor, user: UserId) -> String {
    visitor.get(&format!("/users/{user}")).await.expect(StatusCode::OK).body
}

on_both_databases! {
    async fn the_pages_offer_nothing_that_would_be_refused(idp) {
        let casper = access(&idp, "CASPER").await;
        let branch = Branch::new(&idp, casper).await;
        administrator(&idp, "peer", &[USERS, casper]).await;
        let (id, mut of_branch) = (branch.high, idp.signed_in("branch@bank-e.example").await);
        let page = page_of(&mut of_branch, id).await;
        for absent in ["/edit", "/delete", "/suspend"] {
            assert!(!page.contains(&format!("/users/{id}{absent}\"")), "{absent}: {page}");
        }
        for path in ["edit", "delete"] {
            of_branch.get(&format!("/users/{id}/{path}")).await.expect(StatusCode::FORBIDDEN);
        }
        assert!(page.contains(&format!("/users/{id}/memberships\"")), "access is the branch's to give: {page}");
        let mut peer = idp.signed_in("peer@bank-e.example").await;
        let page = page_of(&mut peer, id).await;
        for there in ["/edit", "/delete", "/suspend"] {
            assert!(page.contains(&format!("/users/{id}{there}\"")), "{there}: {page}");
        }
        // Somebody of the same level who holds nothing above it, with a box that the higher one would have locked.
        let plain = somebody(&idp, "plain@bank-e.example", branch.level, &[]).await;
        let page = of_branch.get(&format!("/users/{plain}/edit")).await.expect(StatusCode::OK);
        assert!(page.body.contains("offered.ApplicationAccessAdmin.CASPER") && !page.body.contains("at a level above yours"));
    }
}

on_both_databases! {
    async fn a_locked_box_says_that_a_role_lies_above(idp) {
        let casper = access(&idp, "CASPER").await;
        let branch = Branch::new(&idp, USERS).await;
        // An administrator of all of CASPER may open the page, and has the branch's users only.
        let mixed = somebody(&idp, "mixed@bank-e.example", branch.level, &[USERS]).await;
        appoint(&idp, mixed, casper, branch.top).await;
        let mut mixed = idp.signed_in("mixed@bank-e.example").await;
        let page = mixed.get(&format!("/users/{}/edit", branch.high)).await.expect(StatusCode::OK).body;
        assert!(page.contains("offered.ApplicationAccessAdmin.CASPER"), "{page}");
        assert!(!page.contains("offered.DelegatedUserAdmin") && page.contains("at a level above yours"), "{page}");
    }
}

on_both_databases! {
    async fn one_untick_takes_the_role_at_every_level_and_the_trail_has_each(idp) {
        let branch = Branch::new(&idp, USERS).await;
        administrator(&idp, "peer", &[USERS]).await;
        let both = somebody(&idp, "both@bank-e.example", branch.level, &[USERS]).await;
        appoint(&idp, both, USERS, branch.top).await;
        let peer = account_of(&idp, "peer@bank-e.example").await.user.id;
        let revoke = RoleChange { revoke: vec![USERS], ..RoleChange::default() };
        save(&idp, peer, both, revoke).await.unwrap();
        assert_eq!(held(&idp, both).await, []);
        let entry = |level: &str| json!({ "role": "DelegatedUserAdmin", "level": level, "before": "held", "after": "none" });
        let mut entries = trail(&idp, both, AuditAction::RoleRevoked).await;
        entries.sort_by_key(ToString::to_string);
        assert_eq!(entries, [entry("Root/BANK E"), entry("Root/BANK E/Branch")]);
        assert_eq!(told(&idp, both, NoticeKind::RoleRevoked).await, 2);
    }
}

on_both_databases! {
    async fn what_is_held_above_is_not_granted_below_and_nothing_falls_asleep(idp) {
        let branch = Branch::new(&idp, USERS).await;
        let peer = administrator(&idp, "peer", &[USERS]).await;
        idp.execute("UPDATE third_parties SET confirms_administrators = TRUE").await;
        for by in [peer, branch.high] {
            let done = save(&idp, by, branch.high, grant(&[USERS])).await;
            assert!(done.is_ok(), "{done:?}");
            assert_eq!(roles(&idp, branch.high).await, [(USERS, branch.top, false)]);
        }
        assert_eq!(trail(&idp, branch.high, AuditAction::RoleGranted).await, Vec::<Value>::new());
        // A role at the level waits, and the same one above it does not.
        let both = somebody(&idp, "both@bank-e.example", branch.level, &[]).await;
        save(&idp, peer, both, grant(&[USERS])).await.unwrap();
        appoint(&idp, both, USERS, branch.top).await;
        let mut found = roles(&idp, both).await;
        found.sort_by_key(|role| role.2);
        assert_eq!(found, [(USERS, branch.top, false), (USERS, branch.level, true)]);
    }
}

on_both_databases! {
    async fn of_two_roles_of_a_kind_a_decision_is_about_the_one_that_was_chosen(idp) {
        let branch = Branch::new(&idp, access(&idp, "CASPER").await).await;
        administrator(&idp, "peer", &[USERS]).await;
        let both = somebody(&idp, "both@bank-e.example", branch.level, &[USERS]).await;
        appoint(&idp, both, USERS, branch.top).await;
        let boss = idp.staff("boss@operator.example", StaffRole::IdentityAdmin).await;
        let acting_boss = actor(&idp, boss).await;
        let decide = |level: LevelId, confirm: bool| {
            let choice = DormantChoice { roles: [(USERS, level)].into(), confirm, ..DormantChoice::default() };
            let administration = acting(&idp, &acting_boss);
            async move { administration.decide_dormant(both, &choice).await }
        };
        idp.execute("UPDATE delegated_roles SET dormant_at = granted_at + 1 WHERE user_id IN (SELECT id FROM users WHERE email = 'both@bank-e.example')").await;
        decide(branch.level, true).await.unwrap();
        let mut found = roles(&idp, both).await;
        found.sort_by_key(|role| role.2);
        assert_eq!(found, [(USERS, branch.level, false), (USERS, branch.top, true)]);
        let again = decide(branch.level, false).await;
        assert!(matches!(again, Err(AdministrationError::Stale)), "it is not dormant any more: {again:?}");
        decide(branch.top, false).await.unwrap();
        assert_eq!(roles(&idp, both).await, [(USERS, branch.level, false)], "what counts is not touched");
        let entry = json!({ "role": "DelegatedUserAdmin", "level": "Root/BANK E", "before": "dormant", "after": "none" });
        assert_eq!(trail(&idp, both, AuditAction::RoleRevoked).await, [entry]);
    }
}

/// What was noted of the third party, with the level that it was noted at.
async fn orphaned(idp: &TestIdp) -> Vec<(Option<LevelId>, Value)> {
    let actions = vec![AuditAction::ThirdPartyOrphaned];
    let search = AuditSearch { actions, ..AuditSearch::within(Sight::Everything) };
    let found = idp.app.store.list_audit(&search, None, 100).await.unwrap();
    let level = account_of(idp, HUGO).await.level;
    let within = AuditSearch {
        actions: search.actions,
        ..AuditSearch::within(Sight::Levels(vec![level.path]))
    };
    let own = idp.app.store.list_audit(&within, None, 100).await.unwrap().len();
    let entries = found.into_iter().enumerate();
    entries
        .map(|(n, entry)| {
            let at = (n < own).then_some(level.id);
            (at, serde_json::from_str(&entry.content.detail).unwrap())
        })
        .collect()
}

on_both_databases! {
    async fn a_third_party_whose_only_administrator_counts_for_nothing_is_the_operators_until_one_is_confirmed(idp) {
        let casper = access(&idp, "CASPER").await;
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let daa = administrator(&idp, "daa", &[casper]).await;
        let boss = idp.staff("boss@operator.example", StaffRole::IdentityAdmin).await;
        let level = account_of(&idp, HUGO).await.level.id;
        warn_of_last_administrators(&idp.app).await.unwrap();
        assert_eq!(status(&idp).await, ThirdPartyStatus::Active);
        idp.execute("UPDATE delegated_roles SET dormant_at = granted_at + 1 WHERE application_id IS NULL").await;
        for _ in 0..2 {
            warn_of_last_administrators(&idp.app).await.unwrap();
        }
        assert_eq!(status(&idp).await, ThirdPartyStatus::Orphaned);
        let change = json!({ "before": { "status": "ACTIVE" }, "after": { "status": "ORPHANED" }, "reason": "nobody counts" });
        assert_eq!(orphaned(&idp).await, [(Some(level), change)], "once, where its administrators find it");
        for user in [daa, boss] {
            assert_eq!(told(&idp, user, NoticeKind::ThirdPartyOrphaned).await, 1);
        }
        let choice = DormantChoice { roles: [(USERS, level)].into(), confirm: true, ..DormantChoice::default() };
        let acting_boss = actor(&idp, boss).await;
        acting(&idp, &acting_boss).decide_dormant(dua, &choice).await.unwrap();
        assert_eq!(status(&idp).await, ThirdPartyStatus::Active);
        warn_of_last_administrators(&idp.app).await.unwrap();
        assert_eq!(status(&idp).await, ThirdPartyStatus::Active);
    }
}

on_both_databases! {
    async fn a_third_party_is_orphaned_when_its_only_dormant_role_is_refused(idp) {
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let boss = idp.staff("boss@operator.example", StaffRole::IdentityAdmin).await;
        let level = account_of(&idp, HUGO).await.level.id;
        idp.execute("UPDATE delegated_roles SET dormant_at = granted_at + 1 WHERE application_id IS NULL").await;
        let choice = DormantChoice { roles: [(USERS, level)].into(), ..DormantChoice::default() };
        let acting_boss = actor(&idp, boss).await;
        acting(&idp, &acting_boss).decide_dormant(dua, &choice).await.unwrap();
        assert_eq!(held(&idp, dua).await, []);
        warn_of_last_administrators(&idp.app).await.unwrap();
        assert_eq!(status(&idp).await, ThirdPartyStatus::Orphaned);
    }
}

on_both_databases! {
    async fn whoever_is_invited_first_is_awaited_and_before_anybody_nothing_has_run_out(idp) {
        let (id, level) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        warn_of_last_administrators(&idp.app).await.unwrap();
        assert_eq!(idp.status_of(id).await, ThirdPartyStatus::Active, "nobody was ever appointed");
        let first = idp.create_user("first@bank-01.example", level, None).await;
        idp.administration().change_roles(first, &grant(&[USERS])).await.unwrap();
        warn_of_last_administrators(&idp.app).await.unwrap();
        assert_eq!(idp.status_of(id).await, ThirdPartyStatus::Active, "invited, and to come");
        assert!(idp.administration().delete_unused(first).await.unwrap());
        warn_of_last_administrators(&idp.app).await.unwrap();
        assert_eq!(idp.status_of(id).await, ThirdPartyStatus::Orphaned, "nobody came");
    }
}
