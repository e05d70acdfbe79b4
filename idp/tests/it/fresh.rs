//! Changes of other people's accounts and rights need a fresh sign-in (O18).

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use idp::web::{
    fresh::changes_others,
    pages::{
        self,
        route::{Guard, Of, PageRoute, Verb},
    },
};
use portal_core::{
    account::UserStatus,
    id::UserId,
    organisation::{LevelPath, ThirdPartyStatus},
    permission::{Action, FRESH, StaffRole, fresh_changes},
};

use crate::{
    harness::{HUGO, TestIdp, Visitor},
    on_both_databases,
    roles::{USERS, access, account_of, administrator},
};

const DUA: &str = "dua@bank-e.example";
const MINUTE: i64 = 60;

/// Somebody of the operator's staff, signed in.
pub(crate) async fn staff(idp: &TestIdp, role: StaffRole) -> Visitor {
    let root = idp.app.store.find_level(&LevelPath::root()).await.unwrap().unwrap();
    let email = format!("{}@operator.example", role.as_str().to_lowercase());
    let user = idp.create_user(&email, root.id, None).await;
    idp.activate(user).await;
    idp.administration().grant_staff_role(user, role).await.unwrap();
    idp.signed_in(&email).await
}

/// Whether a page was not shown before a sign-in.
async fn is_asked(visitor: &mut Visitor, path: &str) -> bool {
    let page = visitor.get(path).await;
    page.status == StatusCode::SEE_OTHER && page.location().starts_with("/login?again=")
}

async fn status(idp: &TestIdp, user: UserId) -> UserStatus {
    idp.app.store.find_account(user).await.unwrap().unwrap().user.status
}

on_both_databases! {
    async fn a_form_that_changes_others_asks_for_a_sign_in_younger_than_ten_minutes_and_comes_back(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        let edit = format!("/users/{hugo}/edit");
        let mut visitor = idp.signed_in(DUA).await;
        idp.clock.advance_seconds(10 * MINUTE - 1);
        visitor.get(&edit).await.expect(StatusCode::OK);
        idp.clock.advance_seconds(1);
        let asked = visitor.get(&edit).await.expect(StatusCode::SEE_OTHER);
        let login = asked.location().to_owned();
        assert_eq!(login, format!("/login?again=%2Fusers%2F{hugo}%2Fedit"));
        let page = visitor.get(&login).await.expect(StatusCode::OK);
        assert!(page.body.contains("Please sign in again to go on.") && page.body.contains(DUA), "{}", page.body);
        // To look is free, and so is what is one's own.
        let user = format!("/users/{hugo}");
        for path in ["/users", &user, "/confirmations", "/profile/security", "/users/export"] {
            visitor.get(path).await.expect(StatusCode::OK);
        }
        let done = visitor.sign_in_at(&idp, &login, DUA).await;
        assert_eq!(done.location(), edit);
        visitor.get(&edit).await.expect(StatusCode::OK);
        // Who is fresh is not asked once more.
        assert_eq!(visitor.get(&login).await.location(), edit);
    }
}

on_both_databases! {
    async fn a_form_that_was_open_for_too_long_is_sent_again_after_a_sign_in_beside_it(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        administrator(&idp, "second", &[USERS]).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        let mut visitor = idp.signed_in(DUA).await;
        let path = format!("/users/{hugo}/suspend");
        let page = visitor.get(&path).await.expect(StatusCode::OK);
        let (token, version) = (page.field("csrf_token").unwrap(), page.field("version").unwrap());
        let fields = [("csrf_token", token.as_str()), ("version", &version), ("reason", "leave")];
        idp.clock.advance_seconds(15 * MINUTE);
        let late = visitor.post(&path, &fields).await.expect(StatusCode::FORBIDDEN);
        assert!(late.body.contains("nothing of what you typed is lost"), "{}", late.body);
        let login = format!("/login?again=%2Fusers%2F{hugo}%2Fsuspend");
        assert!(late.body.contains(&format!("href=\"{login}\" target=\"_blank\"")), "{}", late.body);
        assert_eq!(status(&idp, hugo).await, UserStatus::Active);
        let done = visitor.sign_in_at(&idp, &login, DUA).await;
        assert_eq!(done.location(), path);
        visitor.post(&path, &fields).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(status(&idp, hugo).await, UserStatus::Suspended);
    }
}

