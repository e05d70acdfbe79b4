//! The pages of access reviews: what is chosen is not lost, nobody's decision is overwritten, and a sign-off is of what
//! was shown.

use axum::http::{StatusCode, header};
use idp::secrets;
use portal_core::{
    access_review::{ItemDecision, ReviewState},
    id::UserId,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use storage::ReviewItem;
use uuid::Uuid;

use super::{
    access_requests::{daa, level_of_hugo},
    access_reviews::{begin, decide, holds, items, petra_and_elsa, sign_off},
};
use crate::{
    harness::{Page, TestIdp, Visitor},
    on_both_databases,
};

const PETRA: &str = "petra@bank-e.example";
const PAUL: &str = "paul@bank-e.example";

/// A form of a page as a browser posts it: what is hidden, what is ticked, and `fields` in place of it.
async fn post(visitor: &mut Visitor, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
    let begin = format!("<form method=\"post\" action=\"{action}\"");
    let form = page.body.split_once(&begin).unwrap().1.split_once("</form>").unwrap().0;
    let mut all: Vec<(&str, &str)> = Vec::new();
    for input in form.split("<input ").skip(1).map(|rest| rest.split_once('>').unwrap().0) {
        let of = |name: &str| {
            input.split_once(&format!("{name}=\"")).map(|(_, rest)| rest.split_once('"').unwrap().0)
        };
        let (name, value) = (of("name").unwrap(), of("value").unwrap());
        let is_posted = of("type") == Some("hidden") || input.ends_with("checked");
        if is_posted && fields.iter().all(|(other, _)| *other != name) {
            all.push((name, value));
        }
    }
    all.extend(fields);
    visitor.post(action, &all).await
}

async fn paul(idp: &TestIdp) -> UserId {
    daa(idp, PAUL, level_of_hugo(idp).await, "CASPER").await
}

async fn item_of(idp: &TestIdp, review: Uuid, user: UserId) -> ReviewItem {
    items(idp, review).await.into_iter().find(|item| item.user == user).unwrap()
}

/// Whether a radio button is ticked; `None` where there is none.
fn is_ticked(page: &Page, position: i32, decision: &str) -> Option<bool> {
    let begin = format!("id=\"{decision}-{position}\"");
    let (_, rest) = page.body.split_once(&begin)?;
    Some(rest.split_once('>').unwrap().0.ends_with("checked"))
}

on_both_databases! {
    async fn keep_all_keeps_what_is_not_ticked_otherwise(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        let review = begin(&idp, petra).await.unwrap();
        let at = format!("/reviews/{review}");
        let remove = format!("decision.{}", item_of(&idp, review, elsa).await.position);
        let mut petra = idp.signed_in(PETRA).await;
        let page = petra.get(&at).await.expect(StatusCode::OK);
        assert!(page.body.contains("data-leave-warning") && page.body.contains("/assets/leave-warning.js"));
        let fields = [("do", "keep-all"), (remove.as_str(), "remove")];
        post(&mut petra, &page, &at, &fields).await.expect(StatusCode::SEE_OTHER);
        for item in items(&idp, review).await {
            let expected = if item.user == elsa { ItemDecision::Remove } else { ItemDecision::Keep };
            assert_eq!(item.decision, Some(expected), "{}", item.person);
        }
    }
}

on_both_databases! {
    async fn the_own_row_is_read_only_where_another_decides_and_no_choice_is_lost(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        idp.administration().assign_membership(petra, &group).await.unwrap();
        let review = begin(&idp, petra).await.unwrap();
        let at = format!("/reviews/{review}");
        let own = item_of(&idp, review, petra).await.position;
        let of_elsa = item_of(&idp, review, elsa).await.position;
        let mut visitor = idp.signed_in(PETRA).await;
        let alone = visitor.get(&at).await.expect(StatusCode::OK);
        assert_eq!(is_ticked(&alone, own, "keep"), Some(false), "nobody else could");
        paul(&idp).await;
        let (of_own, of_other) = (format!("decision.{own}"), format!("decision.{of_elsa}"));
        let fields = [("do", "save"), (of_own.as_str(), "keep"), (of_other.as_str(), "remove")];
        let refused = post(&mut visitor, &alone, &at, &fields).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("Another administrator decides on your own access."));
        assert_eq!(is_ticked(&refused, of_elsa, "remove"), Some(true), "the choice is there still");
        assert_eq!(is_ticked(&refused, own, "keep"), None);
        post(&mut visitor, &refused, &at, &[("do", "keep-all")]).await.expect(StatusCode::SEE_OTHER);
        for item in items(&idp, review).await {
            let expected = match item.user {
                user if user == petra => None,
                user if user == elsa => Some(ItemDecision::Remove),
                _ => Some(ItemDecision::Keep),
            };
            assert_eq!(item.decision, expected, "{}", item.person);
        }
    }
}

