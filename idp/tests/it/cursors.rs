//! A place in a list is opaque, and good only for whom and what it was made for: one test over all lists (security.md
//! 106). Whatever else is sent shows the first page.

use axum::http::StatusCode;
use portal_core::{
    id::LevelId,
    organisation::ThirdPartyStatus,
    permission::{Actor, StaffRole},
};
use storage::ReviewsWanted;

use crate::{
    access_requests::{active, ask, level_of_hugo},
    harness::{TestIdp, Visitor},
    nominations::{nominee, submission},
    on_both_databases,
    roles::{USERS, access, account_of, administrator},
};

/// More than there are on a page of any list.
const MANY: usize = 55;
const CASPER: &str = "CASPER_WEB_DATA_SUBMITTER";

/// The access of twenty-one of the members waits for a confirmation.
const SOME_ASLEEP: &str = "UPDATE memberships SET dormant_at = 1 WHERE user_id IN (SELECT id FROM users WHERE email \
     LIKE 'member0%' OR email LIKE 'member1%' OR email LIKE 'member20%')";

/// Who looks at a list.
#[derive(Clone, Copy)]
enum Reader {
    Administrator,
    Staff,
}

/// Enough of everything for a second page of each list. Returns the address of a review.
async fn fill(idp: &TestIdp) -> String {
    let level = level_of_hugo(idp).await;
    let casper = access(idp, "CASPER").await;
    for name in ["one", "two"] {
        administrator(idp, name, &[USERS, casper]).await;
        idp.staff(&format!("{name}@operator.example"), StaffRole::IdentityAdmin).await;
    }
    for number in 0..MANY {
        idp.create_third_party(&format!("BANK_{number:02}"), ThirdPartyStatus::Active).await;
    }
    nominations(idp, level).await;
    people(idp, level).await;
    own_history(idp).await;
    reviews(idp, level).await
}

async fn nominations(idp: &TestIdp, level: LevelId) {
    let found = idp.app.store.find_level_by_id(level).await.unwrap().unwrap();
    let casper = idp.casper().await;
    for number in 0..30 {
        let [users, access] = ["dua", "daa"].map(|kind| format!("{kind}{number}@nominees.example"));
        let nominees = vec![nominee(&users, true, &[]), nominee(&access, false, &[casper])];
        let filed = submission(nominees, &[casper]);
        let third_party = found.third_party_id.unwrap();
        idp.acting(&Actor::Setup).file_nomination(third_party, &filed).await.unwrap();
    }
}

/// Members of CASPER whose access waits, and people who ask for it.
async fn people(idp: &TestIdp, level: LevelId) {
    let group = idp.app.store.find_group(CASPER).await.unwrap().unwrap();
    for number in 0..MANY {
        let email = format!("member{number:02}@bank-e.example");
        let member = idp.create_user(&email, level, None).await;
        idp.administration().assign_membership(member, &group).await.unwrap();
    }
    for number in 0..25 {
        let email = format!("asking{number:02}@bank-e.example");
        let asking = active(idp, &email, level).await;
        ask(idp, asking, group.id).await.unwrap();
    }
}

/// Notices and entries about the two administrators themselves.
async fn own_history(idp: &TestIdp) {
    let group = idp.app.store.find_group("SSM-PORTAL_USER").await.unwrap().unwrap();
    for name in ["one", "two"] {
        let user = account_of(idp, &format!("{name}@bank-e.example")).await.user.id;
        for _ in 0..15 {
            idp.administration().assign_membership(user, &group).await.unwrap();
            idp.administration().remove_membership(user, &group).await.unwrap();
        }
    }
}

async fn reviews(idp: &TestIdp, level: LevelId) -> String {
    let found = idp.app.store.find_level_by_id(level).await.unwrap().unwrap();
    let mut last = None;
    for _ in 0..30 {
        idp.execute("UPDATE access_reviews SET state = 'SIGNED_OFF', open_key = NULL").await;
        let casper = idp.casper().await;
        let setup = idp.administration();
        let begun = setup.begin_access_review(found.third_party_id.unwrap(), casper).await;
        last = Some(begun.unwrap());
    }
    idp.execute(SOME_ASLEEP).await;
    format!("/reviews/{}", last.unwrap())
}

