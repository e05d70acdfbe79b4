//! The provider's answer: every check comes before the session.

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use http::{HeaderMap, StatusCode, header};

use crate::{
    Decision, Problem, Rejection, RelyingParty,
    attempt::Attempt,
    cookie::{self, Purpose},
    params::{self, Params},
    provider::Provider,
    session::NewSession,
    sign_in::broken_link,
    signed_in::{refused, unavailable},
    tokens::{self, Granted, TokenError},
};

/// `GET /callback`, with `response_mode=query`.
pub(crate) async fn from_query(
    State(rp): State<RelyingParty>,
    RawQuery(query): RawQuery,
    jar: CookieJar,
) -> Result<Response, Rejection> {
    let query = query.unwrap_or_default();
    let params = params::parse(query.as_bytes()).ok_or_else(|| broken_link(&rp))?;
    finish(&rp, &params, jar).await
}

/// `POST /callback`, with `response_mode=form_post`. Comes from the provider's site, so it carries
/// the sign-in cookie and not the session's; `state` and that cookie are what makes it ours.
pub(crate) async fn from_form(
    State(rp): State<RelyingParty>,
    jar: CookieJar,
    headers: HeaderMap,
    form: Bytes,
) -> Result<Response, Rejection> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(broken_link(&rp));
    }
    let params = params::parse(&form).ok_or_else(|| broken_link(&rp))?;
    finish(&rp, &params, jar).await
}

async fn finish(rp: &RelyingParty, params: &Params, jar: CookieJar) -> Result<Response, Rejection> {
    // Before the attempt is used up, so that a reload helps.
    let provider = rp.provider().await.map_err(|_| unavailable(rp))?;
    let attempt = take_attempt(rp, params, &jar).ok_or_else(|| not_begun_here(rp))?;
    check_issuer(rp, &provider, params)?;
    if let Some(error) = params.get("error") {
        return Err(answer_is_error(rp, error));
    }
    let code = params.get("code").cloned().ok_or_else(|| broken_link(rp))?;
    let granted = tokens::redeem(rp, code, &attempt).await.map_err(|error| explain(rp, &error))?;
    match rp.admit(&granted.facts.person).await {
        Decision::Admit => begin_session(rp, granted, jar, &attempt),
        Decision::Refuse { reason } => Err(refused(rp, reason)),
        Decision::Unavailable => Err(unavailable(rp)),
    }
}

fn take_attempt(rp: &RelyingParty, params: &Params, jar: &CookieJar) -> Option<Attempt> {
    let browser = cookie::read(rp.config(), jar, Purpose::SignIn)?;
    rp.attempts().take(params.get("state")?, &browser, rp.now())
}

/// RFC 9207 section 2.4: compared where it comes, demanded where the provider says that it comes,
/// or one provider's answer passes for another's.
fn check_issuer(rp: &RelyingParty, provider: &Provider, params: &Params) -> Result<(), Rejection> {
    match params.get("iss") {
        Some(iss) if *iss == rp.config().issuer => Ok(()),
        None if !provider.names_itself => Ok(()),
        Some(_) => Err(not_believed(rp, "iss of the authorization response is wrong")),
        None => Err(not_believed(rp, "iss of the authorization response is missing")),
    }
}

/// A session has a new cookie each time, so a planted one gains nothing (session fixation). The
/// same person keeps the `csrf_token`, so that a form in another tab survives a step-up.
fn begin_session(
    rp: &RelyingParty,
    granted: Granted,
    jar: CookieJar,
    attempt: &Attempt,
) -> Result<Response, Rejection> {
    let person = &granted.facts.person;
    let own = cookie::read(rp.config(), &jar, Purpose::Session);
    let before = [own.as_ref(), attempt.session.as_ref()]
        .into_iter()
        .flatten()
        .filter_map(|id| rp.sessions().end(id))
        .find(|session| {
            let before = session.facts().person;
            before.iss == person.iss && before.sub == person.sub
        });
    let entropy = &rp.config().entropy;
    let csrf_token = before.map_or_else(|| entropy.secret(), |session| session.csrf_token.clone());
    let id = entropy.secret();
    let new = NewSession {
        id: id.clone(),
        csrf_token,
        facts: granted.facts,
        refresh_token: granted.refresh_token,
        asked_at: attempt.started_at,
    };
    if !rp.sessions().begin(new, rp.now()) {
        return Err(ended_meanwhile(rp));
    }
    let jar = jar
        .add(cookie::make(rp.config(), Purpose::Session, id))
        .add(cookie::forget(rp.config(), Purpose::SignOut));
    Ok((jar, Redirect::to(&attempt.target)).into_response())
}

/// A back-channel logout overtook the sign-in.
fn ended_meanwhile(rp: &RelyingParty) -> Rejection {
    rp.problem(
        &Problem::new(StatusCode::FORBIDDEN, "You were signed out meanwhile")
            .text("Your session in the Identity Portal ended while you were signing in here.")
            .advice("Sign in again.")
            .link("/login", "Sign in"),
    )
    .because("the provider has ended this session")
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
            let error: String = error.chars().take(60).collect();
            tracing::warn!(error, "sign-in failed");
            rp.problem(
                &Problem::new(StatusCode::BAD_REQUEST, "Signing in did not work")
                    .text("The Identity Portal could not answer our request.")
                    .advice("Sign in again. If it happens twice, tell the support centre.")
                    .link("/login", "Sign in again"),
            )
            .because(format!("the provider answered with the error {error}"))
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
        .because("the provider answered with the error access_denied")
}

fn not_believed(rp: &RelyingParty, why: &str) -> Rejection {
    tracing::warn!(why, "an answer of the provider failed a check");
    rp.problem(
        &Problem::new(StatusCode::BAD_REQUEST, "Signing in did not work")
            .text("The answer that reached us failed a security check, so it was not used.")
            .advice("Sign in again. If it happens twice, tell the support centre.")
            .link("/login", "Sign in again"),
    )
    .because(why)
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
    .because("state is unknown, or the authorization code was refused")
}
