//! The public keys of a client and the proof of its assertions (RFC 7523 2.2, 3; RFC 7517).

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::claims::Claims;
use crate::client_jwk::{self, ClientAlgorithm, ClientJwk};
use crate::compact::{self, Header};
use crate::error::Invalid;
use crate::strict_json::parse_object;

#[cfg(test)]
mod set_tests;
#[cfg(test)]
mod tests;

/// Most bytes of a key set.
const MAX_LENGTH: usize = 64 * 1024;

/// Most keys of a set.
const MAX_KEYS: usize = 16;

/// The algorithms that a client may sign with, for `token_endpoint_auth_signing_alg_values_supported`
/// (RFC 8414 2). The last two are one algorithm (RFC 9864 2.2): some clients know one name of it, some the other.
pub const CLIENT_ALGORITHMS: [&str; 5] = ["ES256", "RS256", "PS256", "EdDSA", "Ed25519"];

/// The kinds of token that an assertion may say it is (RFC 7515 4.1.9, RFC 7523bis 3). Most clients
/// say nothing.
const ASSERTION_TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];

/// Why a key set is not accepted. The texts may be shown to whoever registers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// More than 64 KiB.
    #[error("the key set is too large")]
    TooLarge,
    /// Not one JSON object with a list `keys` of objects, or with a repeated member.
    #[error("the key set is not a strict JSON Web Key Set")]
    Malformed,
    /// More than 16 keys.
    #[error("the key set has too many keys")]
    TooManyKeys,
    /// A symmetric key: it cannot be public.
    #[error("the key set has a symmetric key")]
    Symmetric,
    /// A private key: whoever sends it has given it away.
    #[error("the key set has a private key")]
    Private,
    /// A member that is missing, of the wrong type or of the wrong length.
    #[error("the member {0} of a key is missing or malformed")]
    Member(&'static str),
    /// `alg` is symmetric, `none`, or that of another type of key.
    #[error("the algorithm of a key is not one for its type")]
    Algorithm,
    /// RSA of less than 2048 or more than 8192 bits.
    #[error("an RSA key must have 2048 to 8192 bits")]
    RsaLength,
    /// An RSA exponent that is even, below 65537, or above 32 bits.
    #[error("the exponent of an RSA key must be odd and at least 65537")]
    RsaExponent,
    /// Not a key at all: a point off the curve or of small order, a modulus with a known weakness.
    #[error("a key is not valid or known to be weak")]
    Key,
    /// Two keys with one name.
    #[error("two keys have the same kid")]
    RepeatedKid,
    /// Several keys that can be used, and not all have names (OpenID Connect Core 10.1).
    #[error("each of several keys needs a kid")]
    MissingKid,
    /// Nothing in it can prove a signature.
    #[error("no key of the set can be used for signatures")]
    Unusable,
}

/// The public keys of a client, by value or fetched from its `jwks_uri`.
#[derive(Debug)]
pub struct ClientKeySet {
    /// At least one; all named when there are several.
    keys: Vec<ClientJwk>,
}

/// What a client said and proved to have said. Nothing is known about the truth of the claims: who may
/// say what, to whom and when are rules about client authentication (RFC 7523 3).
#[derive(Clone, Debug, PartialEq)]
pub struct ClientAssertion {
    claims: Claims,
    algorithm: &'static str,
}

impl ClientAssertion {
    /// The claims, as the client wrote them.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The algorithm that proved it, one of [`CLIENT_ALGORITHMS`]; `EdDSA` by its older name.
    pub fn algorithm(&self) -> &'static str {
        self.algorithm
    }
}

/// What an assertion says of itself. **Nothing of it is proved**: it serves to find the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peeked {
    /// The key that it names.
    pub kid: Option<String>,
    /// `iss`, when it is a text.
    pub iss: Option<String>,
    /// `sub`, when it is a text.
    pub sub: Option<String>,
}

/// Reads what an assertion says of itself, in the strict form that [`ClientKeySet::verify`] asks for.
///
/// # Errors
/// The form is not the strict one.
pub fn peek(token: &str) -> Result<Peeked, Invalid> {
    let parts = compact::parse(token, Header::Client)?;
    let text = |name: &str| parts.claims.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(Peeked { iss: text("iss"), sub: text("sub"), kid: parts.kid })
}

