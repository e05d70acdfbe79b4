//! Dynamic registration and its management (RFC 7591, RFC 7592; security.md 31, 33, 35).

use axum::{
    Router,
    body::Body,
    http::{
        Method, Request,
        header::{AUTHORIZATION, CONTENT_TYPE},
    },
    routing::get,
};
use idp::{
    administration::Administration,
    cli::client::{self, Client as CliClient},
    config::Outbound,
};
use oidc_core::{
    client::ClientSecret,
    secret::{Secret, SecretKind},
};
use portal_core::{audit::Origin, permission::Actor};
use serde_json::{Value, json};

use crate::harness::*;

const REGISTER: &str = "/oauth2/register";

/// Stores a permission for so many clients of CASPER, for an hour.
async fn permission(idp: &TestIdp, uses: i32) -> String {
    let app = &idp.app;
    let token = Secret::from_entropy(SecretKind::InitialAccessToken, app.entropy.bytes());
    let application = app.store.find_application("CASPER").await.unwrap().unwrap();
    let tx = app.store.begin().await.unwrap();
    let end = app.now().plus_seconds(3600);
    tx.insert_initial_access_token(&token.digest(), (&application, true), (uses, end), app.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    token.expose().to_owned()
}

fn metadata() -> Value {
    json!({ "redirect_uris": ["https://new.example/cb"], "client_name": "New reports" })
}

async fn call(
    idp: &TestIdp,
    (method, path): (Method, &str),
    token: Option<&str>,
    body: Option<&Value>,
) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    if body.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    idp.send(request.body(body).unwrap()).await
}

async fn register(idp: &TestIdp, token: &str, body: &Value) -> Reply {
    call(idp, (Method::POST, REGISTER), Some(token), Some(body)).await
}

/// A client that has just registered: the whole answer.
async fn registered(idp: &TestIdp, body: &Value) -> Value {
    let token = permission(idp, 1).await;
    let reply = register(idp, &token, body).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    reply.json()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

/// The address and the token that manage a client.
fn management(client: &Value) -> (String, String) {
    let address = text(client, "registration_client_uri").strip_prefix(ISSUER).unwrap();
    (address.to_owned(), text(client, "registration_access_token").to_owned())
}

#[tokio::test]
async fn rfc7591_3_2_1_a_client_registers_and_signs_a_person_in() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let client = registered(&idp, &metadata()).await;
        assert_eq!(client["client_secret_expires_at"], 0);
        assert_eq!(client["client_id_issued_at"], START.millis() / 1000);
        assert_eq!(client["client_name"], "New reports");
        assert!(text(&client, "client_secret").len() >= 40);

        let (id, uri) = (text(&client, "client_id"), "https://new.example/cb");
        let mut browser = idp.signed_in(idp.world.anna).await;
        let address = authorize(&[("client_id", Some(id)), ("redirect_uri", Some(uri))]);
        // Nobody vouches for it, so the person is asked before anything leaves.
        let reply = browser.get(&address).await;
        assert!(!reply.headers.contains_key("location") || !reply.location().contains("code="));
    }
}

#[tokio::test]
async fn security_35_nobody_registers_without_permission() {
    let idp = TestIdp::start().await;
    let other = Secret::from_entropy(SecretKind::InitialAccessToken, [7; 32]);
    let manager = Secret::from_entropy(SecretKind::RegistrationAccessToken, [7; 32]);
    let none = call(&idp, (Method::POST, REGISTER), None, Some(&metadata())).await;
    assert_eq!(none.status, 401);
    assert!(none.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
    for wrong in [other.expose(), manager.expose(), "x", ""] {
        let reply = register(&idp, wrong, &metadata()).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["error"]), (401, &json!("invalid_token")));
    }
    let clients = idp.app.store.list_clients().await.unwrap();
    assert!(clients.iter().all(|client| !client.id.starts_with("cl_")));
}

#[tokio::test]
async fn a_permission_ends_by_use_and_by_time_and_a_refused_registration_costs_no_use() {
    let idp = TestIdp::start().await;
    let token = permission(&idp, 2).await;
    let bad = json!({ "redirect_uris": ["http://new.example/"] });
    let refused = register(&idp, &token, &bad).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["error"], "invalid_redirect_uri");
    assert_eq!(refused.headers["cache-control"], "no-store");
    for expected in [201, 201, 401] {
        assert_eq!(register(&idp, &token, &metadata()).await.status, expected);
    }
    let late = permission(&idp, 2).await;
    idp.advance(3600);
    assert_eq!(register(&idp, &late, &metadata()).await.status, 401);
}

#[tokio::test]
async fn of_many_registrations_at_once_only_the_permitted_number_succeeds() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let token = permission(&idp, 3).await;
        let metadata = metadata();
        let tries = (0..16).map(|_| register(&idp, &token, &metadata));
        let replies = futures_util::future::join_all(tries).await;
        let count = |status: u16| replies.iter().filter(|r| r.status == status).count();
        assert_eq!((count(201), count(401)), (3, 13), "{backend:?}");
    }
}

