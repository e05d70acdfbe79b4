//! The provider under test: its metadata, its keys, and its endpoints for machines.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use openidconnect::core::CoreJsonWebKeySet;
use reqwest::{Method, redirect::Policy};
use serde_json::Value;
use url::Url;

use crate::{
    answer::Answer,
    browser::Browser,
    check::Skip,
    registration::{Credentials, Registration},
};

const TIMEOUT: Duration = Duration::from_secs(20);

/// An OpenID Provider, known by its issuer.
pub struct Provider {
    pub(crate) issuer: String,
    pub(crate) metadata: Value,
    pub(crate) jwks: CoreJsonWebKeySet,
    pub(crate) http: reqwest::Client,
}

impl Provider {
    /// Reads metadata and keys (OpenID Connect Discovery 4). Fails when there are none: nothing
    /// else can be checked then.
    pub async fn discover(issuer: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().redirect(Policy::none()).timeout(TIMEOUT).build()?;
        let url = well_known(issuer, "openid-configuration")?;
        let metadata = fetch(&http, url).await?.json()?;
        let mut provider =
            Self { issuer: issuer.to_owned(), metadata, jwks: CoreJsonWebKeySet::default(), http };
        provider.jwks = provider.current_jwks().await?;
        Ok(provider)
    }

    /// The keys as they are published now.
    pub(crate) async fn current_jwks(&self) -> anyhow::Result<CoreJsonWebKeySet> {
        let keys = self.get("jwks_uri").await?;
        serde_json::from_str(&keys.body).context("the JWKS cannot be read")
    }

    /// The URL of an endpoint by its name in the metadata.
    pub(crate) fn endpoint(&self, name: &str) -> anyhow::Result<Url> {
        let value = self.metadata.get(name).and_then(Value::as_str);
        let text = value.with_context(|| format!("the metadata has no {name}"))?;
        Url::parse(text).with_context(|| format!("{name} is no URL"))
    }

    /// The same of an endpoint that a provider need not have; a [`Skip`] when it is not announced.
    pub(crate) fn optional_endpoint(&self, name: &str) -> anyhow::Result<Url> {
        if self.metadata.get(name).is_none() {
            return Err(Skip::because(format!("the metadata announces no {name}")));
        }
        self.endpoint(name)
    }

    /// A [`Skip`] unless a list of the metadata has a value.
    pub(crate) fn ensure_offered(&self, list: &str, value: &str) -> anyhow::Result<()> {
        let reason = || Skip::because(format!("{list} does not announce {value}"));
        self.offers(list, value).then_some(()).ok_or_else(reason)
    }

    /// A [`Skip`] unless a member of the metadata is true.
    pub(crate) fn ensure_flag(&self, name: &str) -> anyhow::Result<()> {
        let reason = || Skip::because(format!("the metadata does not announce {name}"));
        self.flag(name).filter(|flag| *flag).map(|_| ()).ok_or_else(reason)
    }

    /// A boolean of the metadata.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.metadata.get(name).and_then(Value::as_bool)
    }

    /// The names in a list of the metadata.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        let list = self.metadata.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Whether a list of the metadata has a value.
    pub(crate) fn offers(&self, list: &str, value: &str) -> bool {
        self.list(list).contains(&value)
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.http.clone())
    }

    /// Reads an endpoint without credentials.
    pub(crate) async fn get(&self, endpoint: &str) -> anyhow::Result<Answer> {
        fetch(&self.http, self.endpoint(endpoint)?).await
    }

    /// Reads a document beside the issuer.
    pub(crate) async fn get_well_known(&self, name: &str) -> anyhow::Result<Answer> {
        fetch(&self.http, well_known(&self.issuer, name)?).await
    }

    /// Asks the token endpoint as `client`, which authenticates as it is registered.
    pub(crate) async fn token(
        &self,
        client: &Registration,
        form: &[(&str, &str)],
    ) -> anyhow::Result<Answer> {
        self.post_as(client, "token_endpoint", form).await
    }

    /// Posts a form to an endpoint as `client`, which authenticates as it is registered. A [`Skip`]
    /// when the endpoint is not announced.
    pub(crate) async fn post_as(
        &self,
        client: &Registration,
        endpoint: &str,
        form: &[(&str, &str)],
    ) -> anyhow::Result<Answer> {
        self.post_with(&client.credentials(&self.issuer)?, endpoint, form).await
    }

    /// Posts a form to an endpoint with exactly these credentials. A [`Skip`] when the endpoint is
    /// not announced.
    pub(crate) async fn post_with(
        &self,
        credentials: &Credentials,
        endpoint: &str,
        form: &[(&str, &str)],
    ) -> anyhow::Result<Answer> {
        let own = credentials.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<_> = own.chain(form.iter().copied()).collect();
        let request = self.http.post(self.optional_endpoint(endpoint)?).form(&fields);
        let request = match &credentials.header {
            Some(header) => request.header("authorization", header),
            None => request,
        };
        Answer::read(request.send().await?).await
    }

    /// Posts a form to the token endpoint with exactly these credentials.
    pub(crate) async fn post_token(
        &self,
        authorization: Option<&str>,
        form: &[(&str, &str)],
    ) -> anyhow::Result<Answer> {
        let header = authorization.map(str::to_owned);
        self.post_with(&Credentials { header, fields: Vec::new() }, "token_endpoint", form).await
    }

    /// Asks userinfo with an `Authorization` header.
    pub(crate) async fn userinfo(
        &self,
        method: Method,
        authorization: Option<&str>,
    ) -> anyhow::Result<Answer> {
        let endpoint = self.endpoint("userinfo_endpoint")?;
        let request = self.http.request(method, endpoint);
        let request = match authorization {
            Some(header) => request.header("authorization", header),
            None => request,
        };
        Answer::read(request.send().await?).await
    }

    /// Asks userinfo as the bearer of a token.
    pub(crate) async fn userinfo_of(&self, access_token: &str) -> anyhow::Result<Answer> {
        self.userinfo(Method::GET, Some(&format!("Bearer {access_token}"))).await
    }
}

/// The address of a document beside the issuer, which must not end with a slash twice.
fn well_known(issuer: &str, name: &str) -> anyhow::Result<Url> {
    let base = issuer.trim_end_matches('/');
    ensure!(!base.is_empty(), "the issuer is empty");
    Url::parse(&format!("{base}/.well-known/{name}")).context("the issuer is no URL")
}

async fn fetch(http: &reqwest::Client, url: Url) -> anyhow::Result<Answer> {
    let answer = Answer::read(http.get(url).send().await?).await?;
    answer.ensure_status(200)?;
    Ok(answer)
}
