//! A third party that is suspended or closed takes everything with it that was issued to its people, on every node;
//! and what was void once stays so when it comes back (E55, security.md 86).

use axum::http::StatusCode;
use idp::administration::Administration;
use portal_core::{audit::Origin, id::ThirdPartyId, permission::Actor};

use crate::harness::{Backend, Browser, TestIdp, Tokens, authorize};

/// Everything that was issued to anna.
struct Issued<'a> {
    browser: Browser<'a>,
    code: String,
    tokens: Tokens,
}

async fn issue(idp: &TestIdp) -> Issued<'_> {
    let mut browser = idp.signed_in(idp.world.anna).await;
    let tokens = idp.tokens_of_anna().await;
    Issued { code: browser.code().await, browser, tokens }
}

impl Issued<'_> {
    /// Asks for each at a node of its own.
    async fn is_dead_at(&self, node: &TestIdp, when: &str) {
        let mut there = node.browser();
        there.cookies = self.browser.cookies.clone();
        let session = there.get(&authorize(&[])).await;
        assert_eq!(session.parameter("code"), None, "session {when}");
        let redeemed = node.redeem(&self.code).await;
        assert_eq!(redeemed.error(), "invalid_grant", "authorization code {when}");
        let refreshed = node.refresh(&self.tokens.refresh).await;
        assert_eq!(refreshed.error(), "invalid_grant", "refresh token {when}");
        let userinfo = node.userinfo(&self.tokens.access).await;
        assert_eq!(userinfo.error(), "invalid_token", "access token {when}");
        for token in [&self.tokens.access, &self.tokens.refresh] {
            let told = node.introspect("casper", token).await;
            assert_eq!(told.body, r#"{"active":false}"#, "introspection {when}");
        }
    }
}

fn setup(idp: &TestIdp) -> Administration<'_> {
    Administration {
        store: &idp.app.store,
        actor: &Actor::Setup,
        now: idp.app.now(),
        origin: Origin::default(),
    }
}

/// The third party of anna, and its version.
async fn bank(idp: &TestIdp) -> (ThirdPartyId, i64) {
    let anna = idp.app.store.find_account(idp.world.anna).await.unwrap().unwrap();
    let id = anna.third_party.unwrap().id;
    (id, idp.app.store.find_third_party(id).await.unwrap().unwrap().version)
}

#[tokio::test]
async fn security_86_a_suspension_voids_what_was_issued_and_reactivation_revives_none_of_it() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let node = idp.another_node().await;
        let (asked_at_once, asked_later) = (issue(&idp).await, issue(&idp).await);
        let (id, version) = bank(&idp).await;
        setup(&idp).suspend_third_party(id, version, "sanctions").await.unwrap();
        asked_at_once.is_dead_at(&node, "while it is suspended").await;
        let (id, version) = bank(&idp).await;
        setup(&idp).reactivate_third_party(id, version, "lifted").await.unwrap();
        idp.advance(1);
        asked_at_once.is_dead_at(&node, "when it is back, asked before").await;
        asked_later.is_dead_at(&node, "when it is back, never asked before").await;
        let again = idp.tokens_of_anna().await;
        assert_eq!(node.userinfo(&again.access).await.status, StatusCode::OK, "a new sign-in");
    }
}

#[tokio::test]
async fn security_86_a_closure_voids_what_was_issued() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let node = idp.another_node().await;
        let issued = issue(&idp).await;
        let (id, version) = bank(&idp).await;
        setup(&idp).close_third_party(id, version, "licence withdrawn", None).await.unwrap();
        issued.is_dead_at(&node, "after it was closed").await;
    }
}
