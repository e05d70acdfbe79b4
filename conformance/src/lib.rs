//! Black-box checks of any OpenID Provider, one named check a behaviour.
//!
//! A [`Subject`] is the provider under test with what the checks may use of it: registered clients
//! and a person who can sign in. A [`Check`] looks at one behaviour and names the section that asks
//! for it; [`checks::all`] lists them in the order of a run, [`Report`] tells the outcome. A check
//! of something that the provider does not announce is a [`Skip`], never a pass. Nothing here knows
//! the provider from the inside: requests go over HTTP, signatures are verified by `openidconnect`,
//! and the sign-in pages are driven as a browser without script would.

mod answer;
mod ask;
mod assertion;
mod browser;
mod check;
pub mod checks;
mod clients;
mod clock;
mod expected_skips;
mod jwt;
mod listener;
pub mod mutation_run;
pub mod mutations;
mod page;
mod provider;
mod registration;
mod report;
mod signing;
mod subject;
pub mod suite;
mod throw_away;
mod tokens;
mod walk;

pub use check::{Check, Skip, Verdict};
pub use clients::{Clients, Role};
pub use expected_skips::ExpectedSkips;
pub use listener::Listener;
pub use provider::Provider;
pub use registration::Registration;
pub use report::{Finding, Outcome, Report};
pub use signing::SigningKey;
pub use subject::{Person, Subject};
pub use throw_away::write_clients;
