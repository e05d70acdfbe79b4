//! `/oauth2/authorize` (RFC 6749 4.1.1, OpenID Connect Core 3.1.2).
//!
//! A request that needs a person is stored and named in the address of the login, of the terms of use or of the question
//! of consent. They come back here with that name, in the same browser, and the request is validated afresh (security.md 10).

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::Uri,
    response::Response,
};
use oidc_core::{
    authorization::{AuthorizationRequest, PageError as Unredirectable, Refusal},
    claims::Authentication,
    client::Client,
    consent::{self, Allowance, ConsentFacts},
    discovery,
    error::{ErrorCode, OAuthError},
    next_step::{Moment, SessionFacts, Step, next_step},
    secret::{Secret, SecretKind},
    token::{AuthorizationCode, CODE_LIFETIME, GRANT_LIFETIME, Grant},
};
use portal_core::{Timestamp, issuance::Denial, session::Session, terms::Document};
use storage::{PendingRequest, RequestDigest, StoredGrant, Transaction};

use super::{
    asked::{self, Asked, Found},
    consent::CONSENT_PATH,
    error::log_denial,
    request_params, respond,
};
use crate::{
    App, entropy,
    issuance::{self, IssuanceError},
    secrets, subject,
    web::{
        acknowledgement::page_for,
        browser::Browser,
        error::PageError,
        request_id::RequestContext,
        visitor::{CurrentSession, LiveSession},
    },
};

/// Where a person signs in.
const LOGIN_PATH: &str = "/login";

/// The person as the request finds them.
pub(super) enum Person {
    /// Signed in, and may have a token for this client.
    Admitted(Session),
    /// The same, and has to acknowledge the terms of use first (O16).
    Owing(Session),
    /// Signed in, but holds nothing in the client's application.
    Stranger(Session),
    /// Not signed in, or with a session that is good for nothing.
    Nobody,
}

/// Everything that a handler here needs.
pub(super) struct Visit<'a> {
    pub(super) app: &'a App,
    pub(super) browser: Browser,
    pub(super) context: RequestContext,
}

/// `POST /oauth2/authorize`: the same as `GET` (OpenID Connect Core 3.1.2.1). A form from another site comes without
/// cookies, so it is turned into a `GET`, which carries them.
pub(super) async fn post(request: Request) -> Result<Response, PageError> {
    let is_form = request_params::is_form(request.headers());
    if !is_form || request.uri().query().is_some() {
        return Err(PageError::BadRequest);
    }
    let body = request_params::read_body(request.into_body()).await;
    let body = body.map_err(|_| PageError::BadRequest)?;
    respond::as_get(discovery::AUTHORIZE.path, &body)
}

/// `GET /oauth2/authorize`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    CurrentSession(live): CurrentSession,
    uri: Uri,
) -> Result<Response, PageError> {
    let params = request_params::of_query(&uri).map_err(|_| PageError::BadRequest)?;
    let visit = Visit { app: &app, browser, context };
    let asked = match asked::find(&app, &visit.browser, params).await? {
        Found::Asked(asked) => asked,
        Found::PushedGone => return visit.send_refusal(asked::pushed_gone()),
        // Nothing leads on from here.
        Found::Gone => return respond::see_other(if live.is_some() { "/apps" } else { "/login" }),
    };
    let person = visit.person(asked.client.as_ref(), live).await?;
    let consent = asked.consent(&app, person.session()).await?;
    match visit.decide(&asked, &person, &consent) {
        Ok((request, Step::Issue)) => visit.issue(&asked, &request, &person).await,
        Ok((_, Step::LogIn(_))) => visit.lead_to(LOGIN_PATH, &asked).await,
        Ok((_, Step::Interact)) => visit.lead_to(page_for(Document::EndUsers), &asked).await,
        Ok((_, Step::Consent)) => visit.lead_to(CONSENT_PATH, &asked).await,
        Ok((request, Step::Refuse(error))) => {
            visit.refuse(&asked, &person, request.refuse(error)).await
        }
        Err(refusal) => visit.refuse(&asked, &person, refusal).await,
    }
}

