//! The pages of third parties, through the real router, on both databases.

use axum::http::StatusCode;
use portal_core::{
    id::LevelId,
    organisation::{LevelName, LevelPath, ThirdPartyStatus},
    permission::StaffRole,
};

use crate::{
    harness::{HUGO, Page, TestIdp, Visitor},
    on_both_databases,
    third_parties::BankE,
};

pub(crate) const STAFF: &str = "staff@operator.example";
pub(crate) const LEI: &str = "DEMO00PM4AY8ECIQLM84";
const OTHER_LEI: &str = "DEMO006M1DUANGSM3Q90";

/// The hidden fields of the forms of a page.
fn hidden(page: &Page) -> Vec<(String, String)> {
    page.body
        .split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            let value = rest.split_once('"').unwrap().0;
            (name.to_owned(), value.replace("&#38;", "&").replace("&#39;", "'"))
        })
        .fold(Vec::new(), |mut all: Vec<(String, String)>, field| {
            if !all.iter().any(|(name, _)| *name == field.0) {
                all.push(field);
            }
            all
        })
}

/// Posts the form of a page that was opened before.
pub(crate) async fn post_of(
    visitor: &mut Visitor,
    page: &Page,
    action: &str,
    fields: &[(&str, &str)],
) -> Page {
    let hidden = hidden(page);
    let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let all: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
    visitor.post(action, &all).await
}

/// Opens a page and posts its form to the same address.
pub(crate) async fn fill_in(visitor: &mut Visitor, at: &str, fields: &[(&str, &str)]) -> Page {
    let page = visitor.get(at).await.expect(StatusCode::OK);
    let action = at.split('?').next().unwrap();
    post_of(visitor, &page, action, fields).await
}

/// The error that stands at a field.
pub(crate) fn error_at<'a>(page: &'a Page, field: &str) -> Option<&'a str> {
    let (_, rest) = page.body.split_once(&format!("id=\"{field}-error\">"))?;
    rest.split_once('<').map(|(text, _)| text)
}

pub(crate) fn shows(page: &Page, text: &str) {
    assert!(page.body.contains(text), "{text} is not on {}", page.body);
}

pub(crate) fn shows_not(page: &Page, text: &str) {
    assert!(!page.body.contains(text), "{text} is on {}", page.body);
}

pub(crate) fn details<'a>(legal_name: &'a str, lei: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("legal_name", legal_name),
        ("country", "es"),
        ("lei", lei),
        ("kind", "bank"),
        ("administration", "delegated"),
    ]
}

pub(crate) async fn level_at(idp: &TestIdp, path: &str) -> Option<LevelId> {
    let path = LevelPath::from_stored(path.to_owned());
    idp.app.store.find_level(&path).await.unwrap().map(|level| level.id)
}

on_both_databases! {
    async fn staff_search_the_list_sort_it_and_turn_its_pages(idp) {
        BankE::new(&idp).await;
        for number in 0..27 {
            let status = if number == 26 { ThirdPartyStatus::Suspended } else { ThirdPartyStatus::Active };
            idp.create_third_party(&format!("BANK_{number:02}"), status).await;
        }
        let mut staff = idp.signed_in(STAFF).await;
        let first = staff.get("/third-parties").await.expect(StatusCode::OK);
        shows(&first, "1 - 25 of 28");
        shows(&first, "BANK_23, S.A.");
        shows_not(&first, "BANK_24, S.A.");
        let link = |page: &Page, rel: &str| {
            let (_, rest) = page.body.split_once(&format!("rel=\"{rel}\" href=\"")).unwrap();
            rest.split_once('"').unwrap().0.replace("&#38;", "&")
        };
        let second = staff.get(&link(&first, "next")).await.expect(StatusCode::OK);
        shows(&second, "26 - 28 of 28");
        shows_not(&second, "rel=\"next\"");
        let back = staff.get(&link(&second, "prev")).await;
        shows(&back, "1 - 25 of 28");
        let turned = staff.get("/third-parties?sort=name&order=descending").await;
        shows(&turned, "aria-sort=\"descending\"");
        shows_not(&turned, ">BANK E, S.A.<");
        let found = staff.get("/third-parties?name=bank+e").await;
        shows(&found, "1 - 1 of 1");
        let barred = staff.get("/third-parties?state=SUSPENDED").await;
        shows(&barred, ">BANK_26, S.A.<");
        shows_not(&barred, ">BANK_25, S.A.<");
        let none = staff.get("/third-parties?name=%25").await;
        shows(&none, "No third party found");
        staff.get("/third-parties?name=a%0Ab").await.expect(StatusCode::BAD_REQUEST);
    }
}

