//! The provider as a browser sees it: cookies, redirects by hand, forms.

use std::{collections::BTreeMap, time::Duration};

use http::{Method, StatusCode, header};
use relying_party::Tls;
use serde_json::Value;
use url::Url;

use crate::Stop;

/// A browser without a screen, for the provider's pages only.
pub(crate) struct Outside {
    client: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

/// What a page of the provider leads to.
pub(crate) enum Next {
    /// A redirect.
    Go(Url),
    /// A form that a browser would send at once (OAuth 2.0 Form Post Response Mode).
    Post(Url, Vec<(String, String)>),
}

impl Outside {
    /// Believes the certificates that the relying party believes.
    pub(crate) fn new(tls: &Tls) -> Result<Self, Stop> {
        // Fails only when the program has chosen a provider already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(20));
        let client = match tls {
            Tls::SystemRoots => client,
            Tls::AlsoTrust(pem) => client.tls_certs_merge(
                reqwest::Certificate::from_pem_bundle(pem).map_err(|e| Stop::new(e.to_string()))?,
            ),
            Tls::AnyCertificate => client.tls_danger_accept_invalid_certs(true),
        };
        let client = client.build().map_err(|error| Stop::new(error.to_string()))?;
        Ok(Self { client, cookies: BTreeMap::new() })
    }

    /// Opens a page and says where it leads.
    pub(crate) async fn open(&mut self, address: &Url) -> Result<Next, Stop> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.client.get(address.clone()).header(header::COOKIE, cookies.join("; "));
        let answer = request.send().await.map_err(|error| unreachable(address, &error))?;
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let status = answer.status();
        let location = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
        if let Some(to) = location.and_then(|to| address.join(to).ok()) {
            return Ok(Next::Go(to));
        }
        let page = answer.text().await.map_err(|error| unreachable(address, &error))?;
        match posted_form(&page, address).filter(|_| status == StatusCode::OK) {
            Some((action, fields)) => Ok(Next::Post(action, fields)),
            None => Err(Stop::new(format!(
                "the provider answered {status} with a page at {}, and nobody is there to read it",
                address.path()
            ))),
        }
    }

    /// A JSON answer, whatever its status.
    pub(crate) async fn send_json(
        &mut self,
        method: Method,
        address: &Url,
        body: Option<&Value>,
    ) -> Result<Value, Stop> {
        let mut request = self.client.request(method, address.clone());
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|error| unreachable(address, &error))?;
        answer.json().await.map_err(|error| unreachable(address, &error))
    }
}

fn unreachable(address: &Url, error: &reqwest::Error) -> Stop {
    Stop::new(format!("{address}: {error}"))
}

/// The first form of a page whose fields are all hidden, and where it goes.
fn posted_form(page: &str, address: &Url) -> Option<(Url, Vec<(String, String)>)> {
    let (_, form) = page.split_once("<form")?;
    let (form, _) = form.split_once("</form>")?;
    let action = address.join(&attribute(form.split('>').next()?, "action")?).ok()?;
    let fields = form
        .split("<input")
        .skip(1)
        .filter_map(|input| {
            let tag = input.split('>').next()?;
            Some((attribute(tag, "name")?, attribute(tag, "value")?))
        })
        .collect();
    Some((action, fields))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| unescape(value))
}

/// The references of HTML that templates write into attributes.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (entity, tail) = after.split_once(';').unwrap_or((after, ""));
        let number = entity.strip_prefix('#').and_then(|number| {
            let hex = number.strip_prefix(['x', 'X']);
            hex.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())
        });
        match (entity, number.and_then(char::from_u32)) {
            (_, Some(letter)) => out.push(letter),
            ("quot", _) => out.push('"'),
            ("apos", _) => out.push('\''),
            ("lt", _) => out.push('<'),
            ("gt", _) => out.push('>'),
            // `&amp;`, the only other one that is to be expected.
            _ => out.push('&'),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_a_browser_reads_it() {
        let page = "<body onload=\"x()\"><form action=\"https://rp.example/callback?a=1&amp;b=2\" \
                    method=\"post\"><div><input type=\"hidden\" name=\"state\" \
                    value=\"&quot;&#39;&#x2F;&lt;\"></div><input type=\"submit\" value=\"Go\"></form>";
        let (action, fields) =
            posted_form(page, &Url::parse("https://op.example/authorize").unwrap()).unwrap();
        assert_eq!(action.as_str(), "https://rp.example/callback?a=1&b=2");
        assert_eq!(fields, [("state".to_owned(), "\"'/<".to_owned())]);
    }
}
