//! Extractors for the application's own pages: who is asking, and did that person's browser send
//! this form.

use std::{ops::Deref, sync::Arc};

use axum::{
    body::Bytes,
    extract::{FromRef, FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Redirect},
};
use axum_extra::extract::{CookieJar, Form};
use http::{HeaderMap, Method, StatusCode, header, request::Parts};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq as _;

use crate::{
    Person, Problem, Rejection, RelyingParty,
    cookie::{self, Purpose},
    renewal::{self, Renewal},
    session::Session,
};

/// The person with a session. Without one, a GET is sent to sign in and comes back here, and
/// anything else is refused with 401. Claims are at most as old as an access token lives.
#[derive(Clone)]
pub struct SignedIn {
    person: Arc<Person>,
    session: Arc<Session>,
    asked: Arc<Asked>,
}

/// What the person asked for, to come back to it after a step-up.
#[derive(Default)]
pub(crate) struct Asked {
    /// Path and query.
    pub(crate) path: String,
    /// What was sent, encoded; `None` for a page.
    pub(crate) form: Option<Bytes>,
}

impl SignedIn {
    pub(crate) fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Goes into the hidden field `csrf_token` of every form.
    pub fn csrf_token(&self) -> &str {
        &self.session.csrf_token
    }
}

impl Deref for SignedIn {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.person
    }
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn").field("sub", &self.person.sub).finish_non_exhaustive()
    }
}

impl<S> FromRequestParts<S> for SignedIn
where
    RelyingParty: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let rp = RelyingParty::from_ref(state);
        let jar = CookieJar::from_headers(&parts.headers);
        let Some(session) = find_session(&rp, &jar) else {
            return Err(ask_to_sign_in(&rp, parts, &jar));
        };
        match renewal::ensure_good(&rp, &session).await {
            Renewal::Good => {
                let path = own_path_and_query(parts).to_owned();
                // A form without a body that was read is still no page to come back to.
                let form = (!is_page(parts)).then(Bytes::new);
                let asked = Arc::new(Asked { path, form });
                Ok(Self { person: session.facts().person, session, asked })
            }
            Renewal::Over => Err(ask_to_sign_in(&rp, parts, &jar)),
            Renewal::Refused(reason) => Err(refused(&rp, reason)),
            Renewal::Unavailable => Err(unavailable(&rp)),
        }
    }
}

/// A form that the signed-in person's own browser sent from this application's own page: session,
/// origin and `csrf_token` are checked (security.md, CSRF). Repeated fields make a `Vec`.
#[derive(Debug)]
pub struct SignedInForm<T> {
    /// Who sent it.
    pub person: SignedIn,
    /// What was sent.
    pub form: T,
}

impl<S, T> FromRequest<S> for SignedInForm<T>
where
    RelyingParty: FromRef<S>,
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejection> {
        let rp = RelyingParty::from_ref(state);
        let (mut parts, body) = request.into_parts();
        let mut person = SignedIn::from_request_parts(&mut parts, state).await?;
        let headers = parts.clone();
        let bytes = Bytes::from_request(Request::from_parts(parts, body), state)
            .await
            .map_err(Rejection::new)?;
        check_own_form(&rp, &headers.headers, &bytes, &person.session)?;
        let path = own_path_and_query(&headers).to_owned();
        person.asked = Arc::new(Asked { path, form: Some(bytes.clone()) });
        let request = Request::from_parts(headers, bytes.into());
        match Form::<T>::from_request(request, state).await {
            Ok(Form(form)) => Ok(Self { person, form }),
            Err(_) => Err(rp.problem(
                &Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "This form is incomplete")
                    .text("A field is missing or has a value that is not on offer. Nothing was changed.")
                    .advice("Go back, reload the page and try again."),
            )),
        }
    }
}

/// The living session of the browser's cookie.
pub(crate) fn find_session(rp: &RelyingParty, jar: &CookieJar) -> Option<Arc<Session>> {
    let id = cookie::read(rp.config(), jar, Purpose::Session)?;
    rp.sessions().find(&id, rp.now())
}