/// The content of a page, without what is of its session alone.
async fn content(visitor: &mut Visitor, path: &str) -> String {
    let page = visitor.get(path).await.expect(StatusCode::OK);
    let (_, main) = page.body.split_once("<main").unwrap();
    let (main, _) = main.split_once("</main>").unwrap();
    let token = "name=\"csrf_token\" value=\"";
    let mut parts = main.split(token);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('"').unwrap().1)
}

/// Where the last button of the pager leads.
fn next_of(content: &str, path: &str) -> String {
    let (_, pager) = content
        .split_once("class=\"pager\"")
        .unwrap_or_else(|| panic!("{path} has one page: {content}"));
    let (_, href) = pager.rsplit_once("href=\"").unwrap();
    let href = href.split_once('"').unwrap().0;
    href.replace("&#38;", "&").replace("&amp;", "&")
}

/// The same address with another cursor, which stands last in it.
fn with_cursor(next: &str, cursor: &str) -> String {
    let (address, _) = next.rsplit_once('=').unwrap();
    format!("{address}={cursor}")
}

on_both_databases! {
    async fn no_list_begins_at_a_place_that_was_not_made_for_it_and_its_reader(idp) {
        let review = fill(&idp).await;
        let lists = [
            ("/users", Reader::Administrator),
            ("/audit", Reader::Administrator),
            ("/profile/activity", Reader::Administrator),
            ("/notices", Reader::Administrator),
            ("/requests", Reader::Administrator),
            ("/reviews", Reader::Administrator),
            (review.as_str(), Reader::Administrator),
            ("/confirmations", Reader::Administrator),
            ("/access/matrix", Reader::Administrator),
            ("/access/on?application=CASPER&date=2026-11-21", Reader::Administrator),
            ("/third-parties", Reader::Staff),
            ("/nominations?state=all", Reader::Staff),
        ];
        let mut administrators = [
            idp.signed_in("one@bank-e.example").await,
            idp.signed_in("two@bank-e.example").await,
        ];
        let mut staff =
            [idp.signed_in("one@operator.example").await, idp.signed_in("two@operator.example").await];
        let mut strange = "bm8.bm8".to_owned();
        for (path, reader) in lists {
            let [one, two] = match reader {
                Reader::Administrator => &mut administrators,
                Reader::Staff => &mut staff,
            };
            // Whoever looks at the notices has read them.
            content(one, path).await;
            content(two, path).await;
            let (first, of_two) = (content(one, path).await, content(two, path).await);
            let next = next_of(&first, path);
            let (_, cursor) = next.rsplit_once('=').unwrap();
            assert!(cursor.contains('.') && !next.contains("Belmonte"), "{next}");
            let second = content(one, &next).await;
            assert_ne!(second, first, "{path}");
            let (position, mac) = cursor.split_once('.').unwrap();
            let turned = if mac.starts_with('A') { "B" } else { "A" };
            let forged = [
                format!("{position}.{turned}{}", &mac[1..]),
                format!("{position}A.{mac}"),
                position.to_owned(),
                strange.clone(),
                "019aa3f0-0000-7000-8000-000000000000".to_owned(),
            ];
            for forged in forged {
                assert_eq!(content(one, &with_cursor(&next, &forged)).await, first, "{path} {forged}");
            }
            assert_eq!(content(two, &next).await, of_two, "{path}: a cursor of another person");
            strange = cursor.to_owned();
        }
        let wanted = ReviewsWanted { limit: 100, ..ReviewsWanted::default() };
        let sight = portal_core::permission::ApplicationSight::Everything;
        assert_eq!(idp.app.store.list_access_reviews(&sight, wanted).await.unwrap().len(), 30);
    }
}
