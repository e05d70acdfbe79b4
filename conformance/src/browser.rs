//! A browser without script: cookies, pages, and forms that are sent as they came.

use std::collections::BTreeMap;

use reqwest::{
    RequestBuilder,
    header::{COOKIE, ORIGIN, SET_COOKIE},
};
use url::Url;

use crate::{answer::Answer, page::Form};

/// A browser that only ever visits the provider. A copy has the same cookies and goes its own way.
#[derive(Clone)]
pub(crate) struct Browser {
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
    set_cookies: Vec<String>,
    form_policy: String,
}

impl Browser {
    /// A browser without cookies. `http` must not follow redirects.
    pub(crate) const fn new(http: reqwest::Client) -> Self {
        Self { http, cookies: BTreeMap::new(), set_cookies: Vec::new(), form_policy: String::new() }
    }

    /// Every cookie that was set, with its attributes.
    pub(crate) fn set_cookies(&self) -> &[String] {
        &self.set_cookies
    }

    /// The content security policy of the page whose form was sent last.
    pub(crate) fn form_policy(&self) -> &str {
        &self.form_policy
    }

    pub(crate) async fn get(&mut self, url: Url) -> anyhow::Result<Answer> {
        let request = self.http.get(url);
        self.send(request).await
    }

    /// Sends a form from a page of `origin`.
    pub(crate) async fn post(
        &mut self,
        url: Url,
        fields: &[(String, String)],
        origin: &str,
    ) -> anyhow::Result<Answer> {
        let request = self.http.post(url).form(fields).header(ORIGIN, origin);
        self.send(request).await
    }

    /// Sends a form of a page. A page that hides its address from its links hides its origin from
    /// its forms too: browsers send `null` then (Fetch 3.2).
    pub(crate) async fn submit(&mut self, page: &Answer, form: &Form) -> anyhow::Result<Answer> {
        let referrer = page.header("referrer-policy").unwrap_or_default();
        let origin = if referrer.trim() == "no-referrer" {
            "null".to_owned()
        } else {
            page.url.origin().ascii_serialization()
        };
        self.form_policy = page.header("content-security-policy").unwrap_or_default();
        let action = page.url.join(&form.action)?;
        self.post(action, &form.fields, &origin).await
    }

    async fn send(&mut self, request: RequestBuilder) -> anyhow::Result<Answer> {
        let request = request.header("accept", "text/html,*/*;q=0.8");
        let request = if self.cookies.is_empty() {
            request
        } else {
            request.header(COOKIE, self.cookie_line())
        };
        let answer = Answer::read(request.send().await?).await?;
        for line in answer.headers.get_all(SET_COOKIE) {
            let line = String::from_utf8_lossy(line.as_bytes());
            self.keep(&line);
            self.set_cookies.push(line.into_owned());
        }
        Ok(answer)
    }

    fn cookie_line(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// Takes a cookie over, or drops it when it is already over (RFC 6265 5.2).
    fn keep(&mut self, line: &str) {
        let mut parts = line.split(';');
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let is_over = parts.any(|attribute| {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            key.trim().eq_ignore_ascii_case("max-age")
                && value.trim().parse::<i64>().is_ok_and(|age| age <= 0)
        });
        if is_over {
            self.cookies.remove(name.trim());
        } else {
            self.cookies.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_kept_replaced_and_dropped() {
        let tls = rustls::crypto::ring::default_provider().install_default();
        assert!(tls.is_ok());
        let mut browser = Browser::new(reqwest::Client::builder().build().unwrap());
        browser.keep("a=1; Path=/; HttpOnly");
        browser.keep("b=2; Max-Age=60");
        browser.keep("a=3");
        assert_eq!(browser.cookie_line(), "a=3; b=2");
        browser.keep("b=; Path=/; Max-Age=0");
        assert_eq!(browser.cookie_line(), "a=3");
    }
}
