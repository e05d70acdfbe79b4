//! The smallest application, for the tests of the library.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{FromRef, State},
    routing::get,
};
use relying_party::{
    Admission, Bearer, Decision, Person, Rejection, RelyingParty, RelyingPartyConfig, Requirement,
    SignedIn, SignedInForm,
};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::{
    browser::Browser,
    fake_op::{CLIENT_ID, CLIENT_SECRET, FakeOp},
};

/// Lets everybody in who is not in the group `banned`, and remembers whom it was asked about.
#[derive(Clone, Default)]
pub(crate) struct Asked(pub(crate) Arc<Mutex<Vec<String>>>);

impl Admission for Asked {
    async fn admit(&self, person: &Person) -> Decision {
        self.0.lock().await.push(person.sub.clone());
        if person.in_group("banned") {
            return Decision::refuse("You are banned.");
        }
        Decision::Admit
    }
}

#[derive(Clone)]
struct App(RelyingParty);

impl FromRef<App> for RelyingParty {
    fn from_ref(app: &App) -> Self {
        app.0.clone()
    }
}

#[derive(Deserialize)]
struct Note {
    text: String,
}

pub(crate) struct Site {
    pub(crate) op: Arc<FakeOp>,
    pub(crate) app: Router,
    pub(crate) asked: Asked,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    /// With another configuration.
    pub(crate) async fn start_with(change: impl FnOnce(&mut RelyingPartyConfig)) -> Self {
        let op = FakeOp::start().await;
        let asked = Asked::default();
        let mut config = RelyingPartyConfig::new(
            &op.issuer,
            CLIENT_ID,
            CLIENT_SECRET,
            "http://localhost:9".parse().unwrap(),
        );
        config.clock = op.clock();
        config.cookie_prefix = String::from("test");
        change(&mut config);
        let rp = RelyingParty::new(config, asked.clone()).unwrap();
        let home = get(async |person: SignedIn| {
            let groups = person.groups.join(" ");
            format!(
                "sub={} groups={groups} name=\"csrf_token\" value=\"{}\"",
                person.sub,
                person.csrf_token()
            )
        })
        .post(async |SignedInForm { form, .. }: SignedInForm<Note>| form.text);
        let hour = Requirement::max_age(3600);
        let page_wants = hour.clone();
        let fresh = get(async move |State(App(rp)): State<App>, person: SignedIn| {
            rp.require(&person, &page_wants)?;
            Ok::<_, Rejection>(format!("name=\"csrf_token\" value=\"{}\"", person.csrf_token()))
        })
        .post(async move |State(App(rp)): State<App>, sent: SignedInForm<Note>| {
            rp.require(&sent.person, &hour)?;
            Ok::<_, Rejection>(sent.form.text)
        });
        let fresh_api = get(async |State(App(rp)): State<App>, Bearer(token): Bearer| {
            let strong = ["urn:strong", "urn:stronger"];
            rp.require_of_token(&token, &Requirement::max_age(300).and_acr_values(strong))?;
            Ok::<_, Rejection>(token.sub)
        });
        let app = Router::new()
            .route("/fresh", fresh)
            .route("/api/fresh", fresh_api)
            .route("/", home.clone())
            .route("/deep/{place}", home)
            .route("/api/me", get(async |Bearer(token): Bearer| Json(token)))
            .merge(rp.router())
            .with_state(App(rp.clone()));
        Self { op, app: rp.secure(app), asked }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.app)
    }

    /// A browser with a session.
    pub(crate) async fn signed_in(&self) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(&self.op).await;
        assert_eq!(answer.location(), "/", "{}", answer.body);
        browser
    }
}
