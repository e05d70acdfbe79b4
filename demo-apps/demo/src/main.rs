//! Starts the portal and all relying parties in one process, on an embedded database with demo data.
//!
//! The only program that names both sides. Everything that a demo adds lives here: seeded users, a fixed code, the
//! page that shows what would have been sent. The product binary has none of it.

mod applications;
mod clock;
mod data_folder;
mod entropy;
mod extra_client;
mod greeting;
mod launch;
mod options;
mod outbox;
mod seed;

use std::{io::Write as _, process::ExitCode};

use clap::Parser as _;

use crate::options::Options;

#[tokio::main]
async fn main() -> ExitCode {
    match launch::run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One clear line: what failed, then why.
            let line = format!("demo: {error:#}").replace('\n', " ");
            match writeln!(std::io::stderr(), "{line}") {
                Ok(()) | Err(_) => ExitCode::FAILURE,
            }
        }
    }
}
