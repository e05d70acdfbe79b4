//! An authorization request, and what comes back with it.

use anyhow::{Context as _, bail, ensure};
use openidconnect::{CsrfToken, Nonce, PkceCodeChallenge};
use reqwest::StatusCode;
use url::Url;

use crate::{
    answer::{Answer, beginning},
    page::Page,
    provider::Provider,
    registration::Registration,
};

/// An authorization request (OpenID Connect Core 3.1.2.1): a good one to begin with, and then what
/// a check makes of it.
#[derive(Clone)]
pub(crate) struct Ask {
    params: Vec<(String, String)>,
    /// Where the answer goes when the request does not say it.
    home: String,
    /// The answer to its code challenge.
    pub(crate) verifier: String,
}

impl Ask {
    /// Asks for all that the client may have, with fresh `state`, `nonce` and code challenge.
    pub(crate) fn new(client: &Registration) -> Self {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let ask = Self {
            params: Vec::new(),
            home: client.redirect_uri().to_owned(),
            verifier: verifier.secret().clone(),
        };
        ask.with("response_type", "code")
            .with("client_id", &client.client_id)
            .with("redirect_uri", client.redirect_uri())
            .with("scope", &client.scope)
            .with("state", CsrfToken::new_random().secret())
            .with("nonce", Nonce::new_random().secret())
            .with("code_challenge", challenge.as_str())
            .with("code_challenge_method", "S256")
    }

    /// Sets a parameter.
    #[must_use]
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        self.without(name).also(name, value)
    }

    /// Adds a parameter that may be there already.
    #[must_use]
    pub(crate) fn also(mut self, name: &str, value: &str) -> Self {
        self.params.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Removes a parameter.
    #[must_use]
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.params.retain(|(known, _)| known != name);
        self
    }

    /// The same request with its parameters the other way round.
    #[must_use]
    pub(crate) fn reversed(mut self) -> Self {
        self.params.reverse();
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The same request after it was pushed (RFC 9126 4): the two parameters that are left of it.
    pub(crate) fn pushed(&self, request_uri: &str) -> Self {
        let client_id = self.get("client_id").unwrap_or_default().to_owned();
        let params = vec![
            ("client_id".to_owned(), client_id),
            ("request_uri".to_owned(), request_uri.to_owned()),
        ];
        Self { params, home: self.returns_to().to_owned(), verifier: self.verifier.clone() }
    }

    /// Where the answer is expected.
    pub(crate) fn returns_to(&self) -> &str {
        self.get("redirect_uri").unwrap_or(&self.home)
    }

    pub(crate) fn params(&self) -> &[(String, String)] {
        &self.params
    }

    pub(crate) fn url(&self, provider: &Provider) -> anyhow::Result<Url> {
        let mut url = provider.endpoint("authorization_endpoint")?;
        url.query_pairs_mut().extend_pairs(&self.params);
        Ok(url)
    }
}

/// What the provider sent back to the client.
#[derive(Clone, Debug)]
pub(crate) struct Callback {
    pub(crate) params: Vec<(String, String)>,
}

impl Callback {
    /// Reads it from a redirect or a self-posting form, if it goes to `redirect_uri`.
    pub(crate) fn find(answer: &Answer, redirect_uri: &str) -> anyhow::Result<Option<Self>> {
        if let Some(location) = answer.location() {
            return Self::from_redirect(answer, &location, redirect_uri);
        }
        let page = Page::parse(&answer.body);
        let form = page.forms.into_iter().find(|f| f.action == redirect_uri);
        Ok(form.map(|form| Self { params: form.fields }))
    }

    fn from_redirect(
        answer: &Answer,
        location: &Url,
        redirect_uri: &str,
    ) -> anyhow::Result<Option<Self>> {
        let expected = Url::parse(redirect_uri)?;
        let is_there = location.origin() == expected.origin() && location.path() == expected.path();
        if !is_there {
            return Ok(None);
        }
        ensure!(
            answer.status == StatusCode::FOUND || answer.status == StatusCode::SEE_OTHER,
            "the browser is sent to the client with {}: it could post a form there again",
            answer.status
        );
        ensure!(
            location.fragment().unwrap_or_default().is_empty(),
            "the answer travels in the fragment"
        );
        Ok(Some(Self { params: location.query_pairs().into_owned().collect() }))
    }

    pub(crate) fn find_param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn code(&self) -> anyhow::Result<&str> {
        let code = self.find_param("code");
        code.with_context(|| format!("no code came back: {:?}", self.params))
    }

    /// What every answer carries: `state` unchanged, `iss`, and nothing twice (RFC 6749 4.1.2,
    /// RFC 9207 2).
    pub(crate) fn ensure_belongs_to(&self, ask: &Ask, provider: &Provider) -> anyhow::Result<()> {
        let state = self.find_param("state");
        ensure!(state == ask.get("state"), "state came back as {state:?}");
        let iss = self.find_param("iss");
        ensure!(iss == Some(&provider.issuer), "iss came back as {iss:?}");
        for (name, _) in &self.params {
            let times = self.params.iter().filter(|(known, _)| known == name);
            ensure!(times.count() == 1, "{name} came back more than once");
        }
        Ok(())
    }

    /// An error answer with one of these codes, in the characters of RFC 6749 4.1.2.1.
    pub(crate) fn ensure_error(&self, expected: &[&str]) -> anyhow::Result<()> {
        let Some(error) = self.find_param("error") else {
            bail!("no error came back: {:?}", self.params);
        };
        ensure!(expected.contains(&error), "the error is {error}");
        ensure!(self.find_param("code").is_none(), "a code came with it");
        let description = self.find_param("error_description").unwrap_or_default();
        ensure!(
            description.bytes().all(is_description_byte),
            "error_description has forbidden characters: {description:?}"
        );
        let names = ["error", "error_description", "error_uri", "state", "iss"];
        let odd = self.params.iter().find(|(n, _)| !names.contains(&n.as_str()));
        ensure!(odd.is_none(), "an unexpected parameter came back: {odd:?}");
        Ok(())
    }
}

/// `%x20-21 / %x23-5B / %x5D-7E` (RFC 6749 4.1.2.1).
pub(crate) const fn is_description_byte(byte: u8) -> bool {
    matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

/// The answer keeps the browser here: an error page, and no way out to any client
/// (RFC 6749 4.1.2.1).
pub(crate) fn ensure_stays(answer: &Answer) -> anyhow::Result<()> {
    ensure!(
        answer.status.is_client_error(),
        "answered {} {:?}",
        answer.status,
        answer.header("location")
    );
    for header in ["location", "refresh"] {
        let value = answer.header(header);
        ensure!(value.is_none(), "the error page has {header}: {value:?}");
    }
    let page = answer.page()?;
    let leaves = |action: &str| {
        let target = answer.url.join(action);
        target.is_ok_and(|url| url.origin() != answer.url.origin())
    };
    let way_out = page.forms.iter().find(|form| leaves(&form.action));
    ensure!(way_out.is_none(), "the error page has a form to elsewhere");
    let lower = answer.body.to_ascii_lowercase();
    ensure!(
        !lower.contains("http-equiv=\"refresh\""),
        "the error page leads on by itself: {}",
        beginning(&answer.body)
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_has_no_quotes_backslashes_or_line_breaks() {
        assert!(b"scope is missing (openid)".iter().all(|b| is_description_byte(*b)));
        for odd in [b'"', b'\\', b'\n', b'\t', 0x7f, 0xc3] {
            assert!(!is_description_byte(odd), "{odd}");
        }
    }
}
