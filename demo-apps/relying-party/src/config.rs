//! What a relying party is told before it starts.

use url::{Host, Url};

use crate::{
    Authentication, SigningAlg,
    clock::{Clock, Entropy},
};

/// The registration of this program at the provider, and how it shows itself.
#[derive(Clone)]
pub struct RelyingPartyConfig {
    /// Issuer identifier, compared byte for byte with `iss` (OpenID Connect Core 3.1.3.7).
    /// https, or http on localhost.
    pub issuer: String,
    /// `client_id` at the provider.
    pub client_id: String,
    /// How this client proves who it is. Never shown: `Debug` names the method only.
    pub authentication: Authentication,
    /// Sends every authorization request to the provider first, so that the browser carries
    /// nothing but a reference to it (RFC 9126). When that fails nobody is signed in: there is no
    /// falling back to parameters in the address.
    pub pushed_authorization_requests: bool,
    /// How the provider's answer comes back.
    pub response_mode: ResponseMode,
    /// What may sign ID tokens and logout tokens. Name the one algorithm that the client is
    /// registered with (`id_token_signed_response_alg`), and a token under another is refused.
    pub id_token_algs: Vec<SigningAlg>,
    /// Asks the userinfo endpoint at each sign-in and adds what the ID token leaves out. Its `sub`
    /// must be that of the ID token (OpenID Connect Core 5.3.2).
    pub userinfo: Option<BearerMethod>,
    /// Also takes logout tokens without `typ`, or with `JWT`, from a provider older than OpenID
    /// Connect Back-Channel Logout 1.0 section 2.4. `logout+jwt` is always taken.
    pub accepts_untyped_logout_tokens: bool,
    /// Which TLS certificates of the provider are believed.
    pub tls: Tls,
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
    pub fn new(
        issuer: &str,
        client_id: &str,
        authentication: impl Into<Authentication>,
        base_url: Url,
    ) -> Self {
        Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            authentication: authentication.into(),
            pushed_authorization_requests: false,
            response_mode: ResponseMode::Query,
            id_token_algs: SigningAlg::ALL.to_vec(),
            userinfo: None,
            accepts_untyped_logout_tokens: false,
            tls: Tls::SystemRoots,
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

impl RelyingPartyConfig {
    /// Where the provider's answers come back: register exactly this.
    pub fn redirect_uri(&self) -> String {
        let mut address = self.base_url.clone();
        address.set_path("/callback");
        address.into()
    }
}

impl std::fmt::Debug for RelyingPartyConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelyingPartyConfig")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("authentication", &self.authentication)
            .field("base_url", &self.base_url.as_str())
            .finish_non_exhaustive()
    }
}

/// `response_mode` of the authorization request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the address of the callback; the default of the code flow.
    #[default]
    Query,
    /// As a form that the browser posts from the provider's site (OAuth 2.0 Form Post Response
    /// Mode). Code and state never stand in an address. See ADR 0024 for the cookie.
    FormPost,
}

/// How the access token goes to the userinfo endpoint (RFC 6750 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BearerMethod {
    /// In the `Authorization` header.
    Header,
    /// As a field of a posted form.
    Body,
}

/// Which TLS certificates are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// Those of the system's authorities.
    #[default]
    SystemRoots,
    /// Those, and the authorities in this PEM bundle.
    AlsoTrust(Vec<u8>),
    /// Anyone's: for the self-signed certificate of the certification suite, and nothing else.
    #[cfg(feature = "certification")]
    AnyCertificate,
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
    /// No algorithm may sign.
    #[error("id_token_algs is empty")]
    Algorithms,
    /// The HTTP client could not be built, for example as the PEM bundle holds no certificate.
    #[error("the HTTP client could not be built")]
    HttpClient(#[source] reqwest::Error),
}

/// Plain http only where nobody can listen: on this machine (RFC 8252 section 8.3).
pub(crate) fn is_https_or_localhost(address: &Url) -> bool {
    let local = match address.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    address.scheme() == "https" || (address.scheme() == "http" && local)
}
