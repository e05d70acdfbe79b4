//! The end of a session: by the person here, or by the provider for everybody.

use std::sync::PoisonError;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::json;

use crate::{
    Problem, Rejection, RelyingParty, Stopped,
    bearer::Audience,
    cookie::{self, Purpose},
    jws::{self, Expected, JwsError},
    params,
    signed_in::{check_own_form, find_session},
};

const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// A logout token may be this old or early, in seconds.
const LOGOUT_WINDOW: i64 = 5 * 60;
/// Most `jti`s that are remembered; a provider sends few and they live minutes.
const MAX_REMEMBERED: usize = 50_000;

/// `POST /logout`: ends the session here, then asks the provider to end its own (OpenID Connect
/// RP-Initiated Logout 1.0 section 2). Needs no fresh claims, so it works while the provider is
/// down, and again when the session has ended already.
pub(crate) async fn logout(
    State(rp): State<RelyingParty>,
    jar: CookieJar,
    headers: HeaderMap,
    form: Bytes,
) -> Result<Response, Rejection> {
    let Some(session) = find_session(&rp, &jar) else {
        return Ok(Redirect::to("/signed-out").into_response());
    };
    check_own_form(&rp, &headers, &form, &session)?;
    rp.sessions().end(&session.id);
    let id_token = session.facts().id_token;
    let jar = jar.add(cookie::forget(rp.config(), Purpose::Session));
    let end_session = rp.provider().await.ok().and_then(|provider| provider.end_session.clone());
    let Some(mut address) = end_session else {
        return Ok((jar, Redirect::to("/signed-out")).into_response());
    };
    let state = rp.config().entropy.secret();
    address
        .query_pairs_mut()
        .append_pair("id_token_hint", &id_token)
        .append_pair("client_id", &rp.config().client_id)
        .append_pair("post_logout_redirect_uri", rp.config().base_url.as_str())
        .append_pair("state", &state);
    let jar = jar.add(cookie::make(rp.config(), Purpose::SignOut, state));
    Ok((jar, Redirect::to(address.as_str())).into_response())
}

/// `GET /signed-out`: where a sign-out comes to rest.
pub(crate) async fn signed_out(State(rp): State<RelyingParty>, jar: CookieJar) -> Response {
    let app = &rp.config().app_name;
    let page = Problem::new(StatusCode::OK, format!("You are signed out of {app}"))
        .text("Close the browser if others use this computer.")
        .link("/login", "Sign in again");
    (jar.add(cookie::forget(rp.config(), Purpose::SignOut)), rp.problem(&page)).into_response()
}

/// Claims of a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.4).
#[derive(Deserialize)]
struct LogoutToken {
    iss: String,
    aud: Audience,
    iat: i64,
    exp: i64,
    jti: String,
    events: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    sid: Option<String>,
    #[serde(default)]
    nonce: Option<serde_json::Value>,
}

/// `POST /backchannel-logout`: the provider ends sessions here. A good token about a session that
/// is unknown, or has ended, is answered with 200: what it wants is the case (section 2.7).
pub(crate) async fn backchannel_logout(State(rp): State<RelyingParty>, body: Bytes) -> Response {
    let token = params::parse(&body).and_then(|mut form| form.remove("logout_token"));
    let Some(token) = token else {
        return refuse("logout_token is missing");
    };
    let Ok(provider) = rp.provider().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let expected = Expected {
        typ: "logout+jwt",
        untyped: rp.config().accepts_untyped_logout_tokens,
        algs: &rp.config().id_token_algs,
    };
    let mut claims = jws::verify::<LogoutToken>(&token, &expected, &provider.keys);
    if matches!(claims, Err(JwsError::UnknownKey)) {
        let provider = rp.newer_provider(&provider).await;
        claims = jws::verify(&token, &expected, &provider.keys);
    }
    let claims = match claims {
        Ok(claims) => claims,
        Err(error) => return refuse(&error.to_string()),
    };
    if let Err(why) = check(&rp, &claims) {
        return refuse(why);
    }
    let ended = rp.sessions().end_of(claims.sid.as_deref(), claims.sub.as_deref(), rp.now());
    tracing::info!(ended, "back-channel logout");
    StatusCode::OK.into_response()
}

/// Section 2.6, steps 3 to 9.
fn check(rp: &RelyingParty, token: &LogoutToken) -> Result<(), &'static str> {
    let now = rp.now() / 1000;
    if token.iss != rp.config().issuer {
        return Err("iss is wrong");
    }
    // As for an ID token: whoever else it is for might send it.
    if !token.aud.is_only(&rp.config().client_id) {
        return Err("aud is wrong");
    }
    if token.exp <= now || (now - token.iat).abs() > LOGOUT_WINDOW {
        return Err("the token is too old or too new");
    }
    if token.nonce.is_some() {
        return Err("a logout token has no nonce");
    }
    if !token.events.get(LOGOUT_EVENT).is_some_and(serde_json::Value::is_object) {
        return Err("events is wrong");
    }
    let names = [token.sid.as_deref(), token.sub.as_deref()];
    if names.iter().all(Option::is_none) || names.contains(&Some("")) || token.jti.is_empty() {
        return Err("sid, sub or jti is missing");
    }
    remember(rp, token, now)
}

/// Each `jti` once, for as long as its token could pass.
fn remember(rp: &RelyingParty, token: &LogoutToken, now: i64) -> Result<(), &'static str> {
    let mut seen = rp.logout_tokens().lock().unwrap_or_else(PoisonError::into_inner);
    seen.retain(|_, until| *until > now);
    if seen.len() >= MAX_REMEMBERED {
        return Err("too many logout tokens");
    }
    let until = token.exp.min(token.iat + 2 * LOGOUT_WINDOW);
    match seen.insert(token.jti.clone(), until) {
        Some(_) => Err("the token was used already"),
        None => Ok(()),
    }
}

fn refuse(why: &str) -> Response {
    tracing::warn!(why, "a logout token was refused");
    let body = json!({ "error": "invalid_request", "error_description": why });
    let mut answer = (StatusCode::BAD_REQUEST, Json(body)).into_response();
    answer.extensions_mut().insert(Stopped(why.to_owned()));
    answer
}
