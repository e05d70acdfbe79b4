//! What every relying party needs: sign-in, session, sign-out, validation of a bearer access token.
//!
//! An application makes one [`RelyingParty`] from a [`RelyingPartyConfig`] and an [`Admission`]
//! rule, keeps it in its axum state (`RelyingParty: FromRef<State>`), merges
//! [`RelyingParty::router`], and wraps the whole with [`RelyingParty::secure`]:
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use relying_party::{GroupRequired, RelyingParty, RelyingPartyConfig, SignedIn};
//!
//! # fn build(config: RelyingPartyConfig) -> Result<Router, relying_party::ConfigError> {
//! let rp = RelyingParty::new(config, GroupRequired("ASTRA_USER".to_owned()))?;
//! let app = Router::new()
//!     .route("/", get(async |person: SignedIn| person.name.clone()))
//!     .merge(rp.router())
//!     .with_state(rp.clone());
//! Ok(rp.secure(app))
//! # }
//! ```

mod admission;
mod attempt;
mod authentication;
mod authorization;
mod bearer;
mod callback;
mod client_key;
mod clock;
mod config;
mod cookie;
mod endpoint;
mod environment;
mod http_client;
mod id_token;
mod jws;
mod params;
mod person;
mod problem;
mod provider;
mod relying_party;
mod renewal;
mod secure;
mod session;
mod sign_in;
mod sign_out;
mod signed_in;
mod step_up;
mod tokens;
mod userinfo;

pub use admission::{Admission, Decision, GroupRequired};
pub use authentication::{AssertionAudience, Authentication};
pub use bearer::{AccessToken, Audience, Bearer};
pub use client_key::{ClientKey, ClientKeyError};
pub use clock::{Clock, Entropy};
pub use config::{BearerMethod, ConfigError, RelyingPartyConfig, ResponseMode, Tls};
pub use environment::EnvironmentError;
pub use jws::SigningAlg;
pub use person::{Level, Organisation, Person};
pub use problem::{Problem, Rejection, Stopped};
pub use relying_party::RelyingParty;
pub use signed_in::{SignedIn, SignedInForm};
pub use step_up::Requirement;
