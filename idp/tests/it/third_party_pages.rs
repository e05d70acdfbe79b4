//! The pages of third parties, through the real router, on both databases.

use axum::http::StatusCode;
use portal_core::{
    id::LevelId,
    organisation::{LevelPath, ThirdPartyStatus},
    permission::StaffRole,
};

use crate::{
    harness::{HUGO, Page, TestIdp, Visitor},
    on_both_databases,
    third_parties::BankE,
};

const STAFF: &str = "staff@operator.example";
const LEI: &str = "DEMO00PM4AY8ECIQLM84";
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
async fn fill_in(visitor: &mut Visitor, at: &str, fields: &[(&str, &str)]) -> Page {
    let page = visitor.get(at).await.expect(StatusCode::OK);
    let action = at.split('?').next().unwrap();
    post_of(visitor, &page, action, fields).await
}

/// The error that stands at a field.
pub(crate) fn error_at<'a>(page: &'a Page, field: &str) -> Option<&'a str> {
    let (_, rest) = page.body.split_once(&format!("id=\"{field}-error\">"))?;
    rest.split_once('<').map(|(text, _)| text)
}

fn shows(page: &Page, text: &str) {
    assert!(page.body.contains(text), "{text} is not on {}", page.body);
}

fn shows_not(page: &Page, text: &str) {
    assert!(!page.body.contains(text), "{text} is on {}", page.body);
}

fn details<'a>(legal_name: &'a str, lei: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("legal_name", legal_name),
        ("country", "es"),
        ("lei", lei),
        ("kind", "bank"),
        ("administration", "delegated"),
    ]
}

async fn level_at(idp: &TestIdp, path: &str) -> Option<LevelId> {
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
        let mut typed = details("Banca Nueva, S.A.", &LEI.to_lowercase()).clone();
        let lower = LEI.to_lowercase();
        typed.retain(|(name, _)| *name != "lei");
        typed.extend([("level", "NUEVA"), ("lei", lower.as_str())]);
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
        fill_in(&mut staff, &format!("/levels/{}/new", branch), &[("name", "Desk")]).await.expect(StatusCode::SEE_OTHER);
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
        let made = idp.app.store.list_subsidiaries_of(bank.id).await.unwrap();
        let edit = format!("/subsidiaries/{}/edit", made[0].id);
        let old = staff.get(&edit).await.expect(StatusCode::OK);
        fill_in(&mut staff, &edit, &fields("bank_one", OTHER_LEI)).await.expect(StatusCode::SEE_OTHER);
        let late = post_of(&mut staff, &old, &edit, &fields("bank_uno", LEI)).await;
        let late = late.expect(StatusCode::CONFLICT);
        shows(&late, "<strong>bank_one</strong>");
        shows(&late, &format!("<strong>{OTHER_LEI}</strong>"));
        shows(&late, "name=\"short_name\" value=\"bank_uno\"");
        post_of(&mut staff, &late, &edit, &fields("bank_uno", LEI)).await.expect(StatusCode::SEE_OTHER);
        let now = idp.app.store.list_subsidiaries_of(bank.id).await.unwrap();
        assert_eq!((now[0].short_name.as_str(), now[0].lei.as_str()), ("bank_uno", LEI));
    }
}

