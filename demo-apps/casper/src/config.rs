//! What a CASPER is told before it starts.

use std::path::PathBuf;

use relying_party::RelyingPartyConfig;

use crate::Environment;

/// Configuration of one CASPER.
#[derive(Clone, Debug)]
pub struct Config {
    /// The registration at the portal. The name of the application and the stylesheet are set by
    /// [`crate::app`].
    pub relying_party: RelyingPartyConfig,
    /// Decides which groups count, and how the pages look.
    pub environment: Environment,
    /// The SQLite file; made when it is missing. Each environment has its own.
    pub database: PathBuf,
}