on_both_databases! {
    async fn the_sign_in_that_is_asked_for_leads_to_pages_of_the_portal_only(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        for path in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/users/../../x",
            "/a?b=//evil.example",
            "/nowhere",
            "/nowhere?a=b",
            "/logout",
            "/users?to=//evil.example",
            "/users?to=%0d%0aset-cookie",
            "/users?to=%00",
            "/users#x",
        ] {
            let encoded: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
            let login = format!("/login?again={encoded}");
            let mut visitor = idp.visitor();
            let done = visitor.sign_in_at(&idp, &login, DUA).await;
            assert_eq!(done.location(), "/apps", "{path}");
        }
    }
}

on_both_databases! {
    async fn nobody_is_told_by_an_old_sign_in_what_there_is(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        let (_, foreign) = idp.create_third_party("BANK F", ThirdPartyStatus::Active).await;
        let foreigner = idp.create_user("ida@bank-f.example", foreign, None).await.to_string();
        let (mut dua, mut hugo) = (idp.signed_in(DUA).await, idp.signed_in(HUGO).await);
        idp.clock.advance_seconds(20 * MINUTE);
        let there = account_of(&idp, HUGO).await.user.id.to_string();
        for id in [there, foreigner, uuid::Uuid::from_u128(7).to_string()] {
            let path = format!("/users/{id}/edit");
            dua.get(&path).await.expect(StatusCode::SEE_OTHER);
            // Nothing is there for whoever administers nobody, however fresh.
            hugo.get(&path).await.expect(StatusCode::NOT_FOUND);
        }
    }
}

on_both_databases! {
    async fn roles_are_changed_with_a_fresh_sign_in_only(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        let path = format!("/users/{hugo}/edit");
        let mut visitor = idp.signed_in(DUA).await;
        let token = visitor.get(&path).await.expect(StatusCode::OK).field("csrf_token").unwrap();
        idp.clock.advance_seconds(15 * MINUTE);
        visitor.get(&path).await.expect(StatusCode::SEE_OTHER);
        let late = [("csrf_token", token.as_str()), ("role.DelegatedUserAdmin", "yes")];
        visitor.post(&path, &late).await.expect(StatusCode::FORBIDDEN);
        assert!(idp.app.store.list_delegated_roles(hugo).await.unwrap().is_empty());
    }
}

on_both_databases! {
    async fn whoever_may_change_nothing_on_a_page_looks_at_it_without_signing_in_again(idp) {
        let hugo = account_of(&idp, HUGO).await.user.id.to_string();
        let mut plain = idp.signed_in(HUGO).await;
        let mut auditor = staff(&idp, StaffRole::Auditor).await;
        let mut support = staff(&idp, StaffRole::Support).await;
        let mut identity_admin = staff(&idp, StaffRole::IdentityAdmin).await;
        idp.clock.advance_seconds(12 * MINUTE);
        let mut pages = 0;
        let of_others = |route: &&PageRoute| {
            let is_own = |(_, guard): &(Verb, Guard)| matches!(guard, Guard::Asks(_, Of::Oneself));
            changes_others(route) && !route.guards.iter().any(is_own)
        };
        for route in pages::routes().filter(|route| route.is_shown()).filter(of_others) {
            let path = route.path.replace("{id}", &hugo);
            assert!(is_asked(&mut identity_admin, &path).await, "{path}");
            for (name, looker) in
                [("auditor", &mut auditor), ("support", &mut support), ("plain", &mut plain)]
            {
                assert!(!is_asked(looker, &path).await, "{name}: {path}");
            }
            pages += 1;
        }
        assert!(pages > 20, "{pages}");
        for path in ["/reviews", &format!("/users/{hugo}")] {
            auditor.get(path).await.expect(StatusCode::OK);
        }
    }
}

