//! What can go wrong with keys, and why a token is not accepted.

/// A fault of a key or of the configuration. Never shows key material.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The library could not make or read a key.
    #[error("a signing key cannot be {0}")]
    Key(&'static str),
    /// Sealed bytes were changed, sealed under another key or for another purpose.
    #[error("sealed bytes cannot be opened with this key for this purpose")]
    Open,
    /// Something could not be sealed.
    #[error("the value cannot be sealed")]
    Seal,
    /// No key of this algorithm may sign now.
    #[error("no {0} key is active")]
    NoActiveKey(&'static str),
    /// The library could not sign.
    #[error("signing failed")]
    Sign,
}

/// Why a token is not accepted. For logs and tests: clients hear only that it is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Longer than any token of ours.
    #[error("the token is too long")]
    TooLong,
    /// Not three parts of canonical base64url, or not JSON objects without repeated members.
    #[error("the token is not a strict compact JWS")]
    Malformed,
    /// The header names something else than `alg`, `kid` and `typ`.
    #[error("the header has a member that is not allowed")]
    Header,
    /// The token is of another kind.
    #[error("typ is not the expected one")]
    Typ,
    /// The key is not ours, or its algorithm is not the named or an expected one.
    #[error("no key for this kid and alg")]
    UnknownKey,
    /// The signature is that of a key of ours, which did not sign at that time: whoever made it has the key and should not.
    #[error("the key did not sign at that time")]
    KeyNotInUse,
    /// The signature does not fit.
    #[error("the signature is wrong")]
    Signature,
    /// `iss` is missing or another one.
    #[error("iss is not the expected one")]
    Issuer,
    /// `aud` is missing or another one.
    #[error("aud is not the expected one")]
    Audience,
    /// `exp`, `iat` or `nbf` is missing or not a sane whole number.
    #[error("a time claim is missing or not a whole number of seconds")]
    Time,
    /// The token is over.
    #[error("the token has expired")]
    Expired,
    /// The token is not valid yet.
    #[error("the token is from the future")]
    NotYetValid,
}
