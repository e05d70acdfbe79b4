//! The signatory's pages (O1): no account, the one-time link from the mail is the proof. To open the link uses nothing
//! up. It goes into a cookie at once and out of the address, so that no later request tells it to anybody.

use std::sync::Arc;

use axum::{
    extract::{FromRef as _, FromRequestParts},
    http::{StatusCode, request::Parts},
    routing::{get, post},
};
use portal_core::{
    Timestamp, id::NominationId, nomination::NominationStep, one_time_link::LinkPurpose,
    permission::Actor,
};
use storage::{Digest, Nomination, ThirdParty};

use super::route::{
    Guard, PageRoute,
    Verb::{Get, Post},
};
use crate::{
    App,
    administration::Administration,
    secrets,
    web::{
        browser::Browser, chrome::Chrome, cookie::Cookie, error::PageError,
        request_id::RequestContext, visitor::CurrentSession,
    },
};

mod fill;
mod hand_in;
mod state;

/// The pages without a file.
pub(super) const ROUTES: &[PageRoute] = &[
    PageRoute {
        path: "/nominate/review",
        guards: &[(Get, Guard::Public)],
        handler: || get(hand_in::review),
    },
    PageRoute {
        path: "/nominate/submit",
        guards: &[(Post, Guard::Public)],
        handler: || post(hand_in::submit),
    },
    PageRoute {
        path: "/nominate/withdraw",
        guards: &[(Get, Guard::Public), (Post, Guard::Public)],
        handler: || get(state::ask_withdraw).post(state::withdraw),
    },
];

/// The form, with its document.
pub(super) const UPLOADS: &[PageRoute] = &[PageRoute {
    path: "/nominate",
    guards: &[(Get, Guard::Public), (Post, Guard::Public)],
    handler: || get(fill::show).post(fill::save),
}];

/// What the requests of a signatory share.
struct Visit {
    app: Arc<App>,
    browser: Browser,
    context: RequestContext,
    sid: Option<String>,
    link: Option<Digest>,
}

/// A link that is good, for a nomination whose turn it is.
struct Opened {
    link: Digest,
    expires_at: Timestamp,
    nomination: Nomination,
    third_party: ThirdParty,
}

/// What a link leads to.
enum Found {
    /// The form.
    Open(Box<Opened>),
    /// It is good, but nobody is nominated for the third party now: it was suspended, closed or merged meanwhile.
    Barred,
    /// It is used or over: what became of the nomination, and whether the link is over by time.
    Over(Box<Nomination>, Box<ThirdParty>, bool),
    /// There never was such a link.
    Nothing,
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, PageError> {
        let browser = Browser::from_request_parts(parts, app).await;
        let browser = browser.map_err(|_| PageError::internal("no browser cookie layer"))?;
        let context = RequestContext::from_request_parts(parts, app).await;
        let Ok(context) = context;
        let CurrentSession(live) = CurrentSession::from_request_parts(parts, app).await?;
        let link = Cookie::Nomination.read(&parts.headers, &app.issuer);
        Ok(Self {
            app: <Arc<App>>::from_ref(app),
            browser,
            context,
            sid: live.map(|live| live.session.sid),
            link: link.map(|secret| secrets::digest(&secret)),
        })
    }
}

impl Visit {
    /// What the cookie's link leads to.
    async fn find(&self) -> Result<Found, PageError> {
        match &self.link {
            Some(link) => self.follow(link).await,
            None => Ok(Found::Nothing),
        }
    }

    /// What a link leads to.
    async fn follow(&self, link: &Digest) -> Result<Found, PageError> {
        let (store, now) = (&self.app.store, self.app.now());
        let good = store.find_link(link, LinkPurpose::Nomination, now).await?;
        let is_good = good.is_some();
        let made = match good {
            Some(link) => Some(link),
            None => store.recall_link(link, LinkPurpose::Nomination).await?,
        };
        let Some(made) = made else { return Ok(Found::Nothing) };
        let nomination = store.find_nomination(NominationId(made.subject)).await?;
        let Some(nomination) = nomination else { return Ok(Found::Nothing) };
        let third_party = store.find_third_party(nomination.third_party).await?;
        let Some(third_party) = third_party else { return Ok(Found::Nothing) };
        let is_turn = nomination.status.after(NominationStep::Save).is_some();
        if is_good && is_turn && !third_party.status.takes_nominations() {
            return Ok(Found::Barred);
        }
        if is_good && is_turn {
            let (link, expires_at) = (*link, made.expires_at);
            return Ok(Found::Open(Box::new(Opened { link, expires_at, nomination, third_party })));
        }
        let is_expired = made.expires_at <= now;
        Ok(Found::Over(Box::new(nomination), Box::new(third_party), is_expired))
    }

    /// The signatory acts, and nobody who is signed in: the link is all that counts.
    fn administration(&self) -> Administration<'_> {
        Administration {
            store: &self.app.store,
            actor: &Actor::Setup,
            now: self.app.now(),
            origin: self.context.origin(),
        }
    }

    fn chrome(&self) -> Chrome {
        let mut chrome = Chrome::public(&self.app, &self.browser, &self.context, None);
        let sid = self.sid.as_deref();
        chrome.csrf_token = self.app.server_keys.csrf_token(&self.browser.digest, sid);
        chrome
    }

    /// Whether a token is that of this browser and session.
    fn is_own(&self, token: &str) -> bool {
        let sid = self.sid.as_deref();
        self.app.server_keys.is_csrf_token(token, &self.browser.digest, sid)
    }
}

impl Opened {
    /// A form of another nomination, from before another link was opened, changes nothing of this one.
    fn check_form(&self, nomination: &str) -> Result<(), PageError> {
        if nomination == self.nomination.id.to_string() {
            Ok(())
        } else {
            Err(PageError::StaleForm)
        }
    }
}

/// The status of a page with what is wrong.
const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
