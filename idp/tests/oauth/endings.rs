//! Whatever ends a person's right ends every token, at every endpoint, on the other node too (security.md 20, 25, 27).

use axum::http::StatusCode;

use crate::harness::{Backend, TestIdp};

/// Each cause alone, as the database has it a moment later.
const CAUSES: [(&str, &str); 10] = [
    ("suspended", "UPDATE users SET status = 'SUSPENDED'"),
    ("deleted", "UPDATE users SET status = 'DELETED'"),
    ("expired", "UPDATE users SET expires_on = '2026-11-20'"),
    ("third party suspended", "UPDATE third_parties SET status = 'SUSPENDED'"),
    ("third party closed", "UPDATE third_parties SET status = 'CLOSED'"),
    ("application disabled", "UPDATE applications SET enabled = false WHERE code = 'CASPER'"),
    ("no membership", "DELETE FROM memberships"),
    ("session ended", "UPDATE sessions SET ended_at = 1795262400000"),
    ("credentials changed", "UPDATE users SET credentials_changed_at = 1795262401000"),
    ("grant revoked", "UPDATE grants SET revoked_at = 1795262400000"),
];

#[tokio::test]
async fn security_27_what_ends_between_authorization_and_redemption_gives_no_token() {
    for backend in Backend::all() {
        for (cause, sql) in CAUSES {
            let idp = TestIdp::start_on(backend).await;
            let node = idp.another_node().await;
            let mut browser = idp.signed_in(idp.world.anna).await;
            let code = browser.code().await;
            idp.execute(sql).await;
            idp.advance(2);
            let reply = node.redeem(&code).await;
            // The client of a disabled application is disabled itself.
            let expected =
                if cause == "application disabled" { "invalid_client" } else { "invalid_grant" };
            assert_eq!(reply.error(), expected, "{backend:?}: {cause}");
        }
    }
}

/// security.md 20, 25, 27.
#[tokio::test]
async fn security_20_what_ends_refreshes_nothing_tells_nothing_and_is_inactive() {
    for backend in Backend::all() {
        for (cause, sql) in CAUSES {
            let idp = TestIdp::start_on(backend).await;
            let node = idp.another_node().await;
            let tokens = idp.tokens_of_anna().await;
            assert_eq!(node.userinfo(&tokens.access).await.status, StatusCode::OK);
            idp.execute(sql).await;
            idp.advance(2);
            let userinfo = node.userinfo(&tokens.access).await;
            assert_eq!(userinfo.error(), "invalid_token", "{backend:?}: {cause}");
            if cause == "application disabled" {
                let refused = node.introspect("casper", &tokens.access).await;
                assert_eq!(refused.error(), "invalid_client");
                continue;
            }
            for token in [&tokens.access, &tokens.refresh] {
                let reply = node.introspect("casper", token).await;
                assert_eq!(reply.body, r#"{"active":false}"#, "{backend:?}: {cause}");
            }
            let refreshed = node.refresh(&tokens.refresh).await;
            assert_eq!(refreshed.error(), "invalid_grant", "{backend:?}: {cause}");
        }
    }
}

/// A refused refresh uses nothing up: what was ended by mistake goes on when it is put right.
#[tokio::test]
async fn a_suspended_person_goes_on_where_it_stopped() {
    let idp = TestIdp::start().await;
    let tokens = idp.tokens_of_anna().await;
    idp.execute("UPDATE users SET status = 'SUSPENDED'").await;
    assert_eq!(idp.refresh(&tokens.refresh).await.error(), "invalid_grant");
    idp.execute("UPDATE users SET status = 'ACTIVE'").await;
    assert_eq!(idp.refresh(&tokens.refresh).await.status, StatusCode::OK);
}

/// security.md 27, for the grant without a person.
#[tokio::test]
async fn a_disabled_client_gets_no_token_for_itself_and_its_old_ones_are_dead() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let node = idp.another_node().await;
        let token = idp.token_of_robot().await;
        assert!(node.is_active("robot", &token).await);
        idp.execute("UPDATE clients SET enabled = false WHERE id = 'robot'").await;
        let asked = node.token("robot", &[("grant_type", "client_credentials")]).await;
        assert_eq!(asked.error(), "invalid_client");
        assert_eq!(node.userinfo(&token).await.error(), "invalid_token");
    }
}
