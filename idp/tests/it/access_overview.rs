//! Why somebody has access, who has, and who had on a day: within the reader's sight, on screen and as a file.

use axum::http::{StatusCode, header};
use idp::administration::{Administration, MembershipSave};
use portal_core::{
    audit::Origin, email::EmailKey, id::UserId, membership::Staged, organisation::ThirdPartyStatus,
};
use storage::Account;

use crate::{
    harness::{HUGO, TestIdp},
    on_both_databases,
};

const DAA: &str = "daa@bank-e.example";
const CASPER: &str = "CASPER_WEB_DATA_SUBMITTER";

async fn account(idp: &TestIdp, email: &str) -> Account {
    idp.app.store.find_account_by_email(&EmailKey::of(email)).await.unwrap().unwrap()
}

async fn access_administrator(idp: &TestIdp, email: &str) -> UserId {
    let level = account(idp, HUGO).await.level.id;
    let user = idp.create_user(email, level, None).await;
    idp.activate(user).await;
    let casper = idp.app.store.find_application("CASPER").await.unwrap().unwrap();
    idp.administration().grant_access_administrator(user, &casper).await.unwrap();
    user
}

/// Assigns or removes CASPER for somebody, in the name of an administrator.
async fn save(idp: &TestIdp, by: UserId, user: UserId, is_given: bool) {
    let group = idp.app.store.find_group(CASPER).await.unwrap().unwrap().id;
    let actor = idp.app.store.find_account(by).await.unwrap().unwrap();
    let actor = idp.app.store.actor(&actor).await.unwrap();
    let administration = Administration {
        store: &idp.app.store,
        actor: &actor,
        now: idp.app.now(),
        origin: Origin::default(),
    };
    let staged = if is_given {
        Staged { additions: [(group, None)].into(), ..Staged::default() }
    } else {
        Staged { removals: [group].into(), ..Staged::default() }
    };
    let save = MembershipSave { known_version: None, staged };
    administration.save_memberships(user, &save).await.unwrap();
}

on_both_databases! {
    async fn a_membership_leads_back_to_who_gave_it_and_under_which_role(idp) {
        let daa = access_administrator(&idp, DAA).await;
        let level = account(&idp, HUGO).await.level.id;
        let user = idp.create_user("user@bank-e.example", level, None).await;
        save(&idp, daa, user, true).await;
        let mut visitor = idp.signed_in(DAA).await;
        let page = visitor.get(&format!("/users/{user}/why")).await.expect(StatusCode::OK);
        assert!(page.body.contains("by Hugo Belmonte, ApplicationAccessAdmin for CASPER since"), "{}", page.body);
        assert!(page.body.contains("by a nomination that the ECB confirmed"));
        let hugo = account(&idp, HUGO).await.user.id;
        let page = visitor.get(&format!("/users/{hugo}/why")).await.expect(StatusCode::OK);
        assert!(page.body.contains("when the portal was set up"));
    }
}

on_both_databases! {
    async fn nobody_asks_beyond_the_own_sight(idp) {
        access_administrator(&idp, DAA).await;
        let (_, elsewhere) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let foreign = idp.create_user("foreign@bank-01.example", elsewhere, None).await;
        let mut visitor = idp.signed_in(DAA).await;
        for address in [
            format!("/users/{foreign}/why"),
            format!("/access/matrix?level={elsewhere}"),
            format!("/access/matrix.csv?level={elsewhere}"),
            format!("/access/on?level={elsewhere}&application=CASPER&date=2026-11-21"),
            format!("/access/on.csv?level={elsewhere}&application=CASPER&date=2026-11-21"),
        ] {
            visitor.get(&address).await.expect(StatusCode::NOT_FOUND);
        }
        let matrix = visitor.get("/access/matrix").await.expect(StatusCode::OK);
        assert!(matrix.body.contains(HUGO) && !matrix.body.contains("foreign@bank-01.example"));
        let mut hugo = idp.signed_in(HUGO).await;
        for address in ["/access/matrix", "/access/matrix.csv", "/access/on", "/access/on.csv"] {
            hugo.get(address).await.expect(StatusCode::NOT_FOUND);
        }
    }
}

on_both_databases! {
    async fn who_could_on_a_day_counts_what_has_ended_since(idp) {
        let daa = access_administrator(&idp, DAA).await;
        let hugo = account(&idp, HUGO).await.user.id;
        save(&idp, daa, hugo, false).await;
        let mut visitor = idp.signed_in(DAA).await;
        let on = |date: &str| format!("/access/on?application=CASPER&date={date}&level=");
        for (date, is_listed) in
            [("2026-11-19", false), ("2026-11-20", true), ("2026-11-21", true), ("2026-11-22", false)]
        {
            let page = visitor.get(&on(date)).await.expect(StatusCode::OK);
            let is_there = page.body.contains(HUGO) && page.body.contains(CASPER);
            assert_eq!(is_there, is_listed, "{date}: {}", page.body);
        }
        let other = visitor.get("/access/on?application=SSM-PORTAL&date=2026-11-20").await;
        assert!(!other.body.contains(HUGO), "it was access to another application");
        let page = visitor.get(&on("20.11.2026")).await.expect(StatusCode::OK);
        assert!(page.body.contains("aria-invalid"));
        let file = visitor.get("/access/on.csv?application=CASPER&date=2026-11-20").await.expect(StatusCode::OK);
        assert!(file.body.contains(HUGO) && file.body.contains(CASPER));
    }
}

on_both_databases! {
    async fn the_matrix_leaves_as_a_file_that_is_written_down(idp) {
        access_administrator(&idp, DAA).await;
        let mut visitor = idp.signed_in(DAA).await;
        let page = visitor.get("/access/matrix?application=CASPER").await.expect(StatusCode::OK);
        assert!(page.body.contains(CASPER) && !page.body.contains("A-CASPER_WEB_DATA_SUBMITTER"));
        let (_, before) = idp.app.store.verify_audit().await.unwrap();
        let file = visitor.get("/access/matrix.csv").await.expect(StatusCode::OK);
        let kind = file.headers.get(header::CONTENT_TYPE).unwrap().to_str().unwrap();
        assert!(kind.starts_with("text/csv"), "{kind}");
        assert!(file.headers.get(header::CONTENT_DISPOSITION).unwrap().to_str().unwrap().starts_with("attachment"));
        let lines: Vec<&str> = file.body.lines().collect();
        assert!(lines[0].contains("A-CASPER") && lines.iter().any(|line| line.contains(HUGO)), "{}", file.body);
        assert!(file.body.contains("ApplicationAccessAdmin"));
        assert_eq!(idp.app.store.verify_audit().await.unwrap(), (None, before + 1));
    }
}
