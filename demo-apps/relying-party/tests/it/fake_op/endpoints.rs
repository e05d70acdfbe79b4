//! The provider's endpoints.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{RawQuery, State},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{CLIENT_ID, FakeOp};

type Pairs = HashMap<String, String>;

impl FakeOp {
    pub(crate) fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/par", post(par))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo).post(userinfo))
            .with_state(self.clone())
    }
}

/// Every parameter once, or the client did wrong.
fn pairs(encoded: &[u8]) -> Pairs {
    let mut pairs = Pairs::new();
    for (name, value) in form_urlencoded::parse(encoded).into_owned() {
        assert!(pairs.insert(name.clone(), value).is_none(), "{name} is doubled");
    }
    pairs
}

fn refuse(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}

async fn discovery(State(op): State<Arc<FakeOp>>) -> Response {
    op.discoveries.fetch_add(1, Ordering::SeqCst);
    let _open = op.gate.read().await;
    op.pass(op.discovery_takes.load(Ordering::SeqCst));
    if op.is_down.load(Ordering::SeqCst) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let at = |path: &str| format!("{}{path}", op.issuer);
    let mut metadata = json!({
        "issuer": op.issuer, "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"), "jwks_uri": at("/jwks"),
        "userinfo_endpoint": at("/userinfo"),
        "pushed_authorization_request_endpoint": at("/par"),
        "end_session_endpoint": at("/logout"), "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "authorization_response_iss_parameter_supported": true,
        "id_token_signing_alg_values_supported": ["ES256", "RS256", "PS256", "EdDSA"],
    });
    for (name, value) in op.metadata.lock().unwrap().as_object().unwrap() {
        metadata[name] = value.clone();
    }
    Json(metadata).into_response()
}

async fn jwks(State(op): State<Arc<FakeOp>>) -> Response {
    op.key_fetches.fetch_add(1, Ordering::SeqCst);
    if op.hides_keys.load(Ordering::SeqCst) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let mut keys: Vec<Value> = op.keys.lock().unwrap().iter().map(super::Key::jwk).collect();
    if !op.names_keys.load(Ordering::SeqCst) {
        for key in &mut keys {
            key.as_object_mut().unwrap().remove("kid");
        }
    }
    // What a client need not understand must not disturb it.
    keys.push(json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "future", "pub": "AAAA" }));
    keys.push(json!({ "kty": "EC", "crv": "secp256k1", "kid": "odd", "x": "AA", "y": "AA" }));
    Json(json!({ "keys": keys })).into_response()
}

/// RFC 9126.
async fn par(State(op): State<Arc<FakeOp>>, headers: HeaderMap, body: Bytes) -> Response {
    op.pushes.fetch_add(1, Ordering::SeqCst);
    if op.is_down.load(Ordering::SeqCst) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let form = pairs(&body);
    if !op.knows_client(&headers, &form) {
        return refuse("invalid_client");
    }
    if let Some(error) = *op.refuses_push.lock().unwrap() {
        return refuse(error);
    }
    let request_uri = format!("urn:ietf:params:oauth:request_uri:{}", op.secret());
    op.pushed.lock().unwrap().insert(request_uri.clone(), form);
    let answer = json!({ "request_uri": request_uri, "expires_in": 60 });
    (StatusCode::CREATED, Json(answer)).into_response()
}

/// Signs the current person in without asking.
async fn authorize(State(op): State<Arc<FakeOp>>, RawQuery(query): RawQuery) -> Response {
    let sent = pairs(query.unwrap().as_bytes());
    let request = match sent.get("request_uri") {
        Some(request_uri) => {
            let mut names: Vec<&String> = sent.keys().collect();
            names.sort();
            assert_eq!(names, ["client_id", "request_uri"], "nothing else in the address");
            op.pushed.lock().unwrap().remove(request_uri).expect("pushed, and used once")
        }
        None => sent,
    };
    assert_eq!(request["client_id"], CLIENT_ID);
    assert_eq!(request["response_type"], "code");
    assert_eq!(request["code_challenge_method"], "S256");
    assert!(request["scope"].starts_with("openid"));
    op.authenticate(&request);
    let mut answer = vec![("state", request["state"].clone())];
    if !op.omits_iss.load(Ordering::SeqCst) {
        answer.push(("iss", op.issuer.clone()));
    }
    if let Some(error) = *op.error.lock().unwrap() {
        answer.push(("error", error.to_owned()));
    } else {
        let code = op.secret();
        op.codes.lock().unwrap().insert(code.clone(), request.clone());
        answer.push(("code", code));
    }
    if request.get("response_mode").is_some_and(|mode| mode == "form_post") {
        return form_post(&request["redirect_uri"], &answer);
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&answer).finish();
    Redirect::to(&format!("{}?{query}", request["redirect_uri"])).into_response()
}

/// OAuth 2.0 Form Post Response Mode, for a browser that sends it by itself.
fn form_post(action: &str, answer: &[(&str, String)]) -> Response {
    let fields: Vec<String> = answer
        .iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\"/>"))
        .collect();
    let page =
        format!("<html><body><form method=\"post\" action=\"{action}\">{}</form>", fields.concat());
    Html(page).into_response()
}

/// Knows its client, its codes and its refresh tokens, each of which it takes once.
async fn token(State(op): State<Arc<FakeOp>>, headers: HeaderMap, body: Bytes) -> Response {
    if op.is_down.load(Ordering::SeqCst) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let form = pairs(&body);
    if !op.knows_client(&headers, &form) {
        return refuse("invalid_client");
    }
    if form["grant_type"] == "refresh_token" {
        op.refreshes.fetch_add(1, Ordering::SeqCst);
        if let Some((status, error)) = *op.fails_refresh.lock().unwrap() {
            let status = StatusCode::from_u16(status).unwrap();
            return (status, Json(json!({ "error": error }))).into_response();
        }
        let known = op.refresh_tokens.lock().unwrap().remove(&form["refresh_token"]);
        if !known || op.refuses_refresh.load(Ordering::SeqCst) {
            return refuse("invalid_grant");
        }
        return Json(op.tokens(None)).into_response();
    }
    let Some(request) = op.codes.lock().unwrap().remove(&form["code"]) else {
        return refuse("invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    if challenge != request["code_challenge"] || form["redirect_uri"] != request["redirect_uri"] {
        return refuse("invalid_grant");
    }
    Json(op.tokens(request.get("nonce"))).into_response()
}

/// Takes the access token in the header of a GET or in the form of a POST.
async fn userinfo(
    State(op): State<Arc<FakeOp>>,
    method: http::Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    op.userinfo_calls.lock().unwrap().push(method.clone());
    let token = match headers.get("authorization").map(|value| value.to_str().unwrap()) {
        Some(value) if method == http::Method::GET => {
            value.strip_prefix("Bearer ").map(str::to_owned)
        }
        None if method == http::Method::POST => pairs(&body).remove("access_token"),
        _ => None,
    };
    if token.is_none() || token != *op.last_access_token.lock().unwrap() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match &*op.userinfo.lock().unwrap() {
        Some(claims) => Json(claims.clone()).into_response(),
        None => Json(op.person.lock().unwrap().clone()).into_response(),
    }
}
