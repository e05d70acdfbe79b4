//! The token endpoint's answers: fetched, checked, and turned into what is known of the person.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClaimsVerificationError, Nonce, OAuth2TokenResponse as _,
    PkceCodeVerifier, RefreshToken, RequestTokenError, TokenResponse as _,
    core::{CoreErrorResponseType, CoreIdToken, CoreIdTokenVerifier, CoreTokenResponse},
};

use crate::{
    Person, RelyingParty,
    jws::{self, ALLOWED},
    provider::{Provider, Unreachable},
    session::Facts,
};

/// Facts without a stated life are good for this long, in milliseconds.
const DEFAULT_LIFE: u64 = 5 * 60 * 1000;
/// Facts are asked for again after this long whatever the provider says, in milliseconds.
const LONGEST_LIFE: u64 = 60 * 60 * 1000;
/// How far the provider's clock may be ahead of ours, in milliseconds.
const SKEW: i64 = 60 * 1000;

/// A checked answer of the token endpoint.
pub(crate) struct Granted {
    pub(crate) facts: Facts,
    /// The next refresh token, if there is one.
    pub(crate) refresh_token: Option<String>,
}

/// Why there is no [`Granted`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// Nobody answered; trying again may help.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The provider refuses the code or the refresh token for good.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// The answer fails a check.
    #[error("the answer is not to be believed: {0}")]
    Invalid(String),
}

/// Redeems an authorization code (OpenID Connect Core 3.1.3).
pub(crate) async fn redeem(
    rp: &RelyingParty,
    code: String,
    pkce_verifier: String,
    nonce: String,
) -> Result<Granted, TokenError> {
    let provider = rp.provider().await?;
    let answer = provider
        .client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(|e| TokenError::Invalid(e.to_string()))?
        .set_pkce_verifier(PkceCodeVerifier::new(pkce_verifier))
        .request_async(rp.http())
        .await
        .map_err(classify)?;
    let id_token = answer
        .id_token()
        .ok_or_else(|| TokenError::Invalid("no ID token in the answer".to_owned()))?;
    let nonce = Nonce::new(nonce);
    let person = check_id_token(rp, &provider, id_token, Some(&nonce), &answer).await?;
    Ok(granted(rp, &answer, person, id_token.to_string()))
}

/// Uses up a refresh token (OpenID Connect Core 12). The answer must be about the same person.
pub(crate) async fn refresh(
    rp: &RelyingParty,
    refresh_token: String,
    before: &Facts,
) -> Result<Granted, TokenError> {
    let provider = rp.provider().await?;
    let answer = provider
        .client
        .exchange_refresh_token(&RefreshToken::new(refresh_token))
        .map_err(|e| TokenError::Invalid(e.to_string()))?
        .request_async(rp.http())
        .await
        .map_err(classify)?;
    // The claims of an ID token are what replaces the old ones; without it nothing is known anew.
    let id_token = answer
        .id_token()
        .ok_or_else(|| TokenError::Invalid("no ID token in the answer".to_owned()))?;
    let person = check_id_token(rp, &provider, id_token, None, &answer).await?;
    if person.sub != before.person.sub {
        return Err(TokenError::Invalid("the answer is about somebody else".to_owned()));
    }
    Ok(granted(rp, &answer, person, id_token.to_string()))
}

fn granted(
    rp: &RelyingParty,
    answer: &CoreTokenResponse,
    person: Person,
    id_token: String,
) -> Granted {
    let stated = answer.expires_in().map(|d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX));
    let life = stated.unwrap_or(DEFAULT_LIFE).min(LONGEST_LIFE);
    let good_until = rp.now().saturating_add(i64::try_from(life).unwrap_or(i64::MAX));
    Granted {
        facts: Facts { person: Arc::new(person), id_token, good_until },
        refresh_token: answer.refresh_token().map(|token| token.secret().clone()),
    }
}