on_both_databases! {
    async fn offboarding_says_how_many_memberships_end_and_ends_no_other_number(idp) {
        let bank = BankE::new(&idp).await;
        let mut staff = idp.signed_in(STAFF).await;
        let at = format!("/third-parties/{}", bank.id);
        let ask = format!("{at}/offboard?application=CASPER");
        let asked = staff.get(&ask).await.expect(StatusCode::OK);
        shows(&asked, "Memberships that end: 1");
        shows(&asked, "Delegated roles that are revoked: 1");
        let level = bank.level;
        let eva = idp.create_user("eva@bank-e.example", level, None).await;
        idp.activate(eva).await;
        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        idp.administration().assign_membership(eva, &group).await.unwrap();
        let action = format!("{at}/offboard");
        let late = post_of(&mut staff, &asked, &action, &[]).await.expect(StatusCode::CONFLICT);
        shows(&late, "Nothing was done");
        shows(&late, "Memberships that end: 2");
        let done = post_of(&mut staff, &late, &action, &[]).await.expect(StatusCode::SEE_OTHER);
        let view = staff.get(done.location()).await;
        shows(&view, "Access to the application has ended.");
        let casper = idp.app.store.find_application("CASPER").await.unwrap().unwrap();
        let held = idp.app.store.count_access(bank.id, Some(casper.id)).await.unwrap();
        assert_eq!((held.memberships, held.roles), (0, 0));
        staff.get(&ask).await.expect(StatusCode::BAD_REQUEST);
        let onboard = [("application", "CASPER")];
        let done = post_of(&mut staff, &view, &format!("{at}/onboard"), &onboard).await;
        shows(&staff.get(done.location()).await, "The third party was onboarded.");
        let held = idp.app.store.count_access(bank.id, Some(casper.id)).await.unwrap();
        assert_eq!(held.memberships, 0, "nothing comes back");
        let unknown = post_of(&mut staff, &view, &format!("{at}/onboard"), &[("application", "X")]).await;
        unknown.expect(StatusCode::BAD_REQUEST);
    }
}

on_both_databases! {
    async fn a_suspension_asks_why_and_a_link_that_was_mailed_before_stays_dead_after_it(idp) {
        let bank = BankE::new(&idp).await;
        let mut administration = idp.administration();
        administration.now = idp.app.now();
        let new = TestIdp::new_user("fred.perry@company.com", bank.level);
        idp::invitation::invite(&idp.app, &administration, &new).await.unwrap();
        let text = idp.inbox.text_to("fred.perry@company.com");
        let (_, rest) = text.split_once("/activate?link=").unwrap();
        let link = format!("/activate?link={}", rest.split_whitespace().next().unwrap());
        let is_live = async |idp: &TestIdp| {
            idp.visitor().get(&link).await.body.contains("name=\"new_password\"")
        };
        assert!(is_live(&idp).await);
        let mut staff = idp.signed_in(STAFF).await;
        let at = format!("/third-parties/{}", bank.id);
        let suspend = format!("{at}/suspend");
        let asked = staff.get(&suspend).await.expect(StatusCode::OK);
        shows(&asked, "Accounts that can no longer sign in: 2");
        let silent = post_of(&mut staff, &asked, &suspend, &[("reason", " ")]).await;
        assert!(error_at(&silent.expect(StatusCode::UNPROCESSABLE_ENTITY), "reason").is_some());
        let edit = fill_in(&mut staff, &format!("{at}/edit"), &details("BANK E, S.A.", LEI)).await;
        edit.expect(StatusCode::SEE_OTHER);
        let late = post_of(&mut staff, &asked, &suspend, &[("reason", "sanctions")]).await;
        let late = late.expect(StatusCode::CONFLICT);
        shows(&late, "value=\"sanctions\"");
        let done = post_of(&mut staff, &late, &suspend, &[("reason", "sanctions")]).await;
        let view = staff.get(done.location()).await;
        shows(&view, "mark-bad\">Suspended");
        shows(&view, "The third party was suspended.");
        assert!(!is_live(&idp).await, "while it is suspended");
        let twice = fill_in(&mut staff, &suspend, &[("reason", "again")]).await;
        shows(&twice.expect(StatusCode::UNPROCESSABLE_ENTITY), "not possible in the present state");
        let back = fill_in(&mut staff, &format!("{at}/reactivate"), &[("reason", "lifted")]).await;
        shows(&staff.get(back.location()).await, "mark-good\">Active");
        assert!(!is_live(&idp).await, "when it is back");
    }
}

