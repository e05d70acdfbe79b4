//! What the provider publishes: endpoints and keys, fetched when first needed and kept.

use std::sync::{Arc, PoisonError, RwLock};

use openidconnect::{
    ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl,
    ProviderMetadataWithLogout, RedirectUrl,
    core::{CoreClient, CoreJsonWebKeySet},
};
use tokio::sync::{Mutex, MutexGuard};
use url::Url;

use crate::{RelyingPartyConfig, http_client::HttpClient};

/// How long discovery and keys are kept, in milliseconds.
const KEEP: i64 = 60 * 60 * 1000;
/// At most one fetch in this time because of an unknown key, in milliseconds: a stranger who sends
/// made-up `kid`s must not make us hammer the provider.
const REFETCH_PAUSE: i64 = 60 * 1000;
/// How long a failed fetch answers for those that come after it, in milliseconds.
const FAILURE_PAUSE: i64 = 1000;

type OidcClient = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider cannot be asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the provider cannot be reached")]
pub(crate) struct Unreachable;

/// One state of the provider's published facts.
pub(crate) struct Provider {
    /// Builds requests and checks answers.
    pub(crate) client: OidcClient,
    /// Keys for access tokens and logout tokens.
    pub(crate) keys: CoreJsonWebKeySet,
    /// Where RP-initiated logout begins (OpenID Connect RP-Initiated Logout 1.0 section 2).
    pub(crate) end_session: Option<Url>,
    fetched_at: i64,
}

/// The one place that knows the provider.
pub(crate) struct ProviderCache {
    current: RwLock<Option<Arc<Provider>>>,
    /// Held while fetching, so that many requests cause one fetch; holds the last failure's time.
    fetching: Mutex<Option<i64>>,
}

impl ProviderCache {
    pub(crate) const fn new() -> Self {
        Self { current: RwLock::new(None), fetching: Mutex::const_new(None) }
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
    /// again when it is too young to be stale, or when the provider does not answer.
    pub(crate) async fn newer(
        &self,
        known: &Arc<Provider>,
        config: &RelyingPartyConfig,
        http: &HttpClient,
    ) -> Arc<Provider> {
        if config.clock.now() - known.fetched_at < REFETCH_PAUSE {
            return known.clone();
        }
        // Unlike in `get`, `known` is of no use here, so it is worth waiting for another's fetch.
        let turn = self.fetching.lock().await;
        self.fetch(turn, Some(known), config, http).await.unwrap_or_else(|_| known.clone())
    }

    fn peek(&self) -> Option<Arc<Provider>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn fetch(
        &self,
        mut last_failure: MutexGuard<'_, Option<i64>>,
        known: Option<&Arc<Provider>>,
        config: &RelyingPartyConfig,
        http: &HttpClient,
    ) -> Result<Arc<Provider>, Unreachable> {
        if let Some(current) = self.peek()
            && known.is_none_or(|known| !Arc::ptr_eq(known, &current))
        {
            return Ok(current);
        }
        let now = config.clock.now();
        if last_failure.is_some_and(|at| now - at < FAILURE_PAUSE) {
            return Err(Unreachable);
        }
        match discover(config, http).await {
            Ok(provider) => {
                let provider = Arc::new(provider);
                *self.current.write().unwrap_or_else(PoisonError::into_inner) =
                    Some(provider.clone());
                *last_failure = None;
                Ok(provider)
            }
            Err(error) => {
                tracing::warn!(error, issuer = config.issuer, "discovery failed");
                // After the attempt: those who waited for it must not each wait for their own.
                *last_failure = Some(config.clock.now());
                Err(Unreachable)
            }
        }
    }
}

/// OpenID Connect Discovery 1.0 section 4; the issuer in the answer must be ours, byte for byte.
async fn discover(config: &RelyingPartyConfig, http: &HttpClient) -> Result<Provider, String> {
    let issuer = IssuerUrl::new(config.issuer.clone()).map_err(|e| e.to_string())?;
    let metadata = ProviderMetadataWithLogout::discover_async(issuer, http)
        .await
        .map_err(|e| format!("{e:?}"))?;
    let keys = metadata.jwks().clone();
    let end_session =
        metadata.additional_metadata().end_session_endpoint.as_ref().map(|e| e.url().clone());
    let redirect = config.base_url.join("/callback").map_err(|e| e.to_string())?;
    let client = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new(config.client_id.clone()),
        Some(ClientSecret::new(config.client_secret.clone())),
    )
    .set_redirect_uri(RedirectUrl::from_url(redirect));
    Ok(Provider { client, keys, end_session, fetched_at: config.clock.now() })
}
