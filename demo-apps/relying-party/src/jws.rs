//! A signed token to its payload: compact form, signature, `alg`, `typ`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    JsonWebKey as _,
    core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJsonWebKeyUse, CoreJwsSigningAlgorithm},
};
use serde::{Deserialize, de::DeserializeOwned};

/// What may sign: no `none`, and no symmetric algorithm, so that a public key is never taken for
/// a shared secret (RFC 8725 sections 2.1 and 3.1).
pub(crate) const ALLOWED: [CoreJwsSigningAlgorithm; 3] = [
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Longest token that is looked at, in characters.
const MAX_TOKEN: usize = 16 * 1024;

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

/// The payload of `token` if one of `keys` signed it and its `typ` is `expected_type`.
///
/// Looks at nothing inside the payload: `iss`, `aud` and `exp` are the caller's.
pub(crate) fn verify<T: DeserializeOwned>(
    token: &str,
    expected_type: &str,
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
    check_type(header.typ.as_deref(), expected_type)?;
    let algorithm = parse_algorithm(&header.alg)?;
    let key = find_key(keys, header.kid.as_deref()).ok_or(JwsError::UnknownKey)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| JwsError::Malformed)?;
    key.verify_signature(&algorithm, signed.as_bytes(), &signature)
        .map_err(|_| JwsError::Signature)?;
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
fn check_type(found: Option<&str>, expected: &str) -> Result<(), JwsError> {
    let found = found.unwrap_or_default().to_ascii_lowercase();
    let found = found.strip_prefix("application/").unwrap_or(&found);
    if found == expected { Ok(()) } else { Err(JwsError::Type) }
}

fn parse_algorithm(name: &str) -> Result<CoreJwsSigningAlgorithm, JwsError> {
    match name {
        "ES256" => Ok(CoreJwsSigningAlgorithm::EcdsaP256Sha256),
        "RS256" => Ok(CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256),
        "EdDSA" => Ok(CoreJwsSigningAlgorithm::EdDsa),
        _ => Err(JwsError::Algorithm),
    }
}

/// The signing key with this `kid`. A token without `kid` is answered only by a lone key.
fn find_key<'k>(keys: &'k CoreJsonWebKeySet, kid: Option<&str>) -> Option<&'k CoreJsonWebKey> {
    let mut signing =
        keys.keys().iter().filter(|key| key.key_use() != Some(&CoreJsonWebKeyUse::Encryption));
    match kid {
        Some(kid) => signing.find(|key| key.key_id().is_some_and(|id| id.as_str() == kid)),
        None => signing.next().filter(|_| keys.keys().len() == 1),
    }
}
