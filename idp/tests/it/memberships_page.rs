//! The page "Assign Memberships" (manual §4) through the router, without script: staged in the form, stored by Save.

use axum::http::StatusCode;
use portal_core::{access::Group, email::EmailKey, id::UserId, organisation::ThirdPartyStatus};

use crate::{
    harness::{HUGO, Page, TestIdp, Visitor},
    on_both_databases,
};

const DAA: &str = "daa@bank-e.example";
const DUA: &str = "dua@bank-e.example";
const CASPER: &str = "CASPER_WEB_DATA_SUBMITTER";
const SSM: &str = "SSM-PORTAL_USER";

async fn id_of(idp: &TestIdp, email: &str) -> UserId {
    idp.app.store.find_account_by_email(&EmailKey::of(email)).await.unwrap().unwrap().user.id
}

async fn group(idp: &TestIdp, name: &str) -> Group {
    idp.app.store.find_group(name).await.unwrap().unwrap()
}

/// An active person at the level of BANK E.
async fn person(idp: &TestIdp, email: &str) -> UserId {
    let level = idp.app.store.find_account_by_email(&EmailKey::of(HUGO)).await.unwrap().unwrap();
    let user = idp.create_user(email, level.level.id, None).await;
    idp.activate(user).await;
    user
}

async fn access_administrator(idp: &TestIdp, email: &str, code: &str) -> UserId {
    let user = person(idp, email).await;
    let application = idp.app.store.find_application(code).await.unwrap().unwrap();
    idp.administration().grant_access_administrator(user, &application).await.unwrap();
    user
}

/// All fields of the form of a page as a browser without script would send them.
fn fields(page: &Page) -> Vec<(String, String)> {
    let (_, form) = page.body.split_once("id=\"memberships\"").unwrap();
    let (form, _) = form.split_once("</form>").unwrap();
    form.split("<input ")
        .skip(1)
        .filter_map(|input| {
            let (tag, _) = input.split_once('>')?;
            let value_of = |name: &str| {
                let (_, rest) = tag.split_once(&format!(" {name}=\"")).or_else(|| {
                    tag.split_once(&format!("{name}=\"")).filter(|(before, _)| before.is_empty())
                })?;
                rest.split_once('"').map(|(value, _)| value.to_owned())
            };
            let is_ticked = !tag.contains("type=\"checkbox\"") || tag.contains(" checked");
            is_ticked.then(|| Some((value_of("name")?, value_of("value").unwrap_or_default())))?
        })
        .collect()
}

/// Presses a button of a page, with some fields filled in otherwise.
async fn press(
    visitor: &mut Visitor,
    user: UserId,
    page: &Page,
    (button, typed): (&str, &[(&str, &str)]),
) -> Page {
    let mut all = fields(page);
    for (name, value) in typed.iter().chain([&("do", button)]) {
        all.retain(|(known, _)| known != name);
        all.push(((*name).to_owned(), (*value).to_owned()));
    }
    let all: Vec<(&str, &str)> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    visitor.post(&address(user), &all).await
}

fn address(user: UserId) -> String {
    format!("/users/{user}/memberships")
}

async fn names(idp: &TestIdp, user: UserId) -> Vec<String> {
    let held = idp.app.store.list_memberships(user).await.unwrap();
    held.into_iter().map(|held| held.group.name).collect()
}

