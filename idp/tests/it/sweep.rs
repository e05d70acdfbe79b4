//! Expired rows go; what still counts stays.

use axum::http::StatusCode;

use crate::{
    harness::{HUGO, PASSWORD},
    on_both_databases,
};

on_both_databases! {
    async fn what_is_over_is_swept_and_what_counts_stays(idp) {
        let mut visitor = idp.signed_in(HUGO).await;
        idp.visitor().at_address([10, 0, 0, 9]).give_password("/login", HUGO, "not the password").await;
        assert_eq!(idp.app.store.sweep(idp.app.now()).await.unwrap(), 0);
        visitor.get("/apps").await.expect(StatusCode::OK);
        idp.clock.advance_seconds(2 * 24 * 60 * 60);
        // One login, one counter of wrong passwords, one session.
        assert_eq!(idp.app.store.sweep(idp.app.now()).await.unwrap(), 3);
        assert_eq!(idp.app.store.sweep(idp.app.now()).await.unwrap(), 0);
        // The device is still known, and the trail is whole.
        assert_eq!(visitor.give_password("/login", HUGO, PASSWORD).await.location(), "/login/code");
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
    }
}
