//! Signing in, exactly as manual §1: both steps, expiry, both ways to resend, and all that must not work.

use axum::http::StatusCode;
use portal_core::{account::Channel, organisation::ThirdPartyStatus};

use crate::{
    harness::{HUGO, PASSWORD, PHONE, TestIdp, Visitor},
    on_both_databases,
};

on_both_databases! {
    async fn password_and_code_lead_to_my_apps(idp) {
        let mut visitor = idp.visitor();
        assert_eq!(visitor.get("/").await.location(), "/login");
        let done = visitor.sign_in(&idp, HUGO).await;
        assert_eq!(done.location(), "/apps");
        visitor.get("/apps").await.expect(StatusCode::OK);
        assert_eq!(idp.inbox.codes().len(), 1);
    }
}

on_both_databases! {
    async fn the_half_session_after_the_password_opens_nothing(idp) {
        let mut visitor = idp.visitor();
        visitor.give_password("/login", HUGO, PASSWORD).await;
        for path in ["/", "/apps", "/profile", "/profile/security"] {
            assert!(visitor.get(path).await.location().starts_with("/login"), "{path}");
        }
    }
}

on_both_databases! {
    async fn a_code_is_dead_after_three_minutes_and_the_target_is_kept(idp) {
        let mut visitor = idp.visitor();
        visitor.give_password("/login?page=security", HUGO, PASSWORD).await;
        let (_, code) = idp.inbox.newest_code();
        let page = visitor.get("/login/code").await.expect(StatusCode::OK);
        let token = page.field("csrf_token").unwrap();
        idp.clock.advance_seconds(181);
        let late = visitor.post("/login/code", &[("csrf_token", &token), ("code", &code)]).await;
        assert_eq!(late.location(), "/login");
        let again = visitor.get("/login").await.expect(StatusCode::OK);
        assert!(again.body.contains("Your code has expired"), "{}", again.body);
        assert_eq!(again.field("email").as_deref(), Some(HUGO));
        assert_eq!(visitor.sign_in(&idp, HUGO).await.location(), "/profile/security");
    }
}

on_both_databases! {
    async fn a_code_at_the_last_second_signs_in(idp) {
        let mut visitor = idp.visitor();
        visitor.give_password("/login", HUGO, PASSWORD).await;
        idp.clock.advance_seconds(179);
        let (_, code) = idp.inbox.newest_code();
        assert_eq!(visitor.give_code(&code).await.location(), "/apps");
    }
}

on_both_databases! {
    async fn either_resend_restarts_the_login_and_becomes_the_default(idp) {
        let mut visitor = idp.visitor();
        visitor.give_password("/login?page=profile", HUGO, PASSWORD).await;
        for (channel, words, expected) in
            [("voice", "You chose a voice call", Channel::Voice), ("sms", "You chose SMS", Channel::Sms)]
        {
            let (_, dead) = idp.inbox.newest_code();
            let restarted = visitor.fill_in("/login/code", "/login/resend", &[("channel", channel)]).await;
            assert_eq!(restarted.location(), "/login");
            let page = visitor.get("/login").await;
            assert!(page.body.contains(words), "{}", page.body);
            let token = page.field("csrf_token").unwrap();
            let refused = visitor.post("/login/code", &[("csrf_token", &token), ("code", &dead)]).await;
            assert_eq!(refused.location(), "/login", "the old code is dead");
            visitor.give_password("/login", HUGO, PASSWORD).await;
            assert_eq!(idp.inbox.newest_code().0, expected);
        }
        let (_, code) = idp.inbox.newest_code();
        assert_eq!(visitor.give_code(&code).await.location(), "/profile");
    }
}

