//! The REST API of the suite, as far as running plans needs it.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, bail};
use reqwest::{Certificate, Method, StatusCode, redirect::Policy};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

/// Longer than the suite holds a long poll.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How long the suite may hold a long poll; it allows 30 s at most.
const POLL: Duration = Duration::from_secs(20);

/// A running suite.
pub struct Api {
    http: reqwest::Client,
    base: Url,
    token: Option<String>,
}

/// A plan that was created.
#[derive(Debug, Deserialize)]
pub(super) struct CreatedPlan {
    pub(super) id: String,
    pub(super) modules: Vec<PlanModule>,
}

/// A module of a plan.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct PlanModule {
    #[serde(rename = "testModule")]
    pub(super) name: String,
    pub(super) variant: Option<Map<String, Value>>,
}

/// How a module stands.
#[derive(Debug, Deserialize)]
pub(super) struct Info {
    pub(super) status: String,
    pub(super) result: Option<String>,
}

#[derive(Deserialize)]
struct Created {
    id: String,
}

/// Which certificates of the suite are good.
pub enum Trust<'a> {
    /// Those of the system.
    System,
    /// Those under this root too.
    Root(&'a Path),
    /// Any; the suite comes with one of its own making.
    Any,
}

impl Api {
    /// The suite at `base`. `token` is needed unless it runs in development mode.
    pub fn new(base: &Url, token: Option<String>, trust: &Trust<'_>) -> anyhow::Result<Self> {
        let builder = reqwest::Client::builder().redirect(Policy::none()).timeout(TIMEOUT);
        let builder = match trust {
            Trust::System => builder,
            Trust::Root(path) => {
                let pem = std::fs::read(path)
                    .with_context(|| format!("{} cannot be read", path.display()))?;
                builder.tls_certs_merge(Certificate::from_pem_bundle(&pem)?)
            }
            Trust::Any => builder.tls_danger_accept_invalid_certs(true),
        };
        Ok(Self { http: builder.build()?, base: base.clone(), token })
    }

    /// An address of the suite.
    pub(super) fn address(&self, path: &str) -> anyhow::Result<Url> {
        Ok(self.base.join(path)?)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<String>,
    ) -> anyhow::Result<(StatusCode, String)> {
        let mut url = self.base.join(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self.http.request(method, url).header("accept", "application/json");
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.with_context(|| format!("{path} does not answer"))?;
        let status = response.status();
        Ok((status, response.text().await?))
    }

    async fn expect<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<String>,
    ) -> anyhow::Result<T> {
        let (status, text) = self.send(method, path, query, body).await?;
        if !status.is_success() {
            let told: String = text.chars().take(300).collect();
            bail!("{path} answered {status}: {told}");
        }
        serde_json::from_str(&text).with_context(|| format!("{path} answered no such JSON"))
    }

    pub(super) async fn create_plan(
        &self,
        plan: &str,
        variant: &Map<String, Value>,
        configuration: &Value,
    ) -> anyhow::Result<CreatedPlan> {
        let variant = Value::Object(variant.clone()).to_string();
        let query = [("planName", plan), ("variant", variant.as_str())];
        let body = Some(configuration.to_string());
        self.expect(Method::POST, "api/plan", &query, body).await
    }

    pub(super) async fn create_module(
        &self,
        plan: &str,
        module: &PlanModule,
    ) -> anyhow::Result<String> {
        let variant = module.variant.clone().map(|variant| Value::Object(variant).to_string());
        let mut query = vec![("test", module.name.as_str()), ("plan", plan)];
        query.extend(variant.as_deref().map(|variant| ("variant", variant)));
        let created: Created = self.expect(Method::POST, "api/runner", &query, None).await?;
        Ok(created.id)
    }

    pub(super) async fn start(&self, id: &str) -> anyhow::Result<()> {
        let path = format!("api/runner/{id}");
        let (status, text) = self.send(Method::POST, &path, &[], None).await?;
        anyhow::ensure!(status.is_success(), "{path} answered {status}: {text}");
        Ok(())
    }

    /// Waits until a module is in one of these states, or for a while; tells how it stands then.
    pub(super) async fn wait(&self, id: &str, states: &str) -> anyhow::Result<Info> {
        let path = format!("api/runner/{id}/wait-state");
        let limit = POLL.as_millis().to_string();
        let query = [("states", states), ("timeoutMs", limit.as_str())];
        // A module that the suite has put away already is not waited for; its information stays.
        let (code, text) = self.send(Method::GET, &path, &query, None).await?;
        let is_gone = code == StatusCode::NOT_FOUND;
        anyhow::ensure!(code.is_success() || is_gone, "{path} answered {code}: {text}");
        self.info(id).await
    }

    pub(super) async fn info(&self, id: &str) -> anyhow::Result<Info> {
        self.expect(Method::GET, &format!("api/info/{id}"), &[], None).await
    }

    pub(super) async fn log(&self, id: &str) -> anyhow::Result<Vec<Map<String, Value>>> {
        self.expect(Method::GET, &format!("api/log/{id}"), &[], None).await
    }

    /// The places in the log of a module that wait for a picture.
    pub(super) async fn placeholders(&self, id: &str) -> anyhow::Result<Vec<String>> {
        let path = format!("api/log/{id}/images");
        let entries: Vec<Map<String, Value>> = self.expect(Method::GET, &path, &[], None).await?;
        let waiting = entries.iter().filter(|entry| !entry.contains_key("img"));
        let names = waiting.filter_map(|entry| entry.get("upload")?.as_str().map(str::to_owned));
        Ok(names.collect())
    }

    pub(super) async fn upload(&self, id: &str, place: &str, image: &str) -> anyhow::Result<()> {
        let path = format!("api/log/{id}/images/{place}");
        let (status, text) = self.send(Method::POST, &path, &[], Some(image.to_owned())).await?;
        anyhow::ensure!(status.is_success(), "{path} answered {status}: {text}");
        Ok(())
    }

    /// The addresses that wait for a person with a browser.
    pub(super) async fn unvisited(&self, id: &str) -> anyhow::Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Browser {
            #[serde(default)]
            urls: Vec<String>,
        }
        let path = format!("api/runner/browser/{id}");
        let (status, text) = self.send(Method::GET, &path, &[], None).await?;
        if !status.is_success() {
            return Ok(Vec::new());
        }
        let browser: Browser = serde_json::from_str(&text)?;
        Ok(browser.urls)
    }

    /// Stops a module.
    pub(super) async fn cancel(&self, id: &str) -> anyhow::Result<()> {
        self.send(Method::DELETE, &format!("api/runner/{id}"), &[], None).await?;
        Ok(())
    }
}
