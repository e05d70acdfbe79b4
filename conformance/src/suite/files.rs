//! The plans, their configurations and the clients to register: templates of this repository, and
//! what is written of them for one run.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, bail};
use openidconnect::CsrfToken;
use serde::Deserialize;
use serde_json::{Map, Value};

const PLANS: &str = include_str!("../../suite/plans.json");
const BROWSER: &str = include_str!("../../suite/browser.json");
const CLIENTS: &str = include_str!("../../suite/clients.json");
const CONFIGURATIONS: [(&str, &str); 2] =
    [("op", include_str!("../../suite/op.json")), ("rp", include_str!("../../suite/rp.json"))];
/// The heading of the pages that refuse a sign-out.
const SIGN_OUT_REFUSED: &str = "This request cannot be answered|Sign out\\?|The application sent";

/// A plan of the suite.
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    /// Its name here.
    pub name: String,
    /// Its name in the suite.
    pub plan: String,
    /// The certification that it is for, if it is for one.
    pub certifies: Option<String>,
    /// What the plan leaves open.
    pub variant: Map<String, Value>,
    /// Only these modules; all when absent.
    pub modules: Option<Vec<String>>,
    /// The file with its configuration.
    pub configuration: String,
}

impl Plan {
    /// Whether it tests a relying party: the suite plays the provider then.
    pub fn is_for_relying_party(&self) -> bool {
        self.configuration == "rp"
    }
}

/// Where everybody is in one run.
pub struct Addresses {
    /// The base address of the suite, without a slash at the end.
    pub suite: String,
    /// The issuer of the provider.
    pub provider: String,
    /// The base address of the relying party.
    pub relying_party: String,
}

/// Who signs in, and what opens the registration endpoint.
pub struct Credentials {
    /// E-mail address.
    pub user: String,
    /// Password.
    pub password: String,
    /// One-time code.
    pub code: String,
    /// Initial access token.
    pub initial_access_token: String,
}

/// All plans, in the order of a run.
pub fn plans() -> anyhow::Result<Vec<Plan>> {
    serde_json::from_str(PLANS).context("plans.json")
}

/// Writes `clients/NAME.json`, the clients to start the provider with, and `op.json` and `rp.json`,
/// the configurations of the plans, which can be pasted into the pages of the suite as well.
pub fn prepare(
    folder: &Path,
    addresses: &Addresses,
    credentials: &Credentials,
) -> anyhow::Result<()> {
    let mut texts = Texts::new(addresses, credentials);
    let scripts = parse(BROWSER)?;
    for (name, template) in CONFIGURATIONS {
        let expanded = with_scripts(parse(template)?, &scripts)?;
        write(folder, &format!("{name}.json"), &texts.fill(expanded)?)?;
    }
    let Value::Array(clients) = parse(CLIENTS)? else { bail!("clients.json is no list") };
    for client in clients {
        let client = texts.fill(client)?;
        let id = client.get("client_id").and_then(Value::as_str).context("a client has no name")?;
        write(&folder.join("clients"), &format!("{id}.json"), &client)?;
    }
    Ok(())
}

/// Reads a configuration that was prepared.
pub fn read_configuration(folder: &Path, name: &str) -> anyhow::Result<Value> {
    let path = folder.join(name).with_extension("json");
    let text = fs::read_to_string(&path)
        .with_context(|| format!("{} cannot be read: prepare it first", path.display()))?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

fn parse(text: &str) -> anyhow::Result<Value> {
    serde_json::from_str(text).context("a template is no JSON")
}

fn write(folder: &Path, name: &str, document: &Value) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let path = folder.join(name);
    fs::write(&path, format!("{document:#}\n"))
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// Puts the scripts where a list `browser` names them.
fn with_scripts(value: Value, scripts: &Value) -> anyhow::Result<Value> {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| {
                let value = if name == "browser" {
                    named_scripts(&value, scripts)?
                } else {
                    with_scripts(value, scripts)?
                };
                Ok((name, value))
            });
            Ok(Value::Object(members.collect::<anyhow::Result<_>>()?))
        }
        other => Ok(other),
    }
}

fn named_scripts(names: &Value, scripts: &Value) -> anyhow::Result<Value> {
    let names = names.as_array().context("browser is a list of names")?;
    let found = names.iter().map(|name| {
        let script = name.as_str().and_then(|name| scripts.get(name));
        script.cloned().with_context(|| format!("there is no script {name}"))
    });
    Ok(Value::Array(found.collect::<anyhow::Result<_>>()?))
}

/// What stands for the names in braces. Secrets are made when they are first needed.
struct Texts {
    known: BTreeMap<String, String>,
}

impl Texts {
    fn new(addresses: &Addresses, credentials: &Credentials) -> Self {
        let known = [
            ("suite", addresses.suite.trim_end_matches('/')),
            ("op", addresses.provider.trim_end_matches('/')),
            ("rp", addresses.relying_party.trim_end_matches('/')),
            ("user", &credentials.user),
            ("password", &credentials.password),
            ("code", &credentials.code),
            ("initial-access-token", &credentials.initial_access_token),
            ("sign-out-refused", SIGN_OUT_REFUSED),
        ];
        let known = known.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Self { known: known.into_iter().collect() }
    }

    fn fill(&mut self, value: Value) -> anyhow::Result<Value> {
        Ok(match value {
            Value::String(text) => Value::String(self.fill_text(&text)?),
            Value::Array(items) => {
                let items = items.into_iter().map(|item| self.fill(item));
                Value::Array(items.collect::<anyhow::Result<_>>()?)
            }
            Value::Object(members) => {
                let members =
                    members.into_iter().map(|(name, value)| Ok((name, self.fill(value)?)));
                Value::Object(members.collect::<anyhow::Result<_>>()?)
            }
            other => other,
        })
    }

    fn fill_text(&mut self, text: &str) -> anyhow::Result<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, tail) = after.split_once('}').with_context(|| format!("{text:?}"))?;
            out.push_str(before);
            out.push_str(self.get(name)?);
            rest = tail;
        }
        Ok(out + rest)
    }

    fn get(&mut self, name: &str) -> anyhow::Result<&str> {
        if name.starts_with("secret:") && !self.known.contains_key(name) {
            let secret = format!("cs_{}", CsrfToken::new_random().secret());
            self.known.insert(name.to_owned(), secret);
        }
        self.known.get(name).map(String::as_str).with_context(|| format!("{{{name}}} is unknown"))
    }
}
