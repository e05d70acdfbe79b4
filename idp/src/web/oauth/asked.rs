//! An authorization request on its way: as it came, pushed before, or come back from a page. Wherever it comes
//! from, it is validated by the same function, and afresh at every visit.

use oidc_core::{
    authorization::{self, AuthorizationRequest, PageError as Unredirectable, Refusal, Terms},
    client::Client,
    consent::{Answer, ConsentFacts},
    error::{ErrorCode, OAuthError},
    params::Params,
    pushed,
    secret::{Secret, SecretDigest, SecretKind},
};
use portal_core::{
    Timestamp,
    session::{ACR_TWO_FACTOR, Session},
};
use storage::{RequestDigest, StorageError, StoredAnswer, Transaction};

use super::verify;
use crate::{App, secrets, subject, web::browser::Browser};

/// An authorization request on its way.
pub(super) struct Asked {
    pub(super) params: Params,
    pub(super) client: Option<Client>,
    pub(super) requested_at: Timestamp,
    /// Set when it was stored before: its name, and what finds it.
    pub(super) stored_as: Option<(String, RequestDigest)>,
    /// Set when the client pushed it.
    pub(super) pushed: Option<SecretDigest>,
    /// What a person answered to its question of consent.
    pub(super) answer: Option<StoredAnswer>,
}

/// What an address of the authorization endpoint leads to.
pub(super) enum Found {
    /// A request, valid or not.
    Asked(Box<Asked>),
    /// A stored request that was answered, is over, or was begun in another browser.
    Gone,
    /// A `request_uri` of ours that leads to nothing for this client.
    PushedGone,
}

/// Finds the request that the parameters are, or name.
pub(super) async fn find(
    app: &App,
    browser: &Browser,
    params: Params,
) -> Result<Found, StorageError> {
    let name = params.get("request").filter(|_| params.get("client_id").is_none());
    if let Some(name) = name.and_then(|name| Secret::parse(SecretKind::PendingRequest, name)) {
        return find_stored(app, browser, &name).await;
    }
    let client = match authorization::requested_client(&params) {
        Ok(id) => app.store.find_client(id).await?,
        Err(_) => None,
    };
    let direct = Asked {
        params,
        client,
        requested_at: app.now(),
        stored_as: None,
        pushed: None,
        answer: None,
    };
    match pushed::named_in(&direct.params) {
        Some(uri) => find_pushed(app, uri.as_ref(), direct).await,
        None => Ok(Found::Asked(Box::new(direct))),
    }
}

/// Finds a stored request in the browser that began it.
pub(super) async fn find_stored(
    app: &App,
    browser: &Browser,
    name: &Secret,
) -> Result<Found, StorageError> {
    let digest = RequestDigest { id: secrets::digest(name.expose()), browser: browser.digest };
    let Some(pending) = app.store.find_pending_request(&digest, app.now()).await? else {
        return Ok(Found::Gone);
    };
    Ok(Found::Asked(Box::new(Asked {
        client: app.store.find_client(&pending.client_id).await?,
        params: pending.params,
        requested_at: pending.created_at,
        stored_as: Some((name.expose().to_owned(), digest)),
        pushed: pending.pushed,
        answer: pending.answer,
    })))
}

/// What the client pushed takes the place of everything that came beside its `request_uri` (RFC 9126 4; security.md 6).
async fn find_pushed(
    app: &App,
    uri: Option<&Secret>,
    direct: Asked,
) -> Result<Found, StorageError> {
    let (Some(uri), Some(client)) = (uri, &direct.client) else {
        return Ok(Found::PushedGone);
    };
    let digest = uri.digest();
    let params = app.store.find_pushed_request(&digest, &client.id, app.now()).await?;
    Ok(params.map_or(Found::PushedGone, |params| {
        Found::Asked(Box::new(Asked { params, pushed: Some(digest), ..direct }))
    }))
}

impl Asked {
    /// Validates the request, `id_token_hint` included.
    pub(super) fn validate(&self, app: &App) -> Result<AuthorizationRequest, Refusal> {
        validate(app, &self.params, self.client.as_ref(), self.pushed.is_some())
    }

    /// What the person of a session allows the client, and what the request was answered.
    pub(super) async fn consent(
        &self,
        app: &App,
        session: Option<&Session>,
    ) -> Result<ConsentFacts, StorageError> {
        let (Some(client), Some(session)) = (&self.client, session) else {
            return Ok(ConsentFacts::default());
        };
        let remembered = app.store.find_consent(session.user_id, &client.id).await?;
        Ok(ConsentFacts {
            remembered: remembered.map(|consent| consent.allowance),
            answer: self.answer.map(|answer| Answer {
                subject: subject::of(&app.server_keys, client, answer.user_id),
                is_allowed: answer.is_allowed,
            }),
        })
    }

    /// Uses the request up, in the transaction of its answer: a stored and a pushed request are answered once, however
    /// many answers begin at once (security.md 13). `false` for all but the first.
    pub(super) async fn take(
        &self,
        tx: &Transaction,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        if let Some((_, digest)) = &self.stored_as
            && !tx.complete_pending_request(digest, now).await?
        {
            return Ok(false);
        }
        match &self.pushed {
            Some(digest) => tx.take_pushed_request(digest, now).await,
            None => Ok(true),
        }
    }
}

/// Validates the parameters of a request for a client.
pub(super) fn validate(
    app: &App,
    params: &Params,
    client: Option<&Client>,
    is_pushed: bool,
) -> Result<AuthorizationRequest, Refusal> {
    let terms = Terms { issuer: app.issuer.as_str(), acr_values: &[ACR_TWO_FACTOR], is_pushed };
    let request = authorization::validate(params, client, terms)?;
    let Some(hint) = request.id_token_hint.as_deref() else {
        return Ok(request);
    };
    match verify::id_token_hint(app, hint) {
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

/// The refusal of a pushed request that is no more: there is no address that anybody vouches for.
pub(super) const fn pushed_gone() -> Refusal {
    Refusal::Page(Unredirectable::PushedRequestGone)
}
