//! The object that an application keeps: configuration, provider, attempts, sessions.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use http::StatusCode;
use url::Url;

use crate::{
    Admission, ConfigError, Decision, Person, RelyingPartyConfig, ResponseMode,
    admission::DynAdmission,
    attempt::Attempts,
    callback,
    config::is_https_or_localhost,
    http_client::HttpClient,
    provider::{Provider, ProviderCache, Unreachable},
    secure,
    session::Sessions,
    sign_in, sign_out, step_up,
};

/// Largest form that an application takes, in bytes.
const MAX_BODY: usize = 256 * 1024;

/// A relying party of one provider. Cheap to clone; all clones share their sessions.
#[derive(Clone)]
pub struct RelyingParty(Arc<Inner>);

struct Inner {
    config: RelyingPartyConfig,
    admission: Box<dyn DynAdmission>,
    http: HttpClient,
    provider: ProviderCache,
    attempts: Attempts,
    sessions: Sessions,
    logout_tokens: std::sync::Mutex<HashMap<String, i64>>,
}

impl RelyingParty {
    /// Checks `config` and builds the relying party. Calls nobody: the provider is asked when
    /// the first person signs in, so it need not run yet.
    pub fn new(config: RelyingPartyConfig, admission: impl Admission) -> Result<Self, ConfigError> {
        let issuer = Url::parse(&config.issuer).map_err(|_| ConfigError::Issuer)?;
        if !is_https_or_localhost(&issuer) {
            return Err(ConfigError::Issuer);
        }
        let bare = config.base_url.path() == "/" && config.base_url.query().is_none();
        if !bare || !is_https_or_localhost(&config.base_url) {
            return Err(ConfigError::BaseUrl);
        }
        let prefix = &config.cookie_prefix;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if prefix.is_empty() || !prefix.chars().all(plain) {
            return Err(ConfigError::CookiePrefix);
        }
        if config.id_token_algs.is_empty() {
            return Err(ConfigError::Algorithms);
        }
        let http = HttpClient::build(&config.tls).map_err(ConfigError::HttpClient)?;
        Ok(Self(Arc::new(Inner {
            config,
            admission: Box::new(admission),
            http,
            provider: ProviderCache::new(),
            attempts: Attempts::default(),
            sessions: Sessions::default(),
            logout_tokens: std::sync::Mutex::default(),
        })))
    }

    /// `GET /login` (also third-party-initiated), `/callback` (`GET`, or `POST` with
    /// [`ResponseMode::FormPost`]), `GET /confirmed`, `POST /logout`, `GET /signed-out`,
    /// `POST /backchannel-logout`, and `GET /jwks.json` for a client with a key: its `jwks_uri`.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        Router::new()
            .route("/login", get(sign_in::login))
            .route("/callback", self.callback())
            .route("/confirmed", get(step_up::confirmed))
            .route("/jwks.json", get(jwks))
            .route("/logout", post(sign_out::logout))
            .route("/signed-out", get(sign_out::signed_out))
            .route("/backchannel-logout", post(sign_out::backchannel_logout))
            .with_state(self.clone())
    }

    fn callback(&self) -> MethodRouter<Self> {
        match self.config().response_mode {
            ResponseMode::Query => get(callback::from_query),
            ResponseMode::FormPost => post(callback::from_form),
        }
    }

    /// Wraps the finished application: security headers (a content security policy without
    /// inline code, no framing, no sniffing), `no-store` unless the answer says otherwise, and a
    /// limit of 256 KiB on bodies.
    pub fn secure(&self, app: Router) -> Router {
        app.layer(DefaultBodyLimit::max(MAX_BODY))
            .layer(middleware::map_response_with_state(self.clone(), secure::add_headers))
    }

    /// What the relying party was told.
    pub fn config(&self) -> &RelyingPartyConfig {
        &self.0.config
    }

    pub(crate) fn now(&self) -> i64 {
        self.0.config.clock.now()
    }

    pub(crate) fn http(&self) -> &HttpClient {
        &self.0.http
    }

    pub(crate) fn attempts(&self) -> &Attempts {
        &self.0.attempts
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    pub(crate) fn logout_tokens(&self) -> &std::sync::Mutex<HashMap<String, i64>> {
        &self.0.logout_tokens
    }

    pub(crate) async fn provider(&self) -> Result<Arc<Provider>, Unreachable> {
        self.0.provider.get(&self.0.config, &self.0.http).await
    }

    pub(crate) async fn newer_provider(&self, known: &Arc<Provider>) -> Arc<Provider> {
        self.0.provider.newer(known, &self.0.config, &self.0.http).await
    }

    pub(crate) async fn admit(&self, person: &Person) -> Decision {
        self.0.admission.admit(person).await
    }
}

/// The public keys of the client, so that the provider learns of a new one by itself: it asks
/// again for a `kid` that it does not know, and an assertion lives for a minute only.
async fn jwks(State(rp): State<RelyingParty>) -> Response {
    match rp.config().authentication.key() {
        Some(key) => Json(key.public_jwks()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
