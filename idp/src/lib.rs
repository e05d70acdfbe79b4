//! The Identity Portal: an OpenID Provider with a portal in front of it.
//!
//! The rules live in `oidc-core` and `portal-core`; here they meet storage, keys and the web. A handler is three
//! paragraphs: load, decide, apply. `ARCHITECTURE.md` is the map.

pub mod administration;
pub mod app;
pub mod audit;
pub mod cli;
pub mod client_facts;
pub mod client_keys;
pub mod clock;
pub mod config;
pub mod entropy;
pub mod invitation;
pub mod issuance;
pub mod jobs;
pub mod nomination_mail;
pub mod notify;
pub mod outbound;
pub mod passwords;
pub mod secrets;
pub mod serve;
pub mod session_end;
pub mod signing;
pub mod subject;
pub mod telemetry;
pub mod texts;
pub mod web;

pub use app::App;