#[tokio::test]
async fn security_33_a_key_set_that_cannot_be_used_is_refused() {
    let idp = TestIdp::start().await;
    let token = permission(&idp, 9).await;
    for keys in [
        json!({ "keys": [] }),
        json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] }),
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }] }),
        json!([]),
        json!("x"),
    ] {
        let body = json!({ "redirect_uris": ["https://new.example/cb"], "jwks": keys,
            "token_endpoint_auth_method": "private_key_jwt" });
        let reply = register(&idp, &token, &body).await;
        let found = (reply.status.as_u16(), reply.json()["error"].clone());
        assert_eq!(found, (400, json!("invalid_client_metadata")), "{keys}");
    }
}

#[tokio::test]
async fn security_34_addresses_that_the_provider_would_have_to_call_are_checked() {
    let idp = TestIdp::start().await;
    let token = permission(&idp, 9).await;
    for uri in [
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://0x7f000001/x",
        "https://2130706433/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://[::ffff:10.0.0.1]/x",
    ] {
        for name in ["jwks_uri", "backchannel_logout_uri", "sector_identifier_uri"] {
            let mut body = metadata();
            body[name] = json!(uri);
            let reply = register(&idp, &token, &body).await;
            assert_eq!(reply.status, 400, "{name} {uri}: {}", reply.body);
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let idp = TestIdp::start().await;
    let token = permission(&idp, 9).await;
    for (kind, body) in [
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/x-www-form-urlencoded", "redirect_uris=https%3A%2F%2Fnew.example%2Fcb"),
        ("text/plain", r#"{"redirect_uris":["https://new.example/cb"]}"#),
    ] {
        let request = Request::post(REGISTER)
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(CONTENT_TYPE, kind)
            .body(Body::from(body))
            .unwrap();
        assert_eq!(idp.send(request).await.status, 400, "{kind} {body}");
    }
    assert_eq!(register(&idp, &token, &metadata()).await.status, 201);
}

#[tokio::test]
async fn rfc7592_2_1_a_client_reads_its_registration_and_no_secret_comes_back() {
    let idp = TestIdp::start().await;
    let client = registered(&idp, &metadata()).await;
    let (address, token) = management(&client);
    let reply = call(&idp, (Method::GET, &address), Some(&token), None).await;
    assert_eq!(reply.status, 200);
    let mut expected = client.clone();
    expected.as_object_mut().unwrap().remove("client_secret");
    assert_eq!(reply.json(), expected);
    assert_eq!(reply.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn rfc7592_2_1_a_token_manages_its_own_client_only() {
    let idp = TestIdp::start().await;
    let (mine, theirs) = (registered(&idp, &metadata()).await, registered(&idp, &metadata()).await);
    let (address, _) = management(&mine);
    let (_, foreign) = management(&theirs);
    let spent = permission(&idp, 1).await;
    let mut body = metadata();
    body["client_id"] = mine["client_id"].clone();
    for token in [Some(foreign.as_str()), Some(spent.as_str()), Some("ra_x"), None] {
        for (method, body) in
            [(Method::GET, None), (Method::PUT, Some(&body)), (Method::DELETE, None)]
        {
            let reply = call(&idp, (method.clone(), &address), token, body).await;
            assert_eq!(reply.status, 401, "{method} {token:?}");
        }
    }
    let (_, token) = management(&mine);
    let unknown = format!("{REGISTER}/cl_unknown");
    assert_eq!(call(&idp, (Method::GET, &unknown), Some(&token), None).await.status, 401);
    let casper = format!("{REGISTER}/casper");
    assert_eq!(call(&idp, (Method::GET, &casper), Some(&token), None).await.status, 401);
    assert_eq!(call(&idp, (Method::GET, &address), Some(&token), None).await.status, 200);
}

#[tokio::test]
async fn rfc7592_2_2_an_update_replaces_everything_and_must_name_its_client() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let client = registered(&idp, &metadata()).await;
        let (address, token) = management(&client);
        let put = async |body: Value| {
            call(&idp, (Method::PUT, address.as_str()), Some(&token), Some(&body)).await
        };
        let uris = json!(["https://new.example/other"]);
        for wrong in [
            json!({ "redirect_uris": uris }),
            json!({ "redirect_uris": uris, "client_id": "casper" }),
            json!({ "redirect_uris": uris, "client_id": client["client_id"], "client_secret": "x" }),
            json!({ "redirect_uris": ["http://evil.example/"], "client_id": client["client_id"] }),
        ] {
            assert_eq!(put(wrong.clone()).await.status, 400, "{wrong}");
        }
        let same_secret = json!({ "redirect_uris": uris, "client_id": client["client_id"],
            "client_secret": client["client_secret"], "grant_types": ["authorization_code", "refresh_token"] });
        let updated = put(same_secret).await;
        assert_eq!(updated.status, 200, "{}", updated.body);
        let updated = updated.json();
        assert_eq!(updated["redirect_uris"], uris);
        assert_eq!(updated["client_name"], "new.example", "what is not sent is gone");
        assert_eq!(updated.get("client_secret"), None, "the secret stays as it is");
        let stored = idp.app.store.find_client(text(&client, "client_id")).await.unwrap().unwrap();
        assert_eq!(stored.redirect_uris, ["https://new.example/other"]);
        let secret = Secret::from_presented(text(&client, "client_secret"));
        assert_eq!(stored.secrets, [ClientSecret::lasting(secret.digest())]);
        assert!(!stored.first_party);
    }
}

#[tokio::test]
async fn rfc7592_2_3_a_deleted_client_is_out_of_service_and_stays_so() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let client = registered(&idp, &metadata()).await;
        let (address, token) = management(&client);
        let mut body = metadata();
        body["client_id"] = client["client_id"].clone();
        let (delete, put) = tokio::join!(
            call(&idp, (Method::DELETE, &address), Some(&token), None),
            call(&idp, (Method::PUT, &address), Some(&token), Some(&body)),
        );
        assert_eq!((delete.status.as_u16(), delete.body.as_str()), (204, ""));
        assert!(matches!(put.status.as_u16(), 200 | 401), "{}", put.body);
        for method in [Method::GET, Method::DELETE] {
            let reply = call(&idp, (method, &address), Some(&token), None).await;
            assert_eq!(reply.status, 401);
        }
        let id = text(&client, "client_id");
        assert!(!idp.app.store.find_client(id).await.unwrap().unwrap().enabled);
        let mut browser = idp.signed_in(idp.world.anna).await;
        let uri = "https://new.example/cb";
        let asked = authorize(&[("client_id", Some(id)), ("redirect_uri", Some(uri))]);
        assert_eq!(browser.get(&asked).await.status, 400);
    }
}

#[tokio::test]
async fn a_tile_never_starts_a_client_that_nobody_vouches_for() {
    let idp = TestIdp::start().await;
    let mut body = metadata();
    body["initiate_login_uri"] = json!("https://aaa.example/login");
    registered(&idp, &body).await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let page = browser.get("/apps").await;
    assert!(page.body.contains("https://rp.example/login"));
    assert!(!page.body.contains("https://aaa.example/login"));
}

#[tokio::test]
async fn oidc_registration_5_the_sector_document_must_name_every_redirect_uri() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let sector = format!("http://{}/sector", listener.local_addr().unwrap());
    let named = axum::Json(json!(["https://new.example/cb", "https://two.example/cb"]));
    let document = Router::new().route("/sector", get(async move || named.clone()));
    let server = tokio::spawn(async move { axum::serve(listener, document).await });
    let outbound = Outbound {
        allowed_networks: vec!["127.0.0.0/8".parse().unwrap()],
        allow_http_to: vec!["127.0.0.1".to_owned()],
        ..Outbound::default()
    };
    let idp = TestIdp::start_calling(Backend::Sqlite, outbound).await;
    let token = permission(&idp, 9).await;
    let with = |uris: &[&str], sector: &str| json!({ "redirect_uris": uris, "subject_type": "pairwise", "sector_identifier_uri": sector });
    let both = ["https://new.example/cb", "https://two.example/cb"];
    let reply = register(&idp, &token, &with(&both, &sector)).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    assert_eq!(reply.json()["subject_type"], "pairwise");
    assert_eq!(reply.json()["sector_identifier_uri"], sector);
    let missing = sector.replace("/sector", "/missing");
    for (uris, sector) in [
        (&["https://new.example/cb", "https://evil.example/cb"][..], &sector),
        (&both[..], &missing),
    ] {
        let reply = register(&idp, &token, &with(uris, sector)).await;
        assert_eq!(reply.status, 400, "{uris:?} {sector}");
        assert_eq!(reply.json()["error"], "invalid_client_metadata");
    }
    server.abort();
}

