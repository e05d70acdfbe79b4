//! Who asks: nobody yet, or a person with a live session.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, Method, request::Parts},
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    account::Standing,
    login::PortalPage,
    permission::{self, Action, Actor, Decision, Denial, Object},
    session::Session,
};
use storage::{Account, SessionDigest, StorageError};

use crate::{
    App,
    administration::{Administration, object_of},
    secrets,
    web::{cookie::Cookie, error::PageError, request_id::RequestContext},
};

/// A session that may be used now, and whose it is.
#[derive(Clone, Debug)]
pub struct LiveSession {
    /// The session.
    pub session: Session,
    /// The person, whose account is in good standing.
    pub account: Account,
}

impl LiveSession {
    /// The live session that a request names, without being used by it: its time goes on.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn look(app: &App, headers: &HeaderMap) -> Result<Option<Self>, StorageError> {
        let Some(digest) = digest_of(app, headers) else {
            return Ok(None);
        };
        let now = app.now();
        let found = app.store.find_session(&digest).await?;
        let Some(session) = found.filter(|session| session.is_alive(now)) else {
            return Ok(None);
        };
        let account = app.store.find_account(session.user_id).await?;
        let account = account.filter(|account| {
            account.standing(now) == Standing::Good
                && session.created_at >= account.user.credentials_changed_at
        });
        Ok(account.map(|account| Self { session, account }))
    }
}

fn digest_of(app: &App, headers: &HeaderMap) -> Option<SessionDigest> {
    Cookie::Session.read(headers, &app.issuer).map(|cookie| secrets::digest(&cookie))
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
    pub session: Session,
    /// The person as somebody who acts, with the roles of this moment.
    pub actor: Actor,
    /// How many notices the person has not seen.
    pub unread: u64,
}

impl SignedIn {
    /// A person with a live session; roles and notices are loaded.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn load(app: &App, live: LiveSession) -> Result<Self, StorageError> {
        let LiveSession { session, account } = live;
        let actor = app.store.actor(&account).await?;
        let unread = app.store.count_unread_notices(account.user.id).await?;
        Ok(Self { account, session, actor, unread })
    }

    /// Goes on only if the permission table allows the person this.
    ///
    /// # Errors
    /// [`PageError::Hidden`] for what is out of sight, [`PageError::Forbidden`] for what is not permitted.
    pub fn may(&self, app: &App, action: Action, object: &Object) -> Result<(), PageError> {
        match permission::decide(&self.actor, action, object, app.now()) {
            Decision::Allow(_) => Ok(()),
            Decision::Deny(Denial::NotFound) => Err(PageError::Hidden),
            Decision::Deny(_) => Err(PageError::Forbidden),
        }
    }

    /// Goes on only if the person may do this to the own account.
    ///
    /// # Errors
    /// [`PageError::Forbidden`]: what is refused is not hidden, as it is there.
    pub fn may_own(&self, app: &App, action: Action) -> Result<(), PageError> {
        self.may(app, action, &object_of(&self.account)).map_err(|_| PageError::Forbidden)
    }

    /// The person at work in this request.
    pub fn administration<'a>(
        &'a self,
        app: &'a App,
        context: &RequestContext,
    ) -> Administration<'a> {
        Administration {
            store: &app.store,
            actor: &self.actor,
            now: app.now(),
            origin: context.origin(),
        }
    }
}

impl<S> FromRequestParts<S> for CurrentSession
where
    S: Send + Sync,
    Arc<App>: FromRef<S>,
{
    type Rejection = PageError;

    /// The account is asked at every request: one that expires or is suspended loses its sessions at once, at every
    /// door (I7), and so does one whose credentials changed after the session began.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        // Whoever looked at this request before has loaded it.
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let (app, headers) = (<Arc<App>>::from_ref(state), &parts.headers);
        let Some(mut live) = LiveSession::look(&app, headers).await? else {
            return Ok(Self(None));
        };
        let now = app.now();
        if live.session.wants_touch(now)
            && let Some(digest) = digest_of(&app, headers)
        {
            app.store.touch_session(&digest, now).await?;
            live.session.last_seen_at = now;
        }
        Ok(Self(Some(live)))
    }
}

impl<S> FromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    Arc<App>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let current = CurrentSession::from_request_parts(parts, state).await;
        match current.map_err(PageError::into_response)? {
            CurrentSession(Some(live)) => {
                let app = <Arc<App>>::from_ref(state);
                let loaded = Self::load(&app, live).await;
                loaded.map_err(|error| PageError::from(error).into_response())
            }
            CurrentSession(None) => Err(to_login(parts)),
        }
    }
}

/// The first step, leading back to the page that was asked for.
fn to_login(parts: &Parts) -> Response {
    let page = PortalPage::of_path(parts.uri.path());
    if page == PortalPage::Apps || parts.method == Method::HEAD {
        return Redirect::to("/login").into_response();
    }
    Redirect::to(&format!("/login?page={}", page.as_str())).into_response()
}
