//! The program through its real router, on SQLite and, where `IDP_TEST_POSTGRES` names a server, on PostgreSQL.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod authorization_errors;
mod authorization_responses;
mod authorize;
mod backchannel_delivery;
mod backchannel_logout;
mod cascade;
mod client_assertions;
mod client_keys;
mod client_methods;
mod consent;
mod consent_races;
mod consent_revocation;
mod cors;
mod discovery;
mod endings;
mod entry;
mod harness;
mod introspection;
mod key_rotation;
mod keys_command;
mod logout;
mod par;
mod races;
mod redirect_uris;
mod refresh;
mod register;
mod requested;
mod revocation;
mod signing_keys;
mod subjects;
mod third_party_ends;
mod token;
mod token_kinds;
mod userinfo;
