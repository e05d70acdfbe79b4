//! Access that one person alone gave: marked, told to the others, and reported with what became of it (O8, E54).

use axum::http::{StatusCode, header};
use idp::administration::MembershipSave;
use portal_core::{
    access::Group,
    access_request::Answer,
    account::UserStatus,
    expiry::ExpirationDate,
    id::UserId,
    membership::Staged,
    notice::NoticeKind,
    organisation::ThirdPartyStatus,
    permission::{Sight, StaffRole},
};
use storage::AuditSearch;

use crate::{
    access_requests::{ask, at_work, daa, level_of_hugo},
    fresh::staff,
    harness::{HUGO, TestIdp},
    on_both_databases,
    roles::{USERS, access, account_of, actor, administrator},
};

const REPORT: &str = "/access/self-assignments";
const CASPER: &str = "CASPER_WEB_DATA_SUBMITTER";

async fn group(idp: &TestIdp, name: &str) -> Group {
    idp.app.store.find_group(name).await.unwrap().unwrap()
}

fn adding(group: &Group) -> Staged {
    Staged { additions: [(group.id, None)].into(), ..Staged::default() }
}

fn removing(group: &Group) -> Staged {
    Staged { removals: [group.id].into(), ..Staged::default() }
}

/// Saves at the time of the clock, which moves on.
async fn give(idp: &TestIdp, by: UserId, user: UserId, staged: Staged) {
    idp.clock.advance_seconds(60);
    let actor = actor(idp, by).await;
    let save = MembershipSave { known_version: None, staged };
    at_work(idp, &actor).save_memberships(user, &save).await.unwrap();
}

/// Somebody whose account `by` creates.
async fn made_by(idp: &TestIdp, by: UserId, name: &str) -> UserId {
    let new = TestIdp::new_user(&format!("{name}@bank-e.example"), level_of_hugo(idp).await);
    let by = actor(idp, by).await;
    at_work(idp, &by).create_user(&new, UserStatus::Invited).await.unwrap()
}

/// What somebody was told of one kind: the facts of each notice.
async fn told(idp: &TestIdp, user: UserId, kind: NoticeKind) -> Vec<storage::NoticeFacts> {
    let notices = idp.app.store.list_notices(user, None, 100).await.unwrap();
    notices.into_iter().filter(|notice| notice.kind == kind).map(|notice| notice.facts).collect()
}

/// How many entries of the trail are marked so.
async fn marked(idp: &TestIdp, mark: &str) -> usize {
    let everything = AuditSearch::within(Sight::Everything);
    let entries = idp.app.store.list_audit(&everything, None, 500).await.unwrap();
    entries.iter().filter(|entry| entry.content.detail.contains(mark)).count()
}

const OWN_MAKING: &str = "\"created_by_giver\":true";

on_both_databases! {
    async fn who_creates_an_account_and_gives_it_access_is_flagged_where_four_eyes_are_asked_for(idp) {
        let casper = access(&idp, "CASPER").await;
        let both = administrator(&idp, "both", &[USERS, casper]).await;
        let other = administrator(&idp, "other", &[USERS]).await;
        let group = group(&idp, CASPER).await;
        let first = made_by(&idp, both, "first").await;
        give(&idp, both, first, adding(&group)).await;
        assert_eq!(told(&idp, other, NoticeKind::OwnMakingAssigned).await.len(), 0, "nobody asks for four eyes");
        assert_eq!(marked(&idp, OWN_MAKING).await, 0);
        for (name, switch) in [
            ("second", "UPDATE third_parties SET forbids_self_assignment = TRUE"),
            ("third", "UPDATE third_parties SET forbids_self_assignment = FALSE, confirms_administrators = TRUE"),
        ] {
            idp.execute(switch).await;
            let before = marked(&idp, OWN_MAKING).await;
            let user = made_by(&idp, both, name).await;
            give(&idp, both, user, adding(&group)).await;
            assert_eq!(marked(&idp, OWN_MAKING).await, before + 1, "{name}: allowed, and marked");
        }
        let notices = told(&idp, other, NoticeKind::OwnMakingAssigned).await;
        assert_eq!(notices.len(), 2, "one for each");
        assert!(notices.iter().all(|facts| facts["groups"] == CASPER && facts["person"] == "Hugo Belmonte"));
        assert_eq!(told(&idp, both, NoticeKind::OwnMakingAssigned).await.len(), 0, "the giver knows");
        // What is taken away again, and what is given to somebody else's making, is nothing.
        let hugo = account_of(&idp, HUGO).await.user.id;
        let second = account_of(&idp, "second@bank-e.example").await.user.id;
        give(&idp, both, second, removing(&group)).await;
        give(&idp, both, hugo, removing(&group)).await;
        give(&idp, both, hugo, adding(&group)).await;
        assert_eq!(marked(&idp, OWN_MAKING).await, 2);
        assert_eq!(told(&idp, other, NoticeKind::OwnMakingAssigned).await.len(), 2);
    }
}

