//! The pages in a real Chromium, as people use them: from sign-in to the applications behind the tiles.
//!
//! `scripts/test browser` starts chromedriver and names it in `IDP_TEST_WEBDRIVER`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod accessibility;
mod administration;
mod consent;
mod keyboard;
mod login;
mod memberships;
mod refusals;
mod session_end;
mod ssm_portal;
mod submitter;
#[path = "../support/mod.rs"]
mod support;
mod users;
mod visitor;
mod world;