/// Refuses a form that the session's own browser did not send from our own page.
pub(crate) fn check_own_form(
    rp: &RelyingParty,
    headers: &HeaderMap,
    form: &[u8],
    session: &Session,
) -> Result<(), Rejection> {
    if is_same_origin(rp, headers) && has_csrf_token(form, &session.csrf_token) {
        return Ok(());
    }
    Err(rp.problem(
        &Problem::new(StatusCode::FORBIDDEN, "This form cannot be accepted")
            .text("It was not sent from a current page of this application. Nothing was changed.")
            .advice("Go back, reload the page and try again."),
    ))
}

/// `Sec-Fetch-Site` where the browser sends it, else `Origin`. A client that sends neither is no
/// browser of today; the token still binds it.
fn is_same_origin(rp: &RelyingParty, headers: &HeaderMap) -> bool {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = header("sec-fetch-site") {
        return site == "same-origin";
    }
    let own = rp.config().base_url.origin().ascii_serialization();
    header("origin").is_none_or(|origin| origin == own)
}

fn has_csrf_token(form: &[u8], expected: &str) -> bool {
    let mut found = form_urlencoded::parse(form).filter(|(name, _)| name == "csrf_token");
    match (found.next(), found.next()) {
        (Some((_, token)), None) => token.as_bytes().ct_eq(expected.as_bytes()).into(),
        _ => false,
    }
}

fn is_page(parts: &Parts) -> bool {
    parts.method == Method::GET || parts.method == Method::HEAD
}

fn own_path_and_query(parts: &Parts) -> &str {
    parts.uri.path_and_query().map_or("/", |target| target.as_str())
}

fn ask_to_sign_in(rp: &RelyingParty, parts: &Parts, jar: &CookieJar) -> Rejection {
    if !is_page(parts) {
        return rp.problem(
            &Problem::new(StatusCode::UNAUTHORIZED, "Your session has ended")
                .text("You were signed out, so nothing was changed.")
                .advice("Sign in and try again.")
                .link("/login", "Sign in"),
        );
    }
    if comes_from_sign_out(rp, parts, jar) {
        return Rejection::new(Redirect::to("/signed-out"));
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("target_link_uri", own_path_and_query(parts))
        .finish();
    let mut answer = Redirect::to(&format!("/login?{query}")).into_response();
    answer.headers_mut().insert(header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    Rejection::new(answer)
}

/// The provider sends the browser here after sign-out with our `state`; sending it straight back
/// to sign in would undo what the person just did.
fn comes_from_sign_out(rp: &RelyingParty, parts: &Parts, jar: &CookieJar) -> bool {
    let Some(expected) = cookie::read(rp.config(), jar, Purpose::SignOut) else {
        return false;
    };
    let query = parts.uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| name == "state" && value == expected.as_str())
}

/// The page for a person whom the application does not let in.
pub(crate) fn refused(rp: &RelyingParty, reason: String) -> Rejection {
    let app = &rp.config().app_name;
    rp.problem(
        &Problem::new(StatusCode::FORBIDDEN, format!("You have no access to {app}"))
            .text(reason)
            .advice(
                "Ask the delegated access administrator (DAA) of your organisation. Once access \
                 is granted, sign in again.",
            )
            .link("/login", "Sign in again"),
    )
    .because("the application does not let this person in")
}

/// The page for a time in which the provider or the application's database does not answer.
pub(crate) fn unavailable(rp: &RelyingParty) -> Rejection {
    rp.problem(
        &Problem::new(StatusCode::SERVICE_UNAVAILABLE, "Signing in is not possible right now")
            .text("The service that knows who you are does not answer. Nothing is wrong with your account.")
            .advice("Wait a minute and reload this page.")
            .link("/", "Try again"),
    )
    .because("the provider cannot be used: it is unreachable, failed, or published nonsense")
}
