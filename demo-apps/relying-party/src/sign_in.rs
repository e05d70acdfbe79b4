//! From "who are you?" to a session: the authorization code flow with PKCE, state, nonce and `iss`.

use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use http::StatusCode;
use openidconnect::{
    CsrfToken, LoginHint, Nonce, PkceCodeChallenge, PkceCodeVerifier, Scope,
    core::CoreAuthenticationFlow,
};
use url::Url;

use crate::{
    Decision, Problem, Rejection, RelyingParty,
    attempt::Attempt,
    cookie::{self, Purpose},
    params::{self, Params},
    provider::Provider,
    signed_in::{refused, unavailable},
    tokens::{self, Granted, TokenError},
};

/// Longest `login_hint` that is passed on, in bytes.
const MAX_HINT: usize = 320;
/// Longest path to open after the sign-in, in bytes: it is kept for ten minutes.
const MAX_TARGET: usize = 2048;

/// `GET /login`: begins a sign-in. The provider's tiles start here too, with `iss`, `login_hint`
/// and `target_link_uri` (OpenID Connect Core 4).
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
    let provider = rp.provider().await.map_err(|_| unavailable(&rp))?;
    let entropy = &rp.config().entropy;
    // Kept if there is one, so that two tabs may sign in at the same time.
    let browser = cookie::read(rp.config(), &jar, Purpose::SignIn)
        .filter(|known| known.len() == 43)
        .unwrap_or_else(|| entropy.secret());
    let (state, nonce, pkce_verifier) = (entropy.secret(), entropy.secret(), entropy.secret());
    let hint = params.get("login_hint").filter(|hint| hint.len() <= MAX_HINT).cloned();
    let secrets = (state.clone(), nonce.clone(), pkce_verifier.clone());
    let address = authorization_request(&rp, &provider, secrets, hint);

    let target = own_path(&rp, params.get("target_link_uri").map_or("/", String::as_str));
    let started_at = rp.now();
    rp.attempts().begin(
        state,
        Attempt { browser: browser.clone(), nonce, pkce_verifier, target, started_at },
    );
    let jar = jar.add(cookie::make(rp.config(), Purpose::SignIn, browser));
    Ok((jar, Redirect::to(address.as_str())).into_response())
}

/// The address to send the browser to (OpenID Connect Core 3.1.2.1, RFC 7636 section 4.3).
fn authorization_request(
    rp: &RelyingParty,
    provider: &Provider,
    (state, nonce, pkce_verifier): (String, String, String),
    hint: Option<String>,
) -> Url {
    let verifier = PkceCodeVerifier::new(pkce_verifier);
    let mut request = provider
        .client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        )
        .add_scopes(rp.config().scopes.iter().cloned().map(Scope::new))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
    if let Some(hint) = hint {
        request = request.set_login_hint(LoginHint::new(hint));
    }
    request.url().0
}

/// `GET /callback`: the provider's answer. Every check comes before the session.
pub(crate) async fn callback(
    State(rp): State<RelyingParty>,
    RawQuery(query): RawQuery,
    jar: CookieJar,
) -> Result<Response, Rejection> {
    let query = query.unwrap_or_default();
    let params = params::parse(query.as_bytes()).ok_or_else(|| broken_link(&rp))?;
    let attempt = take_attempt(&rp, &params, &jar).ok_or_else(|| not_begun_here(&rp))?;
    // RFC 9207 section 2.4: required and compared, or one provider's answer passes for another's.
    if params.get("iss") != Some(&rp.config().issuer) {
        return Err(not_believed(&rp, "iss is missing or wrong"));
    }
    if let Some(error) = params.get("error") {
        return Err(answer_is_error(&rp, error));
    }
    let code = params.get("code").cloned().ok_or_else(|| broken_link(&rp))?;
    let granted = tokens::redeem(&rp, code, attempt.pkce_verifier, attempt.nonce)
        .await
        .map_err(|error| explain(&rp, &error))?;
    match rp.admit(&granted.facts.person).await {
        Decision::Admit => Ok(begin_session(&rp, granted, jar, &attempt.target)),
        Decision::Refuse { reason } => Err(refused(&rp, reason)),
        Decision::Unavailable => Err(unavailable(&rp)),
    }
}

fn take_attempt(rp: &RelyingParty, params: &Params, jar: &CookieJar) -> Option<Attempt> {
    let browser = cookie::read(rp.config(), jar, Purpose::SignIn)?;
    rp.attempts().take(params.get("state")?, &browser, rp.now())
}

