//! Every kind of token at every place that takes one: each place takes its own kind and no other (security.md 26, 39,
//! 44; RFC 8725 3.11).

use axum::{
    body::Body,
    http::{
        Method, Request,
        header::{AUTHORIZATION, CONTENT_TYPE},
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use keys::Algorithm;
use oidc_core::{
    client::{Client, SigningAlg},
    secret::{Secret, SecretKind},
};
use serde_json::{Value, json};

use crate::harness::*;

/// What a place is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    AccessToken,
    ResourceToken,
    ClientToken,
    OtherProviderToken,
    IdToken,
    SignedUserinfo,
    LogoutToken,
    ClientAssertion,
    Code,
    RefreshToken,
    RequestUri,
    SessionCookie,
    InitialAccessToken,
    RegistrationAccessToken,
    ClientSecret,
}

/// Where something is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Userinfo,
    UserinfoForm,
    Introspection,
    CodeGrant,
    RefreshGrant,
    Assertion,
    BasicSecret,
    AuthorizeHint,
    LogoutHint,
    RequestUri,
    Registration,
    Management,
    Session,
}

const PLACES: [Place; 13] = [
    Place::Userinfo,
    Place::UserinfoForm,
    Place::Introspection,
    Place::CodeGrant,
    Place::RefreshGrant,
    Place::Assertion,
    Place::BasicSecret,
    Place::AuthorizeHint,
    Place::LogoutHint,
    Place::RequestUri,
    Place::Registration,
    Place::Management,
    Place::Session,
];

impl Place {
    /// The kinds that it takes.
    fn takes(self, kind: Kind) -> bool {
        let own: &[Kind] = match self {
            Self::Userinfo | Self::UserinfoForm => &[Kind::AccessToken],
            // A client may ask about whatever was issued to it.
            Self::Introspection => &[Kind::AccessToken, Kind::ResourceToken, Kind::RefreshToken],
            Self::CodeGrant => &[Kind::Code],
            Self::RefreshGrant => &[Kind::RefreshToken],
            Self::Assertion => &[Kind::ClientAssertion],
            Self::BasicSecret => &[Kind::ClientSecret],
            Self::AuthorizeHint | Self::LogoutHint => &[Kind::IdToken],
            Self::RequestUri => &[Kind::RequestUri],
            Self::Registration => &[Kind::InitialAccessToken],
            Self::Management => &[Kind::RegistrationAccessToken],
            Self::Session => &[Kind::SessionCookie],
        };
        own.contains(&kind)
    }
}

const RESOURCE: &str = "https://api.example/reports";

/// A portal with one of each kind.
struct Table {
    idp: TestIdp,
    given: Vec<(Kind, String)>,
    managed: String,
    signer: Signer,
}

impl Table {
    async fn lay() -> Self {
        let idp = TestIdp::start().await;
        let signer = Signer::new(Algorithm::Es256);
        idp.register(&signer.client("prover")).await;
        let reporter = Client {
            id: "reporter".to_owned(),
            resources: vec![RESOURCE.to_owned()],
            userinfo_alg: Some(SigningAlg::Es256),
            ..casper()
        };
        idp.register(&reporter).await;
        let (manager, managed) = registered(&idp).await;
        let mut table = Self { idp, given: Vec::new(), managed, signer };
        table.tokens_of_casper().await;
        table.tokens_of_others().await;
        table.tokens_that_we_sign().await;
        let uri = table.pushed().await;
        let permission = permission(&table.idp, 99).await;
        table.given.extend([
            (Kind::RequestUri, uri),
            (Kind::InitialAccessToken, permission),
            (Kind::RegistrationAccessToken, manager),
            (Kind::ClientSecret, SECRET.to_owned()),
        ]);
        table
    }

    async fn tokens_of_casper(&mut self) {
        let mut browser = self.idp.signed_in(self.idp.world.anna).await;
        let code = browser.code().await;
        let answer = self.idp.redeem(&browser.code().await).await.json();
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        self.given.extend([
            (Kind::Code, code),
            (Kind::AccessToken, text("access_token")),
            (Kind::IdToken, text("id_token")),
            (Kind::RefreshToken, text("refresh_token")),
            (Kind::SessionCookie, browser.cookies["idp_session"].clone()),
        ]);
    }

