//! Writes a full set of clients for a throw-away provider.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;

/// Writes ROLE.json, the metadata to register, and keys/ROLE.json, the private keys, for every role
/// that the checks know.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Where to write them.
    folder: PathBuf,
    /// Port that `conformance --listen` will take.
    #[arg(long, value_name = "PORT")]
    listen: u16,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    conformance::write_clients(&options.folder, SocketAddr::from(([127, 0, 0, 1], options.listen)))
}