on_both_databases! {
    async fn closing_names_who_carries_on_and_leaves_nothing_to_do(idp) {
        let bank = BankE::new(&idp).await;
        let (successor, _) = idp.create_third_party("GRUPO", ThirdPartyStatus::Active).await;
        let mut staff = idp.signed_in(STAFF).await;
        let at = format!("/third-parties/{}", bank.id);
        let close = format!("{at}/close");
        shows(&staff.get(&close).await.expect(StatusCode::OK), "Memberships that end: 2");
        for level in ["NOBODY", "BANK E"] {
            let fields = [("reason", "merged"), ("successor", level)];
            let page = fill_in(&mut staff, &close, &fields).await;
            let page = page.expect(StatusCode::UNPROCESSABLE_ENTITY);
            assert!(error_at(&page, "successor").is_some(), "{level}");
        }
        let fields = [("reason", "licence withdrawn"), ("successor", "GRUPO")];
        let done = fill_in(&mut staff, &close, &fields).await.expect(StatusCode::SEE_OTHER);
        let view = staff.get(done.location()).await.expect(StatusCode::OK);
        shows(&view, &format!("<a href=\"/third-parties/{successor}\">GRUPO, S.A.</a>"));
        shows(&view, "Closed");
        for button in ["id=\"third-party-close\"", "id=\"third-party-suspend\"", "id=\"third-party-edit\""] {
            shows_not(&view, button);
        }
        assert_eq!(idp.status_of(bank.id).await, ThirdPartyStatus::Closed);
    }
}

on_both_databases! {
    async fn a_merger_is_shown_first_and_a_preview_that_is_stale_does_nothing(idp) {
        let bank = BankE::new(&idp).await;
        let (target, above) = idp.create_third_party("GRUPO", ThirdPartyStatus::Active).await;
        let casper = idp.app.store.find_application("CASPER").await.unwrap().unwrap();
        idp.administration().onboard(target, &casper).await.unwrap();
        let mut staff = idp.signed_in(STAFF).await;
        let merge = format!("/third-parties/{}/merge", bank.id);
        staff.get(&merge).await.expect(StatusCode::OK);
        for into in ["NOBODY", "BANK+E"] {
            let page = staff.get(&format!("{merge}?into={into}")).await;
            let page = page.expect(StatusCode::UNPROCESSABLE_ENTITY);
            assert!(error_at(&page, "into").is_some(), "{into}");
        }
        let preview = staff.get(&format!("{merge}?into=GRUPO")).await.expect(StatusCode::OK);
        for text in ["Accounts that move: 1", "are revoked: 2.", "CASPER: 1", "A-CASPER: 1", "Root/GRUPO/BANK E"] {
            shows(&preview, text);
        }
        let name = fill_in(&mut staff, &format!("/levels/{above}/new"), &[("name", "BANK E")]).await;
        name.expect(StatusCode::SEE_OTHER);
        let taken = post_of(&mut staff, &preview, &merge, &[("name", "BANK E"), ("reason", "sold")]).await;
        let taken = taken.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(error_at(&taken, "name").is_some());
        shows(&taken, "There is a level of this name there already.");
        idp.create_user("eva@bank-e.example", bank.level, None).await;
        let fields = [("name", "BANK E 2"), ("reason", "sold")];
        let late = post_of(&mut staff, &preview, &merge, &fields).await.expect(StatusCode::CONFLICT);
        shows(&late, "Accounts that move: 2");
        shows(&late, "value=\"BANK E 2\"");
        assert_eq!(idp.status_of(bank.id).await, ThirdPartyStatus::Active);
        let silent = post_of(&mut staff, &late, &merge, &[("name", "BANK E 2"), ("reason", "")]).await;
        assert!(error_at(&silent.expect(StatusCode::UNPROCESSABLE_ENTITY), "reason").is_some());
        let done = post_of(&mut staff, &late, &merge, &fields).await.expect(StatusCode::SEE_OTHER);
        let view = staff.get(done.location()).await.expect(StatusCode::OK);
        shows(&view, "<strong>BANK E 2</strong>");
        assert!(level_at(&idp, "Root/GRUPO/BANK E 2").await.is_some());
        let gone = staff.get(&format!("/third-parties/{}", bank.id)).await.expect(StatusCode::OK);
        shows(&gone, "GRUPO, S.A.");
        let again = staff.get(&format!("{merge}?into=GRUPO")).await;
        assert!(error_at(&again.expect(StatusCode::UNPROCESSABLE_ENTITY), "into").is_some());
    }
}
