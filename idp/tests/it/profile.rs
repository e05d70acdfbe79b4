//! My Apps and Profile.

use axum::http::StatusCode;

use crate::{
    harness::{HUGO, PASSWORD},
    on_both_databases,
};

const NEW: &str = "nine quiet lighthouses";

on_both_databases! {
    async fn without_a_client_to_start_there_is_no_tile_and_the_page_says_whom_to_ask(idp) {
        let mut visitor = idp.signed_in(HUGO).await;
        let page = visitor.get("/apps").await.expect(StatusCode::OK);
        assert!(page.body.contains("delegated access administrator"), "{}", page.body);
    }
}

on_both_databases! {
    async fn a_changed_password_ends_all_other_sessions_and_renews_this_one(idp) {
        let mut here = idp.signed_in(HUGO).await;
        let mut elsewhere = idp.signed_in(HUGO).await;
        let old_cookie = here.cookies["idp_session"].clone();
        idp.clock.advance_seconds(60);
        let fields = [("current_password", PASSWORD), ("new_password", NEW), ("repeat_password", NEW)];
        let page = here.fill_in("/profile/security", "/profile/security", &fields).await.expect(StatusCode::OK);
        assert!(page.body.contains("Your password has been changed"));
        assert_ne!(here.cookies["idp_session"], old_cookie);
        here.get("/apps").await.expect(StatusCode::OK);
        assert!(elsewhere.get("/apps").await.location().starts_with("/login"));
        here.cookies.insert("idp_session".into(), old_cookie);
        assert!(here.get("/apps").await.location().starts_with("/login"), "the old cookie is dead");

        let old = idp.visitor().give_password("/login", HUGO, PASSWORD).await;
        assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(idp.visitor().give_password("/login", HUGO, NEW).await.location(), "/login/code");
    }
}

on_both_databases! {
    async fn errors_stand_at_their_fields_and_nothing_is_changed(idp) {
        let mut visitor = idp.signed_in(HUGO).await;
        for (current, new, repeat, words) in [
            ("", NEW, NEW, "Enter your current password"),
            ("not the password", NEW, NEW, "not your current password"),
            (PASSWORD, "short", "short", "at least 12 characters"),
            (PASSWORD, "password1234", "password1234", "too common"),
            (PASSWORD, "hugo-belmonte-1", "hugo-belmonte-1", "must not be made of your name"),
            (PASSWORD, NEW, "nine loud lighthouses", "not the same"),
            (PASSWORD, PASSWORD, PASSWORD, "must differ"),
        ] {
            let fields = [("current_password", current), ("new_password", new), ("repeat_password", repeat)];
            let page = visitor.fill_in("/profile/security", "/profile/security", &fields).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(page.body.contains(words), "{words}: {}", page.body);
            assert!(!page.body.contains(NEW), "a typed password is never shown again");
        }
        assert_eq!(idp.visitor().give_password("/login", HUGO, PASSWORD).await.location(), "/login/code");
    }
}

on_both_databases! {
    async fn wrong_current_passwords_are_counted_and_stopped(idp) {
        let mut visitor = idp.signed_in(HUGO).await;
        for _ in 0..10 {
            let fields = [("current_password", "not the password"), ("new_password", NEW), ("repeat_password", NEW)];
            visitor.fill_in("/profile/security", "/profile/security", &fields).await;
        }
        let fields = [("current_password", PASSWORD), ("new_password", NEW), ("repeat_password", NEW)];
        let page = visitor.fill_in("/profile/security", "/profile/security", &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "the right one is not even compared");
    }
}

on_both_databases! {
    async fn a_login_that_waits_for_its_code_ends_when_the_password_changes(idp) {
        let mut here = idp.signed_in(HUGO).await;
        let mut elsewhere = idp.visitor();
        elsewhere.give_password("/login", HUGO, PASSWORD).await;
        let token = elsewhere.get("/login/code").await.field("csrf_token").unwrap();
        let (_, code) = idp.inbox.newest_code();
        let fields = [("current_password", PASSWORD), ("new_password", NEW), ("repeat_password", NEW)];
        here.fill_in("/profile/security", "/profile/security", &fields).await.expect(StatusCode::OK);
        let late = elsewhere.post("/login/code", &[("csrf_token", &token), ("code", &code)]).await;
        assert_eq!(late.location(), "/login");
        assert!(elsewhere.get("/apps").await.location().starts_with("/login"));
    }
}
