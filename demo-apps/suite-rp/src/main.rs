//! `suite-rp` serves until it is stopped: begin at `/start`. `suite-rp --once` plays the module of
//! `MODULE_NAME` by itself, writes one line, and exits with 0 if everything was to be believed, or
//! with 1 if the relying party stopped. Variables: see [`suite_rp::Settings`].

use std::{io::Write as _, process::ExitCode};

use clap::Parser;
use suite_rp::{Application, Settings, Stop, build, run_once};
use tokio::net::TcpListener;

#[derive(Parser)]
#[command(about = "A relying party for the official conformance suite")]
struct Options {
    /// Sign in without a person, once, and say how it came out
    #[arg(long)]
    once: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let options = Options::parse();
    let (line, code) = match run(&options).await {
        Ok(line) => (line, ExitCode::SUCCESS),
        Err(stop) => (format!("STOPPED: {stop}"), ExitCode::FAILURE),
    };
    let _ = writeln!(std::io::stdout(), "{line}");
    code
}

async fn run(options: &Options) -> Result<String, Stop> {
    let settings = Settings::read(|name| std::env::var(name).ok())?;
    let application = build(&settings).await?;
    let listener = TcpListener::bind(&settings.listen)
        .await
        .map_err(|error| Stop::from(format!("{}: {error}", settings.listen)))?;
    tracing::info!(start = %format!("{}start", settings.base_url), "listening");
    if options.once {
        let Application { router, .. } = application.clone();
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let outcome = run_once(&settings, &application).await;
        server.abort();
        return outcome;
    }
    let served = axum::serve(listener, application.router).await;
    served.map_err(|error| Stop::from(error.to_string()))?;
    Ok("stopped serving".to_owned())
}
