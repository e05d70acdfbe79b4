//! Signing keys: generate, wrap, publish, sign, and the one verification of a JWS.
//!
//! No other crate knows the JOSE library. Two things leave this crate: finished tokens, and claims
//! of tokens that passed every check ([`KeyRing::verify`]). Private keys never do, except wrapped
//! under a [`WrappingKey`] from outside of the database.

mod algorithm;
mod claims;
mod compact;
mod error;
mod ring;
mod signing_key;
mod strict_json;
mod thumbprint;
mod wrapping;

pub use algorithm::Algorithm;
pub use claims::Claims;
pub use error::{Error, Invalid};
pub use ring::{Audience, Expectation, Expiry, KeyRing, RingKey};
pub use signing_key::SigningKey;
pub use wrapping::WrappingKey;
