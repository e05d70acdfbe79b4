//! Black-box checks of any OpenID Provider, one named check a behaviour.
//!
//! A [`Subject`] is the provider under test with what the checks may use of it: registered clients
//! and a person who can sign in. A [`Check`] looks at one behaviour and names the section that asks
//! for it; [`checks::all`] lists them in the order of a run, [`Report`] tells the outcome. Nothing
//! here knows the provider from the inside: requests go over HTTP, signatures are verified by
//! `openidconnect`, and the sign-in pages are driven as a browser without script would.

mod answer;
mod ask;
mod browser;
mod check;
pub mod checks;
mod clock;
mod jwt;
mod page;
mod provider;
mod registration;
mod report;
mod subject;

pub use check::{Check, Needs, Verdict};
pub use provider::Provider;
pub use registration::Registration;
pub use report::{Outcome, Report};
pub use subject::{Person, Subject};
