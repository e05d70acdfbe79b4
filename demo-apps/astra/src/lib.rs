//! ASTRA: the smallest complete relying party, to copy from.
//!
//! A new application needs four things: a configuration (its registration at the Identity
//! Portal), a rule who may come in, pages that take [`SignedIn`], and an API that takes
//! [`Bearer`]. `relying-party` does the rest: discovery, the authorization code flow with PKCE,
//! the session, its renewal, single sign-out. It never sees a password, and the browser never
//! sees a token.

use askama::Template;
use axum::{
    Json, Router,
    extract::State,
    response::{Html, IntoResponse},
    routing::get,
};
use http::{StatusCode, header};
use relying_party::{
    Bearer, ConfigError, GroupRequired, Problem, Rejection, RelyingParty, RelyingPartyConfig,
    SignedIn,
};
use serde_json::{Value, json};

/// The group that opens ASTRA. The portal sends an application its own groups only.
const GROUP: &str = "ASTRA_USER";

/// The whole application. Nothing is fetched here: the portal need not run yet.
pub fn router(config: RelyingPartyConfig) -> Result<Router, ConfigError> {
    // How this library's own pages (refusals, "signed out") introduce themselves.
    let config = RelyingPartyConfig {
        app_name: "ASTRA".to_owned(),
        stylesheet: Some("/assets/astra.css".to_owned()),
        cookie_prefix: "astra".to_owned(),
        ..config
    };

    // The rule is asked at each sign-in and whenever the claims are renewed, at least every few
    // minutes: a person who loses the group loses the session. An application that keeps its own
    // accounts implements `Admission` and creates the account there, by (`iss`, `sub`) only.
    let rp = RelyingParty::new(config, GroupRequired(GROUP.to_owned()))?;

    let app = Router::new()
        .route("/", get(home))
        .route("/api/me", get(me))
        .route("/assets/astra.css", get(stylesheet))
        // /login, /callback, /logout, /signed-out and /backchannel-logout. Register
        // {base}/callback as redirect URI, {base}/ as post-logout redirect URI, {base}/login as
        // initiate_login_uri (what a tile opens) and {base}/backchannel-logout.
        .merge(rp.router())
        .with_state(rp.clone());

    // Security headers for every answer; put it outermost.
    Ok(rp.secure(app))
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    person: &'a SignedIn,
}

/// A page for signed-in people. [`SignedIn`] is the whole protection: without a session the
/// browser is sent to sign in, and comes back to this page.
async fn home(State(rp): State<RelyingParty>, person: SignedIn) -> Result<Html<String>, Rejection> {
    Home { person: &person }.render().map(Html).map_err(|_| {
        rp.problem(&Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "This page cannot be shown"))
    })
}

/// An API for programs. [`Bearer`] is the whole protection: it checks signature, `typ`, `iss`,
/// `aud` and `exp` of the access token. What the token may do is decided here, by its groups.
async fn me(Bearer(token): Bearer) -> Result<Json<Value>, StatusCode> {
    if !token.groups.iter().any(|group| group == GROUP) {
        return Err(StatusCode::FORBIDDEN);
    }
    Ok(Json(json!({
        "iss": token.iss,
        "sub": token.sub,
        "client_id": token.client_id,
        "groups": token.groups,
    })))
}

async fn stylesheet() -> impl IntoResponse {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")];
    (headers, include_str!("../assets/astra.css"))
}
