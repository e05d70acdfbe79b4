//! Running a plan: its modules one after another, since they share the addresses of one client.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use serde_json::{Map, Value};
use tokio::process::Command;

use super::{
    api::{Api, Info, PlanModule},
    files::Plan,
};

const BEGUN: &str = "CONFIGURED,WAITING,FINISHED,INTERRUPTED";
const ENDED: &str = "FINISHED,INTERRUPTED";
/// How many lines of a log are told of a module that did not pass.
const MAX_REASONS: usize = 3;

/// What has to be done outside the suite while a module waits for it.
#[derive(Default)]
pub struct Commands {
    /// Rotates the signing keys of the provider.
    pub rotate: Option<String>,
    /// Runs the relying party once. It is told by the environment: `ISSUER`, `MODULE_NAME`,
    /// `VARIANT` and `CLIENT_METADATA_DEFAULTS`.
    pub relying_party: Option<String>,
    /// A picture, as a data URI, for the places that no script has filled.
    pub picture: Option<String>,
    /// How long a module may take.
    pub limit: Duration,
}

/// What came of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleResult {
    /// Its name.
    pub module: String,
    /// How it was run, as `name=value`.
    pub variant: String,
    /// `PASSED`, `WARNING`, `REVIEW`, `SKIPPED`, `FAILED`, or how it stopped.
    pub result: String,
    /// What its log says of that.
    pub reasons: Vec<String>,
    /// Its log at the suite.
    pub id: String,
}

/// Creates a plan with its configuration and runs its modules, or those of them whose name begins
/// so. `told` hears of each result as it comes.
pub async fn run(
    api: &Api,
    (plan, configuration): (&Plan, &Value),
    commands: &Commands,
    only: &[String],
    told: &mut dyn FnMut(&ModuleResult),
) -> anyhow::Result<Vec<ModuleResult>> {
    let created = api.create_plan(&plan.plan, &plan.variant, configuration).await?;
    let is_wanted = |name: &str| {
        let is_listed = plan.modules.as_ref().is_none_or(|list| list.iter().any(|m| m == name));
        is_listed && (only.is_empty() || only.iter().any(|prefix| name.starts_with(prefix)))
    };
    let mut results = Vec::new();
    for module in created.modules.iter().filter(|module| is_wanted(&module.name)) {
        let case = Case { api, plan, configuration, commands };
        let result = case.run(&created.id, module).await;
        let result = result.unwrap_or_else(|error| ModuleResult {
            module: module.name.clone(),
            variant: shown(module.variant.as_ref()),
            result: "NOT RUN".to_owned(),
            reasons: vec![format!("{error:#}")],
            id: String::new(),
        });
        told(&result);
        results.push(result);
    }
    Ok(results)
}

struct Case<'a> {
    api: &'a Api,
    plan: &'a Plan,
    configuration: &'a Value,
    commands: &'a Commands,
}

