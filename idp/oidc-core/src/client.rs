//! A registered client (OpenID Connect Dynamic Registration 2; security.md 36).

use crate::response::ResponseMode;
use crate::scope::{self, Scope};
use crate::secret::SecretDigest;

/// How a client proves who it is at the token endpoint (OpenID Connect Core 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// HTTP Basic with the client secret.
    ClientSecretBasic,
    /// Client secret in the form body.
    ClientSecretPost,
    /// A JWT that the client signs with its own key (RFC 7523 2.2).
    PrivateKeyJwt,
    /// Public client: it only names itself, PKCE protects its codes.
    None,
}

impl AuthMethod {
    /// Every method, in the order of discovery.
    pub const ALL: [Self; 4] =
        [Self::ClientSecretBasic, Self::ClientSecretPost, Self::PrivateKeyJwt, Self::None];

    /// The methods that prove something.
    pub const CONFIDENTIAL: [Self; 3] =
        [Self::ClientSecretBasic, Self::ClientSecretPost, Self::PrivateKeyJwt];

    /// The name in metadata.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// Parses the name in metadata.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }
}

/// A grant type that the token endpoint offers (design 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantType {
    /// RFC 6749 4.1.
    AuthorizationCode,
    /// RFC 6749 6.
    RefreshToken,
    /// RFC 6749 4.4.
    ClientCredentials,
}

impl GrantType {
    /// Every grant type, in the order of discovery.
    pub const ALL: [Self; 3] =
        [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials];

    /// The name in requests and metadata.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// Parses the name in requests and metadata.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.as_str() == text)
    }
}

/// Algorithm with which a client wants its ID tokens signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlg {
    /// ECDSA on P-256: the default of our own clients.
    Es256,
    /// RSA PKCS #1 v1.5: what certification expects of every provider.
    Rs256,
    /// Ed25519.
    EdDsa,
}

impl SigningAlg {
    /// Every algorithm, in the order of discovery.
    pub const ALL: [Self; 3] = [Self::Es256, Self::Rs256, Self::EdDsa];

    /// The name in JOSE headers and metadata.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Parses the name in JOSE headers and metadata.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.as_str() == text)
    }
}

/// Claims beyond the common ones that a client needs (design 5). All off: a client gets no more
/// about a person than its purpose asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtraClaims {
    /// The person's id in the third party's own register.
    pub company_id: bool,
    /// Roles of the operator's staff; a staff role also opens the application.
    pub staff_roles: bool,
    /// Name and e-mail in the ID token as well, not only at userinfo (OpenID Connect Core 5.4).
    pub profile_in_id_token: bool,
}

/// A client secret as it is stored (security.md 31).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientSecret {
    /// SHA-256 of the secret.
    pub digest: SecretDigest,
    /// End of its life, Unix milliseconds; `None` for one that lasts.
    pub expires_at: Option<i64>,
}

impl ClientSecret {
    /// A secret that lasts until it is replaced.
    pub const fn lasting(digest: SecretDigest) -> Self {
        Self { digest, expires_at: None }
    }

    /// Whether it may still be used.
    pub fn is_valid(&self, now: i64) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// Where the public keys of a client are (RFC 7591 2: `jwks` or `jwks_uri`, never both).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientKeys {
    /// The key set itself, as JSON (RFC 7517 5).
    ByValue(String),
    /// The address from which the client publishes it.
    ByReference(String),
}

/// What a client assertion may name as its audience. RFC 7523 3 leaves it open; the certification
/// of `OpenID` Connect sends the token endpoint, FAPI 2.0 allows nothing but the issuer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AssertionAudience {
    /// The issuer, as one string: an assertion for us serves nobody else (security.md 32).
    #[default]
    Issuer,
    /// The issuer, the token endpoint or the endpoint that is asked, in a list too.
    IssuerOrEndpoint,
}

impl AssertionAudience {
    /// Every policy.
    pub const ALL: [Self; 2] = [Self::Issuer, Self::IssuerOrEndpoint];

    /// The name in a registration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issuer => "issuer",
            Self::IssuerOrEndpoint => "issuer_or_endpoint",
        }
    }

    /// Parses the name in a registration.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|audience| audience.as_str() == text)
    }
}

/// How strictly a client is treated. The default is strict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Every authorization request must carry a code challenge (RFC 9700 2.1.1; security.md 4). Only
    /// the operator lifts this, and only for a client that proves who it is: see
    /// [`Client::needs_pkce`].
    pub require_pkce: bool,
    /// Authorization requests must be pushed (RFC 9126 6).
    pub require_pushed_requests: bool,
    /// The one algorithm of its assertions (`token_endpoint_auth_signing_alg`); without it any that
    /// fits its keys.
    pub assertion_alg: Option<String>,
    /// What its assertions may name as their audience.
    pub assertion_audience: AssertionAudience,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            require_pkce: true,
            require_pushed_requests: false,
            assertion_alg: None,
            assertion_audience: AssertionAudience::default(),
        }
    }
}

/// How the client hears of a person's identifier (OpenID Connect Core 8).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SubjectType {
    /// The same for every client.
    #[default]
    Public,
    /// Another one for each sector, so that clients cannot compare.
    Pairwise {
        /// The sector identifier: a host (OpenID Connect Core 8.1).
        sector: String,
        /// The document that names all redirect URIs of the sector, where there is one.
        sector_identifier_uri: Option<String>,
    },
}

