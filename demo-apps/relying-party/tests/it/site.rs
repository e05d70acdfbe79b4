//! The smallest application, for the tests of the library.

use std::sync::Arc;

use axum::{Json, Router, extract::FromRef, routing::get};
use relying_party::{
    Admission, Bearer, Decision, Person, RelyingParty, RelyingPartyConfig, SignedIn, SignedInForm,
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
        let app = Router::new()
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
