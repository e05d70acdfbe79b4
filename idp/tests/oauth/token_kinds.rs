//! Every kind of token at every endpoint that takes one: all but the right ones refuse it, and a refusal uses nothing
//! up (security.md 26, 39, 44).

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use keys::Algorithm;
use oidc_core::{
    client::{Client, SigningAlg},
    secret::{Secret, SecretKind},
};
use serde_json::{Value, json};

use crate::harness::{
    Backend, CHALLENGE, ISSUER, REDIRECT_URI, Reply, Signer, TestIdp, Tokens, assertion, authorize,
    casper, redemption, token_part,
};

const API: &str = "https://api.example/v1";

/// Where a token can be presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Userinfo,
    Introspection,
    Code,
    RefreshToken,
    Assertion,
    HintAtAuthorize,
    HintAtLogout,
    RequestUri,
    Session,
    Registration,
    RegisteredClient,
}

use Place::*;

/// Those that use nothing up come first: what is good at several places is tried at each.
const PLACES: [Place; 11] = [
    Userinfo,
    Introspection,
    HintAtAuthorize,
    HintAtLogout,
    Session,
    RegisteredClient,
    RequestUri,
    Code,
    RefreshToken,
    Assertion,
    Registration,
];

/// A token and where it is good.
struct Kind {
    what: &'static str,
    token: String,
    good_at: &'static [Place],
}

async fn tokens(idp: &TestIdp, client: &str, changes: &[(&str, Option<&str>)]) -> Tokens {
    let mut browser = idp.signed_in(idp.world.anna).await;
    let changes = [&[("client_id", Some(client))], changes].concat();
    let code = browser.get(&authorize(&changes)).await.parameter("code").unwrap();
    Tokens::of(&idp.token(client, &redemption(&code)).await.json())
}

async fn initial_access_token(idp: &TestIdp) -> String {
    let app = &idp.app;
    let token = Secret::from_entropy(SecretKind::InitialAccessToken, app.entropy.bytes());
    let application = app.store.find_application("CASPER").await.unwrap().unwrap();
    let tx = app.store.begin().await.unwrap();
    let end = app.now().plus_seconds(3600);
    let granted = (&application, true);
    tx.insert_initial_access_token(&token.digest(), granted, (1, end), app.now()).await.unwrap();
    tx.commit().await.unwrap();
    token.expose().to_owned()
}

async fn register(idp: &TestIdp, token: &str) -> Reply {
    let metadata = json!({ "redirect_uris": ["https://new.example/cb"], "client_name": "New" });
    let request = Request::post("/oauth2/register")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from(metadata.to_string()));
    idp.send(request.unwrap()).await
}

