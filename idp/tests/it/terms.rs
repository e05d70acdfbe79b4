//! The terms of use and their supplement for administrators: who is asked, when, and what it keeps from (O16, E65).

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use idp::{
    administration::{RoleChange, Suspension},
    config::Terms,
    jobs::{notices::deliver_due, terms::tell_of_new_versions},
    web::pages::{
        self,
        route::{Guard, Of, Verb},
    },
};
use portal_core::{
    account::UserStatus,
    audit::AuditAction,
    id::UserId,
    notice::NoticeKind,
    permission::{Action, Sight, StaffRole},
    terms::{Document, Version},
};
use storage::AuditSearch;

use crate::{
    activation::{self, CHOSEN, FRED},
    authorization::{REDIRECT_URI, code_in, register, request},
    fresh::staff,
    harness::{HUGO, Page, TestIdp, Visitor},
    on_both_databases,
    roles::{USERS, account_of, administrator},
};

const GATE: &str = "/terms/acknowledge";
const SUPPLEMENT: &str = "/terms/administrators/acknowledge";
const DUA: &str = "dua@bank-e.example";

/// The versions of the texts are asked for.
fn asked() -> Terms {
    Terms::default()
}

/// A newer version of one document.
fn raised(document: Document, version: &str) -> Terms {
    let version = Some(version.to_owned());
    match document {
        Document::EndUsers => Terms { end_users: version, ..asked() },
        Document::Administrators => Terms { administrators: version, ..asked() },
    }
}

/// What the gate was filled in with: all its hidden fields.
async fn acknowledge(visitor: &mut Visitor, gate: &str) -> Page {
    let page = visitor.get(gate).await.expect(StatusCode::OK);
    assert!(page.body.contains("I acknowledge"), "{}", page.body);
    let fields: Vec<(&str, String)> = ["csrf_token", "version", "request", "to"]
        .into_iter()
        .filter_map(|name| Some((name, page.field(name)?)))
        .collect();
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let path = gate.split('?').next().unwrap();
    visitor.post(path, &fields).await.expect(StatusCode::SEE_OTHER)
}

async fn acknowledged(idp: &TestIdp, user: UserId, document: Document) -> Option<String> {
    let account = idp.app.store.find_account(user).await.unwrap().unwrap();
    account.user.terms.of(document).map(|one| one.version.clone())
}

/// Who acknowledged what, as the audit trail has it.
async fn entries(idp: &TestIdp) -> Vec<(String, String, String)> {
    let actions = vec![AuditAction::TermsAcknowledged];
    let search = AuditSearch { actions, ..AuditSearch::within(Sight::Everything) };
    let found = idp.app.store.list_audit(&search, None, 100).await.unwrap();
    let said = found.into_iter().map(|entry| entry.content);
    said.map(|said| (said.actor, said.object, said.detail)).collect()
}

/// The address of the gate, with the way back.
fn gate_to(gate: &str, path: &str) -> String {
    let to: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
    format!("{gate}?to={to}")
}

/// Somebody who has signed in and acknowledged the terms of use for end users.
async fn admitted(idp: &TestIdp, email: &str) -> Visitor {
    let mut visitor = idp.signed_in(email).await;
    acknowledge(&mut visitor, GATE).await;
    visitor
}

async fn told(idp: &TestIdp, user: UserId, kind: NoticeKind) -> usize {
    let notices = idp.app.store.list_notices(user, None, 50).await.unwrap();
    notices.iter().filter(|notice| notice.kind == kind).count()
}

