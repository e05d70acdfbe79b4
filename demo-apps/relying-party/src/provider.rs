//! What the provider publishes: endpoints and keys, fetched when first needed and kept.

use std::sync::{Arc, PoisonError, RwLock};

use openidconnect::{
    AdditionalProviderMetadata, IssuerUrl, JsonWebKeySet, ProviderMetadata,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
        CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm,
        CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
        CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, MutexGuard};
use url::Url;

use crate::{RelyingPartyConfig, config::is_https_or_localhost, http_client::HttpClient};

/// How long discovery and keys are kept, in milliseconds.
const KEEP: i64 = 60 * 60 * 1000;
/// At most one fetch in this time because of an unknown key, in milliseconds: a stranger who sends
/// made-up `kid`s must not make us hammer the provider.
const REFETCH_PAUSE: i64 = 60 * 1000;
/// How long a failed fetch answers for those that come after it, in milliseconds.
const FAILURE_PAUSE: i64 = 1000;

/// 2048 bits in base64url.
const MIN_RSA_MODULUS: usize = 342;

/// Members that came after OpenID Connect Discovery 1.0.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct LaterMetadata {
    /// OpenID Connect RP-Initiated Logout 1.0 section 2.1.
    end_session_endpoint: Option<Url>,
    /// RFC 9126 section 5.
    pushed_authorization_request_endpoint: Option<Url>,
    /// RFC 9207 section 3.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for LaterMetadata {}

type Metadata = ProviderMetadata<
    LaterMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The provider cannot be asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the provider cannot be reached")]
pub(crate) struct Unreachable;

/// One state of the provider's published facts.
pub(crate) struct Provider {
    /// The issuer, as the verifier of ID tokens wants it.
    pub(crate) issuer: IssuerUrl,
    /// Where sign-ins begin.
    pub(crate) authorization_endpoint: Url,
    /// Where codes are redeemed.
    pub(crate) token_endpoint: Url,
    /// Where authorization requests are pushed (RFC 9126).
    pub(crate) par_endpoint: Option<Url>,
    /// Where claims are asked for.
    pub(crate) userinfo_endpoint: Option<Url>,
    /// Where RP-initiated logout begins (OpenID Connect RP-Initiated Logout 1.0 section 2).
    pub(crate) end_session: Option<Url>,
    /// Whether every authorization response carries `iss` (RFC 9207 section 2.4).
    pub(crate) names_itself: bool,
    /// What its tokens are signed with.
    pub(crate) keys: CoreJsonWebKeySet,
    fetched_at: i64,
}

/// The one place that knows the provider.
pub(crate) struct ProviderCache {
    current: RwLock<Option<Arc<Provider>>>,
    /// Held while fetching, so that many requests cause one fetch.
    fetching: Mutex<Fetching>,
}

/// When the provider was asked in vain or out of turn, Unix milliseconds.
#[derive(Default)]
struct Fetching {
    failed_at: Option<i64>,
    /// The last fetch for the sake of an unknown key.
    for_a_key_at: Option<i64>,
}

impl ProviderCache {
    pub(crate) fn new() -> Self {
        Self { current: RwLock::new(None), fetching: Mutex::default() }
    }

    /// The provider, fetched if unknown or older than an hour. An old state outlives a failure,
    /// and serves everybody else while one request fetches.
    pub(crate) async fn get(
        &self,
        config: &RelyingPartyConfig,
        http: &HttpClient,
    ) -> Result<Arc<Provider>, Unreachable> {
        let Some(known) = self.peek() else {
            let turn = self.fetching.lock().await;
            return self.fetch(turn, None, config, http).await;
        };
        if config.clock.now() - known.fetched_at < KEEP {
            return Ok(known);
        }
        let Ok(turn) = self.fetching.try_lock() else {
            return Ok(known);
        };
        Ok(self.fetch(turn, Some(&known), config, http).await.unwrap_or(known))
    }