on_both_databases! {
    /// I27.
    async fn a_stale_page_shows_what_is_stored_now_and_overwrites_nothing_unseen(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        let paul = paul(&idp).await;
        let review = begin(&idp, petra).await.unwrap();
        let at = format!("/reviews/{review}?show=undecided");
        let action = format!("/reviews/{review}");
        let of_elsa = item_of(&idp, review, elsa).await.position;
        let mut petra = idp.signed_in(PETRA).await;
        let page = petra.get(&at).await.expect(StatusCode::OK);
        decide(&idp, paul, review, &[(of_elsa, ItemDecision::Remove)]).await.unwrap();
        let fields = [("do", "keep-all")];
        let late = post(&mut petra, &page, &action, &fields).await.expect(StatusCode::CONFLICT);
        assert!(late.body.contains("Somebody else decided meanwhile."), "{}", late.body);
        assert!(late.body.contains("Stored now: Remove, by Hugo Belmonte"), "{}", late.body);
        assert_eq!(is_ticked(&late, of_elsa, "keep"), Some(true), "what was chosen");
        assert_eq!(item_of(&idp, review, elsa).await.decision, Some(ItemDecision::Remove));
        assert!(items(&idp, review).await.iter().all(|item| item.user == elsa || item.decision.is_none()));
        post(&mut petra, &late, &action, &[("do", "save")]).await.expect(StatusCode::SEE_OTHER);
        assert!(items(&idp, review).await.iter().all(|item| item.decision == Some(ItemDecision::Keep)));
    }
}

on_both_databases! {
    async fn what_is_shown_decided_already_keeps_who_decided_it(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        let paul = paul(&idp).await;
        let review = begin(&idp, petra).await.unwrap();
        let of_elsa = item_of(&idp, review, elsa).await.position;
        decide(&idp, paul, review, &[(of_elsa, ItemDecision::Remove)]).await.unwrap();
        let at = format!("/reviews/{review}");
        let mut petra = idp.signed_in(PETRA).await;
        let page = petra.get(&at).await.expect(StatusCode::OK);
        post(&mut petra, &page, &at, &[("do", "keep-all")]).await.expect(StatusCode::SEE_OTHER);
        let stored = item_of(&idp, review, elsa).await;
        assert_eq!((stored.decision, stored.decided_by), (Some(ItemDecision::Remove), Some(paul)));
    }
}

on_both_databases! {
    async fn a_sign_off_of_figures_that_changed_is_refused_and_shows_those_of_now(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        let paul = paul(&idp).await;
        let review = begin(&idp, petra).await.unwrap();
        for item in items(&idp, review).await {
            decide(&idp, petra, review, &[(item.position, ItemDecision::Keep)]).await.unwrap();
        }
        let (at, action) = (format!("/reviews/{review}"), format!("/reviews/{review}/sign-off"));
        let mut petra = idp.signed_in(PETRA).await;
        let page = petra.get(&at).await.expect(StatusCode::OK);
        assert!(page.body.contains("end with your sign-off: 0."), "{}", page.body);
        let of_elsa = item_of(&idp, review, elsa).await.position;
        decide(&idp, paul, review, &[(of_elsa, ItemDecision::Remove)]).await.unwrap();
        let late = post(&mut petra, &page, &action, &[]).await.expect(StatusCode::CONFLICT);
        assert!(late.body.contains("Nothing was signed off."), "{}", late.body);
        assert!(late.body.contains("end with your sign-off: 1."), "{}", late.body);
        assert!(holds(&idp, elsa).await);
        post(&mut petra, &late, &action, &[]).await.expect(StatusCode::SEE_OTHER);
        assert!(!holds(&idp, elsa).await);
    }
}

