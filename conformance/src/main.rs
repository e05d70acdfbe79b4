//! Runs the checks against one provider and reports: a line a check, and a sum.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context as _, anyhow, ensure};
use clap::Parser;
use conformance::{
    Clients, ExpectedSkips, Listener, Outcome, Person, Provider, Registration, Report, Role,
    Subject, checks,
};
use url::Url;

/// Black-box checks of an OpenID Provider.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Issuer of the provider.
    #[arg(long, required_unless_present = "list")]
    issuer: Option<String>,
    /// Folder with the clients: ROLE.json, RFC 7591 metadata with client_id and client_secret, and
    /// keys/ROLE.json, the private JWK of a client that signs. `first.json` is the client that asks.
    #[arg(long, value_name = "DIR")]
    clients: Option<PathBuf>,
    /// The client that asks, from another file.
    #[arg(long, value_name = "FILE")]
    client: Option<PathBuf>,
    /// The second client, from another file.
    #[arg(long, value_name = "FILE")]
    second_client: Option<PathBuf>,
    /// The one-time code that the provider accepts.
    #[arg(long, default_value = "")]
    code: String,
    /// E-mail address to sign in with. Without it, checks that need a sign-in are skipped.
    #[arg(long, requires = "password")]
    user: Option<String>,
    /// Password to sign in with.
    #[arg(long, requires = "user")]
    password: Option<String>,
    /// Token that opens the registration endpoint.
    #[arg(long, value_name = "TOKEN")]
    initial_access_token: Option<String>,
    /// Port of 127.0.0.1 to take logout tokens and to publish keys at.
    #[arg(long, value_name = "PORT")]
    listen: Option<u16>,
    /// Where the clock of the provider can be set forward by POST with `seconds=N`; without it,
    /// checks of what expires wait.
    #[arg(long, value_name = "URL")]
    clock: Option<Url>,
    /// Command that rotates the signing keys of the provider.
    #[arg(long, value_name = "COMMAND")]
    rotate_command: Option<String>,
    /// Only checks whose name begins with one of these, separated by commas.
    #[arg(long, value_name = "PREFIXES", value_delimiter = ',')]
    only: Vec<String>,
    /// Checks that may skip, one `check: reason` a line. Any other skip is a failure then.
    #[arg(long, value_name = "FILE")]
    expected_skips: Option<PathBuf>,
    /// Where to write a JUnit report.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Only list the checks with their sections and the official modules that assert the same.
    #[arg(long)]
    list: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if options.list {
        list()?;
        return Ok(ExitCode::SUCCESS);
    }
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow!("another TLS library is there already"))?;
    let expected = expected_skips(&options)?;
    let subject = match subject(&options).await {
        Ok(subject) => subject,
        Err(reason) => {
            say(&format!("FAIL  start: {reason:#}"))?;
            say("0 passed, 1 failed")?;
            return Ok(ExitCode::FAILURE);
        }
    };
    let report = run(&subject, &options.only, expected.as_ref()).await?;
    if let Some(path) = &options.junit {
        std::fs::write(path, report.junit())
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    say(&report.summary())?;
    Ok(ExitCode::from(u8::from(report.failed() > 0)))
}

fn expected_skips(options: &Options) -> anyhow::Result<Option<ExpectedSkips>> {
    let Some(path) = &options.expected_skips else {
        return Ok(None);
    };
    let list = ExpectedSkips::read(path)?;
    let all = checks::all();
    let unknown = list.names().find(|name| all.iter().all(|check| check.id != *name));
    ensure!(unknown.is_none(), "{}: there is no check {unknown:?}", path.display());
    Ok(Some(list))
}

async fn subject(options: &Options) -> anyhow::Result<Subject> {
    let mut clients = match &options.clients {
        Some(folder) => Clients::read(folder)?,
        None => Clients::default(),
    };
    for (role, file) in [(Role::First, &options.client), (Role::Second, &options.second_client)] {
        if let Some(file) = file {
            clients.add(role, Registration::read(file)?);
        }
    }
    let issuer = options.issuer.as_deref().unwrap_or_default();
    let provider = Provider::discover(issuer)
        .await
        .with_context(|| format!("{issuer} is no OpenID Provider"))?;
    let mut subject = Subject::new(provider, clients.take_first()?);
    subject.clients = clients;
    subject.person = options
        .user
        .clone()
        .zip(options.password.clone())
        .map(|(email, password)| Person { email, password, code: options.code.clone() });
    subject.initial_access_token.clone_from(&options.initial_access_token);
    subject.clock.clone_from(&options.clock);
    subject.rotate_command.clone_from(&options.rotate_command);
    if let Some(port) = options.listen {
        subject.listener = Some(Listener::start(port).await?);
    }
    Ok(subject)
}

async fn run(
    subject: &Subject,
    prefixes: &[String],
    expected: Option<&ExpectedSkips>,
) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let is_wanted =
        |id: &str| prefixes.is_empty() || prefixes.iter().any(|prefix| id.starts_with(prefix));
    for check in checks::all().into_iter().filter(|check| is_wanted(check.id)) {
        let start = Instant::now();
        let verdict = check.run(subject).await;
        let outcome = Outcome::new(check, verdict, start.elapsed(), expected);
        say(&outcome.line())?;
        report.add(outcome);
    }
    Ok(report)
}

fn list() -> io::Result<()> {
    for check in checks::all() {
        say(&format!("{}\t{}\t{}", check.id, check.spec, check.modules.join(" ")))?;
    }
    Ok(())
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
