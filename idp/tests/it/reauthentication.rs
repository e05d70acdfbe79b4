//! Proving both factors again in a browser that has a session, such as for `prompt=login`.

use axum::http::StatusCode;
use portal_core::{
    email::{Email, EmailKey},
    organisation::ThirdPartyStatus,
    session::Session,
};

use crate::{
    harness::{HUGO, PASSWORD, TestIdp, Visitor},
    on_both_databases,
};

const IDA: &str = "ida@bank-f.example";

impl TestIdp {
    async fn sessions_of(&self, email: &str) -> Vec<Session> {
        let key = EmailKey::of(Email::parse(email).unwrap().as_str());
        let account = self.app.store.find_account_by_email(&key).await.unwrap().unwrap();
        self.app.store.list_sessions(account.user.id).await.unwrap()
    }
}

/// Both steps, although the browser has a session: as an authorization request leads there.
async fn sign_in_again(idp: &TestIdp, visitor: &mut Visitor, email: &str) {
    let session = visitor.cookies.remove("idp_session").unwrap();
    assert_eq!(visitor.give_password("/login", email, PASSWORD).await.location(), "/login/code");
    visitor.cookies.insert("idp_session".to_owned(), session);
    let (_, code) = idp.inbox.newest_code();
    visitor.give_code(&code).await.expect(StatusCode::SEE_OTHER);
}

on_both_databases! {
    async fn the_same_person_goes_on_under_the_same_name_with_a_new_cookie(idp) {
        let mut visitor = idp.signed_in(HUGO).await;
        let old_cookie = visitor.cookies["idp_session"].clone();
        let before = idp.sessions_of(HUGO).await;
        idp.clock.advance_seconds(600);
        sign_in_again(&idp, &mut visitor, HUGO).await;
        let after = idp.sessions_of(HUGO).await;
        assert_eq!((before.len(), after.len()), (1, 1));
        assert_eq!(after[0].sid, before[0].sid, "relying parties know it by this");
        assert_eq!(after[0].auth_time, before[0].auth_time.plus_seconds(600));
        visitor.get("/apps").await.expect(StatusCode::OK);
        // security.md 49.
        visitor.cookies.insert("idp_session".to_owned(), old_cookie);
        assert!(visitor.get("/apps").await.location().starts_with("/login"), "the old cookie is dead");
    }
}

on_both_databases! {
    async fn the_session_of_somebody_else_in_the_same_browser_ends(idp) {
        let (_, level) = idp.create_third_party("BANK F", ThirdPartyStatus::Active).await;
        let ida = idp.create_user(IDA, level, None).await;
        idp.activate(ida).await;
        let mut visitor = idp.signed_in(HUGO).await;
        sign_in_again(&idp, &mut visitor, IDA).await;
        assert!(idp.sessions_of(HUGO).await.is_empty());
        assert_eq!(idp.sessions_of(IDA).await.len(), 1);
    }
}
