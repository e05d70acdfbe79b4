//! How long a session still lives, and "Stay signed in" (O18).

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    harness::{HUGO, Page, Visitor},
    on_both_databases,
};

const MINUTE: i64 = 60;

fn left(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap()
}

async fn stay(visitor: &mut Visitor, csrf: &str) -> Page {
    visitor.post("/session", &[("csrf_token", csrf)]).await
}

on_both_databases! {
    async fn to_look_at_the_time_that_is_left_is_not_to_use_the_session(idp) {
        let mut visitor = idp.signed_in(HUGO).await;
        let page = visitor.get("/apps").await.expect(StatusCode::OK);
        for part in ["data-idle=\"1800\"", "data-overall=\"43200\"", "data-warning=\"120\"", "/assets/session-end.js"] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        for (advance, idle) in [(28 * MINUTE, 120), (MINUTE, 60), (59, 1)] {
            idp.clock.advance_seconds(advance);
            let found = left(&visitor.get("/session").await.expect(StatusCode::OK));
            assert_eq!(found["idle"], idle);
        }
        idp.clock.advance_seconds(1);
        let nothing = json!({ "idle": 0, "overall": 0 });
        assert_eq!(left(&visitor.get("/session").await.expect(StatusCode::OK)), nothing);
        assert!(visitor.get("/apps").await.location().starts_with("/login"));
        assert_eq!(left(&idp.visitor().get("/session").await), nothing, "nobody is signed in");
    }
}

on_both_databases! {
    async fn who_wishes_to_stay_has_the_idle_time_anew_and_never_more_than_twelve_hours(idp) {
        let mut visitor = idp.signed_in(HUGO).await;
        let csrf = visitor.get("/apps").await.field("csrf_token").unwrap();
        for half_hours in 1..=24 {
            idp.clock.advance_seconds(29 * MINUTE);
            let found = left(&stay(&mut visitor, &csrf).await.expect(StatusCode::OK));
            assert_eq!(found, json!({ "idle": 1800, "overall": 43_200 - half_hours * 29 * MINUTE }));
        }
        idp.clock.advance_seconds(24 * MINUTE - 1);
        let page = visitor.get("/apps").await.expect(StatusCode::OK);
        assert!(page.body.contains("data-idle=\"1800\" data-overall=\"1\""), "{}", page.body);
        idp.clock.advance_seconds(1);
        assert!(stay(&mut visitor, &csrf).await.location().starts_with("/login"));
    }
}

on_both_databases! {
    async fn only_the_own_form_keeps_somebody_signed_in(idp) {
        let mut visitor = idp.signed_in(HUGO).await;
        let csrf = visitor.get("/apps").await.field("csrf_token").unwrap();
        visitor.post("/session", &[("csrf_token", "forged")]).await.expect(StatusCode::FORBIDDEN);
        let more = [("csrf_token", csrf.as_str()), ("seconds", "999999")];
        visitor.post("/session", &more).await.expect(StatusCode::BAD_REQUEST);
        let mut nobody = idp.visitor();
        assert!(stay(&mut nobody, &csrf).await.location().starts_with("/login"));
        let signed_out = nobody.get("/login").await;
        assert!(!signed_out.body.contains("session-end"), "there is nothing to warn of");
    }
}