on_both_databases! {
    async fn an_administrator_sees_the_own_third_party_and_can_change_nothing_of_it(idp) {
        let bank = BankE::new(&idp).await;
        let (foreign, _) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let mut hugo = idp.signed_in(HUGO).await;
        let list = hugo.get("/third-parties").await.expect(StatusCode::OK);
        shows(&list, "BANK E, S.A.");
        shows_not(&list, "BANK_01");
        shows_not(&list, "id=\"create-third-party\"");
        let own = hugo.get(&format!("/third-parties/{}", bank.id)).await.expect(StatusCode::OK);
        shows(&own, "ApplicationAccessAdmin (CASPER)");
        shows(&own, "DelegatedUserAdmin");
        for action in ["/edit", "/suspend", "/close", "/merge", "/rename", "id=\"third-party-onboard\""] {
            shows_not(&own, action);
        }
        for page in ["", "/edit", "/suspend", "/close", "/merge", "/offboard?application=CASPER"] {
            let status = if page.is_empty() { StatusCode::OK } else { StatusCode::FORBIDDEN };
            hugo.get(&format!("/third-parties/{}{page}", bank.id)).await.expect(status);
            hugo.get(&format!("/third-parties/{foreign}{page}")).await.expect(StatusCode::NOT_FOUND);
        }
        idp.staff("auditor@operator.example", StaffRole::Auditor).await;
        let mut auditor = idp.signed_in("auditor@operator.example").await;
        let seen = auditor.get(&format!("/third-parties/{foreign}")).await.expect(StatusCode::OK);
        shows_not(&seen, "id=\"third-party-edit\"");
        auditor.get(&format!("/third-parties/{foreign}/edit")).await.expect(StatusCode::FORBIDDEN);
    }
}

on_both_databases! {
    async fn a_new_third_party_is_a_prospect_and_what_is_wrong_stands_at_its_field(idp) {
        BankE::new(&idp).await;
        let mut staff = idp.signed_in(STAFF).await;
        let mut typed = details("Banca Nueva, S.A.", "DEMO00PM4AY8ECIQLM85");
        typed.push(("level", "NUEVA"));
        let page = fill_in(&mut staff, "/third-parties/new", &typed).await;
        let page = page.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(error_at(&page, "lei").unwrap().contains("check digits"));
        shows(&page, "value=\"Banca Nueva, S.A.\"");
        for (field, value) in [("level", "a/b"), ("legal_name", " "), ("country", "EU"), ("kind", "club")] {
            let mut typed = details("Banca Nueva, S.A.", LEI);
            typed.push(("level", "NUEVA"));
            typed.retain(|(name, _)| *name != field);
            typed.push((field, value));
            let page = fill_in(&mut staff, "/third-parties/new", &typed).await;
            assert!(error_at(&page.expect(StatusCode::UNPROCESSABLE_ENTITY), field).is_some(), "{field}");
        }
        let mut taken = details("Banca Nueva, S.A.", LEI);
        taken.push(("level", "BANK E"));
        let page = fill_in(&mut staff, "/third-parties/new", &taken).await;
        assert!(error_at(&page.expect(StatusCode::UNPROCESSABLE_ENTITY), "level").is_some());
        let lower = LEI.to_lowercase();
        let mut typed = details("Banca Nueva, S.A.", &lower);
        typed.push(("level", "NUEVA"));
        let done = fill_in(&mut staff, "/third-parties/new", &typed).await.expect(StatusCode::SEE_OTHER);
        let made = staff.get(done.location()).await.expect(StatusCode::OK);
        shows(&made, "The third party was created.");
        shows(&made, "Prospect");
        shows(&made, LEI);
        let mut extra = details("Banca", LEI);
        extra.extend([("level", "X"), ("status", "ACTIVE")]);
        fill_in(&mut staff, "/third-parties/new", &extra).await.expect(StatusCode::BAD_REQUEST);
    }
}

