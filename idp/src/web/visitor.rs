//! Who asks: nobody yet, or a person with a live session.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{Method, request::Parts},
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{account::Standing, login::PortalPage, session::Session};
use storage::{Account, SessionDigest};

use crate::{
    App, secrets,
    web::{cookie::Cookie, error::PageError},
};

/// A session that may be used now.
#[derive(Clone, Debug)]
pub struct LiveSession {
    /// The session.
    pub session: Session,
    /// Digest of its cookie.
    pub digest: SessionDigest,
}

/// The live session of the request, if it has one.
#[derive(Clone, Debug)]
pub struct CurrentSession(pub Option<LiveSession>);

/// A signed-in person. A page that needs one leads to the first step of the login otherwise.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The person.
    pub account: Account,
    /// The session.
    pub live: LiveSession,
}

impl<S> FromRequestParts<S> for CurrentSession
where
    S: Send + Sync,
    Arc<App>: FromRef<S>,
{
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let app = <Arc<App>>::from_ref(state);
        let Some(cookie) = Cookie::Session.read(&parts.headers, &app.issuer) else {
            return Ok(Self(None));
        };
        let (digest, now) = (secrets::digest(&cookie), app.now());
        let found = app.store.find_session(&digest).await?;
        let Some(session) = found.filter(|session| session.is_alive(now)) else {
            return Ok(Self(None));
        };
        if session.wants_touch(now) {
            app.store.touch_session(&digest, now).await?;
        }
        Ok(Self(Some(LiveSession { session, digest })))
    }
}

impl<S> FromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    Arc<App>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let app = <Arc<App>>::from_ref(state);
        let CurrentSession(live) = CurrentSession::from_request_parts(parts, state)
            .await
            .map_err(PageError::into_response)?;
        let Some(live) = live else {
            return Err(to_login(parts));
        };
        let account = app.store.find_account(live.session.user_id).await;
        let account = account.map_err(|error| PageError::from(error).into_response())?;
        // The account is asked at every request: an expired or suspended one loses its pages at once (I7).
        let usable = account.filter(|account| {
            account.standing(app.now()) == Standing::Good
                && live.session.created_at >= account.user.credentials_changed_at
        });
        match usable {
            Some(account) => Ok(Self { account, live }),
            None => Err(to_login(parts)),
        }
    }
}

/// The first step, leading back to the page that was asked for.
fn to_login(parts: &Parts) -> Response {
    let page = match parts.uri.path() {
        "/profile" => PortalPage::Profile,
        "/profile/security" => PortalPage::Security,
        _ => PortalPage::Apps,
    };
    if page == PortalPage::Apps || parts.method == Method::HEAD {
        return Redirect::to("/login").into_response();
    }
    Redirect::to(&format!("/login?page={}", page.as_str())).into_response()
}
