//! Over all demo people: what their tokens carry, and who gets none.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, Response, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use idp::{App, entropy::secret, secrets::digest, web};
use portal_core::{
    account::{Channel, Standing},
    email::EmailKey,
    session::{ACR_TWO_FACTOR, amr_of},
};
use serde_json::Value;
use storage::{Account, NewSession};
use tower::ServiceExt as _;

use super::data::{PortalData, PortalUser};
use crate::{
    applications::{APPLICATIONS, DemoApplication},
    clock::DemoClock,
    data_folder::{DataFolder, State},
    launch::{Addresses, build_portal},
    options::{Options, PASSWORD},
    outbox::Outbox,
};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A filled portal without a socket.
struct Seeded {
    app: Arc<App>,
    router: Router,
    state: State,
    data: PortalData,
    _directory: tempfile::TempDir,
}

impl Seeded {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = <Options as clap::Parser>::parse_from(["demo"]);
        let addresses = Addresses::new(&options);
        let folder = DataFolder::open(directory.path(), &addresses.portal(), false).unwrap();
        let state = folder.begin(&addresses.portal(), &idp::entropy::SystemEntropy).unwrap();
        let clock = DemoClock::default();
        let outbox = Outbox::new(Arc::new(clock.clone()));
        let app = Arc::new(build_portal(&options, &folder, &clock, &outbox).await.unwrap());
        super::fill(&app, &folder, &addresses, &state, PASSWORD).await.unwrap();
        let router = web::router(Arc::clone(&app));
        Self { app, router, state, data: PortalData::load().unwrap(), _directory: directory }
    }

    async fn account(&self, user: &PortalUser) -> Account {
        self.app.store.find_account_by_email(&EmailKey::of(&user.email)).await.unwrap().unwrap()
    }

    async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// The cookie of a session, made as the end of the login makes it.
    async fn session(&self, account: &Account) -> String {
        let cookie = secret(self.app.entropy.as_ref(), "se_");
        let session = NewSession {
            digest: digest(&cookie),
            sid: secret(self.app.entropy.as_ref(), "sid_"),
            user_id: account.user.id,
            acr: ACR_TWO_FACTOR,
            amr: amr_of(Channel::Sms),
        };
        let tx = self.app.store.begin().await.unwrap();
        tx.insert_session(&session, self.app.now()).await.unwrap();
        tx.commit().await.unwrap();
        format!("idp_session={cookie}")
    }

    /// What an endpoint answers the program of `application`, which proves itself by its key.
    async fn post(
        &self,
        path: &str,
        application: &DemoApplication,
        form: &[(&str, &str)],
    ) -> Value {
        let key = self.state.client_key(application.client_id).unwrap();
        let jti = secret(self.app.entropy.as_ref(), "jti_");
        let now = self.app.now().seconds();
        let assertion = key.assertion(application.client_id, &self.state.issuer, &jti, now);
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .append_pair("client_assertion_type", ASSERTION_TYPE)
            .append_pair("client_assertion", &assertion)
            .finish();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        let body = to_bytes(self.send(request).await.into_body(), 1 << 20).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// The claims of ID token and access token that an application gets for a person; `None` when it gets none.
    async fn tokens(&self, account: &Account, application: &DemoApplication) -> Option<[Value; 2]> {
        let port = 8080 + application.port.unwrap();
        let redirect_uri = format!("http://localhost:{port}/callback");
        let pushed = [
            ("client_id", application.client_id),
            ("redirect_uri", &redirect_uri),
            ("response_type", "code"),
            ("scope", "openid profile email groups"),
            ("state", "s"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let pushed = self.post("/oauth2/par", application, &pushed).await;
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", application.client_id)
            .append_pair(
                "request_uri",
                pushed["request_uri"].as_str().unwrap_or_else(|| panic!("{pushed}")),
            )
            .finish();
        let request = Request::get(format!("/oauth2/authorize?{query}"))
            .header(header::COOKIE, self.session(account).await)
            .body(Body::empty())
            .unwrap();
        let answer = self.send(request).await;
        let location =
            url::Url::parse(answer.headers().get(header::LOCATION)?.to_str().unwrap()).ok()?;
        let (_, code) = location.query_pairs().find(|(name, _)| name == "code")?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        let answer = self.post("/oauth2/token", application, &form).await;
        Some(["id_token", "access_token"].map(|name| claims(answer[name].as_str().unwrap())))
    }
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_token_carries_the_groups_of_its_application_and_environment_only() {
    let seeded = Seeded::new().await;
    let mut with_token = 0;
    for user in &seeded.data.portal_users {
        let account = seeded.account(user).await;
        for application in APPLICATIONS.iter().filter(|application| application.port.is_some()) {
            let own: Vec<&str> = seeded
                .data
                .groups
                .iter()
                .filter(|group| {
                    let (by_oneself, given, _) = super::access::SELF_ASSIGNED;
                    let is_held = user.memberships.contains(&group.name)
                        || (user.email.as_str(), group.name.as_str()) == (by_oneself, given);
                    group.app == application.code && is_held
                })
                .map(|group| group.name.as_str())
                .collect();
            let Some(tokens) = seeded.tokens(&account, application).await else {
                let is_good = account.standing(seeded.app.now()) == Standing::Good;
                assert!(
                    own.is_empty() || !is_good,
                    "{} gets no token for {}",
                    user.email,
                    application.code
                );
                continue;
            };
            with_token += 1;
            for token in tokens {
                let mut groups: Vec<&str> = token["groups"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|group| group.as_str().unwrap())
                    .collect();
                groups.sort_unstable();
                let mut expected = own.clone();
                expected.sort_unstable();
                assert_eq!(groups, expected, "{} at {}", user.email, application.code);
                assert!(token.get("phone_number").is_none());
            }
        }
    }
    assert!(with_token > 20, "{with_token}");
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_locked_invited_and_nominated_accounts_behave_so() {
    let seeded = Seeded::new().await;
    let now = seeded.app.now();
    for user in &seeded.data.portal_users {
        let account = seeded.account(user).await;
        let failures = seeded.app.store.code_failures(account.user.id).await.unwrap();
        let may_sign_in = account.standing(now) == Standing::Good
            && account.user.password_hash.is_some()
            && !failures.bars(now);
        assert_eq!(may_sign_in, user.status == "ACTIVE", "{} is {}", user.email, user.status);
    }
    assert_eq!(seeded.app.store.verify_audit().await.unwrap().0, None);
}
