//! How clients prove who they are, and what they are registered for: security.md 29, 30, 31, 36.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use keys::Algorithm;
use oidc_core::{
    client::{AuthMethod, Client, ClientSecret, GrantType},
    client_assertion::ASSERTION_TYPE,
    secret::Secret,
};

use crate::harness::{Backend, Reply, SECRET, Signer, TestIdp, assertion, authorize, casper};

const ENDPOINTS: [&str; 4] =
    ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke", "/oauth2/par"];

/// One client of each method, named after it.
async fn idp_with_clients(signer: &Signer) -> TestIdp {
    let idp = TestIdp::start().await;
    for method in AuthMethod::ALL {
        let client = Client {
            id: method.as_str().to_owned(),
            auth_method: method,
            keys: signer.client("x").keys,
            grant_types: vec![GrantType::ClientCredentials],
            scopes: signer.client("x").scopes,
            ..casper()
        };
        idp.register(&client).await;
    }
    idp
}

/// What a request presents: in the header, and in fields of the form.
struct Presented {
    what: &'static str,
    header: Option<String>,
    fields: Vec<(&'static str, String)>,
}

/// Every way to present oneself as a client: each method alone, and all pairs.
fn ways(idp: &TestIdp, signer: &Signer, client: &str, turn: usize) -> Vec<Presented> {
    let basic = Some(format!("Basic {}", STANDARD.encode(format!("{client}:{SECRET}"))));
    let secret = vec![("client_secret", SECRET.to_owned())];
    let jwt = |way: &str| {
        let jti = format!("{client} {turn} {way}");
        vec![
            ("client_assertion_type", ASSERTION_TYPE.to_owned()),
            ("client_assertion", signer.sign(&assertion(idp, client, &jti))),
        ]
    };
    let way = |what, header: &Option<String>, fields: Vec<(&'static str, String)>| Presented {
        what,
        header: header.clone(),
        fields: [vec![("client_id", client.to_owned())], fields].concat(),
    };
    vec![
        way("client_secret_basic", &basic, Vec::new()),
        way("client_secret_post", &None, secret.clone()),
        way("private_key_jwt", &None, jwt("alone")),
        way("none", &None, Vec::new()),
        way("basic and post", &basic, secret.clone()),
        way("basic and assertion", &basic, jwt("basic")),
        way("post and assertion", &None, [secret.clone(), jwt("post")].concat()),
        way("all three", &basic, [secret, jwt("all")].concat()),
        way("an empty secret", &None, vec![("client_secret", String::new())]),
        way("a wrong secret", &None, vec![("client_secret", format!("{SECRET}x"))]),
        way("an empty assertion", &None, vec![("client_assertion", String::new())]),
        way("a type alone", &None, vec![("client_assertion_type", ASSERTION_TYPE.to_owned())]),
    ]
}

async fn present(idp: &TestIdp, path: &str, presented: &Presented) -> Reply {
    let mut fields: Vec<(&str, &str)> =
        vec![("grant_type", "client_credentials"), ("token", "x"), ("response_type", "code")];
    fields.extend(presented.fields.iter().map(|(name, value)| (*name, value.as_str())));
    let mut request = TestIdp::form_request(path, &fields);
    if let Some(header) = &presented.header {
        request.headers_mut().insert("authorization", header.parse().unwrap());
    }
    idp.send(request).await
}

/// Every method × every registration × every endpoint: only the registered one is taken, and no two at once.
#[tokio::test]
async fn security_29_exactly_the_registered_method_and_no_other_is_taken_everywhere() {
    let signer = Signer::new(Algorithm::Es256);
    let idp = idp_with_clients(&signer).await;
    for (turn, path) in ENDPOINTS.into_iter().enumerate() {
        for method in AuthMethod::ALL {
            let client = method.as_str();
            for presented in ways(&idp, &signer, client, turn) {
                let reply = present(&idp, path, &presented).await;
                let refused = reply.status == StatusCode::UNAUTHORIZED;
                // An empty parameter counts as absent (RFC 6749 3.1), so for a public client it is no second method.
                let is_absent = matches!(presented.what, "an empty secret" | "an empty assertion");
                let is_its_own =
                    presented.what == client || (method == AuthMethod::None && is_absent);
                let may_ask = path != "/oauth2/introspect" || method != AuthMethod::None;
                let what = format!("{path}: {client} by {}", presented.what);
                assert_eq!(refused, !(is_its_own && may_ask), "{what}: {}", reply.body);
                if refused {
                    assert_eq!(reply.error(), "invalid_client", "{what}");
                    let challenge = reply.headers["www-authenticate"].to_str().unwrap();
                    assert!(challenge.starts_with("Basic "), "{what}");
                }
            }
        }
    }
}

/// security.md 30.
#[tokio::test]
async fn rfc6749_2_3_1_loose_basic_credentials_are_refused() {
    let idp = TestIdp::start().await;
    let good = STANDARD.encode(format!("robot:{SECRET}"));
    let encoded = |text: &[u8]| format!("Basic {}", STANDARD.encode(text));
    for header in [
        format!("Basic {good} "),
        format!("Basic  {good}"),
        format!("Basic {good}="),
        format!("Basic\t{good}"),
        format!("Basic {}", &good[..good.len() - 1]),
        format!("Basic {good}%3D"),
        format!("Basic {}", base64::engine::general_purpose::URL_SAFE.encode("robot:\u{ff}?~")),
        encoded(format!("robot:{SECRET}%zz").as_bytes()),
        encoded(format!("robot:{SECRET}%").as_bytes()),
        encoded(format!("robot::{SECRET}").as_bytes()),
        encoded(format!(" robot:{SECRET}").as_bytes()),
        encoded(format!("robot:{SECRET}\n").as_bytes()),
        encoded(format!("robot%00:{SECRET}").as_bytes()),
        encoded(b"robot:\xff\xfe"),
        encoded(b"robot:"),
        encoded(b"robot"),
        encoded(b":"),
        encoded(b""),
        "Basic".to_owned(),
    ] {
        let mut request = TestIdp::token_request("robot", &[("grant_type", "client_credentials")]);
        request.headers_mut().insert("authorization", header.parse().unwrap());
        let reply = idp.send(request).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{header:?}");
        assert_eq!(reply.error(), "invalid_client", "{header:?}");
    }
    let mut twice = TestIdp::token_request("robot", &[("grant_type", "client_credentials")]);
    let header = twice.headers()["authorization"].clone();
    twice.headers_mut().append("authorization", header);
    assert_eq!(idp.send(twice).await.error(), "invalid_client", "two headers");
}

/// security.md 31: a secret is replaced without a moment in which none is good, and the old one ends by itself.
#[tokio::test]
async fn security_31_two_secrets_are_good_during_a_rotation_and_then_one() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let now = idp.app.now().millis();
        let secret = |text: &str| Secret::from_presented(text).digest();
        let rotating = Client {
            id: "rotating".to_owned(),
            auth_method: AuthMethod::ClientSecretPost,
            secrets: vec![
                ClientSecret { digest: secret("old"), expires_at: Some(now + 60_000) },
                ClientSecret::lasting(secret("new")),
            ],
            grant_types: vec![GrantType::ClientCredentials],
            ..Client::new("rotating", "Rotating")
        };
        idp.register(&rotating).await;
        let node = idp.another_node().await;
        let is_good = async |text: &str| {
            let fields = [("client_id", "rotating"), ("client_secret", text), ("token", "x")];
            let reply = node.send(TestIdp::form_request("/oauth2/introspect", &fields)).await;
            reply.status == StatusCode::OK
        };
        assert!(is_good("old").await && is_good("new").await && !is_good("other").await);
        idp.advance(60);
        assert!(!is_good("old").await && is_good("new").await);
    }
}

