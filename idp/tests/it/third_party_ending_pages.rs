//! What ends access by the pages of third parties: offboarding, suspension, closing, merging. Each says first what
//! follows from it.

use axum::http::StatusCode;
use portal_core::organisation::ThirdPartyStatus;

use crate::{
    harness::TestIdp,
    on_both_databases,
    third_parties::BankE,
    third_party_pages::{
        LEI, STAFF, details, error_at, fill_in, level_at, post_of, shows, shows_not,
    },
};

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
        idp::invitation::invite(&idp.app, &administration, &new, "en").await.unwrap();
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
        let reactivated = fill_in(&mut staff, &format!("{at}/reactivate"), &[("reason", "lifted")]).await;
        shows(&staff.get(reactivated.location()).await, "mark-good\">Active");
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