/// Where a client hears that a session has ended (OpenID Connect Back-Channel Logout 2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackchannelLogout {
    /// `backchannel_logout_uri`.
    pub uri: String,
    /// The logout token must carry `sid`; ours always does.
    pub session_required: bool,
}

/// What a request of the client means where it says nothing (OpenID Connect Dynamic Registration
/// 2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestDefaults {
    /// `default_max_age`, seconds.
    pub max_age: Option<i64>,
    /// `require_auth_time`; our ID tokens always carry it.
    pub require_auth_time: bool,
    /// `default_acr_values`.
    pub acr_values: Vec<String>,
}

/// What a client tells people about itself (RFC 7591 2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Its home page.
    pub client_uri: Option<String>,
    /// A picture.
    pub logo_uri: Option<String>,
    /// Its privacy policy.
    pub policy_uri: Option<String>,
    /// Its terms of service.
    pub tos_uri: Option<String>,
    /// Whom to ask.
    pub contacts: Vec<String>,
}

/// A registered client. Every list is an allow-list, and empty means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The `client_id`.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Code of the application whose groups the client may see; without one no person can sign in.
    pub application: Option<String>,
    /// The one registered method of client authentication.
    pub auth_method: AuthMethod,
    /// The client secrets: one, or two while a secret is being replaced.
    pub secrets: Vec<ClientSecret>,
    /// Where authorization responses may go.
    pub redirect_uris: Vec<String>,
    /// Where the browser may go after sign-out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where a tile starts the relying party (OpenID Connect Core 4).
    pub initiate_login_uri: Option<String>,
    /// Grant types the client may use.
    pub grant_types: Vec<GrantType>,
    /// Scopes the client may get.
    pub scopes: Scope,
    /// The operator vouches for the client: no consent, and errors may redirect before sign-in.
    pub first_party: bool,
    /// A disabled client gets nothing.
    pub enabled: bool,
    /// Algorithm of its ID tokens.
    pub id_token_alg: SigningAlg,
    /// Claims beyond the common ones.
    pub extra_claims: ExtraClaims,
    /// Its public keys.
    pub keys: Option<ClientKeys>,
    /// How strictly it is treated.
    pub policy: Policy,
    /// How it hears of a person's identifier.
    pub subject_type: SubjectType,
    /// Response modes it may ask for.
    pub response_modes: Vec<ResponseMode>,
    /// Resource servers it may ask tokens for, beside itself (RFC 8707 2).
    pub resources: Vec<String>,
    /// Where it hears of the end of a session.
    pub backchannel_logout: Option<BackchannelLogout>,
    /// Algorithm of its userinfo responses; without one they are plain JSON.
    pub userinfo_alg: Option<SigningAlg>,
    /// What its requests mean where they say nothing.
    pub defaults: RequestDefaults,
    /// What it tells people about itself.
    pub about: About,
}

impl Client {
    /// A client that may do nothing yet: enabled, public, of no application, with empty lists. Both
    /// response modes are harmless, so it may use them.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            application: None,
            auth_method: AuthMethod::None,
            secrets: Vec::new(),
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            initiate_login_uri: None,
            grant_types: Vec::new(),
            scopes: Scope::default(),
            first_party: false,
            enabled: true,
            id_token_alg: SigningAlg::Es256,
            extra_claims: ExtraClaims::default(),
            keys: None,
            policy: Policy::default(),
            subject_type: SubjectType::default(),
            response_modes: ResponseMode::ALL.to_vec(),
            resources: Vec::new(),
            backchannel_logout: None,
            userinfo_alg: None,
            defaults: RequestDefaults::default(),
            about: About::default(),
        }
    }

    /// Whether the client may use a grant type.
    pub fn may_use(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }

    /// Whether its authorization requests need a code challenge. Nothing but PKCE protects the codes
    /// of a public client, so its policy does not matter.
    pub fn needs_pkce(&self) -> bool {
        self.policy.require_pkce || self.auth_method == AuthMethod::None
    }

    /// What the client gets of the scopes that it asks for, when a person signs in. Unknown scopes
    /// are ignored (OpenID Connect Core 3.1.2.1); `offline_access` needs the refresh token grant.
    pub fn grantable_scope(&self, requested: &Scope) -> Scope {
        requested.retain(|name| {
            self.scopes.contains(name)
                && (name != scope::OFFLINE_ACCESS || self.may_use(GrantType::RefreshToken))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn a_client_gets_only_scopes_of_its_list() {
        let mut client = fixtures::client();
        client.scopes = Scope::parse("openid groups offline_access").unwrap();
        let asked = Scope::parse("openid email groups bogus offline_access").unwrap();
        assert_eq!(client.grantable_scope(&asked).to_string(), "openid groups offline_access");
        client.grant_types = vec![GrantType::AuthorizationCode];
        assert_eq!(client.grantable_scope(&asked).to_string(), "openid groups");
    }

    #[test]
    fn names_parse_back_to_what_they_name() {
        for method in AuthMethod::ALL {
            assert_eq!(AuthMethod::parse(method.as_str()), Some(method));
        }
        for grant in GrantType::ALL {
            assert_eq!(GrantType::parse(grant.as_str()), Some(grant));
        }
        for alg in SigningAlg::ALL {
            assert_eq!(SigningAlg::parse(alg.as_str()), Some(alg));
        }
        assert_eq!(SigningAlg::parse("none"), None);
        assert_eq!(GrantType::parse("password"), None);
    }
}