on_both_databases! {
    async fn the_fifth_wrong_code_ends_the_login_and_the_right_one_comes_too_late(idp) {
        let mut visitor = idp.visitor();
        visitor.give_password("/login", HUGO, PASSWORD).await;
        let (_, right) = idp.inbox.newest_code();
        let wrong = if right == "000000" { "000001" } else { "000000" };
        let token = visitor.get("/login/code").await.field("csrf_token").unwrap();
        for _ in 0..4 {
            let page = visitor.post("/login/code", &[("csrf_token", &token), ("code", wrong)]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        for code in [wrong, right.as_str()] {
            let over = visitor.post("/login/code", &[("csrf_token", &token), ("code", code)]).await;
            assert_eq!(over.location(), "/login");
        }
        assert!(visitor.get("/apps").await.location().starts_with("/login"));
    }
}

on_both_databases! {
    async fn a_code_works_once_and_only_in_the_browser_that_asked_for_it(idp) {
        let mut visitor = idp.visitor();
        visitor.give_password("/login", HUGO, PASSWORD).await;
        let (_, code) = idp.inbox.newest_code();

        // The login cookie alone, in another browser, is worth nothing.
        let mut thief = idp.visitor();
        thief.get("/login").await;
        thief.cookies.insert("idp_login".into(), visitor.cookies["idp_login"].clone());
        let token = thief.get("/login").await.field("csrf_token").unwrap();
        assert_eq!(thief.post("/login/code", &[("csrf_token", &token), ("code", &code)]).await.location(), "/login");

        let before = visitor.clone();
        assert_eq!(visitor.give_code(&code).await.location(), "/apps");
        let mut again = before;
        let token = again.get("/login").await.field("csrf_token").unwrap();
        assert_eq!(again.post("/login/code", &[("csrf_token", &token), ("code", &code)]).await.location(), "/login");
        assert!(again.get("/apps").await.location().starts_with("/login"));
    }
}

on_both_databases! {
    async fn a_newer_login_kills_the_code_of_the_older_one(idp) {
        let (mut older, mut newer) = (idp.visitor(), idp.visitor());
        older.give_password("/login", HUGO, PASSWORD).await;
        let token = older.get("/login/code").await.field("csrf_token").unwrap();
        let (_, old_code) = idp.inbox.newest_code();
        newer.give_password("/login", HUGO, PASSWORD).await;
        let (_, new_code) = idp.inbox.newest_code();
        assert_eq!(older.post("/login/code", &[("csrf_token", &token), ("code", &old_code)]).await.location(), "/login");
        assert!(older.get("/login").await.body.contains("A newer code was sent"));
        assert_eq!(newer.give_code(&new_code).await.location(), "/apps");
    }
}

on_both_databases! {
    async fn every_refusal_at_step_one_looks_the_same(idp) {
        let (_, bank) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let (_, barred) = idp.create_third_party("BARRED", ThirdPartyStatus::Suspended).await;
        let expired = idp.create_user("teo@bank-01.example", bank, Some("2026-11-20")).await;
        idp.activate(expired).await;
        let suspended = idp.create_user("eva@barred.example", barred, None).await;
        idp.activate(suspended).await;
        idp.create_user("vega@bank-01.example", bank, None).await;
        let mut bodies = Vec::new();
        for (email, password) in [
            ("nobody@bank-e.example", PASSWORD),
            (HUGO, "not the password at all"),
            ("teo@bank-01.example", PASSWORD),
            ("eva@barred.example", PASSWORD),
            ("vega@bank-01.example", PASSWORD),
            ("not an address", PASSWORD),
        ] {
            let page = idp.visitor().give_password("/login", email, password).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{email}");
            bodies.push(without_what_was_typed(&page.body, email));
        }
        assert!(bodies.iter().all(|body| body == &bodies[0]));
        assert!(idp.inbox.codes().is_empty());
        // The owner of the expired account, whose password was right, is told by mail (E9).
        tokio::task::yield_now().await;
        while idp.inbox.mails().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(idp.inbox.mails(), ["teo@bank-01.example"]);
    }
}

/// The page without the address, the anti-forgery token and the request's id.
fn without_what_was_typed(body: &str, email: &str) -> String {
    let (before, rest) = body.split_once("name=\"csrf_token\" value=\"").unwrap();
    let (_, after) = rest.split_once('"').unwrap();
    format!("{before}{after}").replace(email, "")
}

on_both_databases! {
    async fn ten_wrong_passwords_stop_their_source_and_nobody_else(idp) {
        let mut owner = idp.signed_in(HUGO).await;
        let mut stranger = idp.visitor().at_address([10, 0, 0, 9]);
        for _ in 0..10 {
            stranger.give_password("/login", HUGO, "not the password at all").await;
        }
        let locked = stranger.give_password("/login", HUGO, PASSWORD).await;
        assert!(locked.body.contains("too many tries"), "{}", locked.body);

        // The owner's own browser is known, even at the stranger's address.
        owner.cookies.remove("idp_session");
        let mut owner = owner.at_address([10, 0, 0, 9]);
        assert_eq!(owner.sign_in(&idp, HUGO).await.location(), "/apps");
        // Another address is another source, and the lock ends by time.
        assert_eq!(idp.visitor().sign_in(&idp, HUGO).await.location(), "/apps");
        idp.clock.advance_seconds(15 * 60);
        assert_eq!(stranger.give_password("/login", HUGO, PASSWORD).await.location(), "/login/code");
    }
}

on_both_databases! {
    async fn ten_wrong_codes_over_several_logins_lock_the_account(idp) {
        for _ in 0..2 {
            enter_five_wrong_codes(&idp).await;
        }
        let refused = idp.visitor().give_password("/login", HUGO, PASSWORD).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "locked, in the words of a wrong password");
        idp.clock.advance_seconds(15 * 60);
        assert_eq!(idp.visitor().sign_in(&idp, HUGO).await.location(), "/apps");
    }
}

async fn enter_five_wrong_codes(idp: &TestIdp) {
    let mut visitor = idp.visitor();
    visitor.give_password("/login", HUGO, PASSWORD).await;
    let (_, right) = idp.inbox.newest_code();
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let token = visitor.get("/login/code").await.field("csrf_token").unwrap();
    for _ in 0..5 {
        visitor.post("/login/code", &[("csrf_token", &token), ("code", wrong)]).await;
    }
}

on_both_databases! {
    async fn a_malformed_code_costs_no_try(idp) {
        let mut visitor = idp.visitor();
        visitor.give_password("/login", HUGO, PASSWORD).await;
        let (_, right) = idp.inbox.newest_code();
        for typed in ["", "12345", "１２３４５６", "+12345", "1e5000"] {
            let page = visitor.give_code(typed).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        }
        for _ in 0..10 {
            visitor.give_code("12345").await;
        }
        let spaced = format!(" {} {} ", &right[..3], &right[3..]);
        assert_eq!(visitor.give_code(&spaced).await.location(), "/apps");
    }
}

on_both_databases! {
    async fn the_session_is_new_and_the_trail_is_whole(idp) {
        let mut visitor = idp.signed_in(HUGO).await;
        let first = visitor.cookies["idp_session"].clone();
        let page = visitor.get("/apps").await;
        let token = page.field("csrf_token").unwrap();
        assert_eq!(visitor.post("/logout", &[("csrf_token", &token)]).await.location(), "/signed-out");
        visitor.get("/signed-out").await.expect(StatusCode::OK);
        visitor.cookies.insert("idp_session".into(), first);
        assert!(visitor.get("/apps").await.location().starts_with("/login"), "the old cookie is dead");
        let (fault, entries) = idp.app.store.verify_audit().await.unwrap();
        assert_eq!(fault, None);
        assert!(entries > 5);
    }
}

on_both_databases! {
    async fn an_idle_session_ends_and_an_account_that_expires_loses_its_pages(idp) {
        let mut visitor = idp.signed_in(HUGO).await;
        idp.clock.advance_seconds(29 * 60);
        visitor.get("/apps").await.expect(StatusCode::OK);
        idp.clock.advance_seconds(29 * 60);
        visitor.get("/apps").await.expect(StatusCode::OK);
        idp.clock.advance_seconds(31 * 60);
        assert!(visitor.get("/apps").await.location().starts_with("/login"));

        let (_, level) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let temporary = idp.create_user("teo@bank-01.example", level, Some("2026-11-21")).await;
        idp.activate(temporary).await;
        let mut visitor = idp.signed_in("teo@bank-01.example").await;
        visitor.get("/apps").await.expect(StatusCode::OK);
        // The session stays in use until the day is over in Berlin.
        for _ in 0..40 {
            idp.clock.advance_seconds(20 * 60);
            visitor.get("/apps").await;
        }
        assert!(visitor.get("/apps").await.location().starts_with("/login"));
        // And step one is there for somebody else, instead of leading back.
        visitor.get("/login").await.expect(StatusCode::OK);
        assert_eq!(visitor.sign_in(&idp, HUGO).await.location(), "/apps");
        visitor.get("/apps").await.expect(StatusCode::OK);
    }
}

on_both_databases! {
    async fn sign_out_after_the_session_has_run_out_clears_the_cookie(idp) {
        let mut visitor = idp.signed_in(HUGO).await;
        let token = visitor.get("/apps").await.field("csrf_token").unwrap();
        idp.clock.advance_seconds(31 * 60);
        assert_eq!(visitor.post("/logout", &[("csrf_token", &token)]).await.location(), "/signed-out");
        assert!(!visitor.cookies.contains_key("idp_session"));
    }
}

on_both_databases! {
    async fn an_outage_of_the_gateway_locks_nobody_out_and_offers_the_other_channel(idp) {
        idp.inbox.refuse(true);
        let mut visitor = idp.visitor();
        for _ in 0..11 {
            let failed = visitor.give_password("/login?page=profile", HUGO, PASSWORD).await;
            assert_eq!(failed.location(), "/login");
        }
        let page = visitor.get("/login").await.expect(StatusCode::OK);
        assert!(page.body.contains("could not send a code"), "{}", page.body);
        assert!(page.body.contains("Resend code using Voice"), "{}", page.body);
        assert_eq!(visitor.get("/login/code").await.location(), "/login", "no three minutes have begun");

        idp.inbox.refuse(false);
        let token = page.field("csrf_token").unwrap();
        let fields = [("csrf_token", token.as_str()), ("channel", "voice")];
        assert_eq!(visitor.post("/login/resend", &fields).await.location(), "/login");
        assert_eq!(visitor.sign_in(&idp, HUGO).await.location(), "/profile");
        assert_eq!(idp.inbox.newest_code().0, Channel::Voice);
    }
}

on_both_databases! {
    async fn the_code_page_names_the_end_of_the_number_only(idp) {
        let mut visitor = idp.visitor();
        visitor.give_password("/login", HUGO, PASSWORD).await;
        let page = visitor.get("/login/code").await.expect(StatusCode::OK);
        assert!(page.body.contains("••• 26"));
        assert!(!page.body.contains(&PHONE[1..8]));
        for id in ["code-submit", "resend-sms", "resend-voice"] {
            assert!(page.body.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }
}

on_both_databases! {
    async fn a_form_without_its_token_or_from_another_browser_changes_nothing(idp) {
        let mut visitor = idp.visitor();
        let token = visitor.get("/login").await.field("csrf_token").unwrap();
        let fields = [("email", HUGO), ("password", PASSWORD)];
        assert_eq!(visitor.post("/login", &fields).await.status, StatusCode::FORBIDDEN);
        let mut other: Visitor = idp.visitor();
        other.get("/login").await;
        let stolen = [("csrf_token", token.as_str()), ("email", HUGO), ("password", PASSWORD)];
        assert_eq!(other.post("/login", &stolen).await.status, StatusCode::FORBIDDEN);
        assert!(idp.inbox.codes().is_empty());
    }
}