    /// A token for a resource server, userinfo as it is signed, a client's own token.
    async fn tokens_of_others(&mut self) {
        let mut browser = self.idp.signed_in(self.idp.world.anna).await;
        let asked = [("client_id", Some("reporter")), ("resource", Some(RESOURCE))];
        let code = browser.get(&authorize(&asked)).await.parameter("code").unwrap();
        let tokens = self.idp.token("reporter", &redemption(&code)).await.json();
        self.given.push((Kind::ResourceToken, tokens["access_token"].as_str().unwrap().to_owned()));
        let plain = browser.get(&authorize(&asked[..1])).await.parameter("code").unwrap();
        let tokens = self.idp.token("reporter", &redemption(&plain)).await.json();
        let userinfo = self.idp.userinfo(tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(userinfo.headers["content-type"], "application/jwt");
        self.given.push((Kind::SignedUserinfo, userinfo.body));
        let own = self.idp.token("robot", &[("grant_type", "client_credentials")]).await.json();
        self.given.push((Kind::ClientToken, own["access_token"].as_str().unwrap().to_owned()));
    }

    /// Tokens that carry our own signature, and are of another kind or of another issuer.
    async fn tokens_that_we_sign(&mut self) {
        let app = &self.idp.app;
        let now = app.now().millis();
        let sign =
            |typ: &str, claims: &Value| app.keys.sign(Algorithm::Es256, typ, claims, now).unwrap();
        let access_token = self.of(Kind::AccessToken);
        let mut foreign = token_part(&json!(access_token), 1);
        foreign["iss"] = json!("https://other.example");
        let logout = json!({ "iss": ISSUER, "aud": "casper", "sub": foreign["sub"], "sid": "x",
            "iat": now / 1000, "exp": now / 1000 + 60, "jti": "x",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} } });
        let assertion = self.signer.sign(&assertion(&self.idp, "prover", "cross"));
        let made = [
            (Kind::OtherProviderToken, sign("at+jwt", &foreign)),
            (Kind::LogoutToken, sign("logout+jwt", &logout)),
            (Kind::ClientAssertion, assertion),
        ];
        self.given.extend(made);
    }

    async fn pushed(&self) -> String {
        let address = authorize(&[]);
        let body = address.split_once('?').unwrap().1.to_owned();
        let credentials = STANDARD.encode(format!("casper:{SECRET}"));
        let request = Request::post("/oauth2/par")
            .header(AUTHORIZATION, format!("Basic {credentials}"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body));
        let reply = self.idp.send(request.unwrap()).await;
        reply.json()["request_uri"].as_str().unwrap().to_owned()
    }

    fn of(&self, kind: Kind) -> &str {
        &self.given.iter().find(|(known, _)| *known == kind).unwrap().1
    }

    /// Whether a place lets something in.
    async fn opens(&self, place: Place, given: &str) -> bool {
        let idp = &self.idp;
        let succeeded = |reply: Reply| {
            assert!(!reply.status.is_server_error(), "{place:?}: {}", reply.body);
            reply.status.is_success()
        };
        match place {
            Place::Userinfo => succeeded(self.bearer(Method::GET, "/oauth2/userinfo", given).await),
            Place::UserinfoForm => {
                let form = [("access_token", given)];
                succeeded(idp.send(TestIdp::form_request("/oauth2/userinfo", &form)).await)
            }
            Place::Introspection => {
                let reply = self.introspected(given).await;
                assert_eq!(reply.status, 200);
                let json = reply.json();
                assert!(json["active"] == true || json == json!({ "active": false }), "{json}");
                json["active"] == true
            }
            Place::CodeGrant => succeeded(idp.redeem(given).await),
            Place::RefreshGrant => succeeded(idp.refresh(given).await),
            Place::Assertion => succeeded(idp.token_by_assertion(given).await),
            Place::BasicSecret => succeeded(self.by_secret(given).await),
            Place::AuthorizeHint => {
                let mut browser = idp.signed_in(idp.world.anna).await;
                let asked = [("id_token_hint", Some(given)), ("prompt", Some("none"))];
                let reply = browser.get(&authorize(&asked)).await;
                reply.status == 303 && reply.parameter("code").is_some()
            }
            Place::LogoutHint => {
                let mut browser = idp.browser();
                let query = form(&[("id_token_hint", given)]);
                browser.get(&format!("/oauth2/logout?{query}")).await.status == 303
            }
            Place::RequestUri => {
                let mut browser = idp.signed_in(idp.world.anna).await;
                let query = form(&[("client_id", "casper"), ("request_uri", given)]);
                let reply = browser.get(&format!("/oauth2/authorize?{query}")).await;
                reply.status == 303 && reply.parameter("code").is_some()
            }
            Place::Registration => {
                let body = json!({ "redirect_uris": ["https://new.example/cb"] });
                succeeded(self.json_call("/oauth2/register", given, &body).await)
            }
            Place::Management => succeeded(self.bearer(Method::GET, &self.managed, given).await),
            Place::Session => {
                let mut browser = idp.browser();
                browser.cookies.insert("idp_session".to_owned(), given.to_owned());
                browser.get("/apps").await.status == 200
            }
        }
    }

    async fn bearer(&self, method: Method, path: &str, token: &str) -> Reply {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        self.idp.send(request.body(Body::empty()).unwrap()).await
    }

    async fn json_call(&self, path: &str, token: &str, body: &Value) -> Reply {
        let request = Request::post(path)
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(CONTENT_TYPE, "application/json");
        self.idp.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// `casper` and `reporter` each ask; what is for neither is for nobody here.
    async fn introspected(&self, token: &str) -> Reply {
        let ask = async |client: &str| {
            let credentials = STANDARD.encode(format!("{client}:{SECRET}"));
            let request = Request::post("/oauth2/introspect")
                .header(AUTHORIZATION, format!("Basic {credentials}"))
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(form(&[("token", token)])));
            self.idp.send(request.unwrap()).await
        };
        let reply = ask("casper").await;
        if reply.json()["active"] == true { reply } else { ask("reporter").await }
    }

    async fn by_secret(&self, secret: &str) -> Reply {
        let credentials = STANDARD.encode(form(&[("robot", secret)]).replacen('=', ":", 1));
        let request = Request::post("/oauth2/token")
            .header(AUTHORIZATION, format!("Basic {credentials}"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("grant_type=client_credentials"));
        self.idp.send(request.unwrap()).await
    }
}

