//! Which origins may read answers: security.md 28.

use axum::{
    body::Body,
    http::{HeaderValue, Request, StatusCode},
};
use oidc_core::client::{AuthMethod, Client};

use crate::harness::{Reply, TestIdp, casper};

/// The origin of a public client.
const SPA: &str = "https://spa.example";
/// The origin of a client with a secret.
const RP: &str = "https://backend.example";
const ENDPOINTS: [&str; 4] = ["/oauth2/token", "/oauth2/revoke", "/oauth2/par", "/oauth2/userinfo"];

async fn idp_with_a_browser_client() -> TestIdp {
    let idp = TestIdp::start().await;
    let public = Client {
        id: "spa".to_owned(),
        auth_method: AuthMethod::None,
        secrets: Vec::new(),
        redirect_uris: vec![
            format!("{SPA}/callback"),
            "http://localhost:3000/".to_owned(),
            "https://spa.example:8443/callback".to_owned(),
            "com.example.app:/callback".to_owned(),
        ],
        ..casper()
    };
    idp.register(&public).await;
    let redirect_uris = vec![format!("{RP}/callback")];
    idp.register(&Client { id: "backend".to_owned(), redirect_uris, ..casper() }).await;
    idp
}

async fn preflight(idp: &TestIdp, path: &str, origin: &[u8]) -> Reply {
    let request = Request::options(path)
        .header("origin", HeaderValue::from_bytes(origin).unwrap())
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization");
    idp.send(request.body(Body::empty()).unwrap()).await
}

async fn post(idp: &TestIdp, path: &str, origin: &[u8]) -> Reply {
    let mut request = TestIdp::form_request(path, &[("client_id", "spa")]);
    request.headers_mut().insert("origin", HeaderValue::from_bytes(origin).unwrap());
    idp.send(request).await
}

#[tokio::test]
async fn security_28_the_registered_origins_of_public_clients_may_read_answers_and_errors() {
    let idp = idp_with_a_browser_client().await;
    for origin in [SPA, "http://localhost:3000", "https://spa.example:8443"] {
        for path in ENDPOINTS {
            let asked = preflight(&idp, path, origin.as_bytes()).await;
            assert_eq!(asked.status, StatusCode::NO_CONTENT, "{path}");
            assert_eq!(asked.headers["access-control-allow-origin"], origin, "{path}");
            assert!(
                asked.headers["access-control-allow-methods"].to_str().unwrap().contains("POST")
            );
            assert_eq!(
                asked.headers["access-control-allow-headers"],
                "authorization, content-type"
            );
            let reply = post(&idp, path, origin.as_bytes()).await;
            assert!(reply.status.is_client_error());
            assert_eq!(reply.headers["access-control-allow-origin"], origin, "{path}");
            assert_eq!(reply.headers["vary"], "origin", "{path}");
            for reply in [asked, reply] {
                assert_eq!(reply.headers.get("access-control-allow-credentials"), None);
            }
        }
    }
}

/// security.md 28: these, `null` among them, and whatever else looks like a registered one.
#[tokio::test]
async fn security_28_no_other_origin_is_allowed_or_reflected() {
    let idp = idp_with_a_browser_client().await;
    let others: [&[u8]; 26] = [
        b"null",
        b"*",
        b"",
        b"https://evil.example",
        b"http://spa.example",
        b"https://spa.example/",
        b"https://spa.example:443",
        b"https://spa.example:444",
        b"https://spa.example.evil.example",
        b"https://spa.example@evil.example",
        b"https://evil.example#spa.example",
        b"https://evil.example?https://spa.example",
        b"https://sub.spa.example",
        b"https://evilspa.example",
        b"https://spa.exampl",
        b"HTTPS://SPA.EXAMPLE",
        b"https://SPA.example",
        b"https://spa.example https://evil.example",
        b"https://spa.example, https://evil.example",
        b"https://spa.example\xe4",
        b"https://spa.example.",
        b"//spa.example",
        b"spa.example",
        b"com.example.app:",
        b"com.example.app://callback",
        b"http://localhost:3001",
    ];
    for origin in others {
        for path in ENDPOINTS {
            let asked = preflight(&idp, path, origin).await;
            assert_eq!(asked.status, StatusCode::METHOD_NOT_ALLOWED, "{path} {origin:?}");
            for reply in [asked, post(&idp, path, origin).await] {
                for name in ["origin", "credentials", "methods", "headers"] {
                    let name = format!("access-control-allow-{name}");
                    assert_eq!(reply.headers.get(name), None, "{path} {origin:?}");
                }
                assert_eq!(reply.headers["vary"], "origin");
            }
        }
    }
    let mut twice = TestIdp::form_request("/oauth2/token", &[]);
    for origin in [SPA, "https://evil.example"] {
        twice.headers_mut().append("origin", HeaderValue::from_static(origin));
    }
    let reply = idp.send(twice).await;
    assert_eq!(reply.headers.get("access-control-allow-origin"), None, "two headers");
}

#[tokio::test]
async fn a_client_with_a_secret_has_no_scripts_at_the_token_endpoint_but_may_ask_userinfo() {
    let idp = idp_with_a_browser_client().await;
    let allowed = |reply: Reply| reply.headers.get("access-control-allow-origin").is_some();
    for path in ["/oauth2/token", "/oauth2/revoke", "/oauth2/par"] {
        assert!(!allowed(preflight(&idp, path, RP.as_bytes()).await), "{path}");
    }
    assert!(allowed(preflight(&idp, "/oauth2/userinfo", RP.as_bytes()).await));
    let tokens = idp.tokens_of_anna().await;
    let request = Request::get("/oauth2/userinfo")
        .header("origin", RP)
        .header("authorization", format!("Bearer {}", tokens.access))
        .body(Body::empty())
        .unwrap();
    let reply = idp.send(request).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.headers["access-control-allow-origin"], RP);
    assert_eq!(reply.headers["access-control-expose-headers"], "www-authenticate");
}

#[tokio::test]
async fn a_client_that_is_switched_off_has_no_origins() {
    let idp = idp_with_a_browser_client().await;
    idp.execute("UPDATE clients SET enabled = false WHERE id = 'spa'").await;
    let asked = preflight(&idp, "/oauth2/token", SPA.as_bytes()).await;
    assert_eq!(asked.headers.get("access-control-allow-origin"), None);
}

#[tokio::test]
async fn documents_are_for_everybody_and_pages_for_nobody() {
    let idp = idp_with_a_browser_client().await;
    for (path, expected) in [
        ("/oauth2/jwks", Some("*")),
        ("/.well-known/openid-configuration", Some("*")),
        ("/.well-known/oauth-authorization-server", Some("*")),
        ("/oauth2/introspect", None),
        ("/oauth2/authorize", None),
        ("/oauth2/logout", None),
        ("/login", None),
        ("/", None),
    ] {
        let request = Request::get(path).header("origin", SPA).body(Body::empty()).unwrap();
        let reply = idp.send(request).await;
        let allowed = reply.headers.get("access-control-allow-origin");
        assert_eq!(allowed.map(|value| value.to_str().unwrap()), expected, "{path}");
    }
}
