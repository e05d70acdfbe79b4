//! The pages of applications, on both databases.

use axum::http::StatusCode;
use portal_core::permission::StaffRole;

use crate::{
    harness::HUGO,
    on_both_databases,
    third_parties::BankE,
    third_party_pages::{error_at, post_of},
};

const FIELDS: [(&str, &str); 5] = [
    ("title", "CASPER"),
    ("subtitle", "Collection of supervisory data"),
    ("position", "7"),
    ("review_months", "6"),
    ("state", "on"),
];

/// The fields with another value in one of them.
fn with<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    FIELDS.iter().copied().filter(|(known, _)| *known != name).chain([(name, value)]).collect()
}

on_both_databases! {
    async fn staff_edit_an_application_and_a_late_save_says_what_differs(idp) {
        BankE::new(&idp).await;
        let mut staff = idp.signed_in("staff@operator.example").await;
        let list = staff.get("/applications").await.expect(StatusCode::OK);
        assert!(list.body.contains("href=\"/applications/A-CASPER\""), "{}", list.body);
        let view = staff.get("/applications/CASPER").await.expect(StatusCode::OK);
        assert!(view.body.contains("CASPER_WEB_DATA_SUBMITTER") && view.body.contains("Every 12 months"));
        let edit = "/applications/CASPER/edit";
        let old = staff.get(edit).await.expect(StatusCode::OK);
        for (field, value) in [("title", " "), ("subtitle", ""), ("position", "-1"), ("position", "x"), ("review_months", "120"), ("state", "gone")] {
            let page = post_of(&mut staff, &old, edit, &with(field, value)).await;
            let page = page.expect(StatusCode::UNPROCESSABLE_ENTITY);
            assert!(error_at(&page, field).is_some(), "{field}");
        }
        let done = post_of(&mut staff, &old, edit, &FIELDS).await.expect(StatusCode::SEE_OTHER);
        let saved = staff.get(done.location()).await.expect(StatusCode::OK);
        assert!(saved.body.contains("Every 6 months") && saved.body.contains("The changes were saved."));
        let late = post_of(&mut staff, &old, edit, &with("title", "Casper")).await;
        let late = late.expect(StatusCode::CONFLICT);
        assert!(late.body.contains("<strong>CASPER</strong>") && late.body.contains("value=\"Casper\""), "{}", late.body);
        post_of(&mut staff, &late, edit, &with("title", "Casper")).await.expect(StatusCode::SEE_OTHER);
        let stored = idp.app.store.find_registered_application("CASPER").await.unwrap().unwrap();
        assert_eq!((stored.details.title.as_str(), stored.details.review_months), ("Casper", 6));
        assert_eq!((stored.details.position, stored.details.is_enabled), (7, true));
        let trail = staff.get("/audit?whom=application:CASPER").await.expect(StatusCode::OK);
        assert!(trail.body.contains("Application, group or subsidiary created or changed"));
    }
}

on_both_databases! {
    async fn staff_switch_an_application_off_and_on_again(idp) {
        BankE::new(&idp).await;
        let mut staff = idp.signed_in("staff@operator.example").await;
        let edit = "/applications/CASPER/edit";
        for (state, is_off) in [("off", true), ("on", false)] {
            let page = staff.get(edit).await.expect(StatusCode::OK);
            assert!(!page.body.contains("switch_off"), "{}", page.body);
            let mut fields = with("state", state);
            if is_off {
                let asked = post_of(&mut staff, &page, edit, &fields).await;
                let asked = asked.expect(StatusCode::UNPROCESSABLE_ENTITY);
                assert!(asked.body.contains("name=\"switch_off\"") && asked.body.contains("value=\"7\""), "{}", asked.body);
                let stored = idp.app.store.find_registered_application("CASPER").await.unwrap().unwrap();
                assert!(stored.details.is_enabled, "a plain save switches nothing off");
                fields.push(("switch_off", "yes"));
            }
            let done = post_of(&mut staff, &page, edit, &fields).await.expect(StatusCode::SEE_OTHER);
            let view = staff.get(done.location()).await.expect(StatusCode::OK).body;
            assert_eq!(view.contains("Switched off"), is_off, "{view}");
            // Who administers it stays, and can be replaced.
            let listed = idp.app.store.list_applications().await.unwrap();
            assert!(listed.iter().any(|one| one.code == "CASPER"), "{state}");
        }
    }
}

on_both_databases! {
    async fn applications_are_the_operators(idp) {
        BankE::new(&idp).await;
        let mut hugo = idp.signed_in(HUGO).await;
        for page in ["/applications", "/applications/CASPER", "/applications/CASPER/edit", "/applications/NONE"] {
            hugo.get(page).await.expect(StatusCode::NOT_FOUND);
        }
        idp.staff("auditor@operator.example", StaffRole::Auditor).await;
        let mut auditor = idp.signed_in("auditor@operator.example").await;
        let view = auditor.get("/applications/CASPER").await.expect(StatusCode::OK);
        assert!(!view.body.contains("id=\"application-edit\""));
        auditor.get("/applications/CASPER/edit").await.expect(StatusCode::FORBIDDEN);
        auditor.get("/applications/NONE").await.expect(StatusCode::NOT_FOUND);
    }
}
