//! Secrets that the provider makes or receives: never printed, compared in constant time, stored
//! only as SHA-256 (design 4, security.md 31, 44).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// What a secret is for. Each kind has its own prefix, so that one kind is never taken for another
/// and a scanner of repositories recognises a leaked one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// An authorization code.
    AuthorizationCode,
    /// A refresh token.
    RefreshToken,
    /// A client secret.
    ClientSecret,
    /// The id of a stored authorization request.
    PendingRequest,
    /// The `request_uri` of a pushed authorization request: a URN (RFC 9126 2.2).
    PushedRequest,
    /// An initial access token: permission to register clients (RFC 7591 3).
    InitialAccessToken,
    /// A registration access token: permission to manage one client (RFC 7592 3).
    RegistrationAccessToken,
}

impl SecretKind {
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "ac_",
            Self::RefreshToken => "rt_",
            Self::ClientSecret => "cs_",
            Self::PendingRequest => "rq_",
            Self::PushedRequest => "urn:ietf:params:oauth:request_uri:",
            Self::InitialAccessToken => "ia_",
            Self::RegistrationAccessToken => "ra_",
        }
    }
}

/// A secret in clear text. It has no `Display`, and `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// A fresh secret of 256 bits from the entropy source of the program.
    pub fn from_entropy(kind: SecretKind, entropy: [u8; 32]) -> Self {
        Self(format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(entropy)))
    }

    /// Parses a secret of one kind that a client or browser presents. `None` for anything that this
    /// provider cannot have issued, so that no such thing reaches the database.
    pub fn parse(kind: SecretKind, text: &str) -> Option<Self> {
        let random = text.strip_prefix(kind.prefix())?;
        let bytes = URL_SAFE_NO_PAD.decode(random).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// Takes a secret as it was presented, such as a client secret that an operator chose.
    pub fn from_presented(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The clear text, to be sent once to whom it belongs.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored and looked up instead of the secret.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The SHA-256 of a secret. Equality takes the same time for every value.
#[derive(Clone, Copy, Eq)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// Reads a stored digest; `None` when it has not 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, for storing.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for SecretDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_parsed_only_as_its_own_kind() {
        let code = Secret::from_entropy(SecretKind::AuthorizationCode, [7; 32]);
        let parsed = Secret::parse(SecretKind::AuthorizationCode, code.expose()).unwrap();
        assert_eq!(parsed.digest(), code.digest());
        assert!(Secret::parse(SecretKind::RefreshToken, code.expose()).is_none());
    }

    #[test]
    fn truncated_extended_and_foreign_secrets_are_not_parsed() {
        let token = Secret::from_entropy(SecretKind::RefreshToken, [7; 32]);
        let text = token.expose();
        for wrong in
            [&text[..text.len() - 1], &format!("{text}A"), &format!("{text}="), "rt_", "", " "]
        {
            assert!(Secret::parse(SecretKind::RefreshToken, wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn debug_shows_nothing_of_a_secret() {
        let secret = Secret::from_presented("open sesame");
        assert_eq!(format!("{secret:?} {:?}", secret.digest()), "Secret(..) SecretDigest(..)");
    }
}
