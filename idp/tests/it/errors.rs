//! Bad input gets the documented answer; nothing is stored, nothing panics.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use idp::web::pages::{self, route::Verb};
use portal_core::permission::StaffRole;

use crate::{
    harness::{HUGO, PASSWORD, Page, TestIdp},
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

/// What no page tells: where the source is, what the database was asked, what a panic said.
const INNER: [&str; 12] = [
    "SELECT",
    "sqlx",
    "sqlite",
    "postgres",
    "no such table",
    "relation",
    "panicked",
    "told to break",
    ".rs:",
    "/src/",
    "backtrace",
    "sea_orm",
];

fn assert_generic(page: &Page, what: &str) {
    let id = page.headers["x-request-id"].to_str().unwrap();
    assert!(page.body.contains(id), "{what}: {}", page.body);
    for inner in INNER {
        assert!(!page.body.contains(inner), "{what} tells {inner}: {}", page.body);
    }
}

on_both_databases! {
    async fn a_panic_is_one_answer_and_the_process_goes_on(idp) {
        let mut visitor = idp.visitor();
        idp.inbox.break_down(true);
        for _ in 0..3 {
            let page = visitor.give_password("/login", HUGO, PASSWORD).await;
            assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
            assert_generic(&page, "a panic");
        }
        idp.inbox.break_down(false);
        visitor.sign_in(&idp, HUGO).await;
        visitor.get("/apps").await.expect(StatusCode::OK);
    }
}

on_both_databases! {
    async fn a_failure_of_the_database_is_told_to_the_log_and_to_no_page(idp) {
        let mut visitor = idp.signed_in(HUGO).await;
        idp.execute("ALTER TABLE memberships RENAME TO gone").await;
        for path in ["/apps", "/profile/applications", "/apps/request"] {
            let page = visitor.get(path).await;
            if page.status.is_server_error() {
                assert_generic(&page, path);
            }
        }
        let page = visitor.get("/apps").await;
        assert!(page.status.is_server_error(), "{}", page.status);
        idp.execute("ALTER TABLE gone RENAME TO memberships").await;
        visitor.get("/apps").await.expect(StatusCode::OK);
    }
}

/// Whatever a page or a style loads or sends to is of the portal itself (security.md 132).
#[tokio::test(flavor = "multi_thread")]
async fn pages_load_from_one_origin() {
    let idp = TestIdp::start().await;
    idp.staff("staff@operator.example", StaffRole::IdentityAdmin).await;
    let mut visitors =
        [idp.visitor(), idp.signed_in(HUGO).await, idp.signed_in("staff@operator.example").await];
    let mut loaded = BTreeSet::new();
    for visitor in &mut visitors {
        for route in pages::routes().filter(|route| !route.path.contains('{')) {
            if !route.guards.iter().any(|(verb, _)| *verb == Verb::Get) {
                continue;
            }
            let body = visitor.get(route.path).await.body;
            for name in
                ["src=\"", "srcset=\"", "action=\"", "formaction=\"", "poster=\"", "data=\""]
            {
                loaded.extend(values(&body, name));
            }
            for link in body.split("<link ").skip(1) {
                loaded.extend(values(link.split('>').next().unwrap(), "href=\""));
            }
        }
    }
    assert!(loaded.len() > 10, "{loaded:?}");
    let assets: Vec<_> =
        loaded.iter().filter(|path| path.starts_with("/assets/")).cloned().collect();
    for asset in assets {
        let text = visitors[0].get(&asset).await.expect(StatusCode::OK).body;
        for (_, after) in
            ["url(", "@import", "fetch(", "import("].iter().filter_map(|by| text.split_once(by))
        {
            let target = after.trim_start_matches(['"', '\'', ' ']).to_owned();
            assert!(
                !target.starts_with("http") && !target.starts_with("//"),
                "{asset}: {after:.60}"
            );
        }
    }
    for path in loaded {
        assert!(path.starts_with('/') && !path.starts_with("//"), "{path}");
    }
}

fn values(html: &str, name: &str) -> Vec<String> {
    let values = html.split(name).skip(1).filter_map(|rest| rest.split_once('"'));
    values.map(|(value, _)| value.to_owned()).collect()
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
