//! A registered client (OpenID Connect Dynamic Registration 2; security.md 36).

use crate::scope::{self, Scope};
use crate::secret::SecretDigest;

/// How a client proves who it is at the token endpoint (OpenID Connect Core 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// HTTP Basic with the client secret.
    ClientSecretBasic,
    /// Client secret in the form body.
    ClientSecretPost,
    /// Public client: it only names itself, PKCE protects its codes.
    None,
}

impl AuthMethod {
    /// Every method, in the order of discovery.
    pub const ALL: [Self; 3] = [Self::ClientSecretBasic, Self::ClientSecretPost, Self::None];

    /// The name in metadata.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
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
    /// SHA-256 of the client secrets: one, or two while a secret is being replaced.
    pub secret_digests: Vec<SecretDigest>,
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
}

impl Client {
    /// Whether the client may use a grant type.
    pub fn may_use(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
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
