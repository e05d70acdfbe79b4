//! `POST /oauth2/token` (RFC 6749 3.2, OpenID Connect Core 3.1.3).

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::header::{CACHE_CONTROL, PRAGMA},
    response::{IntoResponse as _, Response},
};
use keys::Algorithm;
use oidc_core::{
    claims::{self, ACCESS_TOKEN_TYP, ID_TOKEN_TYP, Issue},
    client::{Client, GrantType},
    client_authentication::Authenticated,
    discovery,
    error::{ErrorCode, OAuthError},
    resource,
    scope::{self, Scope},
    secret::{Secret, SecretKind},
    token::{
        self, CODE_REUSED, CodeRequest, REFRESH_TOKEN_REUSED, Redemption, RefreshRequest, Rotation,
        TOKEN_LIFETIME, TokenRequest,
    },
};
use serde::Serialize;
use storage::StoredGrant;

use super::{caller, error::ApiError, token_reuse};
use crate::{App, entropy, issuance, signing, web::request_id::RequestContext};

const UNKNOWN_CODE: OAuthError = OAuthError::new(ErrorCode::InvalidGrant, "the code is not valid");
const UNKNOWN_REFRESH_TOKEN: OAuthError =
    OAuthError::new(ErrorCode::InvalidGrant, "the refresh token is not valid");
const NOT_ISSUED: OAuthError =
    OAuthError::new(ErrorCode::InvalidGrant, "the person may have no token for this client now");

/// A successful answer (RFC 6749 5.1).
#[derive(Debug, Serialize)]
struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: String,
}

/// An authenticated client at the endpoint.
struct Caller<'a> {
    app: &'a App,
    context: RequestContext,
    client: Authenticated<Client>,
}