on_both_databases! {
    async fn a_request_that_the_maker_of_the_account_grants_is_flagged_as_well(idp) {
        let casper = access(&idp, "CASPER").await;
        let both = administrator(&idp, "both", &[USERS, casper]).await;
        let other = administrator(&idp, "other", &[USERS]).await;
        idp.execute("UPDATE third_parties SET confirms_administrators = TRUE").await;
        let user = made_by(&idp, both, "user").await;
        idp.activate(user).await;
        let request = ask(&idp, user, group(&idp, CASPER).await.id).await.unwrap();
        let actor = actor(&idp, both).await;
        at_work(&idp, &actor).decide_access_request(request, &Answer::Grant { until: None }).await.unwrap();
        assert_eq!(marked(&idp, OWN_MAKING).await, 1);
        assert_eq!(told(&idp, other, NoticeKind::OwnMakingAssigned).await.len(), 1);
    }
}

on_both_databases! {
    async fn the_report_tells_who_gave_what_to_whom_and_what_became_of_it(idp) {
        let level = level_of_hugo(&idp).await;
        let casper = access(&idp, "CASPER").await;
        let both = administrator(&idp, "both", &[USERS, casper]).await;
        let mut auditor = staff(&idp, StaffRole::Auditor).await;
        let nothing = auditor.get(REPORT).await.expect(StatusCode::OK);
        assert!(nothing.body.contains("Nobody gave access alone"), "{}", nothing.body);
        let group = group(&idp, CASPER).await;
        give(&idp, both, both, adding(&group)).await;
        let page = auditor.get(REPORT).await.expect(StatusCode::OK);
        assert!(page.body.contains("both@bank-e.example") && page.body.contains(CASPER), "{}", page.body);
        assert!(page.body.contains("Still counts") && page.body.contains("To oneself"));
        // More time is given as well; what was given first was changed by it.
        let until = ExpirationDate::days_from(idp.app.now(), 10);
        let shorter = Staged { last_days: [(group.id, until)].into(), ..Staged::default() };
        give(&idp, both, both, shorter).await;
        let longer = Staged { last_days: [(group.id, None)].into(), ..Staged::default() };
        give(&idp, both, both, longer).await;
        let page = auditor.get(REPORT).await.expect(StatusCode::OK);
        assert_eq!(page.body.matches("Changed on").count(), 1, "{}", page.body);
        assert_eq!(page.body.matches("Still counts").count(), 1);
        give(&idp, both, both, removing(&group)).await;
        let page = auditor.get(REPORT).await.expect(StatusCode::OK);
        assert!(page.body.contains("Ended on 2026-11-21 12:04 UTC"), "{}", page.body);
        assert!(!page.body.contains("Still counts"));
        // The filters.
        for (query, is_there) in [
            (format!("level={level}&application=CASPER&how=to-oneself"), true),
            ("how=to-own-making".to_owned(), false),
            ("application=SSM-PORTAL".to_owned(), false),
        ] {
            let page = auditor.get(&format!("{REPORT}?{query}")).await.expect(StatusCode::OK);
            assert_eq!(page.body.contains("both@bank-e.example"), is_there, "{query}");
        }
        auditor.get(&format!("{REPORT}?how=else")).await.expect(StatusCode::BAD_REQUEST);
    }
}

