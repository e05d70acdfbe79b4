//! The SSM Portal through its router, with people who come from a small provider.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "../../../relying-party/tests/it/browser.rs"]
#[expect(dead_code, reason = "shared with the tests of relying-party, which use the rest")]
mod browser;
#[path = "../../../relying-party/tests/it/fake_op/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of relying-party, which use the rest")]
mod fake_op;

mod accounts;
mod bank;
mod manage;
mod permissions;
