//! Where errors of the authorization endpoint go, and what cannot come in by any way (security.md 2-7).

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use oidc_core::{client::Client, params::Params, secret::Secret, secret::SecretKind};
use storage::{PendingRequest, RequestDigest};

use crate::{
    entry::{Entry, Outcome, pushing},
    harness::{CHALLENGE, ISSUER, REDIRECT_URI, TestIdp, authorize, casper, form},
};

type Change = (&'static str, Option<&'static str>);

/// Faults of a request, with the error that each has.
const FAULTS: [(Change, &str); 30] = [
    (("response_type", None), "invalid_request"),
    (("response_type", Some("token")), "unsupported_response_type"),
    (("response_type", Some("code token")), "unsupported_response_type"),
    (("response_mode", Some("fragment")), "invalid_request"),
    (("response_mode", Some("query.jwt")), "invalid_request"),
    (("scope", None), "invalid_scope"),
    (("scope", Some("bogus")), "invalid_scope"),
    (("scope", Some("openid\u{e9}")), "invalid_scope"),
    (("code_challenge", None), "invalid_request"),
    (("code_challenge", Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c")), "invalid_request"),
    (("code_challenge", Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cMA")), "invalid_request"),
    (("code_challenge_method", None), "invalid_request"),
    (("code_challenge_method", Some("plain")), "invalid_request"),
    (("code_challenge_method", Some("s256")), "invalid_request"),
    (("code_challenge_method", Some("S512")), "invalid_request"),
    (("request", Some("eyJhbGciOiJub25lIn0.e30.")), "request_not_supported"),
    (("request_uri", Some("https://rp.example/request.jwt")), "request_uri_not_supported"),
    (("registration", Some("{}")), "registration_not_supported"),
    (("prompt", Some("none login")), "invalid_request"),
    (("prompt", Some("none none login")), "invalid_request"),
    (("prompt", Some("create")), "invalid_request"),
    (("max_age", Some("-1")), "invalid_request"),
    (("max_age", Some("1e3")), "invalid_request"),
    (("max_age", Some("99999999999999999999")), "invalid_request"),
    (("claims", Some("{")), "invalid_request"),
    (("claims", Some(r#"{"id_token":{"acr":{"essential":true,"value":"x"}}}"#)), UNMET),
    (("resource", Some("https://api.example/")), "invalid_target"),
    (("resource", Some("relative")), "invalid_target"),
    (("id_token_hint", Some("e30.e30.e30")), "invalid_request"),
    (("id_token_hint", Some("not a token")), "invalid_request"),
];
const UNMET: &str = "unmet_authentication_requirements";

/// The query of a good request of a client, with changes.
fn query(client: &str, changes: &[(&str, Option<&str>)]) -> String {
    let own = [("client_id", Some(client))];
    let all: Vec<_> = own.into_iter().chain(changes.iter().copied()).collect();
    authorize(&all).split_once('?').unwrap().1.to_owned()
}

fn is_answer_with(outcome: &Outcome, error: &str) -> bool {
    matches!(outcome, Outcome::Answer { address, .. } if address == REDIRECT_URI)
        && outcome.parameter("error") == Some(error)
        && outcome.parameter("code").is_none()
        && outcome.parameter("state") == Some("st-1")
        && outcome.parameter("iss") == Some(ISSUER)
}

/// security.md 2, 4, 7: RFC 6749 4.1.2.1, RFC 9207 2.
#[tokio::test]
async fn every_fault_goes_to_the_registered_address_with_error_state_and_issuer() {
    let idp = TestIdp::start().await;
    for mut browser in [idp.signed_in(idp.world.anna).await, idp.browser()] {
        for (change, error) in FAULTS {
            for mode in [None, Some("query"), Some("form_post")] {
                for prompt in [None, Some("none")] {
                    let mut changes = vec![change];
                    for more in [("response_mode", mode), ("prompt", prompt)] {
                        if more.1.is_some() && more.0 != change.0 {
                            changes.push(more);
                        }
                    }
                    for entry in [Entry::Get, Entry::Post] {
                        let outcome =
                            browser.ask(entry, "casper", &query("casper", &changes)).await;
                        assert!(is_answer_with(&outcome, error), "{changes:?} {outcome:?}");
                    }
                }
            }
            let pushed = browser.ask(Entry::Par, "casper", &query("casper", &[change])).await;
            // What is no `request_uri` of ours cannot be pushed either, but that endpoint has no other error for it.
            let error = if change.0 == "request_uri" { "invalid_request" } else { error };
            assert_eq!(pushed, Outcome::Refused(error.to_owned()), "{change:?}");
        }
    }
}

/// security.md 2: with an address that nobody vouches for, no fault and no prompt redirects.
#[tokio::test]
async fn no_fault_goes_to_an_address_that_is_not_registered() {
    let idp = TestIdp::start().await;
    for mut browser in [idp.signed_in(idp.world.anna).await, idp.browser()] {
        for (change, _) in FAULTS {
            for wrong in [
                ("redirect_uri", Some("https://evil.example/callback")),
                ("redirect_uri", None),
                ("client_id", Some("nobody")),
                ("client_id", None),
            ] {
                let query = query("casper", &[change, wrong, ("prompt", Some("none"))]);
                let outcome = browser.ask(Entry::Get, "casper", &query).await;
                assert_eq!(outcome, Outcome::Page, "{change:?} {wrong:?}");
            }
        }
    }
}

/// security.md 3: RFC 9700 4.11.2, ADR 27.
#[tokio::test]
async fn a_stranger_is_sent_to_an_unknown_client_only_by_the_answer_to_a_silent_request() {
    let idp = TestIdp::start().await;
    let mut stranger = idp.browser();
    for (change, _) in FAULTS {
        for mode in [None, Some("form_post")] {
            let mut changes = vec![change];
            if mode.is_some() && change.0 != "response_mode" {
                changes.push(("response_mode", mode));
            }
            for entry in [Entry::Get, Entry::Post] {
                let outcome = stranger.ask(entry, "outsider", &query("outsider", &changes)).await;
                assert_eq!(outcome, Outcome::Page, "{changes:?}");
            }
        }
    }
    for entry in Entry::ALL {
        let silent = query("outsider", &[("prompt", Some("none"))]);
        let outcome = stranger.ask(entry, "outsider", &silent).await;
        let error = outcome.parameter("error").unwrap().to_owned();
        assert!(["login_required", "consent_required"].contains(&error.as_str()), "{error}");
        assert!(is_answer_with(&outcome, &error), "{outcome:?}");
    }
    let redirect_uris = vec!["com.example.app:/cb".to_owned()];
    let native = Client { id: "native".to_owned(), first_party: false, redirect_uris, ..casper() };
    idp.register(&native).await;
    let changes = [("prompt", Some("none")), ("redirect_uri", Some("com.example.app:/cb"))];
    let outcome = stranger.ask(Entry::Get, "native", &query("native", &changes)).await;
    assert_eq!(outcome, Outcome::Page, "any program may have claimed the scheme");
}

/// security.md 5: RFC 9700 2.1.2.
#[tokio::test]
async fn no_response_type_but_code_comes_in_by_any_way() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    for response_type in [
        "token",
        "id_token",
        "id_token token",
        "code id_token",
        "code token",
        "code id_token token",
        "none",
        "CODE",
        "code code",
        "code ",
        " code",
        "device",
    ] {
        let change = ("response_type", Some(response_type));
        for entry in [Entry::Get, Entry::Post] {
            let outcome = browser.ask(entry, "casper", &query("casper", &[change])).await;
            assert!(is_answer_with(&outcome, "unsupported_response_type"), "{outcome:?}");
            assert_eq!(outcome.parameter("id_token"), None);
            assert_eq!(outcome.parameter("access_token"), None);
        }
        let pushed = browser.ask(Entry::Par, "casper", &query("casper", &[change])).await;
        assert_eq!(pushed, Outcome::Refused("unsupported_response_type".to_owned()));
    }
}

/// security.md 5, 10: the address of the way back carries a name and nothing else that counts.
#[tokio::test]
async fn nothing_beside_its_name_changes_a_stored_request() {
    let idp = TestIdp::start().await;
    let mut browser = idp.browser();
    let Outcome::Login(name) = browser.ask(Entry::Get, "casper", &query("casper", &[])).await
    else {
        panic!("the sign-in comes first");
    };
    browser.sign_in(idp.world.anna).await;
    let tampered = [
        ("request", name.as_str()),
        ("response_type", "token"),
        ("redirect_uri", "https://evil.example/"),
        ("scope", "openid admin"),
        ("state", "forged"),
        ("prompt", "none"),
    ];
    let outcome = browser.ask(Entry::Get, "casper", &form(&tampered)).await;
    assert!(outcome.parameter("code").is_some(), "{outcome:?}");
    assert_eq!(outcome.parameter("state"), Some("st-1"));
    assert_eq!(outcome.parameter("access_token"), None);
}

/// security.md 5: what is stored is validated as if it had just come.
#[tokio::test]
async fn a_stored_request_that_was_tampered_with_is_refused_like_any_other() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let device = browser.get("/login").await;
    assert!(device.status.is_success() || device.status.is_redirection());
    for (change, expected) in [
        (("response_type", Some("id_token token")), Some("unsupported_response_type")),
        (("code_challenge_method", Some("plain")), Some("invalid_request")),
        (("scope", Some("bogus")), Some("invalid_scope")),
        (("redirect_uri", Some("https://evil.example/")), None),
        (("client_id", Some("twin")), None),
    ] {
        let name = Secret::from_entropy(SecretKind::PendingRequest, idp.app.entropy.bytes());
        let digest = RequestDigest {
            id: idp::secrets::digest(name.expose()),
            browser: idp::secrets::digest(&browser.cookies["idp_browser"]),
        };
        let pending = PendingRequest {
            client_id: "casper".to_owned(),
            params: Params::parse(query("casper", &[change]).as_bytes()).unwrap(),
            created_at: idp.app.now(),
            ..stored_defaults()
        };
        let tx = idp.app.store.begin().await.unwrap();
        tx.insert_pending_request(&digest, &pending).await.unwrap();
        tx.commit().await.unwrap();
        let resume = form(&[("request", name.expose())]);
        let outcome = browser.ask(Entry::Get, "casper", &resume).await;
        match expected {
            Some(error) => assert!(is_answer_with(&outcome, error), "{change:?} {outcome:?}"),
            None => assert_eq!(outcome, Outcome::Page, "{change:?}"),
        }
    }
}

fn stored_defaults() -> PendingRequest {
    PendingRequest {
        client_id: String::new(),
        params: Params::default(),
        created_at: portal_core::Timestamp::from_millis(0),
        pushed: None,
        answer: None,
    }
}

/// security.md 6: RFC 6749 3.1.
#[tokio::test]
async fn a_parameter_that_comes_twice_is_refused_whichever_it_is() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let good = query("casper", &[]);
    let names = [
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "max_age",
        "display",
        "ui_locales",
        "claims_locales",
        "id_token_hint",
        "login_hint",
        "acr_values",
        "claims",
        "request",
        "request_uri",
        "registration",
        "something_unknown",
    ];
    for name in names {
        let value = match name {
            "client_id" => "casper",
            "redirect_uri" => REDIRECT_URI,
            "code_challenge" => CHALLENGE,
            _ => "x",
        };
        let known = good.contains(&format!("{name}="));
        let pairs = [(name, value), (name, value)];
        // The same value twice is as wrong as two values.
        let query = format!("{good}&{}", form(if known { &pairs[..1] } else { &pairs[..] }));
        for entry in Entry::ALL {
            let outcome = browser.ask(entry, "casper", &query).await;
            let is_page = ["client_id", "redirect_uri"].contains(&name);
            match (entry, &outcome) {
                (Entry::Par, Outcome::Refused(error)) => assert_eq!(error, "invalid_request"),
                (Entry::Get | Entry::Post, Outcome::Page) => assert!(is_page, "{name}"),
                (Entry::Get | Entry::Post, Outcome::Answer { .. }) => {
                    assert!(!is_page, "{name}");
                    assert_eq!(outcome.parameter("error"), Some("invalid_request"), "{name}");
                    let state = (name != "state").then_some("st-1");
                    assert_eq!(outcome.parameter("state"), state);
                }
                _ => panic!("{name} {entry:?} {outcome:?}"),
            }
        }
    }
}

/// security.md 6: unknown names change nothing; what two readers could read differently is refused.
#[tokio::test]
async fn unknown_names_are_ignored_and_mixtures_and_other_encodings_refused() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    for extra in ["extra=foobar", "Client_id=evil", "client_id[]=evil", "%20state=x", "=x", "&&"] {
        for entry in Entry::ALL {
            let query = format!("{}&{extra}", query("casper", &[]));
            let outcome = browser.ask(entry, "casper", &query).await;
            assert!(outcome.parameter("code").is_some(), "{extra} {entry:?} {outcome:?}");
            assert_eq!(outcome.parameter("state"), Some("st-1"));
        }
    }
    let good = query("casper", &[]);
    for (kind, encoding) in [
        ("multipart/form-data; boundary=x", None),
        ("application/json", None),
        ("text/plain", None),
        ("application/x-www-form-urlencoded; charset=utf-16", None),
        ("application/x-www-form-urlencoded; charset=iso-8859-1", None),
        ("application/x-www-form-urlencoded", Some("gzip")),
    ] {
        for path in ["/oauth2/authorize", "/oauth2/par"] {
            let mut request = pushing("casper", &good);
            *request.uri_mut() = path.parse().unwrap();
            request.headers_mut().insert("content-type", kind.parse().unwrap());
            if let Some(encoding) = encoding {
                request.headers_mut().insert("content-encoding", encoding.parse().unwrap());
            }
            let reply = idp.send(request).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path} {kind} {encoding:?}");
        }
    }
    for path in ["/oauth2/authorize?state=x", "/oauth2/par?state=x"] {
        let mut request = pushing("casper", &good);
        *request.uri_mut() = path.parse().unwrap();
        assert_eq!(idp.send(request).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    for broken in ["x=%zz", "x=%", "x=%ff", "x=%00", "%c3%28=x"] {
        let request = Request::get(format!("/oauth2/authorize?{good}&{broken}"));
        let reply = idp.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{broken}");
    }
}
