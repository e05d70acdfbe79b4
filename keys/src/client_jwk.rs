//! One public key of a client, read strictly (RFC 7517 4, RFC 7518 6, RFC 8037 2; security.md 33).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jws::{ES256, EdDSA, JwsVerifier, PS256, RS256};
use serde_json::{Map, Value};

use crate::client_keys::KeySetError;
use crate::weak_rsa::check_rsa;

/// Bytes of a coordinate on P-256, of an Ed25519 key, and half of either's signature.
const FIELD_LENGTH: usize = 32;

/// Longest name of a key, bytes.
const MAX_KID_LENGTH: usize = 255;

/// Members that only a private or symmetric key has (RFC 7518 6.2.2, 6.3.2, 6.4.1).
const SECRET_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// An algorithm that a client may sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientAlgorithm {
    Es256,
    Rs256,
    Ps256,
    EdDsa,
}

impl ClientAlgorithm {
    const ALL: [Self; 4] = [Self::Es256, Self::Rs256, Self::Ps256, Self::EdDsa];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// By its name. `Ed25519` is the younger name of the one `EdDSA` that is offered (RFC 9864 2.2).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "Ed25519" {
            return Some(Self::EdDsa);
        }
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text)
    }

    fn verifier(self, public: &Jwk) -> Result<Box<dyn JwsVerifier>, KeySetError> {
        let failed = |_| KeySetError::Key;
        Ok(match self {
            Self::Es256 => Box::new(ES256.verifier_from_jwk(public).map_err(failed)?),
            Self::Rs256 => Box::new(RS256.verifier_from_jwk(public).map_err(failed)?),
            Self::Ps256 => Box::new(PS256.verifier_from_jwk(public).map_err(failed)?),
            Self::EdDsa => Box::new(EdDSA.verifier_from_jwk(public).map_err(failed)?),
        })
    }
}

/// A key that can prove a signature of its client.
pub(crate) struct ClientJwk {
    pub(crate) kid: Option<String>,
    /// One verifier for each algorithm of the key; RSA without `alg` has two.
    verifiers: Vec<(ClientAlgorithm, Box<dyn JwsVerifier>)>,
    signature_length: usize,
}

impl ClientJwk {
    /// Reads a key. `None` for a key that is well formed and of no use here.
    pub(crate) fn parse(members: &Map<String, Value>) -> Result<Option<Self>, KeySetError> {
        check_public(members)?;
        let kid = kid(members)?.map(str::to_owned);
        if !is_for_signatures(members)? {
            return Ok(None);
        }
        let Some((public, fitting, signature_length)) = public_members(members)? else {
            return Ok(None);
        };
        let Some(algorithms) = chosen(text(members, "alg")?, fitting)? else {
            return Ok(None);
        };
        let public = Jwk::from_map(public).map_err(|_| KeySetError::Key)?;
        let mut verifiers = Vec::new();
        for algorithm in algorithms {
            verifiers.push((algorithm, algorithm.verifier(&public)?));
        }
        Ok(Some(Self { kid, verifiers, signature_length }))
    }

    /// The verifier for an algorithm, if the key has it.
    pub(crate) fn find_algorithm(&self, alg: &str) -> Option<ClientAlgorithm> {
        let algorithm = ClientAlgorithm::parse(alg)?;
        self.verifiers.iter().any(|(own, _)| *own == algorithm).then_some(algorithm)
    }

    pub(crate) fn is_signature(
        &self,
        algorithm: ClientAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        signature.len() == self.signature_length
            && self.verifiers.iter().any(|(own, verifier)| {
                *own == algorithm && verifier.verify(message, signature).is_ok()
            })
    }
}

impl fmt::Debug for ClientJwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithms: Vec<&str> = self.verifiers.iter().map(|(own, _)| own.as_str()).collect();
        write!(f, "ClientJwk({:?} {algorithms:?})", self.kid)
    }
}

/// The name of a key, if it has one.
pub(crate) fn kid(members: &Map<String, Value>) -> Result<Option<&str>, KeySetError> {
    match text(members, "kid")? {
        Some(kid) if kid.is_empty() || kid.len() > MAX_KID_LENGTH => {
            Err(KeySetError::Member("kid"))
        }
        kid => Ok(kid),
    }
}

fn check_public(members: &Map<String, Value>) -> Result<(), KeySetError> {
    if text(members, "kty")?.ok_or(KeySetError::Member("kty"))? == "oct" {
        return Err(KeySetError::Symmetric);
    }
    if SECRET_MEMBERS.iter().any(|name| members.contains_key(*name)) {
        return Err(KeySetError::Private);
    }
    Ok(())
}

