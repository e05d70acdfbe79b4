//! Pages, administration and the borders of the architecture, through the real router, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod administration;
mod architecture;
mod authorization;
mod documents;
mod errors;
mod harness;
mod login;
mod login_races;
mod memberships;
mod memberships_page;
mod profile;
mod reauthentication;
mod roles;
mod sweep;
mod user_list;
