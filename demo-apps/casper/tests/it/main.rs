//! CASPER as a whole: its router, its database file, and a stand-in for the portal on a socket.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod access;
mod administration;
mod api;
mod harness;
mod pages;
mod portal;