on_both_databases! {
    async fn an_edit_on_top_of_another_is_refused_and_says_what_differs(idp) {
        let bank = BankE::new(&idp).await;
        let mut staff = idp.signed_in(STAFF).await;
        let at = format!("/third-parties/{}/edit", bank.id);
        let old = staff.get(&at).await.expect(StatusCode::OK);
        let wrong = fill_in(&mut staff, &at, &details("BANK E", "x")).await;
        assert!(error_at(&wrong.expect(StatusCode::UNPROCESSABLE_ENTITY), "lei").is_some());
        let mut first = details("BANK E Holding, S.A.", LEI);
        first.push(("forbids_self_assignment", "yes"));
        let done = fill_in(&mut staff, &at, &first).await.expect(StatusCode::SEE_OTHER);
        shows(&staff.get(done.location()).await, "The changes were saved.");
        let late = post_of(&mut staff, &old, &at, &details("BANK E Group, S.A.", LEI)).await;
        let late = late.expect(StatusCode::CONFLICT);
        shows(&late, "<strong>BANK E Holding, S.A.</strong>");
        shows(&late, "Administrators give no access to themselves: <strong>Yes</strong>");
        shows(&late, "value=\"BANK E Group, S.A.\"");
        let again = post_of(&mut staff, &late, &at, &details("BANK E Group, S.A.", LEI)).await;
        again.expect(StatusCode::SEE_OTHER);
        let stored = idp.app.store.find_third_party(bank.id).await.unwrap().unwrap();
        assert_eq!(stored.legal_name, "BANK E Group, S.A.");
        assert!(!stored.forbids_self_assignment);
    }
}

on_both_databases! {
    async fn levels_are_created_renamed_and_deleted_when_they_are_empty(idp) {
        let bank = BankE::new(&idp).await;
        let mut staff = idp.signed_in(STAFF).await;
        let new = format!("/levels/{}/new", bank.level);
        let page = fill_in(&mut staff, &new, &[("name", "a/b")]).await;
        assert!(error_at(&page.expect(StatusCode::UNPROCESSABLE_ENTITY), "name").is_some());
        let done = fill_in(&mut staff, &new, &[("name", "Branch")]).await.expect(StatusCode::SEE_OTHER);
        shows(&staff.get(done.location()).await, "<strong>Branch</strong>");
        let taken = fill_in(&mut staff, &new, &[("name", "Branch")]).await;
        assert!(error_at(&taken.expect(StatusCode::UNPROCESSABLE_ENTITY), "name").is_some());
        let branch = level_at(&idp, "Root/BANK E/Branch").await.unwrap();
        let rename = format!("/levels/{branch}/rename");
        let old = staff.get(&rename).await.expect(StatusCode::OK);
        shows(&old, "value=\"Branch\"");
        fill_in(&mut staff, &rename, &[("name", "Filiale")]).await.expect(StatusCode::SEE_OTHER);
        let late = post_of(&mut staff, &old, &rename, &[("name", "Succursale")]).await;
        let late = late.expect(StatusCode::CONFLICT);
        shows(&late, "renamed this level to Filiale");
        shows(&late, "value=\"Succursale\"");
        let person = idp.create_user("eva@bank-e.example", branch, None).await;
        let delete = format!("/levels/{branch}/delete");
        shows(&staff.get(&delete).await.expect(StatusCode::OK), "Only an empty level can be deleted");
        let full = fill_in(&mut staff, &delete, &[]).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        shows(&full, "This level is not empty");
        let account = idp.app.store.find_account(person).await.unwrap().unwrap();
        assert_eq!(account.level.name, "Filiale");
        fill_in(&mut staff, &format!("/levels/{branch}/new"), &[("name", "Desk")]).await.expect(StatusCode::SEE_OTHER);
        let desk = level_at(&idp, "Root/BANK E/Filiale/Desk").await.unwrap();
        let done = fill_in(&mut staff, &format!("/levels/{desk}/delete"), &[]).await;
        shows(&staff.get(done.location()).await, "The level was deleted.");
        assert_eq!(level_at(&idp, "Root/BANK E/Filiale/Desk").await, None);
        let top = fill_in(&mut staff, &format!("/levels/{}/delete", bank.level), &[]).await;
        shows(&top.expect(StatusCode::UNPROCESSABLE_ENTITY), "cannot be deleted");
        let root = level_at(&idp, "Root").await.unwrap();
        staff.get(&format!("/levels/{root}/rename")).await.expect(StatusCode::NOT_FOUND);
    }
}

