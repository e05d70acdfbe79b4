//! Four relying parties that others wrote, against the portal as its users start it: the npm packages openid-client
//! and oauth4webapi, Authlib for Python, and Apache with `mod_auth_openidc`.
//!
//! `scripts/test interop` installs them, names the folder of the libraries in `IDP_TEST_INTEROP` and a chromedriver in
//! `IDP_TEST_WEBDRIVER`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod apache;
mod authlib;
mod mod_auth_openidc;
mod oauth4webapi;
mod openid_client;
#[path = "../support/mod.rs"]
mod support;
#[expect(dead_code, reason = "other pages need more of it")]
#[path = "../browser/visitor.rs"]
mod visitor;
mod world;