#[tokio::test]
async fn the_command_line_issues_a_permit_and_takes_a_client_out_of_service() {
    let idp = TestIdp::start().await;
    let app = &idp.app;
    let setup = Administration {
        store: &app.store,
        actor: &Actor::Setup,
        now: app.now(),
        origin: Origin::default(),
    };
    let run = async |command: CliClient| {
        client::run(&command, &setup, app.entropy.as_ref()).await.map(|lines| lines.join("\n"))
    };
    let allow = |application: &str| CliClient::AllowRegistration {
        application: application.to_owned(),
        uses: 1,
        hours: 1,
        without_pkce: true,
    };
    assert!(run(allow("NOWHERE")).await.is_err());
    let token = run(allow("CASPER")).await.unwrap();
    let client = register(&idp, &token, &metadata()).await.json();
    let id = text(&client, "client_id").to_owned();
    assert!(!app.store.find_client(&id).await.unwrap().unwrap().policy.require_pkce);
    assert!(run(CliClient::List).await.unwrap().contains(&id));
    assert!(run(CliClient::Disable { id: id.clone() }).await.is_ok());
    assert!(run(CliClient::Disable { id: id.clone() }).await.is_err());
    assert!(!app.store.find_client(&id).await.unwrap().unwrap().enabled);
    let (address, token) = management(&client);
    assert_eq!(call(&idp, (Method::GET, &address), Some(&token), None).await.status, 401);
    let (fault, entries) = app.store.verify_audit().await.unwrap();
    assert!(fault.is_none() && entries > 0);
}