on_both_databases! {
    async fn whoever_changes_roles_alone_is_asked_where_roles_are_changed(idp) {
        administrator(&idp, "daa", &[access(&idp, "CASPER").await]).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        let mut visitor = idp.signed_in("daa@bank-e.example").await;
        idp.clock.advance_seconds(12 * MINUTE);
        for (path, asked) in [
            (format!("/users/{hugo}/edit"), true),
            (format!("/users/{hugo}/memberships"), true),
            ("/reviews".to_owned(), true),
            ("/users/new".to_owned(), false),
            (format!("/users/{hugo}/delete"), false),
        ] {
            assert_eq!(is_asked(&mut visitor, &path).await, asked, "{path}");
        }
    }
}

on_both_databases! {
    async fn the_sign_in_leads_back_to_what_was_looked_for(idp) {
        let (bank, _) = idp.create_third_party("BANK F", ThirdPartyStatus::Active).await;
        let mut visitor = staff(&idp, StaffRole::IdentityAdmin).await;
        let review = uuid::Uuid::from_u128(7);
        for (asked, kept) in [
            (format!("/third-parties/{bank}/merge?into=BANK%20E"), format!("/third-parties/{bank}/merge?into=BANK+E")),
            (format!("/reviews/{review}?show=undecided&search=M%C3%BCller&after=50"), String::new()),
            (format!("/reviews?before={review}"), String::new()),
            ("/users/new?a=%2F%2Fevil.example".to_owned(), String::new()),
            ("/users/new?a=%00".to_owned(), "/users/new".to_owned()),
        ] {
            let kept = if kept.is_empty() { asked.clone() } else { kept };
            idp.clock.advance_seconds(12 * MINUTE);
            let login = visitor.get(&asked).await.expect(StatusCode::SEE_OTHER).location().to_owned();
            assert!(login.starts_with("/login?again=%2F"), "{login}");
            let done = visitor.sign_in_at(&idp, &login, "ecb_identity_admin@operator.example").await;
            assert_eq!(done.location(), kept);
        }
    }
}

on_both_databases! {
    async fn no_page_does_anything_for_others_after_an_old_sign_in(idp) {
        let mut visitor = staff(&idp, StaffRole::IdentityAdmin).await;
        let csrf = visitor.get("/profile").await.field("csrf_token").unwrap();
        idp.clock.advance_seconds(15 * MINUTE);
        let id = account_of(&idp, HUGO).await.user.id.to_string();
        for route in pages::routes().filter(|route| changes_others(route)) {
            let path = route.path.replace("{id}", &id);
            let form = [("content-type", "application/x-www-form-urlencoded")];
            let body = Body::from(format!("csrf_token={csrf}"));
            let late = visitor.send(Method::POST, &path, &form, body).await;
            let late = late.expect(StatusCode::FORBIDDEN);
            assert!(late.body.contains("nothing of what you typed is lost"), "{path}");
        }
    }
}

/// Changes that are made by the command line alone: no page posts them.
const OF_NO_PAGE: [Action; 1] = [Action::RegisterApplication];

#[test]
fn every_change_that_needs_a_fresh_sign_in_is_posted_to_a_page_that_asks_for_it() {
    for change in FRESH {
        let is_asked_for = pages::routes().filter(|route| changes_others(route)).any(|route| {
            route.guards.iter().any(|(verb, guard)| match guard {
                Guard::Asks(action, _) => {
                    *verb == Verb::Post && fresh_changes(*action).any(|made| made == *change)
                }
                Guard::Public => false,
            })
        });
        assert_eq!(is_asked_for, !OF_NO_PAGE.contains(change), "{change:?}");
    }
}

#[test]
fn a_page_that_is_posted_for_others_asks_for_a_fresh_sign_in() {
    for route in pages::routes() {
        for (verb, guard) in route.guards {
            let Guard::Asks(action, of) = guard else { continue };
            // What somebody does of the own asks for the password; a file changes nothing.
            let is_free = *of == Of::Oneself || *action == Action::ExportAudit;
            if *verb == Verb::Post && !is_free {
                assert!(changes_others(route), "{}", route.path);
            }
        }
    }
}
