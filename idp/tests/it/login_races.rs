//! Guessing in parallel: counters are claimed before anything is compared (security.md 61).

use axum::http::StatusCode;
use futures_util::future::join_all;

use crate::{
    harness::{HUGO, PASSWORD},
    on_both_databases,
};

on_both_databases! {
    async fn of_two_hundred_wrong_codes_at_once_five_are_compared(idp) {
        let mut visitor = idp.visitor();
        visitor.give_password("/login", HUGO, PASSWORD).await;
        let (_, right) = idp.inbox.newest_code();
        let token = visitor.get("/login/code").await.field("csrf_token").unwrap();
        let wrong = (0..60).map(|n| format!("{n:06}")).filter(|code| *code != right);
        let guesses = wrong.map(|code| {
            let (mut guesser, token) = (visitor.clone(), token.clone());
            tokio::spawn(async move {
                guesser.post("/login/code", &[("csrf_token", &token), ("code", &code)]).await.status
            })
        });
        let statuses: Vec<StatusCode> = join_all(guesses).await.into_iter().map(Result::unwrap).collect();
        assert!(statuses.iter().all(|status| !status.is_server_error()), "{statuses:?}");
        let shown_as_wrong = statuses.iter().filter(|s| **s == StatusCode::UNPROCESSABLE_ENTITY).count();
        assert!(shown_as_wrong <= 4, "{shown_as_wrong}");
        let late = visitor.post("/login/code", &[("csrf_token", &token), ("code", &right)]).await;
        assert_eq!(late.location(), "/login", "the right one comes too late");
        let user = idp.app.store.find_account_by_email(&portal_core::email::EmailKey::of(HUGO)).await.unwrap().unwrap();
        assert_eq!(idp.app.store.code_failures(user.user.id).await.unwrap().consecutive, 5);
    }
}

on_both_databases! {
    async fn the_right_code_thirty_two_times_at_once_makes_one_session(idp) {
        let mut visitor = idp.visitor();
        visitor.give_password("/login", HUGO, PASSWORD).await;
        let (_, right) = idp.inbox.newest_code();
        let token = visitor.get("/login/code").await.field("csrf_token").unwrap();
        let tries = (0..32).map(|_| {
            let (mut visitor, token, code) = (visitor.clone(), token.clone(), right.clone());
            tokio::spawn(async move {
                visitor.post("/login/code", &[("csrf_token", &token), ("code", &code)]).await
            })
        });
        let pages: Vec<_> = join_all(tries).await.into_iter().map(Result::unwrap).collect();
        assert!(pages.iter().all(|page| !page.status.is_server_error()));
        let signed_in = pages.iter().filter(|page| page.status == StatusCode::SEE_OTHER && page.location() == "/apps");
        assert_eq!(signed_in.count(), 1);
    }
}

on_both_databases! {
    async fn a_double_click_on_the_right_code_signs_in_once_and_never_fails(idp) {
        for _ in 0..25 {
            let mut visitor = idp.visitor();
            visitor.give_password("/login", HUGO, PASSWORD).await;
            let (_, right) = idp.inbox.newest_code();
            let token = visitor.get("/login/code").await.field("csrf_token").unwrap();
            let clicks = (0..3).map(|_| {
                let (mut visitor, token, code) = (visitor.clone(), token.clone(), right.clone());
                tokio::spawn(async move {
                    visitor.post("/login/code", &[("csrf_token", &token), ("code", &code)]).await
                })
            });
            let pages: Vec<_> = join_all(clicks).await.into_iter().map(Result::unwrap).collect();
            assert!(pages.iter().all(|page| page.status == StatusCode::SEE_OTHER));
            assert_eq!(pages.iter().filter(|page| page.location() == "/apps").count(), 1);
        }
    }
}