/// `use` and `key_ops` (RFC 7517 4.2, 4.3): a key for anything else is not meant for us.
fn is_for_signatures(members: &Map<String, Value>) -> Result<bool, KeySetError> {
    let used = text(members, "use")?.is_none_or(|used| used == "sig");
    let Some(operations) = members.get("key_ops") else { return Ok(used) };
    let malformed = KeySetError::Member("key_ops");
    let operations = operations.as_array().ok_or(malformed)?;
    let mut names: Vec<&str> = operations.iter().filter_map(Value::as_str).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() != operations.len() {
        return Err(malformed);
    }
    Ok(used && names.contains(&"verify"))
}

type PublicMembers = (Map<String, Value>, &'static [ClientAlgorithm], usize);

/// The members that make the key and nothing else, what can be signed with it, and how long its
/// signatures are. `None` for a type or curve that is not offered.
fn public_members(members: &Map<String, Value>) -> Result<Option<PublicMembers>, KeySetError> {
    let crv = text(members, "crv")?;
    let (names, algorithms, signature_length): (&[&str], &[ClientAlgorithm], usize) =
        match (text(members, "kty")?, crv) {
            (Some("EC"), Some("P-256")) => {
                coordinate(members, "x")?;
                coordinate(members, "y")?;
                (&["kty", "crv", "x", "y"], &[ClientAlgorithm::Es256], 2 * FIELD_LENGTH)
            }
            (Some("OKP"), Some("Ed25519")) => {
                let point = coordinate(members, "x")?;
                check_order(&point)?;
                (&["kty", "crv", "x"], &[ClientAlgorithm::EdDsa], 2 * FIELD_LENGTH)
            }
            (Some("RSA"), _) => {
                let modulus = number(members, "n")?;
                check_rsa(&modulus, &number(members, "e")?)?;
                let both = &[ClientAlgorithm::Rs256, ClientAlgorithm::Ps256];
                (&["kty", "n", "e"], both, modulus.len())
            }
            (Some("EC" | "OKP"), None) => return Err(KeySetError::Member("crv")),
            _ => return Ok(None),
        };
    let public = members
        .iter()
        .filter(|(name, _)| names.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Ok(Some((public, algorithms, signature_length)))
}

/// What the key is for: its own `alg`, or all that fit. `None` for an algorithm that is not offered.
/// One of another type of key, a symmetric one or `none` is no oversight: it is refused.
fn chosen(
    alg: Option<&str>,
    fitting: &'static [ClientAlgorithm],
) -> Result<Option<Vec<ClientAlgorithm>>, KeySetError> {
    let Some(alg) = alg else { return Ok(Some(fitting.to_vec())) };
    match ClientAlgorithm::parse(alg) {
        Some(own) if fitting.contains(&own) => Ok(Some(vec![own])),
        Some(_) => Err(KeySetError::Algorithm),
        None if alg.starts_with("HS") || alg.eq_ignore_ascii_case("none") => {
            Err(KeySetError::Algorithm)
        }
        None => Ok(None),
    }
}

fn text<'a>(
    members: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a str>, KeySetError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(KeySetError::Member(name)),
    }
}

fn bytes(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, KeySetError> {
    let text = text(members, name)?.ok_or(KeySetError::Member(name))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| KeySetError::Member(name))
}

/// A coordinate has its full length (RFC 7518 6.2.1.2): the library would join a long and a short one.
fn coordinate(
    members: &Map<String, Value>,
    name: &'static str,
) -> Result<[u8; FIELD_LENGTH], KeySetError> {
    bytes(members, name)?.try_into().map_err(|_| KeySetError::Member(name))
}

/// A number has no leading zero byte (RFC 7518 2, Base64urlUInt).
fn number(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, KeySetError> {
    match bytes(members, name)? {
        bytes if bytes.first().is_none_or(|first| *first == 0) => Err(KeySetError::Member(name)),
        bytes => Ok(bytes),
    }
}

/// Refuses the points of small order: under such a key anybody can sign (RFC 8032 has no rule against
/// them; OpenSSL takes them). Their `y` are 0, 1, -1 and the two of order eight; the top bit is the
/// sign of `x`, and `y` may be written as `y + p`.
fn check_order(point: &[u8; FIELD_LENGTH]) -> Result<(), KeySetError> {
    let mut y = *point;
    if let Some(last) = y.last_mut() {
        *last &= 0x7f;
    }
    if SMALL_ORDER.contains(&y) { Err(KeySetError::Key) } else { Ok(()) }
}

/// `y` of the points whose order divides eight, little endian, as written with and without `p` added.
pub(crate) const SMALL_ORDER: [[u8; FIELD_LENGTH]; 7] = [
    little_endian(0x00, 0x00, 0x00),
    little_endian(0x01, 0x00, 0x00),
    little_endian(0xec, 0xff, 0x7f),
    little_endian(0xed, 0xff, 0x7f),
    little_endian(0xee, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

const fn little_endian(first: u8, middle: u8, last: u8) -> [u8; FIELD_LENGTH] {
    let mut bytes = [middle; FIELD_LENGTH];
    bytes[0] = first;
    bytes[FIELD_LENGTH - 1] = last;
    bytes
}
