//! The product binary.

use std::{io::Write as _, process::ExitCode};

use clap::Parser as _;
use idp::cli::{self, Cli};

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One clear line: what failed, then why.
            let line = format!("idp: {error:#}").replace('\n', " ");
            match writeln!(std::io::stderr(), "{line}") {
                Ok(()) | Err(_) => ExitCode::FAILURE,
            }
        }
    }
}