on_both_databases! {
    async fn a_membership_is_staged_in_the_picker_and_stored_by_save(idp) {
        access_administrator(&idp, DAA, "SSM-PORTAL").await;
        let (user, ssm) = (person(&idp, "user@bank-e.example").await, group(&idp, SSM).await);
        let mut daa = idp.signed_in(DAA).await;
        let page = daa.get(&address(user)).await.expect(StatusCode::OK);
        assert!(page.body.contains("Memberships (0)") && page.body.contains("+ Add Memberships"));
        let picker = press(&mut daa, user, &page, ("pick", &[])).await.expect(StatusCode::OK);
        assert!(picker.body.contains("Selected (0)"));
        assert!(!picker.body.contains(&format!("pick.{}", group(&idp, CASPER).await.id)), "not managed");
        let tick = format!("pick.{}", ssm.id);
        let page = press(&mut daa, user, &picker, ("add", &[(&tick, "1"), ("pick_until", "2026-12-31")])).await;
        assert!(page.body.contains("Memberships (1)") && page.body.contains("staged-added"), "{}", page.body);
        assert!(names(&idp, user).await.is_empty(), "nothing is stored before Save");
        let saved = press(&mut daa, user, &page, ("save", &[])).await.expect(StatusCode::SEE_OTHER);
        let page = daa.get(saved.location()).await.expect(StatusCode::OK);
        assert!(page.body.contains("Saved. Added: 1.") && page.body.contains("value=\"2026-12-31\""));
        assert_eq!(names(&idp, user).await, [SSM]);
        // "Access can be removed using the same interface."
        let page = press(&mut daa, user, &page, (&format!("remove.{}", ssm.id), &[])).await;
        assert!(page.body.contains("Memberships (0)") && page.body.contains("staged-removed"));
        press(&mut daa, user, &page, ("save", &[])).await.expect(StatusCode::SEE_OTHER);
        assert!(names(&idp, user).await.is_empty());
    }
}

on_both_databases! {
    async fn what_somebody_else_manages_is_read_only_and_cannot_be_crafted(idp) {
        access_administrator(&idp, DAA, "SSM-PORTAL").await;
        access_administrator(&idp, "casper@bank-e.example", "CASPER").await;
        let (hugo, casper) = (id_of(&idp, HUGO).await, group(&idp, CASPER).await);
        let mut daa = idp.signed_in(DAA).await;
        let page = daa.get(&address(hugo)).await.expect(StatusCode::OK);
        assert!(page.body.contains("Read-only") && page.body.contains("Managed by Hugo Belmonte"));
        assert!(!page.body.contains(&format!("remove.{}", casper.id)), "no ⊖");
        let crafted = format!("remove.{}", casper.id);
        press(&mut daa, hugo, &page, ("save", &[(&crafted, "1")])).await.expect(StatusCode::FORBIDDEN);
        let crafted = format!("add.{}", casper.id);
        press(&mut daa, hugo, &page, ("save", &[(&crafted, "")])).await.expect(StatusCode::FORBIDDEN);
        press(&mut daa, hugo, &page, ("save", &[("first_name", "Eve")])).await.expect(StatusCode::BAD_REQUEST);
        assert_eq!(names(&idp, hugo).await, ["A-CASPER_WEB_DATA_SUBMITTER", CASPER]);
    }
}

on_both_databases! {
    async fn a_search_for_what_one_does_not_manage_says_so(idp) {
        access_administrator(&idp, DAA, "CASPER").await;
        let user = person(&idp, "user@bank-e.example").await;
        let mut daa = idp.signed_in(DAA).await;
        let page = daa.get(&address(user)).await;
        let picker = press(&mut daa, user, &page, ("pick", &[])).await;
        let none = press(&mut daa, user, &picker, ("show", &[("picker_search", "ssm")])).await.expect(StatusCode::OK);
        assert!(none.body.contains("No groups you manage match"));
        let some = press(&mut daa, user, &none, ("show", &[("picker_search", "web_data")])).await;
        assert!(some.body.contains(CASPER));
    }
}

on_both_databases! {
    async fn a_stale_save_shows_who_was_faster_and_keeps_what_was_staged(idp) {
        access_administrator(&idp, DAA, "SSM-PORTAL").await;
        access_administrator(&idp, "casper@bank-e.example", "CASPER").await;
        let user = person(&idp, "user@bank-e.example").await;
        let (ssm, casper) = (group(&idp, SSM).await, group(&idp, CASPER).await);
        let (mut one, mut other) = (idp.signed_in(DAA).await, idp.signed_in("casper@bank-e.example").await);
        let (mine, theirs) = (one.get(&address(user)).await, other.get(&address(user)).await);
        let add = format!("add.{}", casper.id);
        press(&mut other, user, &theirs, ("save", &[(&add, "")])).await.expect(StatusCode::SEE_OTHER);
        let add = format!("add.{}", ssm.id);
        let stale = press(&mut one, user, &mine, ("save", &[(&add, "")])).await.expect(StatusCode::CONFLICT);
        assert!(stale.body.contains("CASPER_WEB_DATA_SUBMITTER was added by Hugo Belmonte"), "{}", stale.body);
        assert!(stale.body.contains("Memberships (2)") && stale.body.contains("staged-added"));
        assert_eq!(names(&idp, user).await, [CASPER]);
        press(&mut one, user, &stale, ("save", &[])).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(names(&idp, user).await.len(), 2);
    }
}

