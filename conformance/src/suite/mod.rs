//! A driver of the official conformance suite of the OpenID Foundation, by its REST API.
//!
//! [`prepare`] writes a folder with the clients to register and the configurations of the plans;
//! [`run`] creates the plans at the suite, runs their modules one after another and gathers what
//! came of them. What may come out other than passed is said, with reasons, in `suite/expected`.

mod api;
mod expected;
mod files;
mod run;
mod table;

pub use api::{Api, Trust};
pub use expected::Expected;
pub use files::{Addresses, Credentials, Plan, plans, prepare, read_configuration};
pub use run::{Commands, ModuleResult, run};
pub use table::Table;