/// An ID token to a person: signature, `alg`, `iss`, `aud`, `exp`, `iat`, `nonce`, `at_hash`
/// (OpenID Connect Core 3.1.3.7 and 3.1.3.8). Keys are fetched anew once if none fits.
async fn check_id_token(
    rp: &RelyingParty,
    provider: &Arc<Provider>,
    id_token: &CoreIdToken,
    nonce: Option<&Nonce>,
    answer: &CoreTokenResponse,
) -> Result<Person, TokenError> {
    let mut provider = provider.clone();
    let first = check_claims(rp, &provider, id_token, nonce);
    if matches!(first, Err(ClaimsVerificationError::SignatureVerification(_))) {
        provider = rp.newer_provider(&provider).await;
        check_claims(rp, &provider, id_token, nonce).map_err(invalid)?;
    } else {
        first.map_err(invalid)?;
    }
    check_at_hash(&provider, id_token, answer)?;
    let person: Person = jws::claims_of_verified(&id_token.to_string()).map_err(invalid)?;
    if person.sub.is_empty() || person.iss != rp.config().issuer {
        return Err(TokenError::Invalid("iss or sub is missing".to_owned()));
    }
    Ok(person)
}

fn check_claims(
    rp: &RelyingParty,
    provider: &Provider,
    id_token: &CoreIdToken,
    nonce: Option<&Nonce>,
) -> Result<(), ClaimsVerificationError> {
    let now = rp.now();
    let verifier: CoreIdTokenVerifier<'_> = provider
        .client
        .id_token_verifier()
        .set_allowed_algs(ALLOWED)
        .set_time_fn(move || DateTime::<Utc>::from_timestamp_millis(now).unwrap_or_default())
        .set_issue_time_verifier_fn(move |issued| {
            if issued.timestamp_millis() > now + SKEW {
                return Err("issued in the future".to_owned());
            }
            Ok(())
        });
    match nonce {
        Some(nonce) => id_token.claims(&verifier, nonce).map(|_| ()),
        // A refreshed ID token should have no nonce (OpenID Connect Core 12.2).
        None => id_token.claims(&verifier, |_: Option<&Nonce>| Ok(())).map(|_| ()),
    }
}

fn check_at_hash(
    provider: &Provider,
    id_token: &CoreIdToken,
    answer: &CoreTokenResponse,
) -> Result<(), TokenError> {
    let verifier = provider.client.id_token_verifier().set_allowed_algs(ALLOWED);
    // Verified just before; only `at_hash` is wanted here.
    let claims: serde_json::Value =
        jws::claims_of_verified(&id_token.to_string()).map_err(invalid)?;
    let Some(expected) = claims.get("at_hash") else {
        return Ok(());
    };
    let algorithm = id_token.signing_alg().map_err(invalid)?;
    let key = id_token.signing_key(&verifier).map_err(invalid)?;
    let found =
        AccessTokenHash::from_token(answer.access_token(), algorithm, key).map_err(invalid)?;
    if expected.as_str() != Some(found.as_str()) {
        return Err(TokenError::Invalid("at_hash does not fit the access token".to_owned()));
    }
    Ok(())
}

fn invalid(error: impl std::fmt::Display) -> TokenError {
    TokenError::Invalid(error.to_string())
}

type EndpointError<E> =
    RequestTokenError<E, openidconnect::StandardErrorResponse<CoreErrorResponseType>>;

fn classify<E: std::error::Error + 'static>(error: EndpointError<E>) -> TokenError {
    match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            // Not the grant's fault: RFC 6749 names these codes for the front channel only, yet
            // servers use them here too.
            CoreErrorResponseType::Extension(code)
                if matches!(code.as_str(), "temporarily_unavailable" | "server_error") =>
            {
                TokenError::Unreachable(Unreachable)
            }
            code => TokenError::Refused(code.to_string()),
        },
        // Also any 5xx: see `CallError::Failed`.
        RequestTokenError::Request(_) => TokenError::Unreachable(Unreachable),
        // Nonsense is no OAuth answer, and may pass.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            tracing::warn!("the token endpoint's answer is not understood");
            TokenError::Unreachable(Unreachable)
        }
    }
}
