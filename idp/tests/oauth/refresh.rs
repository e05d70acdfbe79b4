//! Rotation of refresh tokens, and what ends a family.

use axum::http::StatusCode;

use crate::harness::{Backend, TestIdp, token_part};

async fn first_tokens(idp: &TestIdp) -> serde_json::Value {
    let mut browser = idp.signed_in(idp.world.anna).await;
    idp.redeem(&browser.code().await).await.json()
}

fn refresh_token(answer: &serde_json::Value) -> &str {
    answer["refresh_token"].as_str().unwrap()
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_of_the_same_sign_in() {
    let idp = TestIdp::start().await;
    let first = first_tokens(&idp).await;
    idp.advance(300);
    let second = idp.refresh(refresh_token(&first)).await.json();
    assert_ne!(refresh_token(&first), refresh_token(&second));
    let (before, after) = (token_part(&first["id_token"], 1), token_part(&second["id_token"], 1));
    for name in ["iss", "sub", "aud", "auth_time", "sid", "acr"] {
        assert_eq!(before[name], after[name], "{name}");
    }
    assert!(after["iat"].as_i64() > before["iat"].as_i64());
    assert_eq!(after.get("nonce"), None);
}

#[tokio::test]
async fn an_old_token_after_its_successor_was_used_ends_the_family() {
    let idp = TestIdp::start().await;
    let first = first_tokens(&idp).await;
    let second = idp.refresh(refresh_token(&first)).await.json();
    let third = idp.refresh(refresh_token(&second)).await.json();
    assert_eq!(idp.refresh(refresh_token(&first)).await.error(), "invalid_grant");
    assert_eq!(idp.refresh(refresh_token(&third)).await.error(), "invalid_grant");
    let access_token = third["access_token"].as_str().unwrap();
    assert_eq!(idp.userinfo(access_token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_lost_reply_is_repeated_within_ten_seconds_and_one_branch_lives() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let first = first_tokens(&idp).await;
        let lost = idp.refresh(refresh_token(&first)).await.json();
        idp.advance(10);
        let again = idp.refresh(refresh_token(&first)).await;
        assert_eq!(again.status, StatusCode::OK, "{}", again.body);
        let next = idp.refresh(refresh_token(&again.json())).await;
        assert_eq!(next.status, StatusCode::OK);
        // Somebody has the reply that was thought lost.
        assert_eq!(idp.refresh(refresh_token(&lost)).await.error(), "invalid_grant");
        assert_eq!(idp.refresh(refresh_token(&next.json())).await.error(), "invalid_grant");
    }
}

#[tokio::test]
async fn after_ten_seconds_a_used_token_ends_the_family() {
    let idp = TestIdp::start().await;
    let first = first_tokens(&idp).await;
    let second = idp.refresh(refresh_token(&first)).await.json();
    idp.advance(11);
    assert_eq!(idp.refresh(refresh_token(&first)).await.error(), "invalid_grant");
    assert_eq!(idp.refresh(refresh_token(&second)).await.error(), "invalid_grant");
}

#[tokio::test]
async fn another_client_gets_nothing_and_harms_nothing() {
    let idp = TestIdp::start().await;
    let first = first_tokens(&idp).await;
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token(&first))];
    assert_eq!(idp.token("twin", &fields).await.error(), "invalid_grant");
    assert_eq!(idp.refresh(refresh_token(&first)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_scope_is_narrowed_for_once_and_never_widened() {
    let idp = TestIdp::start().await;
    let first = first_tokens(&idp).await;
    let with_scope = |token: &str, scope: &str| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let idp = &idp;
        async move {
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            idp.token("casper", &fields).await
        }
    };
    let wider = with_scope(refresh_token(&first), "openid reports.read").await;
    assert_eq!(wider.error(), "invalid_scope");
    let narrow = with_scope(refresh_token(&first), "groups").await.json();
    assert_eq!(narrow["scope"], "groups");
    assert_eq!(narrow.get("id_token"), None);
    let full = idp.refresh(refresh_token(&narrow)).await.json();
    assert_eq!(full["scope"], "openid profile email groups offline_access");
}

#[tokio::test]
async fn the_end_of_the_session_of_the_membership_or_of_the_password_ends_refreshing() {
    for cause in ["session", "membership", "password"] {
        let idp = TestIdp::start().await;
        let first = first_tokens(&idp).await;
        let (anna, now) = (idp.world.anna, idp.app.now().plus_seconds(1));
        let account = idp.app.store.find_account(anna).await.unwrap().unwrap();
        let sid = token_part(&first["id_token"], 1)["sid"].as_str().unwrap().to_owned();
        let tx = idp.app.store.begin().await.unwrap();
        let changed = match cause {
            "session" => tx.end_session(&sid, now).await.unwrap(),
            "membership" => {
                tx.delete_membership(anna, idp.world.casper_group.id, None, now).await.unwrap()
            }
            _ => tx.change_password(&account.user, "other", now).await.unwrap(),
        };
        assert!(changed, "{cause}");
        tx.commit().await.unwrap();
        idp.advance(2);
        assert_eq!(idp.refresh(refresh_token(&first)).await.error(), "invalid_grant", "{cause}");
        let access_token = first["access_token"].as_str().unwrap();
        assert_eq!(idp.userinfo(access_token).await.status, StatusCode::UNAUTHORIZED, "{cause}");
    }
}

#[tokio::test]
async fn a_session_that_is_renewed_after_a_password_change_does_not_revive_old_grants() {
    let idp = TestIdp::start().await;
    let first = first_tokens(&idp).await;
    idp.advance(1);
    let account = idp.app.store.find_account(idp.world.anna).await.unwrap().unwrap();
    let sid = token_part(&first["id_token"], 1)["sid"].as_str().unwrap().to_owned();
    let tx = idp.app.store.begin().await.unwrap();
    assert!(tx.change_password(&account.user, "other", idp.app.now()).await.unwrap());
    assert!(tx.renew_session(&sid, &[9; 32], idp.app.now()).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(idp.refresh(refresh_token(&first)).await.error(), "invalid_grant");
}

#[tokio::test]
async fn work_in_an_application_keeps_the_session_alive_but_never_beyond_its_absolute_end() {
    let idp = TestIdp::start().await;
    let mut answer = first_tokens(&idp).await;
    for _ in 0..35 {
        idp.advance(20 * 60);
        let reply = idp.refresh(refresh_token(&answer)).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        answer = reply.json();
    }
    idp.advance(20 * 60);
    assert_eq!(idp.refresh(refresh_token(&answer)).await.error(), "invalid_grant");
}

#[tokio::test]
async fn an_idle_session_refreshes_nothing() {
    let idp = TestIdp::start().await;
    let answer = first_tokens(&idp).await;
    idp.advance(30 * 60);
    assert_eq!(idp.refresh(refresh_token(&answer)).await.error(), "invalid_grant");
}