/// security.md 31: no answer of a running portal and no stored byte holds a secret.
#[tokio::test]
async fn security_31_a_secret_is_stored_as_its_digest_only() {
    let idp = TestIdp::start().await;
    let tokens = idp.tokens_of_anna().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let code = browser.code().await;
    let bytes = idp.stored_bytes();
    assert!(bytes.len() > 100_000, "the database was read");
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("casper"), "and it can be searched");
    let cookie = browser.cookies["idp_session"].as_str();
    for secret in [SECRET, &tokens.refresh, &tokens.access, &tokens.id, &code, cookie] {
        assert!(!holds(secret), "{}…", &secret[..6]);
    }
}

/// security.md 36: what is not on a client's lists is not there for it.
#[tokio::test]
async fn security_36_grants_scopes_and_response_modes_are_lists_of_what_is_allowed() {
    let idp = TestIdp::start().await;
    idp.register(&Client { grant_types: Vec::new(), id: "none".to_owned(), ..casper() }).await;
    let modes = Vec::new();
    idp.register(&Client { response_modes: modes, id: "silent".to_owned(), ..casper() }).await;
    for (client, grant_type, expected) in [
        ("casper", "client_credentials", "unauthorized_client"),
        ("casper", "password", "unsupported_grant_type"),
        ("casper", "urn:ietf:params:oauth:grant-type:jwt-bearer", "unsupported_grant_type"),
        ("casper", "urn:ietf:params:oauth:grant-type:device_code", "unsupported_grant_type"),
        ("casper", "urn:ietf:params:oauth:grant-type:token-exchange", "unsupported_grant_type"),
        ("robot", "authorization_code", "unauthorized_client"),
        ("robot", "refresh_token", "unauthorized_client"),
        ("none", "client_credentials", "unauthorized_client"),
        ("none", "authorization_code", "unauthorized_client"),
        ("none", "refresh_token", "unauthorized_client"),
    ] {
        let fields = [
            ("grant_type", grant_type),
            ("code", "x"),
            ("redirect_uri", "x"),
            ("code_verifier", "x"),
            ("refresh_token", "x"),
        ];
        let reply = idp.token(client, &fields).await;
        let found = (reply.status, reply.error());
        assert_eq!(found, (StatusCode::BAD_REQUEST, expected.to_owned()), "{client} {grant_type}");
    }
    let mut browser = idp.signed_in(idp.world.anna).await;
    for (client, mode) in [("silent", "query"), ("silent", "form_post"), ("casper", "fragment")] {
        let changes = [("client_id", Some(client)), ("response_mode", Some(mode))];
        let reply = browser.get(&authorize(&changes)).await;
        assert!(!reply.body.contains("name=\"code\""), "{client} {mode}");
        let location = reply.headers.get("location").map(|value| value.to_str().unwrap());
        assert!(!location.unwrap_or_default().contains("code="), "{client} {mode}");
    }
    for (scope, error) in [
        ("reports.read", None),
        ("openid", Some("invalid_scope")),
        ("admin", Some("invalid_scope")),
    ] {
        let fields = [("grant_type", "client_credentials"), ("scope", scope)];
        let reply = idp.token("robot", &fields).await.json();
        assert_eq!(reply["error"].as_str(), error, "{scope}");
    }
}