/// Permission for so many clients of CASPER, for an hour.
async fn permission(idp: &TestIdp, uses: i32) -> String {
    let app = &idp.app;
    let token = Secret::from_entropy(SecretKind::InitialAccessToken, app.entropy.bytes());
    let application = app.store.find_application("CASPER").await.unwrap().unwrap();
    let tx = app.store.begin().await.unwrap();
    let terms = ((&application, true), (uses, app.now().plus_seconds(3600)));
    tx.insert_initial_access_token(&token.digest(), terms.0, terms.1, app.now()).await.unwrap();
    tx.commit().await.unwrap();
    token.expose().to_owned()
}

/// The token and the address of a client that registered itself.
async fn registered(idp: &TestIdp) -> (String, String) {
    let request = Request::post("/oauth2/register")
        .header(AUTHORIZATION, format!("Bearer {}", permission(idp, 1).await))
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(json!({ "redirect_uris": ["https://new.example/cb"] }).to_string()));
    let client = idp.send(request.unwrap()).await.json();
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    let path = text("registration_client_uri");
    (text("registration_access_token"), path.strip_prefix(ISSUER).unwrap().to_owned())
}

/// First everything that must be refused, then, with the same tokens, everything that must be taken: so no refusal
/// has used anything up, and no place refuses everything.
#[tokio::test]
async fn security_26_39_and_44_each_place_takes_its_own_kind_of_token_and_no_other() {
    let table = Table::lay().await;
    assert_eq!(table.given.len(), 15);
    let mut refused = 0;
    for place in PLACES {
        for (kind, given) in &table.given {
            if !place.takes(*kind) {
                assert!(!table.opens(place, given).await, "{place:?} took {kind:?}");
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 13 * 15 - 15);
    for place in PLACES {
        for (kind, given) in &table.given {
            if place.takes(*kind) {
                assert!(table.opens(place, given).await, "{place:?} refused {kind:?}");
            }
        }
    }
}