on_both_databases! {
    async fn the_report_is_read_within_ones_sight_and_leaves_as_a_file_that_is_written_down(idp) {
        let level = level_of_hugo(&idp).await;
        let own = daa(&idp, "daa@bank-e.example", level, "CASPER").await;
        let (bank, elsewhere) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let casper = idp.app.store.find_application("CASPER").await.unwrap().unwrap();
        idp.administration().onboard(bank, &casper).await.unwrap();
        let foreign = daa(&idp, "daa@bank-01.example", elsewhere, "CASPER").await;
        let group = group(&idp, CASPER).await;
        for user in [own, foreign] {
            give(&idp, user, user, adding(&group)).await;
        }
        let mut visitor = idp.signed_in("daa@bank-e.example").await;
        let page = visitor.get(REPORT).await.expect(StatusCode::OK);
        assert!(page.body.contains("daa@bank-e.example") && !page.body.contains("daa@bank-01.example"));
        let (_, before) = idp.app.store.verify_audit().await.unwrap();
        let file = visitor.get(&format!("{REPORT}.csv")).await.expect(StatusCode::OK);
        assert!(file.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
        assert_eq!(file.body.lines().count(), 2, "{}", file.body);
        assert!(file.body.contains("daa@bank-e.example") && file.body.contains("To oneself,Still counts"));
        assert_eq!(idp.app.store.verify_audit().await.unwrap(), (None, before + 1));
        let mut everything = staff(&idp, StaffRole::Auditor).await;
        let file = everything.get(&format!("{REPORT}.csv")).await.expect(StatusCode::OK);
        assert_eq!(file.body.lines().count(), 3, "{}", file.body);
        let mut plain = idp.signed_in(HUGO).await;
        plain.get(REPORT).await.expect(StatusCode::NOT_FOUND);
        let beyond = format!("{REPORT}?level={elsewhere}");
        visitor.get(&beyond).await.expect(StatusCode::NOT_FOUND);
    }
}

on_both_databases! {
    async fn a_long_report_is_read_page_by_page_and_nothing_twice(idp) {
        let level = level_of_hugo(&idp).await;
        let group = group(&idp, CASPER).await;
        for n in 0..27 {
            let user = daa(&idp, &format!("daa-{n}@bank-e.example"), level, "CASPER").await;
            if n % 5 != 0 {
                idp.clock.advance_seconds(1);
            }
            let actor = actor(&idp, user).await;
            let save = MembershipSave { known_version: None, staged: adding(&group) };
            at_work(&idp, &actor).save_memberships(user, &save).await.unwrap();
        }
        let mut visitor = idp.signed_in("daa-0@bank-e.example").await;
        let first = visitor.get(REPORT).await.expect(StatusCode::OK);
        assert_eq!(first.body.matches("<th scope=\"row\">").count(), 25);
        let (_, rest) = first.body.split_once("id=\"audit-older\" rel=\"next\" href=\"").unwrap();
        let address = rest.split_once('"').unwrap().0.replace("&#38;", "&");
        let second = visitor.get(&address).await.expect(StatusCode::OK);
        assert_eq!(second.body.matches("<th scope=\"row\">").count(), 2, "{}", second.body);
        for n in 0..27 {
            let email = format!(">daa-{n}@bank-e.example ");
            let count = first.body.matches(&email).count() + second.body.matches(&email).count();
            assert_eq!(count, 1, "{email}");
        }
        // A place that was made for another filter leads to the first page.
        let other = address.replace("application=", "application=CASPER");
        let again = visitor.get(&other).await.expect(StatusCode::OK);
        assert_eq!(again.body.matches("<th scope=\"row\">").count(), 25);
        let file = visitor.get(&format!("{REPORT}.csv")).await.expect(StatusCode::OK);
        assert_eq!(file.body.lines().count(), 28);
    }
}

on_both_databases! {
    async fn a_person_who_begins_like_a_formula_is_no_formula_in_the_file(idp) {
        let level = level_of_hugo(&idp).await;
        let user = daa(&idp, "daa@bank-e.example", level, "CASPER").await;
        idp.execute("UPDATE users SET first_name = '=1+1' WHERE email = 'daa@bank-e.example'").await;
        give(&idp, user, user, adding(&group(&idp, CASPER).await)).await;
        let mut visitor = idp.signed_in("daa@bank-e.example").await;
        let file = visitor.get(&format!("{REPORT}.csv")).await.expect(StatusCode::OK);
        assert!(file.body.contains(",'=1+1 Belmonte,"), "{}", file.body);
    }
}
