//! Two applications, a bank, two people, five clients; and how a client talks to the token endpoint.

use axum::{
    body::Body,
    http::{
        Request,
        header::{AUTHORIZATION, CONTENT_TYPE},
    },
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use idp::{App, administration::Administration};
use oidc_core::{
    client::{About, AuthMethod, Client, ClientSecret, GrantType, SigningAlg, SubjectType},
    scope::{SUPPORTED, Scope},
    secret::Secret,
};
use portal_core::{
    access::{Environment, Group},
    account::{Channel, NewUser, UserStatus},
    audit::Origin,
    email::Email,
    id::{LevelId, UserId},
    organisation::{Administration as AdministeredBy, LevelName, NewThirdParty, ThirdPartyStatus},
    permission::Actor,
    person_name::PersonName,
    phone::PhoneNumber,
};
use serde_json::Value;
use storage::NewApplication;

use super::{Browser, Reply, TestIdp, browser::form};

pub(crate) const REDIRECT_URI: &str = "https://rp.example/callback";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const SECRET: &str = "cs_test-secret-of-every-client";

/// Who and what there is.
#[derive(Clone)]
pub(crate) struct World {
    /// Member of CASPER and of its pre-production.
    pub(crate) anna: UserId,
    /// Member of pre-production only.
    pub(crate) bert: UserId,
    /// The group that opens CASPER.
    pub(crate) casper_group: Group,
}

impl World {
    pub(super) async fn create(app: &App) -> Self {
        let setup = Administration {
            store: &app.store,
            actor: &Actor::Setup,
            now: app.now(),
            origin: Origin::default(),
        };
        setup.create_root().await.unwrap();
        let casper_group = create_application(app, &setup, "CASPER").await;
        let test_group = create_application(app, &setup, "A-CASPER").await;
        let level = create_bank(app, &setup).await;
        let anna = create_person(&setup, level, ("Anna", "+4917604069001")).await;
        let bert = create_person(&setup, level, ("Bert", "+4917604069002")).await;
        setup.assign_membership(anna, &casper_group).await.unwrap();
        setup.assign_membership(anna, &test_group).await.unwrap();
        setup.assign_membership(bert, &test_group).await.unwrap();
        for client in clients() {
            setup.register_client(&client).await.unwrap();
        }
        Self { anna, bert, casper_group }
    }
}

async fn create_application(app: &App, setup: &Administration<'_>, code: &str) -> Group {
    let new = NewApplication {
        code: code.to_owned(),
        title: code.to_owned(),
        subtitle: String::new(),
        environment: Environment::of_name(code),
        position: 0,
    };
    setup.register_application(&new).await.unwrap();
    let application = app.store.find_application(code).await.unwrap().unwrap();
    let name = format!("{code}_WEB_DATA_SUBMITTER");
    setup.register_group(&application, &name, "Submits data").await.unwrap();
    app.store.find_group(&name).await.unwrap().unwrap()
}

async fn create_bank(app: &App, setup: &Administration<'_>) -> LevelId {
    let new = NewThirdParty {
        legal_name: "Nordvik Pankki Oyj".to_owned(),
        country: "FI".to_owned(),
        lei: None,
        kind: "bank".to_owned(),
        administration: AdministeredBy::Delegated,
        status: ThirdPartyStatus::Active,
        level: LevelName::parse("BANK_01").unwrap(),
    };
    let (bank, level) = setup.create_third_party(&new).await.unwrap();
    for code in ["CASPER", "A-CASPER"] {
        let application = app.store.find_application(code).await.unwrap().unwrap();
        setup.onboard(bank, &application).await.unwrap();
    }
    level
}

async fn create_person(
    setup: &Administration<'_>,
    level: LevelId,
    (name, phone): (&str, &str),
) -> UserId {
    let new = NewUser {
        first_name: PersonName::parse(name).unwrap(),
        last_name: PersonName::parse("Berg").unwrap(),
        email: Email::parse(&format!("{}@bank01.example", name.to_lowercase())).unwrap(),
        phone: PhoneNumber::parse(phone).unwrap(),
        company_id: Some("C-1".to_owned()),
        expires_on: None,
        level_id: level,
        subsidiary_id: None,
        default_channel: Channel::Sms,
    };
    let id = setup.create_user(&new, UserStatus::Invited).await.unwrap();
    setup.activate_user(id, "no hash").await.unwrap();
    id
}

/// The confidential first-party client of CASPER, to make others from.
pub(crate) fn casper() -> Client {
    Client {
        application: Some("CASPER".to_owned()),
        auth_method: AuthMethod::ClientSecretBasic,
        secrets: vec![ClientSecret::lasting(Secret::from_presented(SECRET).digest())],
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        post_logout_redirect_uris: vec!["https://rp.example/".to_owned()],
        initiate_login_uri: Some("https://rp.example/login".to_owned()),
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        scopes: Scope::from_names(SUPPORTED),
        first_party: true,
        ..Client::new("casper", "CASPER")
    }
}

/// `casper`; `twin`, another client of the same application; `outsider`, one that nobody vouches for; `a-casper` with
/// RS256 and the secret in the form; `robot`, which only acts for itself; `public`, one that nobody vouches for and
/// anybody can pretend to be.
fn clients() -> [Client; 6] {
    let casper = casper();
    let twin = Client { id: "twin".to_owned(), ..casper.clone() };
    let outsider = Client { id: "outsider".to_owned(), first_party: false, ..casper.clone() };
    let test = Client {
        id: "a-casper".to_owned(),
        application: Some("A-CASPER".to_owned()),
        auth_method: AuthMethod::ClientSecretPost,
        id_token_alg: SigningAlg::Rs256,
        ..casper.clone()
    };
    let robot = Client {
        id: "robot".to_owned(),
        application: None,
        grant_types: vec![GrantType::ClientCredentials],
        scopes: Scope::parse("reports.read").unwrap(),
        redirect_uris: Vec::new(),
        ..casper.clone()
    };
    let public = Client {
        id: "public".to_owned(),
        name: "\u{202e}Pocket <b>Tool".to_owned(),
        auth_method: AuthMethod::None,
        subject_type: SubjectType::Pairwise {
            sector: "tool.example".to_owned(),
            sector_identifier_uri: None,
        },
        secrets: Vec::new(),
        about: About {
            client_uri: Some("https://tool.example/".to_owned()),
            logo_uri: Some("https://img.example/logo.png".to_owned()),
            policy_uri: Some("https://tool.example/privacy".to_owned()),
            tos_uri: Some("https://tool.example/terms".to_owned()),
            contacts: Vec::new(),
        },
        ..outsider.clone()
    };
    [casper, twin, outsider, test, robot, public]
}

/// The address of a good authorization request, with some parameters changed, added or left out.
pub(crate) fn authorize(changes: &[(&str, Option<&str>)]) -> String {
    let mut pairs = vec![
        ("client_id", "casper"),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", "openid profile email groups offline_access"),
        ("state", "st-1"),
        ("nonce", "no-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        pairs.retain(|(known, _)| known != name);
        pairs.extend(value.map(|value| (*name, value)));
    }
    format!("/oauth2/authorize?{}", form(&pairs))
}

impl Browser<'_> {
    /// A code for `casper`.
    pub(crate) async fn code(&mut self) -> String {
        let reply = self.get(&authorize(&[])).await;
        reply.parameter("code").unwrap_or_else(|| panic!("{reply:?}"))
    }
}

impl TestIdp {
    /// A posted form, without any credentials beside its fields.
    pub(crate) fn form_request(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
        Request::post(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form(fields)))
            .unwrap()
    }

    /// What is set up without a person.
    fn setup(&self) -> Administration<'_> {
        Administration {
            store: &self.app.store,
            actor: &Actor::Setup,
            now: self.app.now(),
            origin: Origin::default(),
        }
    }

    /// One more client.
    pub(crate) async fn register(&self, client: &Client) {
        self.setup().register_client(client).await.unwrap();
    }

    /// Gives a person the group that opens CASPER.
    pub(crate) async fn admit(&self, user: UserId) {
        self.setup().assign_membership(user, &self.world.casper_group).await.unwrap();
    }

    /// One more person with the name and address of anna.
    pub(crate) async fn another_anna(&self) -> UserId {
        let bert = self.app.store.find_account(self.world.bert).await.unwrap().unwrap();
        create_person(&self.setup(), bert.level.id, ("Anna", "+4917604069003")).await
    }

    /// A request of a client with HTTP Basic to the token endpoint.
    pub(crate) fn token_request(client: &str, fields: &[(&str, &str)]) -> Request<Body> {
        Self::basic_request("/oauth2/token", client, fields)
    }

    /// A request of a client with HTTP Basic to any endpoint.
    pub(crate) fn basic_request(
        path: &str,
        client: &str,
        fields: &[(&str, &str)],
    ) -> Request<Body> {
        let id = form_urlencoded::byte_serialize(client.as_bytes()).collect::<String>();
        let credentials = STANDARD.encode(format!("{id}:{SECRET}"));
        Request::post(path)
            .header(AUTHORIZATION, format!("Basic {credentials}"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form(fields)))
            .unwrap()
    }

    pub(crate) async fn token(&self, client: &str, fields: &[(&str, &str)]) -> Reply {
        self.send(Self::token_request(client, fields)).await
    }

    /// What the introspection endpoint tells a client about a token.
    pub(crate) async fn introspect(&self, client: &str, token: &str) -> Reply {
        self.send(Self::basic_request("/oauth2/introspect", client, &[("token", token)])).await
    }

    /// Whether a token is worth anything, to the client.
    pub(crate) async fn is_active(&self, client: &str, token: &str) -> bool {
        let reply = self.introspect(client, token).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["active"].as_bool().unwrap()
    }

    /// Gives a token back.
    pub(crate) async fn revoke(&self, client: &str, token: &str) -> Reply {
        self.send(Self::basic_request("/oauth2/revoke", client, &[("token", token)])).await
    }

    /// The tokens of a new sign-in of anna for `casper`.
    pub(crate) async fn tokens_of_anna(&self) -> Tokens {
        let mut browser = self.signed_in(self.world.anna).await;
        let reply = self.redeem(&browser.code().await).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        Tokens::of(&reply.json())
    }

    /// A token that `robot` got for itself.
    pub(crate) async fn token_of_robot(&self) -> String {
        let answer = self.token("robot", &[("grant_type", "client_credentials")]).await.json();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// Redeems a code as `casper` would.
    pub(crate) async fn redeem(&self, code: &str) -> Reply {
        self.token("casper", &redemption(code)).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Reply {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.token("casper", &fields).await
    }

    pub(crate) async fn userinfo(&self, access_token: &str) -> Reply {
        let request = Request::get("/oauth2/userinfo")
            .header(AUTHORIZATION, format!("Bearer {access_token}"))
            .body(Body::empty())
            .unwrap();
        self.send(request).await
    }
}

/// The tokens of one answer.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) id: String,
}

impl Tokens {
    pub(crate) fn of(answer: &Value) -> Self {
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token"), id: text("id_token") }
    }
}

pub(crate) fn redemption(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ]
}

/// A part of a token: 0 the header, 1 the claims. Nothing is verified.
pub(crate) fn token_part(token: &Value, part: usize) -> Value {
    let text = token.as_str().unwrap().split('.').nth(part).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}
