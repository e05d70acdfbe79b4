//! The relying party itself: the library with the plainest application around it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Json, Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{Html, Redirect, Response},
    routing::get,
};
use http::StatusCode;
use relying_party::{
    Admission, Decision, Person, RelyingParty, RelyingPartyConfig, ResponseMode, SignedIn, Stopped,
};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{Settings, Stop, outside::Outside, registration};

/// The application, and what reached it from the provider.
#[derive(Clone)]
pub struct Application {
    /// Serves everything: `/start` begins a sign-in, `/` shows who is signed in.
    pub router: Router,
    pub(crate) logouts: Arc<Logouts>,
}

/// How back-channel logouts were answered: with which status, and why.
#[derive(Default)]
pub(crate) struct Logouts {
    answered: Mutex<Vec<(StatusCode, String)>>,
    news: Notify,
}

impl Logouts {
    pub(crate) fn last(&self) -> Option<(StatusCode, String)> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).last().cloned()
    }

    /// Waits until there is one.
    pub(crate) async fn wait(&self) -> (StatusCode, String) {
        loop {
            let news = self.news.notified();
            if let Some(last) = self.last() {
                return last;
            }
            news.await;
        }
    }
}

/// Everybody whom the provider vouches for may come in.
struct Everybody;

impl Admission for Everybody {
    async fn admit(&self, _: &Person) -> Decision {
        Decision::Admit
    }
}

/// Registers the client if need be, and builds the application.
pub async fn build(settings: &Settings) -> Result<Application, Stop> {
    let mut outside = Outside::new(&settings.tls)?;
    let client = registration::client(settings, &mut outside).await?;
    let mut config = RelyingPartyConfig::new(
        &settings.issuer,
        &client.id,
        client.authentication,
        settings.base_url.clone(),
    );
    "suite".clone_into(&mut config.cookie_prefix);
    "Relying party under test".clone_into(&mut config.app_name);
    config.scopes = settings.scopes();
    config.response_mode = match settings.choice("response_mode", "response_mode") {
        Some("form_post") => ResponseMode::FormPost,
        _ => ResponseMode::Query,
    };
    config.id_token_algs = vec![settings.id_token_alg()?];
    config.userinfo = Some(settings.userinfo());
    // The suite writes none.
    config.accepts_untyped_logout_tokens = true;
    config.tls = settings.tls.clone();
    let rp = RelyingParty::new(config, Everybody).map_err(|error| Stop::new(error.to_string()))?;
    let logouts = Arc::new(Logouts::default());
    let app = Router::new()
        .route("/", get(home))
        .route("/start", get(async || Redirect::to("/login")))
        .route("/person", get(person))
        .merge(rp.router())
        .layer(middleware::from_fn_with_state(logouts.clone(), note_logouts))
        .with_state(rp.clone());
    Ok(Application { router: rp.secure(app), logouts })
}

async fn home(person: SignedIn) -> Html<String> {
    Html(format!(
        "<!DOCTYPE html><html lang=\"en\"><title>Signed in</title><p id=\"signed-in\">Signed in.</p>\
         <form method=\"post\" action=\"/logout\">\
         <input type=\"hidden\" name=\"csrf_token\" value=\"{}\">\
         <button id=\"sign-out\">Sign out</button></form></html>",
        person.csrf_token()
    ))
}

/// What is known of the person, for a test that wants to look.
async fn person(person: SignedIn) -> Json<Value> {
    Json(json!(*person))
}

async fn note_logouts(
    State(logouts): State<Arc<Logouts>>,
    request: Request,
    next: Next,
) -> Response {
    let is_logout = request.uri().path() == "/backchannel-logout";
    let answer = next.run(request).await;
    if is_logout {
        let why = answer.extensions().get::<Stopped>().map(|stopped| stopped.0.clone());
        let entry = (answer.status(), why.unwrap_or_default());
        logouts.answered.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
        logouts.news.notify_waiters();
    }
    answer
}
