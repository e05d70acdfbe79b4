//! How this client proves who it is, at the token endpoint and where requests are pushed.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{ClientKey, RelyingPartyConfig, provider::Provider};

/// RFC 7523 section 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// `token_endpoint_auth_method` with what it needs (OpenID Connect Core 9).
#[derive(Clone)]
pub enum Authentication {
    /// `client_secret_basic`: the secret in the `Authorization` header.
    ClientSecretBasic(String),
    /// `client_secret_post`: the secret in the form.
    ClientSecretPost(String),
    /// `private_key_jwt`: a signed assertion; no secret ever leaves this program (RFC 7523).
    PrivateKeyJwt {
        /// Its public half is registered at the provider.
        key: ClientKey,
        /// For whom assertions are made out.
        audience: AssertionAudience,
    },
    /// `none`: a public client; PKCE alone protects its codes.
    Public,
}

/// `aud` of a client assertion: one string, so that no other server can use it (RFC 7523
/// section 3 as tightened by FAPI 2.0 section 5.3.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssertionAudience {
    /// The issuer identifier, whatever the endpoint.
    Issuer,
    /// The address of the token endpoint, as older providers demand.
    TokenEndpoint,
}

impl Authentication {
    /// `private_key_jwt` with the issuer as audience.
    pub const fn private_key(key: ClientKey) -> Self {
        Self::PrivateKeyJwt { key, audience: AssertionAudience::Issuer }
    }

    /// The key of a client that has one.
    pub const fn key(&self) -> Option<&ClientKey> {
        match self {
            Self::PrivateKeyJwt { key, .. } => Some(key),
            _ => None,
        }
    }
}

/// A secret alone is sent as `client_secret_basic`, the default of OpenID Connect Core 9.
impl From<&str> for Authentication {
    fn from(secret: &str) -> Self {
        Self::ClientSecretBasic(secret.to_owned())
    }
}

impl std::fmt::Debug for Authentication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ClientSecretBasic(_) => "ClientSecretBasic",
            Self::ClientSecretPost(_) => "ClientSecretPost",
            Self::PrivateKeyJwt { .. } => "PrivateKeyJwt",
            Self::Public => "Public",
        })
    }
}

/// What one request carries as proof.
#[derive(Default)]
pub(crate) struct Proof {
    /// Value of the `Authorization` header.
    pub(crate) authorization: Option<String>,
    /// Fields of the form.
    pub(crate) fields: Vec<(&'static str, String)>,
}

/// A fresh proof for one request to `provider`. A request has exactly one (RFC 6749 section 2.3).
pub(crate) fn prove(config: &RelyingPartyConfig, provider: &Provider) -> Proof {
    let client_id = || ("client_id", config.client_id.clone());
    match &config.authentication {
        Authentication::ClientSecretBasic(secret) => {
            // Both are form-encoded first, so that a colon in them is no separator.
            let credentials = format!("{}:{}", encode(&config.client_id), encode(secret));
            let value = format!("Basic {}", STANDARD.encode(credentials));
            Proof { authorization: Some(value), fields: Vec::new() }
        }
        Authentication::ClientSecretPost(secret) => Proof {
            authorization: None,
            fields: vec![client_id(), ("client_secret", secret.clone())],
        },
        Authentication::PrivateKeyJwt { key, audience } => {
            let audience = match audience {
                AssertionAudience::Issuer => &config.issuer,
                AssertionAudience::TokenEndpoint => provider.token_endpoint.as_str(),
            };
            let (jti, now) = (config.entropy.secret(), config.clock.now() / 1000);
            let assertion = key.assertion(&config.client_id, audience, &jti, now);
            let fields = vec![
                client_id(),
                ("client_assertion_type", ASSERTION_TYPE.to_owned()),
                ("client_assertion", assertion),
            ];
            Proof { authorization: None, fields }
        }
        Authentication::Public => Proof { authorization: None, fields: vec![client_id()] },
    }
}

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
