//! The reminder that one administrator alone is left (O4): to those whom it concerns, and only while it is so.

use axum::http::StatusCode;
use idp::administration::RoleChange;
use portal_core::{
    administrators::RoleKind, id::UserId, organisation::ThirdPartyStatus, permission::StaffRole,
};

use crate::{
    fresh::staff,
    harness::{HUGO, TestIdp, Visitor},
    on_both_databases,
    roles::{USERS, access, account_of, administrator},
};

const LISTS: [&str; 3] = ["/users", "/access/matrix", "/access/self-assignments"];
const ONE_OF_USERS: &str = "Only one active user administrator is left for BANK E.";
const ONE_OF_CASPER: &str = "Only one active access administrator of CASPER is left for BANK E.";

/// Whether a page reminds of it, in these words.
async fn says(visitor: &mut Visitor, page: &str, words: &str) -> bool {
    let page = visitor.get(page).await.expect(StatusCode::OK);
    page.body.contains("id=\"one-left\"") && page.body.contains(words)
}

async fn is_silent(visitor: &mut Visitor, page: &str) -> bool {
    !visitor.get(page).await.expect(StatusCode::OK).body.contains("id=\"one-left\"")
}

async fn own_page(idp: &TestIdp) -> String {
    let third_party = account_of(idp, HUGO).await.third_party.unwrap();
    format!("/third-parties/{}", third_party.id)
}

async fn set_roles(idp: &TestIdp, user: UserId, grant: &[RoleKind]) {
    let change = RoleChange { grant: grant.to_vec(), ..RoleChange::default() };
    idp.administration().change_roles(user, &change).await.unwrap();
}

on_both_databases! {
    async fn an_only_administrator_is_reminded_on_the_lists_and_staff_on_the_page_of_the_organisation(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        let casper = access(&idp, "CASPER").await;
        administrator(&idp, "daa", &[casper]).await;
        let own = own_page(&idp).await;
        for email in ["dua@bank-e.example", "daa@bank-e.example"] {
            let mut visitor = idp.signed_in(email).await;
            for list in LISTS.into_iter().chain([own.as_str()]) {
                assert!(says(&mut visitor, list, ONE_OF_USERS).await, "{email} {list}");
                assert!(says(&mut visitor, list, ONE_OF_CASPER).await, "{email} {list}");
            }
            let page = visitor.get("/users").await;
            assert!(page.body.contains(&format!("{own}#administrators-heading")) && page.body.contains("Choose somebody"));
        }
        let mut identity = staff(&idp, StaffRole::IdentityAdmin).await;
        assert!(says(&mut identity, &own, ONE_OF_USERS).await);
        let invite = format!("href=\"{own}/nominations/invite\"");
        let page = identity.get(&own).await;
        assert!(page.body.matches(&invite).count() == 2, "the reminder leads to what is to be done");
        assert!(is_silent(&mut identity, "/users").await, "staff administer many organisations");
    }
}

on_both_databases! {
    async fn nobody_is_reminded_while_two_can_act_and_only_who_can_act_counts(idp) {
        let casper = access(&idp, "CASPER").await;
        let both = administrator(&idp, "both", &[USERS, casper]).await;
        administrator(&idp, "second", &[USERS, casper]).await;
        let mut visitor = idp.signed_in("both@bank-e.example").await;
        assert!(is_silent(&mut visitor, "/users").await, "two of each");
        for (gone, back) in [
            ("UPDATE users SET status = 'SUSPENDED' WHERE email = 'second@bank-e.example'",
             "UPDATE users SET status = 'ACTIVE' WHERE email = 'second@bank-e.example'"),
            ("UPDATE users SET expires_on = '2026-11-20' WHERE email = 'second@bank-e.example'",
             "UPDATE users SET expires_on = '2026-11-21' WHERE email = 'second@bank-e.example'"),
            ("UPDATE delegated_roles SET dormant_at = 1 WHERE user_id IN (SELECT id FROM users WHERE email = 'second@bank-e.example')",
             "UPDATE delegated_roles SET dormant_at = NULL"),
        ] {
            idp.execute(gone).await;
            assert!(says(&mut visitor, "/users", ONE_OF_USERS).await, "{gone}");
            assert!(says(&mut visitor, "/users", ONE_OF_CASPER).await, "{gone}");
            idp.execute(back).await;
            assert!(is_silent(&mut visitor, "/users").await, "{back}");
        }
        // An application of nobody has no only one.
        let ssm = access(&idp, "SSM-PORTAL").await;
        set_roles(&idp, both, &[ssm]).await;
        let only_ssm = "Only one active access administrator of SSM-PORTAL is left for BANK E.";
        assert!(says(&mut visitor, "/users", only_ssm).await);
        let page = visitor.get("/users").await;
        assert!(!page.body.contains("administrator of A-CASPER"), "nobody administers it");
    }
}

on_both_databases! {
    async fn an_organisation_that_needs_no_administrators_is_not_reminded(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        let casper = access(&idp, "CASPER").await;
        administrator(&idp, "daa", &[casper]).await;
        let own = own_page(&idp).await;
        let mut identity = staff(&idp, StaffRole::IdentityAdmin).await;
        for (there, back) in [
            ("UPDATE third_parties SET administration = 'operator'", "UPDATE third_parties SET administration = 'delegated'"),
            ("UPDATE third_parties SET status = 'SUSPENDED'", "UPDATE third_parties SET status = 'ACTIVE'"),
        ] {
            idp.execute(there).await;
            assert!(is_silent(&mut identity, &own).await, "{there}");
            idp.execute(back).await;
            assert!(says(&mut identity, &own, ONE_OF_USERS).await, "{back}");
        }
        idp.execute("UPDATE third_parties SET status = 'ORPHANED'").await;
        assert!(says(&mut identity, &own, ONE_OF_USERS).await, "those who are left are kept");
        idp.execute("UPDATE third_parties SET status = 'ACTIVE'").await;
        // An application that the organisation does not use needs nobody.
        idp.execute("DELETE FROM onboardings").await;
        assert!(says(&mut identity, &own, ONE_OF_USERS).await);
        let page = identity.get(&own).await;
        assert!(!page.body.contains("Only one active access administrator"), "{}", page.body);
        let (empty, _) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        assert!(is_silent(&mut identity, &format!("/third-parties/{empty}")).await, "nobody is not one");
        let mut hugo = idp.signed_in(HUGO).await;
        assert!(is_silent(&mut hugo, "/apps").await);
    }
}

on_both_databases! {
    async fn several_applications_stand_in_one_line(idp) {
        let (casper, ssm) = (access(&idp, "CASPER").await, access(&idp, "SSM-PORTAL").await);
        administrator(&idp, "both", &[casper, ssm]).await;
        administrator(&idp, "dua", &[USERS]).await;
        administrator(&idp, "dua-2", &[USERS]).await;
        let mut visitor = idp.signed_in("dua@bank-e.example").await;
        let line = "Only one active access administrator is left for BANK E in each of these applications: CASPER, SSM-PORTAL.";
        assert!(says(&mut visitor, "/users", line).await);
        let page = visitor.get("/users").await;
        assert!(!page.body.contains("user administrator is left") && !page.body.contains("Choose somebody"));
        assert!(page.body.contains("That person can appoint another one"));
        let mut only = idp.signed_in("both@bank-e.example").await;
        let page = only.get("/users").await;
        assert!(page.body.contains("Choose somebody"), "whoever may appoint is told where");
    }
}
