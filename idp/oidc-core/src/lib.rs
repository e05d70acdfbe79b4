//! The rules of OAuth 2.0 and OpenID Connect as pure functions.
//!
//! One direction, a new type at each arrow: pairs of a form or query ([`params`]) become a typed
//! request ([`authorization`], [`token`], [`logout`]), the request is validated against a
//! [`client`], a decision is made, and the decision becomes [`claims`] or a [`response`].
//!
//! Nothing here asks: there is no I/O, no clock, no randomness and no JOSE. `now` is an argument in
//! Unix milliseconds, fresh secrets come in as bytes, records come in as values.

pub mod acr;
pub mod authorization;
pub mod backchannel_logout;
pub mod claims;
pub mod client;
pub mod client_assertion;
pub mod client_authentication;
pub mod consent;
pub mod discovery;
pub mod error;
pub mod introspection;
pub mod logout;
pub mod next_step;
pub mod params;
pub mod pkce;
pub mod pushed;
pub mod redirect_uri;
pub mod registration;
pub mod requested_claims;
pub mod resource;
pub mod response;
pub mod scope;
pub mod secret;
pub mod token;

mod strict_json;

#[cfg(test)]
mod fixtures;
