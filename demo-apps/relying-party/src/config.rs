//! What a relying party is told before it starts.

use url::Url;

use crate::clock::{Clock, Entropy};

/// The registration of this program at the provider, and how it shows itself.
#[derive(Clone)]
pub struct RelyingPartyConfig {
    /// Issuer identifier, compared byte for byte with `iss` (OpenID Connect Core 3.1.3.7).
    /// https, or http on localhost.
    pub issuer: String,
    /// `client_id` at the provider.
    pub client_id: String,
    /// Sent as `client_secret_basic`. Never shown: `Debug` leaves it out.
    pub client_secret: String,
    /// Own public address without path, such as `http://localhost:8083`. The redirect URI is
    /// `{base_url}/callback`, sign-out returns to `{base_url}/`.
    pub base_url: Url,
    /// Scopes beyond `openid`, such as `profile email groups offline_access`.
    pub scopes: Vec<String>,
    /// What bearer access tokens must carry in `aud` (RFC 9068 section 4); usually the client_id.
    pub audience: String,
    /// Own part of the cookie names, such as `ssm`: all ports of localhost share their cookies.
    pub cookie_prefix: String,
    /// Name of the application on the pages of this library, such as `SSM Portal`.
    pub app_name: String,
    /// Whom a person asks who cannot get on, such as `ECB Support Centre, …`.
    pub support: String,
    /// Added to the page for people whom the provider refuses: what else may help, in a sentence.
    pub access_hint: String,
    /// Path of the stylesheet for this library's own pages, such as `/assets/ssm.css`.
    pub stylesheet: Option<String>,
    /// The program's time.
    pub clock: Clock,
    /// The program's source of secrets.
    pub entropy: Entropy,
}

impl RelyingPartyConfig {
    /// A configuration with the usual scopes (`profile email groups offline_access`), the
    /// client_id as audience and cookie prefix, and the system's clock and entropy.
    pub fn new(issuer: &str, client_id: &str, client_secret: &str, base_url: Url) -> Self {
        Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            base_url,
            scopes: ["profile", "email", "groups", "offline_access"].map(str::to_owned).to_vec(),
            audience: client_id.to_owned(),
            cookie_prefix: client_id.to_owned(),
            app_name: client_id.to_owned(),
            support: "ECB Support Centre, supportcenter@ecb.europa.eu, +49 69 1344 7766".to_owned(),
            access_hint: String::new(),
            stylesheet: None,
            clock: Clock::system(),
            entropy: Entropy::system(),
        }
    }
}

impl std::fmt::Debug for RelyingPartyConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelyingPartyConfig")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("base_url", &self.base_url.as_str())
            .finish_non_exhaustive()
    }
}

/// Why a relying party cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The issuer is no URL, or is neither https nor http on localhost.
    #[error("the issuer must be an https address, or http on localhost")]
    Issuer,
    /// The own address has a path, a query, or is neither https nor http on localhost.
    #[error("base_url must be an https address without a path, or http on localhost")]
    BaseUrl,
    /// The cookie prefix is empty or holds more than letters, digits, `-` and `_`.
    #[error("cookie_prefix must be letters, digits, '-' or '_'")]
    CookiePrefix,
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be built")]
    HttpClient(#[source] reqwest::Error),
}
