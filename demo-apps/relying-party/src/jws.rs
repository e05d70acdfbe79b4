//! A signed token to its payload: compact form, signature, `alg`, `typ`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    JsonWebKey as _,
    core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJsonWebKeyUse, CoreJwsSigningAlgorithm},
};
use serde::{Deserialize, de::DeserializeOwned};

/// What may sign a token: no `none`, and no symmetric algorithm, so that a public key is never
/// taken for a shared secret (RFC 8725 sections 2.1 and 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlg {
    /// ECDSA on P-256.
    Es256,
    /// RSA PKCS #1 v1.5 with SHA-256.
    Rs256,
    /// RSA PSS with SHA-256.
    Ps256,
    /// Ed25519.
    EdDsa,
}

impl SigningAlg {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Rs256, Self::Ps256, Self::EdDsa];

    /// The algorithm of this `alg` (RFC 7518 section 3.1, RFC 8037 section 3.1).
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.as_str() == name)
    }

    /// Value of `alg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }

    pub(crate) const fn to_core(self) -> CoreJwsSigningAlgorithm {
        match self {
            Self::Es256 => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            Self::Rs256 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            Self::Ps256 => CoreJwsSigningAlgorithm::RsaSsaPssSha256,
            Self::EdDsa => CoreJwsSigningAlgorithm::EdDsa,
        }
    }
}

/// Longest token that is looked at, in characters.
const MAX_TOKEN: usize = 16 * 1024;

/// Most keys that are tried for a token that names none.
const MAX_TRIED: usize = 16;

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JwsError {
    /// Not three parts of base64url, or not JSON inside.
    #[error("the token is malformed")]
    Malformed,
    /// Another kind of token (RFC 8725 section 3.11).
    #[error("the token is of another type")]
    Type,
    /// `none`, a symmetric algorithm, or one that is not offered.
    #[error("the token's algorithm is not allowed")]
    Algorithm,
    /// No published key has this `kid`. The keys may be stale.
    #[error("the token's key is unknown")]
    UnknownKey,
    /// Tampered with, or signed by somebody else.
    #[error("the token's signature is wrong")]
    Signature,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

/// What is expected of a token before its payload is looked at.
pub(crate) struct Expected<'a> {
    /// `typ`; see [`Expected::untyped`].
    pub(crate) typ: &'a str,
    /// Whether `typ` may also be missing or plain `JWT`.
    pub(crate) untyped: bool,
    /// What may sign.
    pub(crate) algs: &'a [SigningAlg],
}

/// The payload of `token` if one of `keys` signed it and its header is as `expected`.
///
/// Looks at nothing inside the payload: `iss`, `aud` and `exp` are the caller's.
pub(crate) fn verify<T: DeserializeOwned>(
    token: &str,
    expected: &Expected<'_>,
    keys: &CoreJsonWebKeySet,
) -> Result<T, JwsError> {
    if token.len() > MAX_TOKEN {
        return Err(JwsError::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(JwsError::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(JwsError::Malformed)?;
    let header: Header = decode(header)?;
    if header.crit.is_some() {
        return Err(JwsError::Malformed);
    }
    check_type(header.typ.as_deref(), expected)?;
    let algorithm = SigningAlg::parse(&header.alg).ok_or(JwsError::Algorithm)?;
    if !expected.algs.contains(&algorithm) {
        return Err(JwsError::Algorithm);
    }
    let algorithm = algorithm.to_core();
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| JwsError::Malformed)?;
    let mut eligible = find_keys(keys, header.kid.as_deref()).peekable();
    if eligible.peek().is_none() {
        return Err(JwsError::UnknownKey);
    }
    let fits = |key: &CoreJsonWebKey| {
        key.verify_signature(&algorithm, signed.as_bytes(), &signature).is_ok()
    };
    if !eligible.take(MAX_TRIED).any(fits) {
        return Err(JwsError::Signature);
    }
    decode(payload)
}

/// The claims of an ID token that openidconnect has verified already.
pub(crate) fn claims_of_verified<T: DeserializeOwned>(token: &str) -> Result<T, JwsError> {
    decode(token.split('.').nth(1).ok_or(JwsError::Malformed)?)
}

fn decode<T: DeserializeOwned>(part: &str) -> Result<T, JwsError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| JwsError::Malformed)
}

/// RFC 7515 section 4.1.9: `typ` is a media type, compared without case, `application/` may be
/// left out.
fn check_type(found: Option<&str>, expected: &Expected<'_>) -> Result<(), JwsError> {
    let found = found.unwrap_or_default().to_ascii_lowercase();
    let found = found.strip_prefix("application/").unwrap_or(&found);
    let untyped = expected.untyped && matches!(found, "" | "jwt");
    if found == expected.typ || untyped { Ok(()) } else { Err(JwsError::Type) }
}

/// The signing keys with this `kid`: one, where the provider keeps to RFC 7517 section 4.5. For a
/// token without `kid`, all of them.
fn find_keys<'k>(
    keys: &'k CoreJsonWebKeySet,
    kid: Option<&'k str>,
) -> impl Iterator<Item = &'k CoreJsonWebKey> {
    keys.keys().iter().filter(|key| key.key_use() != Some(&CoreJsonWebKeyUse::Encryption)).filter(
        move |key| match kid {
            Some(kid) => key.key_id().is_some_and(|id| id.as_str() == kid),
            None => true,
        },
    )
}
