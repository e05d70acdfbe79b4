//! From "who are you?" to the provider: the authorization code flow with PKCE, state and nonce.

use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use http::StatusCode;

use crate::{
    Problem, Rejection, RelyingParty, Requirement,
    attempt::Attempt,
    authorization::{self, Request},
    cookie::{self, Purpose},
    endpoint::EndpointError,
    params,
    signed_in::unavailable,
};

/// Longest `login_hint` that is passed on, in bytes.
const MAX_HINT: usize = 320;
/// Longest path to open after the sign-in, in bytes: it is kept for ten minutes.
const MAX_TARGET: usize = 2048;

/// `GET /login`: begins a sign-in. The provider's tiles start here too, with `iss`, `login_hint`
/// and `target_link_uri` (OpenID Connect Core 4); a step-up adds `max_age` and `acr_values`, which
/// in a stranger's link cause no more than another sign-in.
pub(crate) async fn login(
    State(rp): State<RelyingParty>,
    RawQuery(query): RawQuery,
    jar: CookieJar,
) -> Result<Response, Rejection> {
    let query = query.unwrap_or_default();
    let params = params::parse(query.as_bytes()).ok_or_else(|| broken_link(&rp))?;
    if params.get("iss").is_some_and(|iss| *iss != rp.config().issuer) {
        return Err(broken_link(&rp));
    }
    let param = |name: &str| params.get(name).map(String::as_str);
    let requirement = Requirement::parse(param("max_age"), param("acr_values"));
    let provider = rp.provider().await.map_err(|_| unavailable(&rp))?;
    let entropy = &rp.config().entropy;
    // Kept if there is one, so that two tabs may sign in at the same time.
    let browser = cookie::read(rp.config(), &jar, Purpose::SignIn)
        .filter(|known| known.len() == 43)
        .unwrap_or_else(|| entropy.secret());
    let request = Request {
        state: entropy.secret(),
        nonce: entropy.secret(),
        pkce_verifier: entropy.secret(),
        login_hint: params.get("login_hint").filter(|hint| hint.len() <= MAX_HINT).cloned(),
        requirement: requirement.clone(),
    };
    let state = request.state.clone();
    let attempt = Attempt {
        browser: browser.clone(),
        nonce: request.nonce.clone(),
        pkce_verifier: request.pkce_verifier.clone(),
        target: own_path(&rp, param("target_link_uri").unwrap_or("/")),
        requirement,
        session: cookie::read(rp.config(), &jar, Purpose::Session),
        started_at: rp.now(),
    };
    let address = authorization::address(&rp, &provider, request)
        .await
        .map_err(|error| not_begun(&rp, &error))?;
    rp.attempts().begin(state, attempt);
    let jar = jar.add(cookie::make(rp.config(), Purpose::SignIn, browser));
    Ok((jar, Redirect::to(address.as_str())).into_response())
}

/// The path of `target` if it lies in this application, else `/` (open redirects, security.md 98).
fn own_path(rp: &RelyingParty, target: &str) -> String {
    let base = &rp.config().base_url;
    let own = base
        .join(target)
        .ok()
        .filter(|address| address.origin() == base.origin())
        .filter(|address| address.as_str().len() <= MAX_TARGET)
        .filter(|address| !matches!(address.path(), "/login" | "/callback" | "/signed-out"));
    match own {
        Some(address) if is_plain(address.path()) => match address.query() {
            Some(query) => format!("{}?{query}", address.path()),
            None => address.path().to_owned(),
        },
        _ => "/".to_owned(),
    }
}

/// A path that begins with two slashes is another host to a browser; so it may be to whoever
/// decodes a control character or a backslash once too often.
fn is_plain(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    !path.starts_with("//") && !["%0", "%1", "%5c", "%7f"].iter().any(|bad| path.contains(bad))
}

/// The request could not be pushed. It is not sent through the browser instead: who can break the
/// push could then read and change it.
fn not_begun(rp: &RelyingParty, error: &EndpointError) -> Rejection {
    if matches!(error, EndpointError::Unreachable(_)) {
        return unavailable(rp);
    }
    tracing::error!(%error, "an authorization request could not be pushed");
    let app = &rp.config().app_name;
    rp.problem(
        &Problem::new(StatusCode::BAD_GATEWAY, "Signing in could not begin")
            .text(format!("The Identity Portal did not accept the request of {app}."))
            .advice("Try again. If it happens twice, tell the support centre.")
            .link("/login", "Try again"),
    )
    .because(format!("the authorization request could not be pushed: {error}"))
}

pub(crate) fn broken_link(rp: &RelyingParty) -> Rejection {
    rp.problem(
        &Problem::new(StatusCode::BAD_REQUEST, "This link does not work")
            .text("Something in the address is missing, doubled or meant for another system.")
            .advice("Open the application from My Apps in the Identity Portal, or sign in here.")
            .link("/login", "Sign in"),
    )
    .because("a parameter is missing, doubled or meant for another system")
}