on_both_databases! {
    async fn subsidiaries_are_created_and_edited_and_a_late_save_is_refused(idp) {
        let bank = BankE::new(&idp).await;
        let mut staff = idp.signed_in(STAFF).await;
        let new = format!("/levels/{}/subsidiaries/new", bank.level);
        let fields = |short: &'static str, lei: &'static str| {
            [("short_name", short), ("legal_name", "Banco Uno"), ("country", "PT"), ("lei", lei)]
        };
        let page = fill_in(&mut staff, &new, &fields("bank_01", "DEMO")).await;
        assert!(error_at(&page.expect(StatusCode::UNPROCESSABLE_ENTITY), "lei").is_some());
        let done = fill_in(&mut staff, &new, &fields("bank_01", LEI)).await.expect(StatusCode::SEE_OTHER);
        shows(&staff.get(done.location()).await, "bank_01");
        let taken = fill_in(&mut staff, &new, &fields("bank_01", LEI)).await;
        assert!(error_at(&taken.expect(StatusCode::UNPROCESSABLE_ENTITY), "short_name").is_some());
        let made = idp.app.store.list_subsidiaries_of(bank.id).await.unwrap().rows;
        let edit = format!("/subsidiaries/{}/edit", made[0].id);
        let old = staff.get(&edit).await.expect(StatusCode::OK);
        fill_in(&mut staff, &edit, &fields("bank_one", OTHER_LEI)).await.expect(StatusCode::SEE_OTHER);
        let late = post_of(&mut staff, &old, &edit, &fields("bank_uno", LEI)).await;
        let late = late.expect(StatusCode::CONFLICT);
        shows(&late, "<strong>bank_one</strong>");
        shows(&late, &format!("<strong>{OTHER_LEI}</strong>"));
        shows(&late, "name=\"short_name\" value=\"bank_uno\"");
        post_of(&mut staff, &late, &edit, &fields("bank_uno", LEI)).await.expect(StatusCode::SEE_OTHER);
        let now = idp.app.store.list_subsidiaries_of(bank.id).await.unwrap().rows;
        assert_eq!((now[0].short_name.as_str(), now[0].lei.as_str()), ("bank_uno", LEI));
    }
}

on_both_databases! {
    async fn a_prospect_that_the_operator_takes_over_is_in_operation(idp) {
        BankE::new(&idp).await;
        let (id, _) = idp.create_third_party("AURELIA", ThirdPartyStatus::Prospect).await;
        let mut staff = idp.signed_in(STAFF).await;
        let at = format!("/third-parties/{id}/edit");
        fill_in(&mut staff, &at, &details("Aurelia S.p.A.", LEI)).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(idp.status_of(id).await, ThirdPartyStatus::Prospect);
        let mut taken_over = details("Aurelia S.p.A.", LEI);
        taken_over.retain(|(name, _)| *name != "administration");
        taken_over.push(("administration", "operator"));
        fill_in(&mut staff, &at, &taken_over).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(idp.status_of(id).await, ThirdPartyStatus::Active);
        fill_in(&mut staff, &at, &taken_over).await.expect(StatusCode::SEE_OTHER);
    }
}

on_both_databases! {
    async fn a_page_that_shows_not_all_levels_says_so_and_counts_all_people(idp) {
        let bank = BankE::new(&idp).await;
        let mut staff = idp.signed_in(STAFF).await;
        let people = idp.app.store.count_people(bank.id).await.unwrap();
        let page = staff.get(&format!("/third-parties/{}", bank.id)).await.expect(StatusCode::OK);
        shows_not(&page, "levels-left-out");
        let third_party = idp.app.store.find_third_party(bank.id).await.unwrap().unwrap();
        let tx = idp.app.store.begin().await.unwrap();
        for number in 0..500 {
            let name = LevelName::parse(&format!("many {number:03}")).unwrap();
            tx.insert_level(third_party.level.as_ref().unwrap(), &name, idp.app.now()).await.unwrap();
        }
        tx.commit().await.unwrap();
        // Somebody sits at the last of them.
        idp.execute("UPDATE users SET level_id = (SELECT id FROM levels WHERE name = 'many 499') WHERE email = 'hugo@bank-e.example'").await;
        let page = staff.get(&format!("/third-parties/{}", bank.id)).await.expect(StatusCode::OK);
        shows(&page, "Only the first 500 are shown.");
        shows(&page, "(500+)");
        let suspend = staff.get(&format!("/third-parties/{}/suspend", bank.id)).await.expect(StatusCode::OK);
        shows(&suspend, &format!("no longer sign in: {people}<"));
    }
}