async fn request_uri(idp: &TestIdp) -> String {
    let fields = [
        ("client_id", "casper"),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let pushed = idp.send(TestIdp::basic_request("/oauth2/par", "casper", &fields)).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
    pushed.json()["request_uri"].as_str().unwrap().to_owned()
}

/// What the provider signs for other readers than itself.
async fn signed_for_others(idp: &TestIdp, own: &Tokens) -> [Kind; 2] {
    let now = idp.app.now().millis();
    let id_token = token_part(&json!(own.id), 1);
    let logout = json!({
        "iss": ISSUER, "aud": "casper", "sub": id_token["sub"], "sid": id_token["sid"],
        "iat": now / 1000, "exp": now / 1000 + 120, "jti": "l-1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    let logout = idp.app.keys.sign(Algorithm::Es256, "logout+jwt", &logout, now).unwrap();
    let userinfo = idp.userinfo(&tokens(idp, "signed", &[]).await.access).await.body;
    [
        Kind { what: "logout token", token: logout, good_at: &[] },
        Kind { what: "signed userinfo", token: userinfo, good_at: &[] },
    ]
}

/// Every kind, fresh, each from a sign-in of its own.
async fn kinds(idp: &TestIdp, signer: &Signer) -> Vec<Kind> {
    let kind = |what, token: String, good_at| Kind { what, token, good_at };
    let own = tokens(idp, "casper", &[]).await;
    let foreign_claims = token_part(&json!(own.access), 1);
    let resource = tokens(idp, "phone", &[("resource", Some(API))]).await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let registered = register(idp, &initial_access_token(idp).await).await.json();
    let registration = registered["registration_access_token"].as_str().unwrap().to_owned();
    let pending = idp.browser().get(&authorize(&[])).await.parameter("request").unwrap();
    let mut all = vec![
        kind("access token", own.access.clone(), &[Userinfo, Introspection]),
        kind("access token of another", tokens(idp, "twin", &[]).await.access, &[Userinfo]),
        kind("token for a resource", resource.access, &[]),
        kind("token of a robot", idp.token_of_robot().await, &[]),
        kind("ID token", own.id.clone(), &[HintAtAuthorize, HintAtLogout]),
        kind("refresh token", own.refresh.clone(), &[Introspection, RefreshToken]),
        kind("code", browser.code().await, &[Code]),
        kind("session cookie", browser.cookies["idp_session"].clone(), &[Session]),
        kind("browser cookie", browser.cookies["idp_browser"].clone(), &[]),
        kind("pending request", pending, &[]),
        kind("request_uri", request_uri(idp).await, &[RequestUri]),
        kind("client assertion", signer.sign(&assertion(idp, "cj", "j-1")), &[Assertion]),
        kind("initial access token", initial_access_token(idp).await, &[Registration]),
        kind("registration access token", registration, &[]),
        kind("foreign issuer", signer.sign_as("at+jwt", &foreign_claims), &[]),
        kind("empty", String::new(), &[]),
    ];
    all.extend(signed_for_others(idp, &own).await);
    all
}

fn sends_code(reply: &Reply) -> bool {
    let location = reply.headers.get("location").map(|value| value.to_str().unwrap());
    location.is_some_and(|location| location.contains("code=ac_"))
}

async fn is_taken(idp: &TestIdp, place: Place, token: &str) -> bool {
    let mut browser = idp.signed_in(idp.world.anna).await;
    let silent = [("prompt", Some("none")), ("id_token_hint", Some(token))];
    match place {
        Userinfo => idp.userinfo(token).await.status == StatusCode::OK,
        Introspection => idp.introspect("casper", token).await.json()["active"] == true,
        Code => idp.redeem(token).await.status == StatusCode::OK,
        RefreshToken => idp.refresh(token).await.status == StatusCode::OK,
        Assertion => idp.token_by_assertion(token).await.status == StatusCode::OK,
        HintAtAuthorize => !token.is_empty() && sends_code(&browser.get(&authorize(&silent)).await),
        HintAtLogout => {
            let reply = browser.get(&format!("/oauth2/logout?id_token_hint={token}")).await;
            // A hint of another session is taken and leads to a question; it is refused with an error page.
            !token.is_empty() && reply.status == StatusCode::OK
        }
        RequestUri => {
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs([("client_id", "casper"), ("request_uri", token)])
                .finish();
            sends_code(&browser.get(&format!("/oauth2/authorize?{query}")).await)
        }
        Session => {
            let request = Request::get("/profile").header("cookie", format!("idp_session={token}"));
            idp.send(request.body(Body::empty()).unwrap()).await.status == StatusCode::OK
        }
        Registration => register(idp, token).await.status == StatusCode::CREATED,
        RegisteredClient => {
            let request = Request::get("/oauth2/register/casper")
                .header("authorization", format!("Bearer {token}"));
            idp.send(request.body(Body::empty()).unwrap()).await.status == StatusCode::OK
        }
    }
}

/// security.md 26, 39, 44: first every wrong place, then every right one; that the right ones still take it proves that
/// the wrong ones used nothing up.
#[tokio::test]
async fn each_kind_of_token_is_good_at_its_places_only_and_nothing_else_uses_it_up() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let signer = Signer::new(Algorithm::Es256);
        idp.register(&signer.client("cj")).await;
        let resources = vec![API.to_owned()];
        idp.register(&Client { id: "phone".to_owned(), resources, ..casper() }).await;
        let userinfo_alg = Some(SigningAlg::Es256);
        idp.register(&Client { id: "signed".to_owned(), userinfo_alg, ..casper() }).await;

        for Kind { what, token, good_at } in kinds(&idp, &signer).await {
            for place in PLACES.into_iter().filter(|place| !good_at.contains(place)) {
                assert!(!is_taken(&idp, place, &token).await, "{backend:?}: {what} at {place:?}");
            }
            // Revocation answers alike whatever it gets; another client's word changes nothing either.
            assert_eq!(idp.revoke("robot", &format!("{token}x")).await.status, StatusCode::OK);
            for place in PLACES.into_iter().filter(|place| good_at.contains(place)) {
                assert!(is_taken(&idp, place, &token).await, "{backend:?}: {what} at {place:?}");
            }
        }
    }
}

/// security.md 26, 40: an access token that is over, and one whose audience is a resource server.
#[tokio::test]
async fn an_access_token_that_is_over_is_good_nowhere() {
    let idp = TestIdp::start().await;
    let own = tokens(&idp, "casper", &[]).await;
    assert!(is_taken(&idp, Userinfo, &own.access).await);
    idp.advance(606);
    for place in PLACES {
        assert!(!is_taken(&idp, place, &own.access).await, "{place:?}");
    }
}

/// security.md 40, 41: what each token says of itself.
#[tokio::test]
async fn security_40_41_an_access_token_is_for_one_resource_and_an_id_token_for_one_client() {
    let idp = TestIdp::start().await;
    let resources = vec![API.to_owned()];
    idp.register(&Client { id: "phone".to_owned(), resources, ..casper() }).await;
    let now = idp.app.now().millis() / 1000;
    for (client, changes, audience) in
        [("casper", &[][..], "casper"), ("phone", &[("resource", Some(API))][..], API)]
    {
        let found = tokens(&idp, client, changes).await;
        let (access, id) = (json!(found.access), json!(found.id));
        assert_eq!(token_part(&access, 0)["typ"], "at+jwt");
        assert_eq!(token_part(&id, 0)["typ"], "JWT");
        let (access, id) = (token_part(&access, 1), token_part(&id, 1));
        assert_eq!((&access["aud"], &id["aud"]), (&json!(audience), &json!(client)));
        for claims in [&access, &id] {
            assert_eq!(claims["iss"], ISSUER);
            assert_eq!(claims["iat"], now);
            assert_eq!(claims["exp"], now + 600);
            assert_eq!(claims["auth_time"], now);
        }
        assert_eq!(access["client_id"], client);
        assert!(access["jti"].as_str().unwrap().len() >= 43);
        assert_eq!(id["nonce"], "no-1");
        assert_eq!(id["amr"], json!(["pwd", "otp", "sms", "mfa"]));
        for absent in ["email", "phone_number", "sid"] {
            assert_eq!(access.get(absent), None::<&Value>, "{absent}");
        }
    }
}

/// security.md 17: each of client, address and verifier is checked by itself, and no wrong try burns the code.
#[tokio::test]
async fn security_17_of_all_combinations_of_right_and_wrong_only_all_right_redeems() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let code = browser.code().await;
    let wrong_verifier = "x".repeat(43);
    for combination in 1..8 {
        let is_wrong = |bit: u8| combination & (1 << bit) != 0;
        let client = if is_wrong(0) { "twin" } else { "casper" };
        let mut fields = redemption(&code);
        if is_wrong(1) {
            fields[2].1 = "https://rp.example/other";
        }
        if is_wrong(2) {
            fields[3].1 = &wrong_verifier;
        }
        let reply = idp.token(client, &fields).await;
        assert_eq!(reply.error(), "invalid_grant", "{combination:03b}");
    }
    for verifier in [&wrong_verifier[..42], &"x".repeat(129), &format!("{}=", "x".repeat(42)), ""] {
        let mut fields = redemption(&code);
        fields[3].1 = verifier;
        assert_eq!(idp.redeem_with(&fields).await.error(), "invalid_grant", "{verifier:?}");
    }
    assert_eq!(idp.redeem(&code).await.status, StatusCode::OK);
}

impl TestIdp {
    async fn redeem_with(&self, fields: &[(&str, &str)]) -> Reply {
        self.token("casper", fields).await
    }
}
