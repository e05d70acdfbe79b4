//! `/oauth2/authorize` (RFC 6749 4.1.1, OpenID Connect Core 3.1.2).
//!
//! A request that needs a sign-in is stored and named in the address of the login; the login comes back here with
//! that name, in the same browser, and the request is validated afresh (security.md 10).

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::Uri,
    response::Response,
};
use oidc_core::{
    authorization::{self, AuthorizationRequest, Refusal, Terms},
    claims::Authentication,
    client::Client,
    discovery,
    error::{ErrorCode, OAuthError},
    next_step::{Moment, SessionFacts, Step, next_step},
    params::Params,
    secret::{Secret, SecretKind},
    token::{AuthorizationCode, CODE_LIFETIME, GRANT_LIFETIME, Grant},
};
use portal_core::{
    Timestamp,
    issuance::Denial,
    session::{ACR_TWO_FACTOR, Session},
};
use storage::{PendingRequest, RequestDigest, StoredGrant, Transaction};

use super::{error::log_denial, request_params, respond, verify};
use crate::{
    App, entropy,
    issuance::{self, IssuanceError},
    secrets, subject,
    web::{
        browser::Browser,
        error::PageError,
        request_id::RequestContext,
        visitor::{CurrentSession, LiveSession},
    },
};

/// An authorization request on its way, new or come back from the login.
struct Asked {
    params: Params,
    client: Option<Client>,
    requested_at: Timestamp,
    /// Set when it was stored before.
    stored_as: Option<(String, RequestDigest)>,
}

/// The person as the request finds them.
enum Person {
    /// Signed in, and may have a token for this client.
    Admitted(Session),
    /// Signed in, but holds nothing in the client's application.
    Stranger(Session),
    /// Not signed in, or with a session that is good for nothing.
    Nobody,
}

/// Everything that a handler here needs.
struct Visit<'a> {
    app: &'a App,
    browser: Browser,
    context: RequestContext,
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
    let Some(asked) = visit.load(params).await? else {
        // Answered before, over, or begun in another browser: nothing leads on from here.
        return respond::see_other(if live.is_some() { "/apps" } else { "/login" });
    };
    let person = visit.person(asked.client.as_ref(), live).await?;
    match visit.decide(&asked, &person) {
        Ok((request, Step::Issue)) => visit.issue(&asked, &request, &person).await,
        Ok((_, Step::LogIn(_))) => visit.log_in(&asked).await,
        Ok((request, Step::Refuse(error))) => visit.refuse(&asked, &person, request.refuse(error)),
        Err(refusal) => visit.refuse(&asked, &person, refusal),
    }
}

impl Visit<'_> {
    /// The request itself, or the stored one that it names. `None` when that one cannot go on here.
    async fn load(&self, params: Params) -> Result<Option<Asked>, PageError> {
        let app = self.app;
        let name = params.get("request").filter(|_| params.get("client_id").is_none());
        let name = name.and_then(|name| Secret::parse(SecretKind::PendingRequest, name));
        let Some(name) = name else {
            let client = match authorization::requested_client(&params) {
                Ok(id) => app.store.find_client(id).await?,
                Err(_) => None,
            };
            let requested_at = app.now();
            return Ok(Some(Asked { params, client, requested_at, stored_as: None }));
        };
        let digest =
            RequestDigest { id: secrets::digest(name.expose()), browser: self.browser.digest };
        let Some(pending) = app.store.find_pending_request(&digest, app.now()).await? else {
            return Ok(None);
        };
        Ok(Some(Asked {
            client: app.store.find_client(&pending.client_id).await?,
            params: pending.params,
            requested_at: pending.created_at,
            stored_as: Some((name.expose().to_owned(), digest)),
        }))
    }

    /// Asks issuance who stands behind the session. A session that is good for no client is none.
    async fn person(
        &self,
        client: Option<&Client>,
        live: Option<LiveSession>,
    ) -> Result<Person, PageError> {
        let (Some(client), Some(LiveSession { session, .. })) = (client, live) else {
            return Ok(Person::Nobody);
        };
        match issuance::decide(self.app, client, session.user_id, &session.sid).await {
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
    fn decide(
        &self,
        asked: &Asked,
        person: &Person,
    ) -> Result<(AuthorizationRequest, Step), Refusal> {
        let session = person.session();
        let client = asked.client.as_ref();
        let terms = Terms { issuer: self.app.issuer.as_str(), acr_values: &[ACR_TWO_FACTOR] };
        let request = authorization::validate(&asked.params, client, terms)?;
        let request = self.with_hint(request)?;
        let facts = session.zip(client).map(|(session, client)| SessionFacts {
            subject: subject::of(&self.app.server_keys, client, session.user_id),
            auth_time: session.auth_time.millis(),
            acr: session.acr.clone(),
        });
        let moment =
            Moment { requested_at: asked.requested_at.millis(), now: self.app.now().millis() };
        let is_first_party = client.is_some_and(|client| client.first_party);
        let step = match next_step(&request, is_first_party, facts.as_ref(), moment) {
            Step::Issue if matches!(person, Person::Stranger(_)) => Step::Refuse(OAuthError::new(
                ErrorCode::AccessDenied,
                "the person has no group of this application",
            )),
            step => step,
        };
        Ok((request, step))
    }

    fn with_hint(&self, request: AuthorizationRequest) -> Result<AuthorizationRequest, Refusal> {
        let Some(hint) = request.id_token_hint.as_deref() else {
            return Ok(request);
        };
        match verify::id_token_hint(self.app, hint) {
            Ok(claims) => {
                let subject = claims.text("sub").map(str::to_owned);
                Ok(request.with_hinted_subject(subject))
            }
            Err(_) => Err(request.refuse(OAuthError::new(
                ErrorCode::InvalidRequest,
                "id_token_hint was not issued by this provider",
            ))),
        }
    }

    /// Stores the request, unless it is stored, and leads to the login.
    async fn log_in(&self, asked: &Asked) -> Result<Response, PageError> {
        if let Some((name, _)) = &asked.stored_as {
            return respond::see_other(&format!("/login?request={name}"));
        }
        let app = self.app;
        let name = Secret::from_entropy(SecretKind::PendingRequest, app.entropy.bytes());
        let digest =
            RequestDigest { id: secrets::digest(name.expose()), browser: self.browser.digest };
        let pending = PendingRequest {
            client_id: asked.client.as_ref().map(|client| client.id.clone()).unwrap_or_default(),
            params: asked.params.clone(),
            created_at: asked.requested_at,
        };
        let tx = app.store.begin().await?;
        tx.insert_pending_request(&digest, &pending).await?;
        tx.commit().await?;
        respond::see_other(&format!("/login?request={}", name.expose()))
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
        if let Some((_, digest)) = &asked.stored_as
            && !tx.complete_pending_request(digest, now).await?
        {
            return respond::see_other("/apps");
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

    /// Sends any refusal, if this visitor may be sent to this client at all.
    fn refuse(
        &self,
        asked: &Asked,
        person: &Person,
        refusal: Refusal,
    ) -> Result<Response, PageError> {
        let has_session = person.session().is_some();
        let refusal = refusal.for_visitor(asked.client.as_ref(), has_session);
        respond::refuse(self.app, &self.browser, &self.context, refusal)
    }
}

impl Person {
    fn session(&self) -> Option<&Session> {
        match self {
            Self::Admitted(session) | Self::Stranger(session) => Some(session),
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