/// security.md 23: the machine endpoints take their method and their form, and never credentials in the address.
#[tokio::test]
async fn security_23_machine_endpoints_take_only_a_posted_form_and_say_so_in_json() {
    let idp = TestIdp::start().await;
    for path in ENDPOINTS {
        for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            let reply = idp.send(request).await;
            assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert_eq!(reply.headers["allow"], "POST", "{method} {path}");
            if method != "HEAD" {
                assert_eq!(reply.error(), "invalid_request", "{method} {path}");
                assert_eq!(reply.headers["content-type"], "application/json");
            }
        }
        let good = [("grant_type", "client_credentials"), ("token", "x")];
        for change in ["query", "json", "multipart", "none"] {
            let uri =
                if change == "query" { format!("{path}?client_id=robot") } else { path.into() };
            let mut request = TestIdp::basic_request(&uri, "robot", &good);
            let kind = match change {
                "json" => Some("application/json"),
                "multipart" => Some("multipart/form-data; boundary=x"),
                "none" => None,
                _ => Some("application/x-www-form-urlencoded"),
            };
            request.headers_mut().remove("content-type");
            if let Some(kind) = kind {
                request.headers_mut().insert("content-type", kind.parse().unwrap());
            }
            let reply = idp.send(request).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{change} {path}");
            assert_eq!(reply.error(), "invalid_request", "{change} {path}");
            assert!(reply.headers["cache-control"].to_str().unwrap().contains("no-store"));
        }
    }
}
