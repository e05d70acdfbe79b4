//! Runs the checks against one provider and reports: a line a check, and a sum.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context as _, anyhow};
use clap::Parser;
use conformance::{Check, Needs, Outcome, Person, Provider, Registration, Report, Subject, checks};

/// Black-box checks of an OpenID Provider.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Issuer of the provider.
    #[arg(long)]
    issuer: String,
    /// RFC 7591 metadata of a registered client, with client_id and client_secret.
    #[arg(long, value_name = "FILE")]
    client: PathBuf,
    /// The same of a second client. Without it, checks that need two clients are left out.
    #[arg(long, value_name = "FILE")]
    second_client: Option<PathBuf>,
    /// The one-time code that the provider accepts.
    #[arg(long)]
    code: String,
    /// E-mail address to sign in with. Without it, checks that need a sign-in are left out.
    #[arg(long, requires = "password")]
    user: Option<String>,
    /// Password to sign in with.
    #[arg(long, requires = "user")]
    password: Option<String>,
    /// Only checks whose name begins with this.
    #[arg(long, value_name = "PREFIX", default_value = "")]
    only: String,
    /// Where to write a JUnit report.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow!("another TLS library is there already"))?;
    let subject = match subject(&options).await {
        Ok(subject) => subject,
        Err(reason) => {
            say(&format!("FAIL  start: {reason:#}"))?;
            say("0 passed, 1 failed")?;
            return Ok(ExitCode::FAILURE);
        }
    };
    let report = run(&subject, &options.only).await?;
    if let Some(path) = &options.junit {
        std::fs::write(path, report.junit())
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    say(&report.summary())?;
    Ok(ExitCode::from(u8::from(report.failed() > 0)))
}

async fn subject(options: &Options) -> anyhow::Result<Subject> {
    let client = Registration::read(&options.client)?;
    let second = options.second_client.as_deref().map(Registration::read);
    let provider = Provider::discover(&options.issuer)
        .await
        .with_context(|| format!("{} is no OpenID Provider", options.issuer))?;
    let mut subject = Subject::new(provider, client);
    subject.second = second.transpose()?;
    subject.person = options
        .user
        .clone()
        .zip(options.password.clone())
        .map(|(email, password)| Person { email, password, code: options.code.clone() });
    Ok(subject)
}

async fn run(subject: &Subject, prefix: &str) -> anyhow::Result<Report> {
    let mut report = Report::default();
    for check in checks::all() {
        if !check.id.starts_with(prefix) {
            continue;
        }
        if let Some(option) = missing(&check, subject) {
            say(&format!("left out  {}  (needs {option})", check.id))?;
            continue;
        }
        let start = Instant::now();
        let verdict = check.run(subject).await;
        let outcome = Outcome { check, verdict, took: start.elapsed() };
        say(&outcome.line())?;
        report.add(outcome);
    }
    Ok(report)
}

/// The option without which a check cannot run.
fn missing(check: &Check, subject: &Subject) -> Option<&'static str> {
    match check.needs {
        Needs::Person | Needs::SecondClient if subject.person.is_none() => Some("--user"),
        Needs::SecondClient if subject.second.is_none() => Some("--second-client"),
        _ => None,
    }
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