on_both_databases! {
    async fn a_last_day_that_is_over_is_an_error_at_its_field(idp) {
        access_administrator(&idp, DAA, "CASPER").await;
        let (hugo, casper) = (id_of(&idp, HUGO).await, group(&idp, CASPER).await);
        let mut daa = idp.signed_in(DAA).await;
        let page = daa.get(&address(hugo)).await;
        let field = format!("until.{}", casper.id);
        let wrong = press(&mut daa, hugo, &page, ("save", &[(&field, "2026-11-20")])).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("aria-invalid=\"true\"") && wrong.body.contains("value=\"2026-11-20\""));
        press(&mut daa, hugo, &wrong, ("save", &[(&field, "2026-11-30")])).await.expect(StatusCode::SEE_OTHER);
    }
}

on_both_databases! {
    async fn the_page_is_for_access_administrators_and_of_their_own_people(idp) {
        access_administrator(&idp, DAA, "CASPER").await;
        let dua = person(&idp, DUA).await;
        idp.administration().grant_user_administrator(dua).await.unwrap();
        let (_, level) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let foreign = idp.create_user("foreign@bank-01.example", level, None).await;
        let hugo = id_of(&idp, HUGO).await;
        // A user administrator is told whom to ask (E18).
        let mut visitor = idp.signed_in(DUA).await;
        let denied = visitor.get(&address(hugo)).await.expect(StatusCode::FORBIDDEN);
        assert!(denied.body.contains(DAA) && !denied.body.contains("id=\"memberships\""));
        let mut visitor = idp.signed_in(DAA).await;
        let random = UserId(uuid::Uuid::from_u128(7));
        for nobody in [address(foreign), address(random), "/users/x/memberships".to_owned()] {
            visitor.get(&nobody).await.expect(StatusCode::NOT_FOUND);
        }
        let mut visitor = idp.signed_in(HUGO).await;
        visitor.get(&address(hugo)).await.expect(StatusCode::NOT_FOUND);
    }
}

on_both_databases! {
    async fn access_is_copied_as_far_as_it_may_be_given(idp) {
        access_administrator(&idp, DAA, "CASPER").await;
        let user = person(&idp, "user@bank-e.example").await;
        let (_, level) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        idp.create_user("foreign@bank-01.example", level, None).await;
        let mut daa = idp.signed_in(DAA).await;
        let page = daa.get(&address(user)).await;
        let copied = press(&mut daa, user, &page, ("copy", &[("copy_from", "Hugo@bank-e.example ")])).await.expect(StatusCode::OK);
        assert!(copied.body.contains("Staged: CASPER_WEB_DATA_SUBMITTER"), "{}", copied.body);
        assert!(copied.body.contains("Not copied, because you do not manage them, their application is switched off, or they do not count at present: A-CASPER_WEB_DATA_SUBMITTER"));
        assert!(names(&idp, user).await.is_empty());
        for unknown in ["foreign@bank-01.example", "nobody@bank-e.example", "x"] {
            let refused = press(&mut daa, user, &page, ("copy", &[("copy_from", unknown)])).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(refused.body.contains("None of your users has this email address."), "{unknown}");
        }
        press(&mut daa, user, &copied, ("save", &[])).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(names(&idp, user).await, [CASPER]);
        // Until a day stays until that day, and what waits or has lapsed is no model.
        idp.execute("UPDATE memberships SET valid_until = '2031-03-04'").await;
        let other = person(&idp, "other@bank-e.example").await;
        let page = daa.get(&address(other)).await;
        let from = ("copy", &[("copy_from", HUGO)][..]);
        let copied = press(&mut daa, other, &page, from).await.expect(StatusCode::OK);
        assert!(copied.body.contains("value=\"2031-03-04\""), "{}", copied.body);
        idp.execute("UPDATE memberships SET dormant_at = 0").await;
        let copied = press(&mut daa, other, &page, from).await.expect(StatusCode::OK);
        assert!(copied.body.contains("There is nothing to copy that you may give."), "{}", copied.body);
    }
}