on_both_databases! {
    async fn the_evidence_names_people_and_its_digest_can_be_computed_from_it(idp) {
        let (petra, _) = petra_and_elsa(&idp).await;
        let review = begin(&idp, petra).await.unwrap();
        for item in items(&idp, review).await {
            decide(&idp, petra, review, &[(item.position, ItemDecision::Keep)]).await.unwrap();
        }
        sign_off(&idp, petra, review).await.unwrap();
        let mut petra = idp.signed_in(PETRA).await;
        let csv = petra.get(&format!("/reviews/{review}/evidence.csv")).await.expect(StatusCode::OK);
        let file = "access-review-CASPER-BANK-E-2026-11-21";
        let name = csv.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
        assert_eq!(name, format!("attachment; filename=\"{file}.csv\""));
        let mut lines = csv.body.lines();
        assert!(lines.next().unwrap().contains("decided_by_name,decided_at,signed_off_by,signed_off_by_name,signed_off_at"));
        let line = lines.next().unwrap();
        assert!(line.contains(",BANK E,CASPER,CASPER_WEB_DATA_SUBMITTER,"), "{line}");
        assert_eq!(line.matches("Hugo Belmonte,2026-11-21 12:00 UTC").count(), 2, "{line}");

        let json = petra.get(&format!("/reviews/{review}/evidence.json")).await.expect(StatusCode::OK);
        let name = json.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
        assert_eq!(name, format!("attachment; filename=\"{file}.json\""));
        let json: Value = serde_json::from_str(&json.body).unwrap();
        assert_eq!(json["signed_off_by_name"], "Hugo Belmonte");
        assert_eq!(json["signed_off_at_iso"], "2026-11-21T12:00:00Z");
        assert_eq!(json["state"], ReviewState::SignedOff.as_str());
        let mut evidence = Sha256::new();
        let head = ["review", "third_party", "application", "begun_at"].map(|name| json[name].clone());
        evidence.update(format!("{}\n", Value::from(head.to_vec())));
        let members: Vec<&str> =
            json["digest_members"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        for membership in json["memberships"].as_array().unwrap() {
            assert_eq!(membership["decided_by_name"], "Hugo Belmonte");
            assert_eq!(membership["decided_at_iso"], "2026-11-21T12:00:00Z");
            let covered = membership.as_object().unwrap().clone();
            let covered = covered.into_iter().filter(|(name, _)| members.contains(&name.as_str()));
            evidence.update(format!("{}\n", Value::Object(covered.collect())));
        }
        assert_eq!(json["digest"], secrets::hexadecimal(&evidence.finalize()));
    }
}

on_both_databases! {
    async fn why_no_review_was_begun_stands_on_the_list(idp) {
        let (petra, _) = petra_and_elsa(&idp).await;
        daa(&idp, "simon@bank-e.example", level_of_hugo(&idp).await, "SSM-PORTAL").await;
        let third_party = crate::access_requests::account(&idp, petra).await.third_party.unwrap().id;
        let ssm = idp.app.store.find_application("SSM-PORTAL").await.unwrap().unwrap();
        let mut visitor = idp.signed_in(PETRA).await;
        let list = visitor.get("/reviews").await.expect(StatusCode::OK);
        let casper = idp.app.store.find_application("CASPER").await.unwrap().unwrap();
        let of = format!("{third_party}:{}", casper.id);
        assert!(list.body.contains(&format!("<option value=\"{of}\"")));
        begin(&idp, petra).await.unwrap();
        let again = post(&mut visitor, &list, "/reviews", &[("of", &of)]).await.expect(StatusCode::CONFLICT);
        assert!(again.body.contains("A review of this access is open already."), "{}", again.body);
        assert!(again.body.contains("id=\"reviews-error\""));
        let mut simon = idp.signed_in("simon@bank-e.example").await;
        let token = simon.get("/profile").await.field("csrf_token").unwrap();
        let of = format!("{third_party}:{}", ssm.id);
        let none = simon.post("/reviews", &[("csrf_token", &token), ("of", &of)]).await;
        let none = none.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(none.body.contains("Nobody has access that could be reviewed."), "{}", none.body);
    }
}

on_both_databases! {
    async fn what_can_be_reviewed_is_listed_by_name_and_the_list_says_that_there_is_more(idp) {
        let hugo = portal_core::email::EmailKey::of(crate::harness::HUGO);
        let hugo = idp.app.store.find_account_by_email(&hugo).await.unwrap().unwrap();
        let bank = hugo.third_party.unwrap().id;
        for number in (0..99).rev() {
            let application = idp.create_application(&format!("DATA-{number:02}")).await;
            let name = format!("DATA-{number:02}_USER");
            idp.administration().onboard(bank, &application).await.unwrap();
            idp.administration().register_group(&application, &name, "for tests").await.unwrap();
            let group = idp.app.store.find_group(&name).await.unwrap().unwrap();
            idp.administration().assign_membership(hugo.user.id, &group).await.unwrap();
        }
        idp.staff("boss@operator.example", portal_core::permission::StaffRole::IdentityAdmin).await;
        let mut boss = idp.signed_in("boss@operator.example").await;
        let list = boss.get("/reviews").await.expect(StatusCode::OK);
        let offers: Vec<&str> = list.body.split("<option ").skip(1).collect();
        assert_eq!(offers.len(), 100);
        assert!(offers[0].contains("BANK E – A-CASPER") && offers[99].contains("BANK E – DATA-97"), "{}", list.body);
        assert!(list.body.contains("The first 100 are listed, by name."), "{}", list.body);
        idp.execute("UPDATE applications SET enabled = FALSE WHERE code = 'DATA-50'").await;
        let list = boss.get("/reviews").await.expect(StatusCode::OK);
        assert!(list.body.contains("DATA-98") && !list.body.contains("are listed, by name."));
    }
}
