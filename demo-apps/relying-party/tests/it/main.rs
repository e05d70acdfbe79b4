//! A relying party against a provider that can lie.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod bearer;
mod browser;
mod client;
mod fake_op;
mod form_post;
mod id_token;
mod keys;
mod renewal;
mod sign_in;
mod sign_out;
mod site;
mod step_up;
mod userinfo;
