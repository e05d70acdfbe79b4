//! The acknowledgement of a document: what it says, one button, and the way out. Afterwards the person is where the way
//! led (O16).

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::header::CONTENT_SECURITY_POLICY,
    response::{IntoResponse as _, Redirect, Response},
    routing::{MethodRouter, get},
};
use portal_core::{
    login::{PortalPage, Target},
    permission::Action,
    terms::Document,
};
use serde::Deserialize;

use super::super::{target, waiting_client};
use crate::{
    App,
    texts::Texts,
    web::{
        acknowledgement::{is_owed, page_for},
        browser::Browser,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        headers,
        query::Query,
        request_id::RequestContext,
        visitor::{CurrentSession, LiveSession, SignedIn},
    },
};

/// Where the way leads afterwards.
#[derive(Deserialize)]
struct Wanted {
    request: Option<String>,
    to: Option<String>,
}

#[derive(Template)]
#[template(path = "terms/acknowledge.html")]
struct AcknowledgePage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    for_administrators: bool,
    action: &'static str,
    version: &'a str,
    /// Whether an earlier version was acknowledged.
    is_new_version: bool,
    name: String,
    request: Option<&'a str>,
    to: Option<&'a str>,
}

/// What the requests share.
struct Visit {
    app: Arc<App>,
    browser: Browser,
    context: RequestContext,
    document: Document,
    target: Target,
}

/// The page of a document.
pub(super) fn page(document: Document) -> MethodRouter<Arc<App>> {
    get(move |State(app), browser, context, CurrentSession(live), Query(wanted): Query<Wanted>| {
        let target = target_of(wanted.request.as_deref(), wanted.to.as_deref());
        Visit { app, browser, context, document, target }.show(live)
    })
    .post(move |State(app), browser, context, CurrentSession(live), form: OwnForm| {
        let target = target_of(form.find("request"), form.find("to"));
        Visit { app, browser, context, document, target }.submit(live, form)
    })
}

/// A stored authorization request, or a page of ours.
fn target_of(request: Option<&str>, to: Option<&str>) -> Target {
    target::named(request, None, to).unwrap_or(Target::Page(PortalPage::Apps))
}

impl Visit {
    async fn show(self, live: Option<LiveSession>) -> Result<Response, PageError> {
        let Some(who) = self.who(live).await? else {
            return Ok(Redirect::to(&target::restart_address(&self.target)).into_response());
        };
        if !is_owed(&self.app, &who.account, self.document).await? {
            return Ok(self.go_on());
        }
        let client = waiting_client::find(&self.app, &self.browser, &self.target).await?;
        let context = waiting_client::in_its_language(&self.context, client.as_ref());
        let user = &who.account.user;
        let page = chrome::page(&AcknowledgePage {
            t: &context.texts,
            chrome: Chrome::public(&self.app, &self.browser, &context, Some(&who.session)),
            for_administrators: self.document == Document::Administrators,
            action: page_for(self.document),
            version: self.app.terms.version(self.document).as_str(),
            is_new_version: user.terms.of(self.document).is_some(),
            name: user.display_name(),
            request: match &self.target {
                Target::AuthorizationRequest(id) => Some(id.as_str()),
                Target::Page(_) | Target::Again(_) => None,
            },
            to: match &self.target {
                Target::Again(address) => Some(address.as_str()),
                Target::Page(_) | Target::AuthorizationRequest(_) => None,
            },
        })?;
        let origin = client.and_then(|client| client.origin);
        let policy = [(CONTENT_SECURITY_POLICY, headers::policy_leading_to(origin.as_ref()))];
        Ok((policy, page).into_response())
    }

    /// What was shown is acknowledged, or nothing: a newer version may hold by now.
    async fn submit(self, live: Option<LiveSession>, form: OwnForm) -> Result<Response, PageError> {
        form.only(&["version", "request", "to"], &[])?;
        let Some(who) = self.who(live).await? else {
            return Ok(Redirect::to(&target::restart_address(&self.target)).into_response());
        };
        if !is_owed(&self.app, &who.account, self.document).await? {
            return Ok(self.go_on());
        }
        let version = self.app.terms.version(self.document);
        if form.get("version") != version.as_str() {
            return self
                .show(Some(LiveSession { session: who.session, account: who.account }))
                .await;
        }
        let administration = who.administration(&self.app, &self.context);
        administration.acknowledge_terms(self.document, version).await?;
        Ok(self.go_on())
    }

    async fn who(&self, live: Option<LiveSession>) -> Result<Option<SignedIn>, PageError> {
        let Some(live) = live else {
            return Ok(None);
        };
        let who = SignedIn::load(&self.app, live).await?;
        who.may_own(&self.app, Action::AcknowledgeTerms)?;
        Ok(Some(who))
    }

    fn go_on(&self) -> Response {
        Redirect::to(&target::address(&self.target)).into_response()
    }
}