impl Visit<'_> {
    /// Asks issuance who stands behind the session. A session that is good for no client is none.
    pub(super) async fn person(
        &self,
        client: Option<&Client>,
        live: Option<LiveSession>,
    ) -> Result<Person, PageError> {
        let (Some(client), Some(LiveSession { session, account })) = (client, live) else {
            return Ok(Person::Nobody);
        };
        let owes = self.app.terms.owes(Document::EndUsers, &account.user.terms);
        match issuance::decide(self.app, client, session.user_id, &session.sid).await {
            Ok(_) if owes => Ok(Person::Owing(session)),
            Ok(_) => Ok(Person::Admitted(session)),
            Err(IssuanceError::Denied(Denial::NoAccess)) => Ok(Person::Stranger(session)),
            Err(IssuanceError::Denied(denial)) => {
                log_denial(denial);
                Ok(Person::Nobody)
            }
            Err(IssuanceError::Storage(error)) => Err(error.into()),
        }
    }

    /// Validates the request and decides what happens next.
    pub(super) fn decide(
        &self,
        asked: &Asked,
        person: &Person,
        consent: &ConsentFacts,
    ) -> Result<(AuthorizationRequest, Step), Refusal> {
        let session = person.session();
        let client = asked.client.as_ref();
        let request = asked.validate(self.app)?;
        let client = client.ok_or(Unredirectable::UnknownClient)?;
        let facts = session.map(|session| SessionFacts {
            subject: subject::of(&self.app.server_keys, client, session.user_id),
            auth_time: session.auth_time.millis(),
            acr: session.acr.clone(),
            must_interact: matches!(person, Person::Owing(_)),
        });
        let moment =
            Moment { requested_at: asked.requested_at.millis(), now: self.app.now().millis() };
        let step = match next_step(&request, client, facts.as_ref(), consent, moment) {
            Step::Issue | Step::Consent if matches!(person, Person::Stranger(_)) => {
                Step::Refuse(OAuthError::new(
                    ErrorCode::AccessDenied,
                    "the person has no group of this application",
                ))
            }
            step => step,
        };
        Ok((request, step))
    }

    /// Stores the request, unless it is stored, and leads to a page that comes back to it.
    async fn lead_to(&self, page: &str, asked: &Asked) -> Result<Response, PageError> {
        if let Some((name, _)) = &asked.stored_as {
            return respond::see_other(&format!("{page}?request={name}"));
        }
        let app = self.app;
        let name = Secret::from_entropy(SecretKind::PendingRequest, app.entropy.bytes());
        let digest =
            RequestDigest { id: secrets::digest(name.expose()), browser: self.browser.digest };
        let pending = PendingRequest {
            client_id: asked.client.as_ref().map(|client| client.id.clone()).unwrap_or_default(),
            params: asked.params.clone(),
            created_at: asked.requested_at,
            pushed: asked.pushed,
            answer: None,
        };
        let tx = app.store.begin().await?;
        tx.insert_pending_request(&digest, &pending).await?;
        tx.commit().await?;
        respond::see_other(&format!("{page}?request={}", name.expose()))
    }

    /// Stores grant and code, once for each stored request, and sends the code.
    async fn issue(
        &self,
        asked: &Asked,
        request: &AuthorizationRequest,
        person: &Person,
    ) -> Result<Response, PageError> {
        let Some(session) = person.session() else {
            return Err(PageError::internal("a code without a session"));
        };
        let (app, now) = (self.app, self.app.now());
        let code = Secret::from_entropy(SecretKind::AuthorizationCode, app.entropy.bytes());
        let tx = app.store.begin().await?;
        if !asked.take(&tx, now).await? {
            return self.answered_before(asked);
        }
        if let Some(client) = asked.client.as_ref().filter(|client| consent::is_remembered(client))
        {
            let allowance = Allowance::asked_by(request, client);
            if !tx.use_consent(session.user_id, &client.id, &allowance, now).await? {
                // Taken back in this very moment.
                drop(tx);
                return self.lead_to(CONSENT_PATH, asked).await;
            }
        }
        self.store_code(&tx, (request, session, &code), now).await?;
        tx.commit().await?;
        let answer = request.return_address.success(code.expose());
        respond::send(app, &self.browser, &self.context, answer)
    }

    async fn store_code(
        &self,
        tx: &Transaction,
        (request, session, code): (&AuthorizationRequest, &Session, &Secret),
        now: Timestamp,
    ) -> Result<(), PageError> {
        let grant = Grant {
            id: entropy::secret(self.app.entropy.as_ref(), "gr_"),
            client_id: request.client_id.clone(),
            scope: request.scope.clone(),
            claims: request.claims.clone(),
            resources: request.resources.clone(),
            expires_at: session.auth_time.millis() + GRANT_LIFETIME,
            revoked_at: None,
        };
        let stored_code = AuthorizationCode {
            grant_id: grant.id.clone(),
            client_id: request.client_id.clone(),
            redirect_uri: request.return_address.redirect_uri().to_owned(),
            code_challenge: request.code_challenge.clone(),
            nonce: request.nonce.clone(),
            expires_at: now.millis() + CODE_LIFETIME,
            used_at: None,
        };
        let stored_grant = StoredGrant {
            grant,
            user_id: session.user_id,
            authentication: authentication(session),
            created_at: now,
        };
        tx.insert_grant(&stored_grant).await?;
        tx.insert_authorization_code(&code.digest(), &stored_code, now).await?;
        tx.note_session_client(&session.sid, &request.client_id, now).await?;
        Ok(())
    }

    /// Sends any refusal, if this visitor may be sent to this client at all. Whatever goes to the client answers a
    /// pushed request, so it uses it up.
    async fn refuse(
        &self,
        asked: &Asked,
        person: &Person,
        refusal: Refusal,
    ) -> Result<Response, PageError> {
        let has_session = person.session().is_some();
        let refusal = refusal.for_visitor(asked.client.as_ref(), has_session);
        if let (Refusal::Redirect(..), Some(pushed)) = (&refusal, &asked.pushed) {
            let tx = self.app.store.begin().await?;
            if !tx.take_pushed_request(pushed, self.app.now()).await? {
                return self.send_refusal(asked::pushed_gone());
            }
            tx.commit().await?;
        }
        self.send_refusal(refusal)
    }

    fn send_refusal(&self, refusal: Refusal) -> Result<Response, PageError> {
        respond::refuse(self.app, &self.browser, &self.context, refusal)
    }

    /// Another visit was faster, or this is the second.
    fn answered_before(&self, asked: &Asked) -> Result<Response, PageError> {
        match asked.pushed {
            Some(_) => self.send_refusal(asked::pushed_gone()),
            None => respond::see_other("/apps"),
        }
    }
}

impl Person {
    pub(super) const fn session(&self) -> Option<&Session> {
        match self {
            Self::Admitted(session) | Self::Owing(session) | Self::Stranger(session) => {
                Some(session)
            }
            Self::Nobody => None,
        }
    }
}

fn authentication(session: &Session) -> Authentication {
    Authentication {
        sid: session.sid.clone(),
        auth_time: session.auth_time.millis(),
        acr: session.acr.clone(),
        amr: session.amr.clone(),
    }
}
