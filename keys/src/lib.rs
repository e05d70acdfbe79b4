//! Signing keys: generate, wrap, publish, sign, and the one verification of a JWS.
//!
//! No other crate knows the JOSE library. Two things leave this crate: finished tokens, and claims
//! of tokens that passed every check ([`KeyRing::verify`], [`ClientKeySet::verify`] for what clients
//! sign, [`CheckpointKeys::verify`] for the audit trail). Private keys never do, except wrapped
//! under a [`WrappingKey`] from outside of the database.

mod algorithm;
mod checkpoint;
mod claims;
mod client_jwk;
mod client_keys;
mod compact;
mod error;
mod ring;
mod signing_key;
mod strict_json;
mod thumbprint;
mod weak_rsa;
mod wrapping;

#[cfg(test)]
mod forgery;

pub use algorithm::Algorithm;
pub use checkpoint::{CHECKPOINT_TYP, Checkpoint, CheckpointKey, CheckpointKeys};
pub use claims::{AudienceClaim, Claims};
pub use client_keys::{
    CLIENT_ALGORITHMS, ClientAssertion, ClientKeySet, KeySetError, Peeked, peek,
};
pub use error::{Error, Invalid};
pub use ring::{Audience, Expectation, Expiry, KeyRing, RingKey};
pub use signing_key::SigningKey;
pub use thumbprint::key_thumbprints;
pub use wrapping::WrappingKey;
