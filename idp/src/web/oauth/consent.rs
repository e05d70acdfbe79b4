//! `/oauth2/consent`: the question whether a client may hear of the person (OpenID Connect Core 3.1.2.4).
//!
//! The question belongs to a stored request, to the browser that began it and to the person who is signed in there.
//! The answer is kept with the request and leads back to it; what is decided on is what is stored, never what a form
//! says (security.md 10, 12, 13).

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{Uri, header::CONTENT_SECURITY_POLICY},
    response::Response,
};
use oidc_core::{
    authorization::AuthorizationRequest,
    client::Client,
    consent::{self, Allowance},
    discovery,
    next_step::Step,
    secret::{Secret, SecretKind},
};
use portal_core::{
    audit::{AuditAction, AuditActor, AuditEvent},
    permission::Action,
};
use serde_json::json;
use storage::{RequestDigest, StoredAnswer};

use super::{
    asked::{self, Found},
    authorize::Visit,
    consent_view::{QuestionFacts, QuestionView, fingerprint},
    request_params, respond,
};
use crate::{
    App,
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        client_view::ClientView,
        error::PageError,
        form::OwnForm,
        headers::{Source, policy_with},
        request_id::RequestContext,
        visitor::{CurrentSession, LiveSession, SignedIn},
    },
};

/// Path of the question.
pub(super) const CONSENT_PATH: &str = "/oauth2/consent";

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    request: &'a str,
    shown: String,
    client: ClientView,
    question: QuestionView,
}

/// A request whose next step is a person's answer.
struct Question {
    /// The name of the stored request.
    name: String,
    digest: RequestDigest,
    request: AuthorizationRequest,
    client: Client,
    who: SignedIn,
    /// What is asked for.
    asked: Allowance,
    /// What the person allowed before.
    known: Allowance,
    /// An answer that was overtaken: given by somebody else, or for less.
    earlier: Option<StoredAnswer>,
}

/// What a name of a request leads to.
enum Next {
    Question(Box<Question>),
    /// Nothing is to be asked (any more).
    Elsewhere(String),
}

/// `GET /oauth2/consent?request=…`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    CurrentSession(live): CurrentSession,
    uri: Uri,
) -> Result<Response, PageError> {
    let params = request_params::of_query(&uri).map_err(|_| PageError::BadRequest)?;
    let visit = Visit { app: &app, browser, context };
    match find(&visit, params.get("request").unwrap_or_default(), live).await? {
        Next::Question(question) => question.page(&visit),
        Next::Elsewhere(address) => respond::see_other(&address),
    }
}

/// `POST /oauth2/consent`: the person's answer.
pub(super) async fn answer(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    CurrentSession(live): CurrentSession,
    form: OwnForm,
) -> Result<Response, PageError> {
    form.only(&["decision", "request", "shown"], &[])?;
    let is_allowed = match form.get("decision") {
        "allow" => true,
        "deny" => false,
        _ => return Err(PageError::BadRequest),
    };
    let visit = Visit { app: &app, browser, context };
    let question = match find(&visit, form.get("request"), live).await? {
        Next::Question(question) => question,
        Next::Elsewhere(address) => return respond::see_other(&address),
    };
    if is_allowed && form.get("shown") != fingerprint(&question.asked) {
        // The client may have more by now than the person has read.
        return respond::see_other(&format!("{CONSENT_PATH}?request={}", question.name));
    }
    question.keep(&visit, is_allowed).await?;
    respond::see_other(&resume_address(&question.name))
}

fn resume_address(name: &str) -> String {
    format!("{}?request={name}", discovery::AUTHORIZE.path)
}

async fn find(visit: &Visit<'_>, name: &str, live: Option<LiveSession>) -> Result<Next, PageError> {
    let home = if live.is_some() { "/apps" } else { "/login" };
    let found = match Secret::parse(SecretKind::PendingRequest, name) {
        Some(name) => asked::find_stored(visit.app, &visit.browser, &name).await?,
        None => Found::Gone,
    };
    let Found::Asked(asked) = found else {
        return Ok(Next::Elsewhere(home.to_owned()));
    };
    let Some((name, digest)) = asked.stored_as.clone() else {
        return Ok(Next::Elsewhere(home.to_owned()));
    };
    let elsewhere = Next::Elsewhere(resume_address(&name));
    let person = visit.person(asked.client.as_ref(), live.clone()).await?;
    let facts = asked.consent(visit.app, person.session()).await?;
    let Ok((request, Step::Consent)) = visit.decide(&asked, &person, &facts) else {
        return Ok(elsewhere);
    };
    let (Some(client), Some(live)) = (asked.client, live) else {
        return Ok(elsewhere);
    };
    let who = SignedIn::load(visit.app, live).await?;
    who.may_own(visit.app, Action::DecideOwnConsent)?;
    Ok(Next::Question(Box::new(Question {
        name,
        digest,
        asked: Allowance::asked_by(&request, &client),
        known: facts.remembered.unwrap_or_default(),
        earlier: asked.answer,
        request,
        client,
        who,
    })))
}

impl Question {
    fn page(&self, visit: &Visit<'_>) -> Result<Response, PageError> {
        let app = visit.app;
        let asked = self.request.ui_locales.as_deref().and_then(Texts::for_ui_locales);
        let own = &visit.context;
        let context = RequestContext { texts: asked.unwrap_or(own.texts.clone()), ..own.clone() };
        let texts = &context.texts;
        let client = ClientView::of(&self.client);
        let redirect_uri = self.request.return_address.redirect_uri();
        let target = Source::of(redirect_uri);
        let facts = QuestionFacts {
            client: &self.client,
            account: &self.who.account,
            redirect_uri,
            asked: &self.asked,
            known: &self.known,
        };
        let policy = policy_with(target.as_ref(), client.logo_source().as_ref());
        let session = Some(&self.who.session);
        let mut page = chrome::page(&ConsentPage {
            t: texts,
            chrome: Chrome::public(app, &visit.browser, &context, session),
            request: &self.name,
            shown: fingerprint(&self.asked),
            question: QuestionView::of(&facts, texts),
            client,
        })?;
        page.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        Ok(page)
    }

    /// Keeps the answer, what it allows and that it was given, in one transaction. Of two answers at once the first
    /// one counts (security.md 13).
    async fn keep(&self, visit: &Visit<'_>, is_allowed: bool) -> Result<(), PageError> {
        let (app, now, user) = (visit.app, visit.app.now(), self.who.account.user.id);
        let answer = StoredAnswer { user_id: user, is_allowed, at: now };
        let tx = app.store.begin().await?;
        if !tx.answer_pending_request(&self.digest, self.earlier, answer).await? {
            return Ok(());
        }
        if is_allowed && consent::is_remembered(&self.client) {
            tx.give_consent(user, &self.client.id, &self.asked, now).await?;
        }
        let new = self.asked.beyond(&self.known);
        tx.append_audit(&AuditEvent {
            at: now,
            actor: AuditActor::User(user),
            action: if is_allowed {
                AuditAction::ConsentGiven
            } else {
                AuditAction::ConsentRefused
            },
            object: format!("client:{}", self.client.id),
            level_id: Some(self.who.account.level.id),
            detail: json!({
                "scope": self.asked.scope.to_string(),
                "resources": self.asked.resources,
                "new_scope": new.scope.to_string(),
                "redirect_uri": self.request.return_address.redirect_uri(),
            }),
            origin: visit.context.origin(),
        })
        .await?;
        Ok(tx.commit().await?)
    }
}
