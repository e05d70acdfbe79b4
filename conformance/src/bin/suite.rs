//! Drives the official conformance suite: prepares its configurations, runs its plans, and prints
//! a table.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, anyhow, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::{Args, Parser, Subcommand};
use conformance::suite::{
    self, Addresses, Api, Commands, Credentials, Expected, Plan, Table, Trust,
};
use url::Url;

/// Driver of the official conformance suite.
#[derive(Parser)]
#[command(version)]
struct Options {
    #[command(subcommand)]
    command: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List the plans.
    List,
    /// Write the clients to register and the configurations of the plans into a folder.
    Prepare(Prepare),
    /// Run plans with the configurations of such a folder.
    Run(Run),
}

#[derive(Args)]
struct Prepare {
    /// Where to write them.
    folder: PathBuf,
    /// Base address of the suite.
    #[arg(long, value_name = "URL", default_value = "https://localhost:8443")]
    suite: String,
    /// Issuer of the provider.
    #[arg(long, value_name = "URL", default_value = "https://localhost:9443")]
    provider: String,
    /// Base address of the relying party.
    #[arg(long, value_name = "URL", default_value = "http://localhost:8090")]
    relying_party: String,
    /// E-mail address of the person who signs in.
    #[arg(long)]
    user: String,
    /// Password of that person.
    #[arg(long)]
    password: String,
    /// One-time code that the provider accepts.
    #[arg(long)]
    code: String,
    /// Token that opens the registration endpoint.
    #[arg(long, value_name = "TOKEN", default_value = "")]
    initial_access_token: String,
}

#[derive(Args)]
struct Run {
    /// The folder that was prepared.
    folder: PathBuf,
    /// Base address of the suite.
    #[arg(long, value_name = "URL", default_value = "https://localhost:8443")]
    suite: Url,
    /// Token for the suite; none is needed when it runs in development mode.
    #[arg(long, env = "CONFORMANCE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Trust certificates under this root (PEM) too.
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    ca: Option<PathBuf>,
    /// Trust any certificate of the suite: it makes its own.
    #[arg(long)]
    insecure: bool,
    /// Plans to run, by the names that `list` shows; all of the provider when absent.
    #[arg(long, value_delimiter = ',')]
    plans: Vec<String>,
    /// Only modules whose name begins with one of these.
    #[arg(long, value_delimiter = ',')]
    modules: Vec<String>,
    /// Command that rotates the signing keys of the provider.
    #[arg(long, value_name = "COMMAND")]
    rotate_command: Option<String>,
    /// Command that runs the relying party once, such as `suite-rp --once`.
    #[arg(long, value_name = "COMMAND")]
    rp_command: Option<String>,
    /// PNG for the places in a log that wait for a picture and that no script fills. Whoever
    /// certifies has to look at such pages instead.
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
    /// How many seconds a module may take.
    #[arg(long, default_value_t = 300)]
    limit: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    match options.command {
        Action::List => list(),
        Action::Prepare(prepare) => write_files(&prepare),
        Action::Run(run) => {
            rustls::crypto::ring::default_provider()
                .install_default()
                .map_err(|_| anyhow!("another TLS library is there already"))?;
            run_plans(&run).await
        }
    }
}

fn list() -> anyhow::Result<ExitCode> {
    for plan in suite::plans()? {
        let certifies = plan.certifies.as_deref().unwrap_or("-");
        say(&format!("{:<24} {:<16} {}", plan.name, certifies, plan.plan))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write_files(options: &Prepare) -> anyhow::Result<ExitCode> {
    let addresses = Addresses {
        suite: options.suite.clone(),
        provider: options.provider.clone(),
        relying_party: options.relying_party.clone(),
    };
    let credentials = Credentials {
        user: options.user.clone(),
        password: options.password.clone(),
        code: options.code.clone(),
        initial_access_token: options.initial_access_token.clone(),
    };
    suite::prepare(&options.folder, &addresses, &credentials)?;
    Ok(ExitCode::SUCCESS)
}

async fn run_plans(options: &Run) -> anyhow::Result<ExitCode> {
    let trust = match (&options.ca, options.insecure) {
        (Some(path), _) => Trust::Root(path),
        (None, true) => Trust::Any,
        (None, false) => Trust::System,
    };
    let api = Api::new(&options.suite, options.token.clone(), &trust)?;
    let commands = Commands {
        rotate: options.rotate_command.clone(),
        relying_party: options.rp_command.clone(),
        picture: options.picture.as_deref().map(picture).transpose()?,
        limit: Duration::from_secs(options.limit),
    };
    let expected = Expected::own()?;
    let mut table = Table::new(&expected);
    for plan in chosen(options)? {
        say(&format!("\n== {} ({})", plan.name, plan.plan))?;
        match run_plan(&api, &plan, &commands, options, &table).await {
            Ok(results) => table.add(&plan.name, results),
            Err(error) => table.add_broken(&plan.name, format!("{error:#}")),
        }
    }
    say(&format!("\n{}", table.summary()))?;
    Ok(ExitCode::from(u8::from(table.failed() > 0)))
}

async fn run_plan(
    api: &Api,
    plan: &Plan,
    commands: &Commands,
    options: &Run,
    table: &Table<'_>,
) -> anyhow::Result<Vec<suite::ModuleResult>> {
    let configuration = suite::read_configuration(&options.folder, &plan.configuration)?;
    let mut told = |result: &suite::ModuleResult| {
        // A closed pipe must not stop the run.
        let _ = say(&table.line(result));
    };
    suite::run(api, (plan, &configuration), commands, &options.modules, &mut told).await
}

/// The plans that were asked for. By default those of the provider; new keys only if there is a
/// command for them, and relying parties only if there is one to run.
fn chosen(options: &Run) -> anyhow::Result<Vec<Plan>> {
    let all = suite::plans()?;
    let unknown = options.plans.iter().find(|name| all.iter().all(|plan| plan.name != **name));
    ensure!(unknown.is_none(), "there is no plan {unknown:?}");
    let is_chosen = |plan: &Plan| {
        if !options.plans.is_empty() {
            return options.plans.contains(&plan.name);
        }
        if plan.is_for_relying_party() {
            return options.rp_command.is_some();
        }
        plan.certifies.is_some() || options.rotate_command.is_some()
    };
    Ok(all.into_iter().filter(is_chosen).collect())
}

fn picture(path: &Path) -> anyhow::Result<String> {
    let bytes =
        std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(bytes)))
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
