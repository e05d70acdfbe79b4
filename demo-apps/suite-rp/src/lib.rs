//! A relying party that the official conformance suite can drive: the library `relying-party` with
//! the plainest application around it, told by the environment which provider and which client.
//! How to certify with it: `docs/certification-rp.md`.

mod application;
mod driver;
mod outside;
mod registration;
mod settings;
mod stop;

pub use application::{Application, build};
pub use driver::run_once;
pub use settings::Settings;
pub use stop::Stop;