impl ClientKeySet {
    /// Reads a JSON Web Key Set (RFC 7517 5; security.md 33).
    ///
    /// The whole set is refused when any key in it is symmetric, private, weak, malformed or of an
    /// algorithm that does not fit its type, when a name or a member comes twice, or when it is too large: such
    /// a set was made by mistake. A key is passed over, as RFC 7517 5 wants, when it is for something
    /// else (`use`, `key_ops`) or of a type, curve or algorithm that is not offered. What then remains is at least
    /// one key, and each has a `kid` when there are several.
    ///
    /// # Errors
    /// [`KeySetError`].
    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        if json.len() > MAX_LENGTH {
            return Err(KeySetError::TooLarge);
        }
        let set = parse_object(json).ok_or(KeySetError::Malformed)?;
        let entries = set.get("keys").and_then(Value::as_array).ok_or(KeySetError::Malformed)?;
        if entries.len() > MAX_KEYS {
            return Err(KeySetError::TooManyKeys);
        }
        let entries: Vec<&Map<String, Value>> = entries
            .iter()
            .map(|entry| entry.as_object().ok_or(KeySetError::Malformed))
            .collect::<Result<_, _>>()?;
        check_names(&entries)?;
        let mut keys = Vec::new();
        for entry in entries {
            keys.extend(ClientJwk::parse(entry)?);
        }
        if keys.is_empty() {
            return Err(KeySetError::Unusable);
        }
        if keys.len() > 1 && keys.iter().any(|key| key.kid.is_none()) {
            return Err(KeySetError::MissingKid);
        }
        Ok(Self { keys })
    }

    /// Whether a token that names this key could be proved with the set. When not, a set that was
    /// fetched may have become old.
    pub fn knows(&self, kid: Option<&str>) -> bool {
        self.find_key(kid).is_some()
    }

    /// Proves that a key of the client signed an assertion of strict form (RFC 7523 3; security.md
    /// 37, 38). `pinned_alg` is the one algorithm that the client is registered with
    /// (`token_endpoint_auth_signing_alg`), if it is.
    ///
    /// # Errors
    /// Why it is not accepted; the client only hears `invalid_client`.
    pub fn verify(
        &self,
        token: &str,
        pinned_alg: Option<&str>,
    ) -> Result<ClientAssertion, Invalid> {
        let parts = compact::parse(token, Header::Client)?;
        if parts.typ.as_deref().is_some_and(|typ| !ASSERTION_TYPES.contains(&typ)) {
            return Err(Invalid::Typ);
        }
        let said = ClientAlgorithm::parse(&parts.alg);
        if pinned_alg.is_some_and(|pinned| ClientAlgorithm::parse(pinned) != said) {
            return Err(Invalid::UnknownKey);
        }
        let key = self.find_key(parts.kid.as_deref()).ok_or(Invalid::UnknownKey)?;
        let algorithm = key.find_algorithm(&parts.alg).ok_or(Invalid::UnknownKey)?;
        if !key.is_signature(algorithm, parts.message.as_bytes(), &parts.signature) {
            return Err(Invalid::Signature);
        }
        Ok(ClientAssertion { claims: Claims(parts.claims), algorithm: algorithm.as_str() })
    }

    /// The key that a token means: the one it names, or the only one when either has no name to
    /// compare (OpenID Connect Core 10.1).
    fn find_key(&self, kid: Option<&str>) -> Option<&ClientJwk> {
        match (self.keys.as_slice(), kid) {
            ([only], None) => Some(only),
            ([only], Some(_)) if only.kid.is_none() => Some(only),
            (keys, Some(kid)) => keys.iter().find(|key| key.kid.as_deref() == Some(kid)),
            (_, None) => None,
        }
    }
}

/// No two keys have one name, whatever they are for.
fn check_names(entries: &[&Map<String, Value>]) -> Result<(), KeySetError> {
    let mut names = HashSet::new();
    for entry in entries {
        if client_jwk::kid(entry)?.is_some_and(|kid| !names.insert(kid)) {
            return Err(KeySetError::RepeatedKid);
        }
    }
    Ok(())
}
