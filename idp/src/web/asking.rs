//! Who asks, and how: what the pages of signed-in people begin with.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use portal_core::{
    account::UserStatus,
    id::UserId,
    permission::{self, Action, ApplicationSight, Object, Sight, application_sight, sight},
};
use storage::Account;

use crate::{
    App,
    administration::{Administration, object_of},
    texts::Texts,
    web::{
        browser::Browser, chrome::Chrome, cursor::CursorScope, error::PageError,
        request_id::RequestContext, visitor::SignedIn,
    },
};

/// A request of a signed-in person. Whoever is not signed in is led to the login instead.
pub(crate) struct Asking {
    /// The program.
    pub(crate) app: Arc<App>,
    /// The browser.
    pub(crate) browser: Browser,
    /// The request.
    pub(crate) context: RequestContext,
    /// The person.
    pub(crate) who: SignedIn,
}

impl FromRequestParts<Arc<App>> for Asking {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let browser = Browser::from_request_parts(parts, app).await;
        let browser = browser.map_err(IntoResponse::into_response)?;
        let Ok(context) = RequestContext::from_request_parts(parts, app).await;
        let who = SignedIn::from_request_parts(parts, app).await?;
        Ok(Self { app: Arc::clone(app), browser, context, who })
    }
}

impl Asking {
    /// Goes on only if the permission table allows the person this.
    ///
    /// # Errors
    /// As [`SignedIn::may`].
    pub(crate) fn may(&self, action: Action, object: &Object) -> Result<(), PageError> {
        self.who.may(&self.app, action, object)
    }

    /// The account that an address names, if the person may do this to it. What is deleted is not there any more.
    ///
    /// # Errors
    /// As [`SignedIn::may`]; [`PageError::NotFound`].
    pub(crate) async fn account(&self, id: &str, action: Action) -> Result<Account, PageError> {
        let id: UserId = id.parse().map_err(|_| PageError::NotFound)?;
        let account = self.app.store.find_account(id).await?.ok_or(PageError::NotFound)?;
        self.may(action, &object_of(&account))?;
        if account.user.status == UserStatus::Deleted {
            return Err(PageError::NotFound);
        }
        Ok(account)
    }

    /// Goes on only if the person may do this to the own account.
    ///
    /// # Errors
    /// As [`SignedIn::may_own`].
    pub(crate) fn may_own(&self, action: Action) -> Result<(), PageError> {
        self.who.may_own(&self.app, action)
    }

    /// Whether the permission table allows the person this: for what a page offers. It is asked again when it is done.
    pub(crate) fn is_allowed(&self, action: Action, object: &Object) -> bool {
        permission::decide(&self.who.actor, action, object, self.app.now()).is_allowed()
    }

    /// Where the person may do this.
    pub(crate) fn sight(&self, action: Action) -> Sight {
        sight(&self.who.actor, action, self.app.now())
    }

    /// The same, with the applications that it is for.
    pub(crate) fn application_sight(&self, action: Action) -> ApplicationSight {
        application_sight(&self.who.actor, action, self.app.now())
    }

    /// The person at work in this request.
    pub(crate) fn administration(&self) -> Administration<'_> {
        self.who.administration(&self.app, &self.context)
    }

    /// The frame of a page, with that entry of the navigation current.
    pub(crate) fn chrome(&self, current: &'static str) -> Chrome {
        Chrome::personal(&self.app, &self.browser, &self.context, &self.who, current)
    }

    /// Places in a list of this person, filtered and ordered so.
    pub(crate) const fn cursor<'a>(&self, list: &'a str, filter: &'a str) -> CursorScope<'a> {
        CursorScope { list, actor: self.who.account.user.id, filter }
    }

    /// The words of the reader's language.
    pub(crate) const fn texts(&self) -> &Texts {
        &self.context.texts
    }

    /// One of them.
    pub(crate) fn text(&self, key: &str) -> String {
        self.context.texts.msg(key)
    }

    /// Whether the token of a form is that of this browser and session.
    pub(crate) fn is_own_token(&self, token: &str) -> bool {
        let sid = Some(self.who.session.sid.as_str());
        self.app.server_keys.is_csrf_token(token, &self.browser.digest, sid)
    }
}