on_both_databases! {
    async fn the_terms_of_use_come_before_my_apps_once_and_are_written_down(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        let idp = idp.with_terms(asked()).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        let mut visitor = idp.visitor();
        assert_eq!(visitor.sign_in(&idp, HUGO).await.location(), "/apps");
        let gate = visitor.get("/apps").await.expect(StatusCode::SEE_OTHER);
        assert_eq!(gate.location(), gate_to(GATE, "/apps"));
        let page = visitor.get(gate.location()).await.expect(StatusCode::OK);
        for words in ["Your account is personal", "Version of 2026-10-01", "I acknowledge", "Sign out"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        assert!(!page.body.contains("href=\"/users\""), "nothing else is offered");
        assert_eq!(acknowledge(&mut visitor, gate.location()).await.location(), "/apps");
        visitor.get("/apps").await.expect(StatusCode::OK);
        // Nobody is asked twice, in no browser.
        assert_eq!(visitor.get(GATE).await.location(), "/apps");
        idp.signed_in(HUGO).await.get("/apps").await.expect(StatusCode::OK);
        let version = Version::of_text();
        assert_eq!(acknowledged(&idp, hugo, Document::EndUsers).await.as_deref(), Some(version.as_str()));
        let found = entries(&idp).await;
        let [(actor, object, detail)] = &found[..] else { panic!("{found:?}") };
        assert_eq!((actor, object), (&format!("user:{hugo}"), &format!("user:{hugo}")));
        assert!(detail.contains("end-users") && detail.contains(version.as_str()), "{detail}");
        // The person sees it, and whoever administers the account.
        let profile = visitor.get("/profile").await.expect(StatusCode::OK);
        assert!(profile.body.contains("Version of 2026-10-01, acknowledged 2026-11-21"), "{}", profile.body);
        let mut dua = admitted(&idp, DUA).await;
        acknowledge(&mut dua, SUPPLEMENT).await;
        let view = dua.get(&format!("/users/{hugo}")).await.expect(StatusCode::OK);
        assert!(view.body.contains("Version of 2026-10-01, acknowledged 2026-11-21"), "{}", view.body);
    }
}

on_both_databases! {
    async fn no_page_opens_and_no_form_does_anything_before_the_acknowledgement(idp) {
        let idp = idp.with_terms(asked()).await;
        let hugo = account_of(&idp, HUGO).await.user.id.to_string();
        let mut visitor = idp.signed_in(HUGO).await;
        let csrf = visitor.get(GATE).await.field("csrf_token").unwrap();
        let mut tried = 0;
        for route in pages::routes() {
            let path = route.path.replace("{id}", &hugo);
            for (verb, guard) in route.guards {
                let Guard::Asks(action, _) = guard else { continue };
                if *action == Action::AcknowledgeTerms {
                    continue;
                }
                if *verb == Verb::Get {
                    let page = visitor.get(&path).await.expect(StatusCode::SEE_OTHER);
                    assert!(page.location().starts_with(GATE), "{path}: {}", page.location());
                } else {
                    let form = [("content-type", "application/x-www-form-urlencoded")];
                    let body = Body::from(format!("csrf_token={csrf}"));
                    let page = visitor.send(Method::POST, &path, &form, body).await;
                    let page = page.expect(StatusCode::FORBIDDEN);
                    assert!(page.body.contains("nothing of what you typed is lost"), "{path}");
                    assert!(page.body.contains(GATE), "{path}");
                }
                tried += 1;
            }
        }
        assert!(tried > 80, "{tried}");
        for path in ["/terms", "/terms/administrators"] {
            visitor.get(path).await.expect(StatusCode::OK);
        }
        // E65: whoever refuses signs out, and has no session.
        let out = visitor.post("/logout", &[("csrf_token", csrf.as_str())]).await;
        assert_eq!(out.location(), "/signed-out");
        assert_eq!(visitor.get(GATE).await.location(), "/login?page=apps");
        assert!(entries(&idp).await.is_empty());
        assert_eq!(account_of(&idp, HUGO).await.user.status, UserStatus::Active);
    }
}

on_both_databases! {
    async fn the_way_leads_on_to_where_the_person_wanted_to_go_and_nowhere_else(idp) {
        let idp = idp.with_terms(asked()).await;
        for (to, kept) in [
            ("/profile/activity?page=x", "/profile/activity?page=x"),
            ("//evil.example", "/apps"),
            ("https://evil.example", "/apps"),
            ("/nowhere", "/apps"),
            ("/logout", "/apps"),
        ] {
            let gate = gate_to(GATE, to);
            let mut visitor = idp.signed_in(HUGO).await;
            assert_eq!(acknowledge(&mut visitor, &gate).await.location(), kept, "{to}");
            idp.execute("UPDATE users SET terms_version = NULL, terms_accepted_at = NULL").await;
        }
        // Where the session is over, the way leads through the login.
        let mut visitor = idp.visitor();
        let login = visitor.get(&gate_to(GATE, "/profile/security")).await.location().to_owned();
        assert_eq!(login, "/login?again=%2Fprofile%2Fsecurity");
        assert_eq!(visitor.sign_in_at(&idp, &login, HUGO).await.location(), "/profile/security");
    }
}

on_both_databases! {
    async fn a_new_version_is_asked_for_in_sessions_that_are_there(idp) {
        let idp = idp.with_terms(asked()).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        let before = admitted(&idp, HUGO).await;
        let idp = idp.with_terms(raised(Document::EndUsers, "2026-11-15")).await;
        let mut visitor = idp.visited_by(before);
        let gate = visitor.get("/profile").await.expect(StatusCode::SEE_OTHER).location().to_owned();
        assert_eq!(gate, gate_to(GATE, "/profile"));
        let page = visitor.get(&gate).await.expect(StatusCode::OK);
        assert!(page.body.contains("have changed since you acknowledged them"), "{}", page.body);
        // What was shown in the version from before is not acknowledged as the new one.
        let token = page.field("csrf_token").unwrap();
        let old = [("csrf_token", token.as_str()), ("version", "2026-10-01"), ("to", "/profile")];
        let page = visitor.post(GATE, &old).await.expect(StatusCode::OK);
        assert!(page.body.contains("Version of 2026-11-15"), "{}", page.body);
        assert_eq!(entries(&idp).await.len(), 1);
        assert_eq!(acknowledge(&mut visitor, &gate).await.location(), "/profile");
        assert_eq!(acknowledged(&idp, hugo, Document::EndUsers).await.as_deref(), Some("2026-11-15"));
        // A node that still has the version from before takes nothing back.
        let idp = idp.with_terms(asked()).await;
        let mut visitor = idp.visited_by(visitor);
        visitor.get("/profile").await.expect(StatusCode::OK);
        assert_eq!(visitor.get(GATE).await.location(), "/apps");
        assert_eq!(acknowledged(&idp, hugo, Document::EndUsers).await.as_deref(), Some("2026-11-15"));
    }
}

on_both_databases! {
    /// OpenID Connect Core 3.1.2.6.
    async fn no_application_gets_a_code_for_whoever_has_not_acknowledged(idp) {
        register(&idp).await;
        let idp = idp.with_terms(asked()).await;
        let mut visitor = idp.visitor();
        let login = visitor.get(&request(&[])).await.location().to_owned();
        let resume = login.replace("/login?", "/oauth2/authorize?");
        let gate = login.replace("/login?", &format!("{GATE}?"));
        assert_eq!(visitor.sign_in_at(&idp, &login, HUGO).await.location(), resume);
        assert_eq!(visitor.get(&resume).await.location(), gate);
        assert_eq!(visitor.get(&login.replace("/login?", "/oauth2/consent?")).await.location(), resume);
        // Single sign-on does not go around it, with a page and without.
        let again = visitor.get(&request(&[])).await;
        assert!(again.location().starts_with(&format!("{GATE}?request=")), "{}", again.location());
        let silent = visitor.get(&request(&[("prompt", "none")])).await;
        assert!(silent.location().starts_with(REDIRECT_URI), "{}", silent.location());
        assert!(silent.location().contains("error=interaction_required"), "{}", silent.location());
        let page = visitor.get(&gate).await.expect(StatusCode::OK);
        let policy = page.headers["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("form-action 'self' https://rp.example;"), "{policy}");
        assert_eq!(acknowledge(&mut visitor, &gate).await.location(), resume);
        code_in(&visitor.get(&resume).await);
        code_in(&visitor.get(&request(&[("prompt", "none")])).await);
    }
}

on_both_databases! {
    async fn the_supplement_comes_before_the_first_page_of_administration(idp) {
        let user = administrator(&idp, "dua", &[USERS]).await;
        let idp = idp.with_terms(asked()).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        let mut dua = admitted(&idp, DUA).await;
        let mut tried = 0;
        for route in pages::routes() {
            let is_own = |(verb, guard): &(Verb, Guard)| {
                *verb == Verb::Get && matches!(guard, Guard::Asks(_, Of::Oneself))
            };
            if route.guards.iter().any(is_own) && !route.path.starts_with("/terms") {
                dua.get(route.path).await.expect(StatusCode::OK);
                tried += 1;
            }
        }
        assert!(tried > 6, "{tried}");
        let csrf = dua.get("/profile").await.field("csrf_token").unwrap();
        for path in ["/users".to_owned(), format!("/users/{hugo}"), "/audit?from=2026-11-01".to_owned()] {
            let gate = dua.get(&path).await.expect(StatusCode::SEE_OTHER);
            assert_eq!(gate.location(), gate_to(SUPPLEMENT, &path));
        }
        let (suspend, version) = (format!("/users/{hugo}/suspend"), account_of(&idp, HUGO).await.user.version.to_string());
        let fields = [("csrf_token", csrf.as_str()), ("version", &version), ("reason", "leave")];
        let page = dua.post(&suspend, &fields).await.expect(StatusCode::FORBIDDEN);
        assert!(page.body.contains(&format!("href=\"{}\"", gate_to(SUPPLEMENT, &suspend))), "{}", page.body);
        assert_eq!(account_of(&idp, HUGO).await.user.status, UserStatus::Active);
        // What is not for this person is no page of administration for it.
        dua.get("/applications").await.expect(StatusCode::NOT_FOUND);
        let done = acknowledge(&mut dua, &gate_to(SUPPLEMENT, "/users")).await;
        assert_eq!(done.location(), "/users");
        dua.get("/users").await.expect(StatusCode::OK);
        dua.post(&suspend, &fields).await.expect(StatusCode::SEE_OTHER);
        let version = acknowledged(&idp, user, Document::Administrators).await;
        assert_eq!(version.as_deref(), Some("2026-10-01"));
        let idp = idp.with_terms(raised(Document::Administrators, "2026-11-20")).await;
        let mut dua = idp.visited_by(dua);
        dua.get("/apps").await.expect(StatusCode::OK);
        assert_eq!(dua.get("/users").await.location(), gate_to(SUPPLEMENT, "/users"));
    }
}

on_both_databases! {
    async fn the_supplement_is_for_whoever_holds_a_delegated_role_from_then_on(idp) {
        let staff = staff(&idp, StaffRole::IdentityAdmin).await;
        let idp = idp.with_terms(asked()).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        let mut visitor = admitted(&idp, HUGO).await;
        visitor.get("/users").await.expect(StatusCode::FORBIDDEN);
        assert_eq!(visitor.get(SUPPLEMENT).await.location(), "/apps");
        let csrf = visitor.get("/profile").await.field("csrf_token").unwrap();
        let fields = [("csrf_token", csrf.as_str()), ("version", "2026-10-01")];
        assert_eq!(visitor.post(SUPPLEMENT, &fields).await.location(), "/apps");
        assert_eq!(acknowledged(&idp, hugo, Document::Administrators).await, None);
        let mut staff = idp.visited_by(staff);
        acknowledge(&mut staff, GATE).await;
        let view = staff.get(&format!("/users/{hugo}")).await.expect(StatusCode::OK);
        assert!(!view.body.contains("<dt>Terms for administrators</dt>"), "{}", view.body);
        let change = RoleChange { grant: vec![USERS], ..RoleChange::default() };
        idp.administration().change_roles(hugo, &change).await.unwrap();
        let view = staff.get(&format!("/users/{hugo}")).await.expect(StatusCode::OK);
        assert!(view.body.contains("<dt>Terms for administrators</dt><dd>Not acknowledged</dd>"), "{}", view.body);
        let mut visitor = idp.signed_in(HUGO).await;
        assert_eq!(visitor.get("/users").await.location(), gate_to(SUPPLEMENT, "/users"));
    }
}

on_both_databases! {
    async fn whoever_accepted_at_the_activation_is_not_asked_again(idp) {
        let idp = idp.with_terms(raised(Document::EndUsers, "2026-11-15")).await;
        let (user, link) = activation::invite(&idp).await;
        let mut fred = idp.visitor();
        activation::choose(&mut fred, &link, true).await;
        let (_, code) = idp.inbox.newest_code();
        assert_eq!(activation::give(&mut fred, &code).await.location(), "/activate/done");
        assert_eq!(acknowledged(&idp, user, Document::EndUsers).await.as_deref(), Some("2026-11-15"));
        let found = entries(&idp).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, format!("user:{user}"));
        idp.clock.advance_seconds(1);
        fred.give_password("/login", FRED, CHOSEN).await;
        let (_, code) = idp.inbox.newest_code();
        fred.give_code(&code).await.expect(StatusCode::SEE_OTHER);
        fred.get("/apps").await.expect(StatusCode::OK);
    }
}

on_both_databases! {
    async fn of_two_acknowledgements_at_once_one_is_written_down(idp) {
        let idp = idp.with_terms(asked()).await;
        let mut one = idp.signed_in(HUGO).await;
        let mut other = one.clone();
        let token = one.get(GATE).await.field("csrf_token").unwrap();
        let fields = [("csrf_token", token.as_str()), ("version", "2026-10-01")];
        let (first, second) = tokio::join!(one.post(GATE, &fields), other.post(GATE, &fields));
        assert_eq!((first.location(), second.location()), ("/apps", "/apps"));
        assert_eq!(entries(&idp).await.len(), 1);
    }
}

on_both_databases! {
    async fn a_new_version_is_told_once_to_whoever_acknowledged_one_before(idp) {
        let user = administrator(&idp, "dua", &[USERS]).await;
        let former = administrator(&idp, "former", &[USERS]).await;
        let away = administrator(&idp, "away", &[]).await;
        let silent = administrator(&idp, "silent", &[]).await;
        let idp = idp.with_terms(asked()).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        for email in [HUGO, DUA, "former@bank-e.example", "away@bank-e.example"] {
            admitted(&idp, email).await;
        }
        for email in [DUA, "former@bank-e.example"] {
            acknowledge(&mut idp.signed_in(email).await, SUPPLEMENT).await;
        }
        let revoke = RoleChange { revoke: vec![USERS], ..RoleChange::default() };
        idp.administration().change_roles(former, &revoke).await.unwrap();
        idp.administration().suspend_user(away, Suspension::default()).await.unwrap();
        assert_eq!(tell_of_new_versions(&idp.app).await.unwrap(), 0);

        let idp = idp.with_terms(raised(Document::EndUsers, "2026-11-15")).await;
        let (one, other) = tokio::join!(tell_of_new_versions(&idp.app), tell_of_new_versions(&idp.app));
        assert_eq!(one.unwrap() + other.unwrap(), 3);
        assert_eq!(tell_of_new_versions(&idp.app).await.unwrap(), 0);
        let kind = NoticeKind::TermsChanged;
        for (person, times) in [(hugo, 1), (user, 1), (former, 1), (away, 0), (silent, 0)] {
            assert_eq!(told(&idp, person, kind).await, times, "{person:?}");
        }
        deliver_due(&idp.app).await.unwrap();
        assert!(idp.inbox.was_mailed(HUGO, "new version of 2026-11-15"));

        let idp = idp.with_terms(raised(Document::Administrators, "2026-11-20")).await;
        assert_eq!(tell_of_new_versions(&idp.app).await.unwrap(), 1);
        assert_eq!(told(&idp, user, NoticeKind::AdministratorTermsChanged).await, 1);
    }
}

on_both_databases! {
    async fn where_the_operator_does_not_ask_nobody_is_asked_or_told(idp) {
        let idp = idp.with_terms(asked()).await;
        let visitor = admitted(&idp, HUGO).await;
        let terms = Terms { acknowledge: false, ..raised(Document::EndUsers, "2026-11-15") };
        let idp = idp.with_terms(terms).await;
        idp.visited_by(visitor).get("/apps").await.expect(StatusCode::OK);
        assert_eq!(tell_of_new_versions(&idp.app).await.unwrap(), 0);
        let page = idp.visitor().get("/terms").await.expect(StatusCode::OK);
        assert!(page.body.contains("Version of 2026-11-15"), "{}", page.body);
    }
}