    /// A newer state than `known`, as a token named a key that `known` lacks. Answers `known`
    /// again when the provider does not answer, or was asked for such a reason within a minute:
    /// a provider that changes its key right before it signs is understood all the same.
    pub(crate) async fn newer(
        &self,
        known: &Arc<Provider>,
        config: &RelyingPartyConfig,
        http: &HttpClient,
    ) -> Arc<Provider> {
        // Unlike in `get`, `known` is of no use here, so it is worth waiting for another's fetch.
        let mut turn = self.fetching.lock().await;
        if let Some(current) = self.newer_than(Some(known)) {
            return current;
        }
        let now = config.clock.now();
        if turn.for_a_key_at.is_some_and(|at| now - at < REFETCH_PAUSE) {
            return known.clone();
        }
        turn.for_a_key_at = Some(now);
        self.fetch(turn, Some(known), config, http).await.unwrap_or_else(|_| known.clone())
    }

    fn peek(&self) -> Option<Arc<Provider>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What another request has fetched since `known`.
    fn newer_than(&self, known: Option<&Arc<Provider>>) -> Option<Arc<Provider>> {
        self.peek().filter(|current| known.is_none_or(|known| !Arc::ptr_eq(known, current)))
    }

    async fn fetch(
        &self,
        mut turn: MutexGuard<'_, Fetching>,
        known: Option<&Arc<Provider>>,
        config: &RelyingPartyConfig,
        http: &HttpClient,
    ) -> Result<Arc<Provider>, Unreachable> {
        if let Some(current) = self.newer_than(known) {
            return Ok(current);
        }
        let now = config.clock.now();
        if turn.failed_at.is_some_and(|at| now - at < FAILURE_PAUSE) {
            return Err(Unreachable);
        }
        match discover(config, http).await {
            Ok(provider) => {
                let provider = Arc::new(provider);
                *self.current.write().unwrap_or_else(PoisonError::into_inner) =
                    Some(provider.clone());
                turn.failed_at = None;
                Ok(provider)
            }
            Err(error) => {
                tracing::warn!(error, issuer = config.issuer, "discovery failed");
                // After the attempt: those who waited for it must not each wait for their own.
                turn.failed_at = Some(config.clock.now());
                Err(Unreachable)
            }
        }
    }
}

/// OpenID Connect Discovery 1.0 section 4; the issuer in the answer must be ours, byte for byte.
async fn discover(config: &RelyingPartyConfig, http: &HttpClient) -> Result<Provider, String> {
    let issuer = IssuerUrl::new(config.issuer.clone()).map_err(|e| e.to_string())?;
    let metadata =
        Metadata::discover_async(issuer, http).await.map_err(|e| format!("{e}: {e:?}"))?;
    let later = metadata.additional_metadata();
    let token_endpoint = metadata.token_endpoint().ok_or("there is no token_endpoint")?;
    let provider = Provider {
        issuer: metadata.issuer().clone(),
        authorization_endpoint: metadata.authorization_endpoint().url().clone(),
        token_endpoint: token_endpoint.url().clone(),
        par_endpoint: later.pushed_authorization_request_endpoint.clone(),
        userinfo_endpoint: metadata.userinfo_endpoint().map(|endpoint| endpoint.url().clone()),
        end_session: later.end_session_endpoint.clone(),
        names_itself: later.authorization_response_iss_parameter_supported,
        keys: strong(metadata.jwks()),
        fetched_at: config.clock.now(),
    };
    check_addresses(&provider)?;
    Ok(provider)
}

/// Secrets, codes and people are sent to these addresses: never without TLS.
fn check_addresses(provider: &Provider) -> Result<(), String> {
    let always = [&provider.authorization_endpoint, &provider.token_endpoint];
    let sometimes = [&provider.par_endpoint, &provider.userinfo_endpoint, &provider.end_session];
    let mut all = always.into_iter().chain(sometimes.into_iter().flatten());
    match all.find(|address| !is_https_or_localhost(address)) {
        None => Ok(()),
        Some(address) => Err(format!("{address} is not protected by TLS")),
    }
}

/// The keys without RSA keys shorter than 2048 bits (RFC 7518 section 3.3). Those of other kinds
/// have one size.
fn strong(keys: &CoreJsonWebKeySet) -> CoreJsonWebKeySet {
    let is_strong = |key: &&CoreJsonWebKey| {
        let members = serde_json::to_value(key).unwrap_or_default();
        members.get("n").is_none_or(|n| n.as_str().is_some_and(|n| n.len() >= MIN_RSA_MODULUS))
    };
    JsonWebKeySet::new(keys.keys().iter().filter(is_strong).cloned().collect())
}