/// A session has a new cookie each time, so a planted one gains nothing (session fixation).
fn begin_session(rp: &RelyingParty, granted: Granted, jar: CookieJar, target: &str) -> Response {
    if let Some(old) = cookie::read(rp.config(), &jar, Purpose::Session) {
        rp.sessions().end(&old);
    }
    let entropy = &rp.config().entropy;
    let id = entropy.secret();
    let secrets = (id.clone(), entropy.secret());
    rp.sessions().begin(secrets, granted.facts, granted.refresh_token, rp.now());
    let jar = jar
        .add(cookie::make(rp.config(), Purpose::Session, id))
        .add(cookie::forget(rp.config(), Purpose::SignOut));
    (jar, Redirect::to(target)).into_response()
}

/// The path of `target` if it lies in this application, else `/` (open redirects, security.md).
fn own_path(rp: &RelyingParty, target: &str) -> String {
    let base = &rp.config().base_url;
    let own = base
        .join(target)
        .ok()
        .filter(|address| address.origin() == base.origin())
        .filter(|address| address.as_str().len() <= MAX_TARGET)
        .filter(|address| !matches!(address.path(), "/login" | "/callback" | "/signed-out"));
    match own {
        // A path that begins with two slashes is another host to a browser.
        Some(address) if !address.path().starts_with("//") => match address.query() {
            Some(query) => format!("{}?{query}", address.path()),
            None => address.path().to_owned(),
        },
        _ => "/".to_owned(),
    }
}

fn explain(rp: &RelyingParty, error: &TokenError) -> Rejection {
    match error {
        TokenError::Unreachable(_) => unavailable(rp),
        TokenError::Refused(code) => {
            tracing::info!(code, "the provider refused the authorization code");
            not_begun_here(rp)
        }
        TokenError::Invalid(why) => not_believed(rp, why),
    }
}

fn answer_is_error(rp: &RelyingParty, error: &str) -> Rejection {
    match error {
        "access_denied" => denied(rp),
        "temporarily_unavailable" | "server_error" => unavailable(rp),
        _ => {
            tracing::warn!(error = error.chars().take(60).collect::<String>(), "sign-in failed");
            rp.problem(
                &Problem::new(StatusCode::BAD_REQUEST, "Signing in did not work")
                    .text("The Identity Portal could not answer our request.")
                    .advice("Sign in again. If it happens twice, tell the support centre.")
                    .link("/login", "Sign in again"),
            )
        }
    }
}

/// The provider knows the person and refuses: this program makes no account.
fn denied(rp: &RelyingParty) -> Rejection {
    let config = rp.config();
    let app = &config.app_name;
    let title = format!("You were not signed in to {app}");
    let text = format!(
        "The Identity Portal did not let you through: your account has no group of {app}, or you \
         declined. No account was made for you here. {}",
        config.access_hint
    );
    let advice = format!(
        "Ask the delegated access administrator (DAA) of your organisation for access. Then open \
         {app} again from My Apps in the Identity Portal."
    );
    rp.problem(&Problem::new(StatusCode::FORBIDDEN, title).text(text.trim_end()).advice(advice))
}

fn not_believed(rp: &RelyingParty, why: &str) -> Rejection {
    tracing::warn!(why, "an answer of the provider failed a check");
    rp.problem(
        &Problem::new(StatusCode::BAD_REQUEST, "Signing in did not work")
            .text("The answer that reached us failed a security check, so it was not used.")
            .advice("Sign in again. If it happens twice, tell the support centre.")
            .link("/login", "Sign in again"),
    )
}

fn not_begun_here(rp: &RelyingParty) -> Rejection {
    rp.problem(
        &Problem::new(StatusCode::BAD_REQUEST, "This sign-in cannot be finished")
            .text(
                "It was begun in another browser, took longer than ten minutes, or was finished \
                 already.",
            )
            .advice("Begin again here. Cookies must be allowed for this site.")
            .link("/login", "Sign in"),
    )
}

fn broken_link(rp: &RelyingParty) -> Rejection {
    rp.problem(
        &Problem::new(StatusCode::BAD_REQUEST, "This link does not work")
            .text("Something in the address is missing, doubled or meant for another system.")
            .advice("Open the application from My Apps in the Identity Portal, or sign in here.")
            .link("/login", "Sign in"),
    )
}