impl Case<'_> {
    async fn run(&self, plan_id: &str, module: &PlanModule) -> anyhow::Result<ModuleResult> {
        let id = self.api.create_module(plan_id, module).await?;
        let begun = Instant::now();
        let mut info = self.wait_until(&id, BEGUN, begun).await?;
        if info.status == "CONFIGURED" {
            // The one module that does not start by itself waits for new keys.
            self.rotate().await?;
            self.api.start(&id).await?;
            info = self.wait_until(&id, ENDED, begun).await?;
        }
        if info.status == "WAITING" && self.plan.is_for_relying_party() {
            self.run_relying_party(module).await?;
        }
        if !is_ended(&info) {
            info = self.wait_until(&id, ENDED, begun).await?;
        }
        if !is_ended(&info) {
            let waiting = self.api.unvisited(&id).await?;
            self.api.cancel(&id).await?;
            let reason = format!("it was {} after {:?}", info.status, begun.elapsed());
            let mut result = self.result(&id, module, "NOT FINISHED".to_owned()).await?;
            result.reasons.insert(0, reason);
            result.reasons.extend(waiting.iter().map(|url| format!("nobody visited {url}")));
            return Ok(result);
        }
        let result = match (info.status.as_str(), info.result) {
            ("FINISHED", Some(result)) => result,
            (status, _) => status.to_owned(),
        };
        self.result(&id, module, result).await
    }

    /// Waits for one of these states; after the limit it tells the state of then.
    async fn wait_until(&self, id: &str, states: &str, begun: Instant) -> anyhow::Result<Info> {
        loop {
            let info = self.api.wait(id, states).await?;
            if states.split(',').any(|state| state == info.status)
                || begun.elapsed() > self.commands.limit
            {
                return Ok(info);
            }
            if let Some(picture) = &self.commands.picture {
                for place in self.api.placeholders(id).await? {
                    self.api.upload(id, &place, picture).await?;
                }
            }
        }
    }

    async fn rotate(&self) -> anyhow::Result<()> {
        let command = self.commands.rotate.as_deref();
        let command = command.context("it waits for new keys: give --rotate-command")?;
        let status = Command::new("sh").args(["-c", command]).stdin(Stdio::null()).status().await?;
        ensure!(status.success(), "{command:?} ended with {status}");
        Ok(())
    }

    /// The suite judges the relying party by what it asks, not by how its program ends: it is right
    /// for it to stop at a bad answer.
    async fn run_relying_party(&self, module: &PlanModule) -> anyhow::Result<()> {
        let command = self.commands.relying_party.as_deref();
        let command = command.context("it waits for a relying party: give --rp-command")?;
        let mut variant = self.plan.variant.clone();
        variant.extend(module.variant.clone().unwrap_or_default());
        let alias = self.configuration.get("alias").and_then(Value::as_str).unwrap_or_default();
        let issuer = self.api.address(&format!("test/a/{alias}/"))?;
        Command::new("sh")
            .args(["-c", command])
            .env("ISSUER", issuer.as_str())
            .env("MODULE_NAME", &module.name)
            .env("VARIANT", Value::Object(variant).to_string())
            .env("CLIENT_METADATA_DEFAULTS", metadata(self.configuration).to_string())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .status()
            .await
            .with_context(|| format!("{command:?} cannot be run"))?;
        Ok(())
    }

    async fn result(
        &self,
        id: &str,
        module: &PlanModule,
        result: String,
    ) -> anyhow::Result<ModuleResult> {
        let is_plain = result == "PASSED" || result == "REVIEW";
        let reasons = if is_plain { Vec::new() } else { reasons(&self.api.log(id).await?) };
        Ok(ModuleResult {
            module: module.name.clone(),
            variant: shown(module.variant.as_ref()),
            result,
            reasons,
            id: id.to_owned(),
        })
    }
}

fn is_ended(info: &Info) -> bool {
    ENDED.split(',').any(|state| state == info.status)
}

/// The metadata of the relying party, from the client of the configuration.
fn metadata(configuration: &Value) -> Value {
    let mut metadata = configuration.get("client").cloned().unwrap_or_default();
    if let Some(members) = metadata.as_object_mut() {
        for (one, list) in [
            ("redirect_uri", "redirect_uris"),
            ("post_logout_redirect_uri", "post_logout_redirect_uris"),
        ] {
            if let Some(uri) = members.remove(one) {
                members.insert(list.to_owned(), Value::Array(vec![uri]));
            }
        }
    }
    metadata
}

/// The conditions that did not hold, as the log tells them.
fn reasons(log: &[Map<String, Value>]) -> Vec<String> {
    let text = |entry: &Map<String, Value>, name: &str| {
        entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let is_bad = |entry: &&Map<String, Value>| {
        matches!(text(entry, "result").as_str(), "FAILURE" | "WARNING" | "SKIPPED" | "INTERRUPTED")
    };
    let lines = log.iter().filter(is_bad).map(|entry| {
        format!("{} {}: {}", text(entry, "result"), text(entry, "src"), text(entry, "msg"))
    });
    lines.take(MAX_REASONS).collect()
}

fn shown(variant: Option<&Map<String, Value>>) -> String {
    let pairs = variant.into_iter().flatten().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{name}={value}")
    });
    pairs.collect::<Vec<_>>().join(" ")
}