/// `POST /oauth2/token`.
pub(super) async fn post(
    State(app): State<Arc<App>>,
    context: RequestContext,
    request: Request,
) -> Result<Response, ApiError> {
    let (client, form) = caller::read(&app, request, discovery::TOKEN).await?;
    let request = TokenRequest::parse(&form)?;
    request.check_allowed(&client)?;
    let caller = Caller { app: &app, context, client };
    let answer = match &request {
        TokenRequest::AuthorizationCode(request) => caller.redeem(request).await?,
        TokenRequest::RefreshToken(request) => caller.refresh(request).await?,
        TokenRequest::ClientCredentials { scope, resource } => {
            caller.for_itself(scope.as_ref(), resource.as_deref())?
        }
    };
    let headers = [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
    Ok((headers, Json(answer)).into_response())
}

impl Caller<'_> {
    /// Redeems a code. Everything is decided and signed before the code is taken; the transaction is short, and of
    /// many callers at once exactly one gets its answer (security.md 15).
    async fn redeem(&self, request: &CodeRequest) -> Result<TokenResponse, ApiError> {
        let (app, now) = (self.app, self.app.now());
        let digest = request.code.as_ref().ok_or(UNKNOWN_CODE)?.digest();
        let code = app.store.find_authorization_code(&digest).await?.ok_or(UNKNOWN_CODE)?;
        let stored = app.store.find_grant(&code.grant_id).await?.ok_or(UNKNOWN_CODE)?;
        match token::redeem(&code, request, &self.client, now.millis()) {
            Redemption::Take => {}
            Redemption::Refuse(error) => return Err(error.into()),
            Redemption::RevokeGrant(error) => {
                token_reuse::revoke(app, &self.context, &stored, "authorization code").await?;
                return Err(error.into());
            }
        }
        stored.grant.check_alive(now.millis())?;
        let resource = self.resource(&stored, request.resource.as_deref())?;
        let refresh_token = self.new_refresh_token(&stored);
        let target = (&stored.grant.scope, resource.as_deref());
        let answer =
            self.issue(&stored, target, (code.nonce.as_deref(), refresh_token.as_ref())).await?;

        let tx = app.store.begin().await?;
        if !tx.take_authorization_code(&digest, now).await? {
            let what = ("authorization code", tx);
            token_reuse::revoke_in(app, &self.context, &stored, what).await?;
            return Err(CODE_REUSED.into());
        }
        if let Some(token) = &refresh_token {
            let grant = &stored.grant;
            tx.insert_refresh_token(&token.digest(), &grant.id, grant.expires_at, now).await?;
        }
        tx.commit().await?;
        self.note("issued", Some(&stored));
        Ok(answer)
    }

    /// Rotates a refresh token; the same order as in [`Caller::redeem`].
    async fn refresh(&self, request: &RefreshRequest) -> Result<TokenResponse, ApiError> {
        let (app, now) = (self.app, self.app.now());
        let digest = request.refresh_token.as_ref().ok_or(UNKNOWN_REFRESH_TOKEN)?.digest();
        let found = app.store.find_refresh_token(&digest).await?;
        let (record, grant_id) = found.ok_or(UNKNOWN_REFRESH_TOKEN)?;
        let stored = app.store.find_grant(&grant_id).await?.ok_or(UNKNOWN_REFRESH_TOKEN)?;
        let decision = token::rotate(&record, &stored.grant, request, &self.client, now.millis());
        let (scope, is_replacement) = match decision {
            Rotation::Rotate { scope } => (scope, false),
            Rotation::Replace { scope } => (scope, true),
            Rotation::Refuse(error) => return Err(error.into()),
            Rotation::RevokeGrant(error) => {
                token_reuse::revoke(app, &self.context, &stored, "refresh token").await?;
                return Err(error.into());
            }
        };
        let resource = self.resource(&stored, request.resource.as_deref())?;
        let successor = Secret::from_entropy(SecretKind::RefreshToken, app.entropy.bytes());
        let target = (&scope, resource.as_deref());
        let answer = self.issue(&stored, target, (None, Some(&successor))).await?;

        let tx = app.store.begin().await?;
        let rotated = if is_replacement {
            tx.replace_successor(&digest, &successor.digest(), now).await?
        } else {
            tx.rotate_refresh_token(&digest, &successor.digest(), now).await?
        };
        if !rotated {
            return Err(REFRESH_TOKEN_REUSED.into());
        }
        let grant = &stored.grant;
        tx.insert_refresh_token(&successor.digest(), &grant.id, grant.expires_at, now).await?;
        tx.note_session_client(&stored.authentication.sid, &self.client.id, now).await?;
        tx.commit().await?;
        self.note("refreshed", Some(&stored));
        Ok(answer)
    }

    /// A token for the client itself (RFC 6749 4.4); no refresh token, no ID token.
    fn for_itself(
        &self,
        requested: Option<&Scope>,
        resource: Option<&str>,
    ) -> Result<TokenResponse, ApiError> {
        let (app, now) = (self.app, self.app.now().millis());
        let scope = token::client_credentials_scope(requested, &self.client)?;
        let resource = resource::of_client(resource, &self.client, app.issuer.as_str())?;
        let target = (&scope, resource.as_deref());
        let jti = entropy::secret(app.entropy.as_ref(), "");
        let claims =
            claims::client_access_token(app.issuer.as_str(), &self.client, target, &jti, now);
        let access_token = app.keys.sign(Algorithm::Es256, ACCESS_TOKEN_TYP, &claims, now)?;
        self.note("issued", None);
        Ok(answer(access_token, None, None, &scope))
    }

    /// Says in the log what was given to whom (security.md 128), never the token. The audit trail would make every token
    /// wait for every other one.
    fn note(&self, what: &'static str, stored: Option<&StoredGrant>) {
        let (client_id, request_id) = (&self.client.id, &self.context.id);
        if let Some(StoredGrant { user_id, grant, .. }) = stored {
            let grant = &grant.id;
            tracing::info!(what, %client_id, sub = %user_id, %grant, %request_id, "token");
        } else {
            tracing::info!(what, %client_id, %request_id, "token");
        }
    }

    /// Asks issuance, and signs what it gives.
    async fn issue(
        &self,
        stored: &StoredGrant,
        (scope, resource): (&Scope, Option<&str>),
        (nonce, refresh_token): (Option<&str>, Option<&Secret>),
    ) -> Result<TokenResponse, ApiError> {
        let (app, now) = (self.app, self.app.now().millis());
        let person = issuance::decide_for_grant(app, &self.client, stored)
            .await
            .map_err(|error| ApiError::from_issuance(error, NOT_ISSUED))?;
        let issue = Issue {
            issuer: app.issuer.as_str(),
            client: &self.client,
            person: &person,
            authentication: &stored.authentication,
            scope,
            requested: &stored.grant.claims,
            now,
        };
        let jti = format!("{}.{}", stored.grant.id, entropy::secret(app.entropy.as_ref(), ""));
        let claims = issue.access_token(&jti, resource);
        let access_token = app.keys.sign(Algorithm::Es256, ACCESS_TOKEN_TYP, &claims, now)?;
        let id_token = if scope.contains(scope::OPENID) {
            let claims = issue.id_token(nonce, &access_token);
            let algorithm = signing::algorithm(self.client.id_token_alg);
            Some(app.keys.sign(algorithm, ID_TOKEN_TYP, &claims, now)?)
        } else {
            None
        };
        Ok(answer(access_token, id_token, refresh_token, scope))
    }

    /// For which resource server the token is (RFC 8707 2.2); decided before anything is used up.
    fn resource(
        &self,
        stored: &StoredGrant,
        asked: Option<&str>,
    ) -> Result<Option<String>, OAuthError> {
        let issuer = self.app.issuer.as_str();
        resource::of_grant(&stored.grant.resources, asked, &self.client, issuer)
    }

    /// The first refresh token of a family, where one was granted.
    fn new_refresh_token(&self, stored: &StoredGrant) -> Option<Secret> {
        let wanted = stored.grant.scope.contains(scope::OFFLINE_ACCESS)
            && self.client.may_use(GrantType::RefreshToken);
        wanted.then(|| Secret::from_entropy(SecretKind::RefreshToken, self.app.entropy.bytes()))
    }
}

fn answer(
    access_token: String,
    id_token: Option<String>,
    refresh_token: Option<&Secret>,
    scope: &Scope,
) -> TokenResponse {
    TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: TOKEN_LIFETIME / 1000,
        id_token,
        refresh_token: refresh_token.map(|token| token.expose().to_owned()),
        scope: scope.to_string(),
    }
}
