//! An HTTP answer, read whole.

use anyhow::{Context as _, ensure};
use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;
use url::Url;

use crate::page::Page;

/// An answer of the provider.
#[derive(Clone)]
pub(crate) struct Answer {
    /// The address that was asked.
    pub(crate) url: Url,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> anyhow::Result<Self> {
        Ok(Self {
            url: response.url().clone(),
            status: response.status(),
            headers: response.headers().clone(),
            body: response.text().await?,
        })
    }

    /// The value of a header, all its lines joined.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let lines: Vec<_> = self
            .headers
            .get_all(name)
            .iter()
            .map(|line| String::from_utf8_lossy(line.as_bytes()))
            .collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    }

    /// Where it sends the browser.
    pub(crate) fn location(&self) -> Option<Url> {
        if !self.status.is_redirection() {
            return None;
        }
        self.url.join(&self.header("location")?).ok()
    }

    /// The page that it shows. Fails when it shows none.
    pub(crate) fn page(&self) -> anyhow::Result<Page> {
        let kind = self.header("content-type").unwrap_or_default();
        ensure!(
            kind.starts_with("text/html"),
            "{} answered {} with {kind:?}, not a page",
            self.url.path(),
            self.status
        );
        Ok(Page::parse(&self.body))
    }

    /// The JSON that it carries.
    pub(crate) fn json(&self) -> anyhow::Result<Value> {
        let kind = self.header("content-type").unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        ensure!(essence == "application/json", "the media type of {} is {kind:?}", self.url.path());
        serde_json::from_str(&self.body)
            .with_context(|| format!("{} answered no JSON", self.url.path()))
    }

    pub(crate) fn ensure_status(&self, expected: u16) -> anyhow::Result<()> {
        let path = self.url.path();
        ensure!(
            self.status.as_u16() == expected,
            "{path} answered {} instead of {expected}: {}",
            self.status,
            beginning(&self.body)
        );
        Ok(())
    }

    /// Nobody on the way may keep it (RFC 6749 5.1).
    pub(crate) fn ensure_not_stored(&self) -> anyhow::Result<()> {
        let policy = self.header("cache-control").unwrap_or_default();
        ensure!(policy.contains("no-store"), "Cache-Control of {} is {policy:?}", self.url.path());
        Ok(())
    }
}

/// The beginning of a text, for messages.
pub(crate) fn beginning(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(160).collect()
}
