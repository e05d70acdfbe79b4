//! Bad input gets the documented answer; nothing is stored, nothing panics.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};

use crate::{
    harness::{HUGO, TestIdp},
    on_both_databases,
};

on_both_databases! {
    async fn unknown_addresses_and_methods_get_a_page_with_a_request_id(idp) {
        let mut visitor = idp.visitor();
        for (method, path, status) in [
            (Method::GET, "/nothing-here", StatusCode::NOT_FOUND),
            (Method::GET, "/assets/nothing.css", StatusCode::NOT_FOUND),
            (Method::GET, "/assets/..%2Fsrc%2Fmain.rs", StatusCode::NOT_FOUND),
            (Method::DELETE, "/login", StatusCode::METHOD_NOT_ALLOWED),
            (Method::GET, "/logout", StatusCode::METHOD_NOT_ALLOWED),
            (Method::GET, "/%ff%00", StatusCode::NOT_FOUND),
        ] {
            let page = visitor.send(method, path, &[], Body::empty()).await.expect(status);
            let id = page.headers["x-request-id"].to_str().unwrap().to_owned();
            assert!(page.body.contains(&id), "{path}");
            assert!(page.body.contains("supportcenter@ecb.europa.eu"), "{path}");
        }
    }
}

on_both_databases! {
    async fn malformed_and_oversized_forms_are_refused(idp) {
        let mut visitor = idp.visitor();
        let form = ("content-type", "application/x-www-form-urlencoded");
        let token = visitor.get("/login").await.field("csrf_token").unwrap();
        let doubled = format!("csrf_token={token}&email=a@b.example&email=c@d.example&password=x");
        for (headers, body, status) in [
            (vec![form], "x".repeat(100_000), StatusCode::PAYLOAD_TOO_LARGE),
            (vec![form], "%zz=%ff&&&==".to_owned(), StatusCode::FORBIDDEN),
            (vec![form], doubled, StatusCode::BAD_REQUEST),
            (vec![("content-type", "application/json")], "{}".to_owned(), StatusCode::BAD_REQUEST),
            (vec![], String::new(), StatusCode::BAD_REQUEST),
        ] {
            let page = visitor.send(Method::POST, "/login", &headers, Body::from(body)).await;
            assert_eq!(page.status, status, "{}", page.body);
        }
        assert!(idp.inbox.codes().is_empty());
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_it() {
    let idp = TestIdp::start().await;
    let mut visitor = idp.visitor();
    for path in ["/login", "/nothing-here", "/terms", "/health/live", "/apps", "/assets/portal.css"]
    {
        let page = visitor.get(path).await;
        for name in [
            "content-security-policy",
            "x-content-type-options",
            "x-frame-options",
            "referrer-policy",
            "cache-control",
        ] {
            assert!(page.headers.contains_key(name), "{path} lacks {name}");
        }
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}

#[tokio::test]
async fn no_page_carries_inline_script_or_style() {
    let idp = TestIdp::start().await;
    let mut visitor = idp.signed_in(HUGO).await;
    for path in ["/apps", "/profile", "/profile/security", "/terms", "/nothing-here"] {
        let body = visitor.get(path).await.body;
        for inline in ["<script>", " style=\"", " onclick=", " onload=", "<style"] {
            assert!(!body.contains(inline), "{path} has {inline}");
        }
    }
}

#[tokio::test]
async fn a_form_from_another_site_does_not_replace_the_cookie_of_the_browser() {
    let idp = TestIdp::start().await;
    let form = ("content-type", "application/x-www-form-urlencoded");
    for path in ["/login", "/logout", "/oauth2/authorize", "/oauth2/logout"] {
        // Such a form comes without our cookies.
        let page = idp.visitor().send(Method::POST, path, &[form], Body::from("a=b")).await;
        let set: Vec<_> = page.headers.get_all("set-cookie").iter().collect();
        assert!(
            !set.iter().any(|cookie| cookie.to_str().unwrap().contains("idp_browser")),
            "{path}: {set:?}"
        );
    }
}
