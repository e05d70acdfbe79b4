//! A redirect URI is the registered one or none (RFC 6749 3.1.2.4, RFC 9700 2.1 and 4.1.3).

use anyhow::{Context as _, ensure};
use url::Url;

use crate::ask::ensure_stays;
use crate::check::{Check, Verdict, checks};
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "redirect-uri-missing", "OpenID Connect Core 3.1.2.1", "oidcc-ensure-redirect-uri-in-authorization-request" => a_missing_redirect_uri_gets_a_page;
    "redirect-uri-repeated", "RFC 6749 3.1" => a_repeated_redirect_uri_gets_a_page;
    "redirect-uri-variants", "RFC 9700 4.1.3", "oidcc-ensure-registered-redirect-uri", "oidcc-redirect-uri-query-added", "oidcc-redirect-uri-query-mismatch" => no_variant_is_redirected_to;
    "redirect-uri-variants-on-error", "RFC 6749 4.1.2.1" => no_variant_gets_an_error;
};

/// What a reader that decodes, trims or cuts may overlook at the end of an address.
const SUFFIXES: [&str; 23] = [
    "/",
    "?",
    "?x=y",
    "&x=y",
    "#",
    "#fragment",
    "%00",
    "\0",
    "%20",
    " ",
    "\t",
    "\r\nX-Header: y",
    ";x",
    "/..",
    "/../elsewhere",
    "/%2e%2e/elsewhere",
    "\\",
    "%23",
    "%3f",
    "*",
    "\u{200b}",
    "x",
    ".",
];

/// No addresses of the client at all.
const STRANGERS: [&str; 7] =
    ["", "/", "?", "//", "about:blank", "javascript:alert(1)//", "https://evil.example/"];

/// Addresses that are not `registered`, though one reader or another may think so.
fn variants(registered: &str) -> anyhow::Result<Vec<String>> {
    let strangers = STRANGERS.map(str::to_owned);
    let longer = SUFFIXES.map(|suffix| format!("{registered}{suffix}"));
    let mut all = strangers.to_vec();
    all.extend(longer);
    all.extend(wrapped(registered));
    all.extend(other_hosts(registered)?);
    all.extend(other_paths(registered)?);
    // An address without letters in its path leaves one or the other as it was.
    all.retain(|variant| variant != registered);
    Ok(all)
}

/// The registered address inside another text.
fn wrapped(registered: &str) -> [String; 8] {
    let shorter = registered.get(..registered.len() - 1).unwrap_or_default();
    [
        shorter.to_owned(),
        format!(" {registered}"),
        format!("{registered} {registered}"),
        format!("{registered},https://evil.example/"),
        format!("https://evil.example/{registered}"),
        format!("https://evil.example/?{registered}"),
        format!("javascript:alert(1)//{registered}"),
        format!("data:text/html,{registered}"),
    ]
}

/// Scheme, `host:port`, and path with query.
fn split(registered: &str) -> anyhow::Result<(&str, &str, &str)> {
    let (scheme, rest) = registered.split_once("://").context("no web address")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    Ok((scheme, authority, path))
}

fn other_hosts(registered: &str) -> anyhow::Result<Vec<String>> {
    let (scheme, authority, path) = split(registered)?;
    let url = Url::parse(registered)?;
    let host = url.host_str().context("no host")?;
    let upper = authority.to_ascii_uppercase();
    let wide = authority.replacen('.', "\u{ff0e}", 1);
    let other_scheme = if scheme == "https" { "http" } else { "https" };
    let mut all = vec![
        format!("{other_scheme}://{authority}{path}"),
        format!("{}://{authority}{path}", scheme.to_ascii_uppercase()),
        format!("{scheme}:/{authority}{path}"),
        format!("{scheme}:{authority}{path}"),
        format!("//{authority}{path}"),
        format!("{scheme}://{upper}{path}"),
        format!("{scheme}://{wide}\u{ad}{path}"),
        format!("{scheme}://{host}:{path}"),
        format!("{scheme}://{host}.{path}"),
        format!("{scheme}://user@{authority}{path}"),
        format!("{scheme}://{authority}@evil.example{path}"),
        format!("{scheme}://{authority}.evil.example{path}"),
        format!("{scheme}://evil.example\\@{authority}{path}"),
        format!("{scheme}://evil.example#@{authority}{path}"),
        format!("{scheme}://evil.example?@{authority}{path}"),
        format!("{scheme}://sub.{authority}{path}"),
        format!("{scheme}://*{path}"),
        format!("{scheme}://127.0.0.1.evil.example{path}"),
    ];
    // The port of a loopback IP address may differ (RFC 8252 7.3); that of a name may not.
    if let Some(name) = url.domain() {
        let default = url.port_or_known_default().context("no port")?;
        all.extend([default, 8].map(|port| format!("{scheme}://{name}:{port}{path}")));
    }
    Ok(all)
}

fn other_paths(registered: &str) -> anyhow::Result<[String; 9]> {
    let (scheme, authority, path) = split(registered)?;
    let name = path.trim_start_matches('/');
    let base = format!("{scheme}://{authority}");
    let first = name.bytes().next().map_or_else(String::new, |b| format!("%{b:02x}"));
    let upper = path.to_ascii_uppercase();
    Ok([
        path.to_owned(),
        format!("{base}{upper}"),
        format!("{base}/.{path}"),
        format!("{base}/{path}"),
        format!("{base}/x/..{path}"),
        format!("{base}/%2f{name}"),
        format!("{base}/{first}{}", name.get(1..).unwrap_or_default()),
        format!("{base}\\{name}"),
        format!("{base}/elsewhere?{name}"),
    ])
}

async fn a_missing_redirect_uri_gets_a_page(subject: &Subject) -> Verdict {
    ensure_stays(&subject.visit(&subject.ask().without("redirect_uri")).await?)
}

async fn a_repeated_redirect_uri_gets_a_page(subject: &Subject) -> Verdict {
    let registered = subject.client.redirect_uri();
    for second in [registered, "https://evil.example/"] {
        let ask = subject.ask().also("redirect_uri", second);
        ensure_stays(&subject.visit(&ask).await?).with_context(|| second.to_owned())?;
    }
    Ok(())
}

async fn no_variant_is_redirected_to(subject: &Subject) -> Verdict {
    let variants = variants(subject.client.redirect_uri())?;
    ensure!(variants.len() >= 60, "only {} variants", variants.len());
    for variant in variants {
        let ask = subject.ask().with("redirect_uri", &variant);
        ensure_stays(&subject.visit(&ask).await?).with_context(|| format!("{variant:?}"))?;
    }
    Ok(())
}

/// An error must not travel to an unregistered address either.
async fn no_variant_gets_an_error(subject: &Subject) -> Verdict {
    for variant in variants(subject.client.redirect_uri())? {
        let ask = subject.ask().with("redirect_uri", &variant);
        let ask = ask.with("response_type", "token").with("prompt", "none");
        ensure_stays(&subject.visit(&ask).await?).with_context(|| format!("{variant:?}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_variant_is_the_registered_address() {
        for registered in
            ["http://localhost/callback", "https://rp.example:8443/a/b?c=d", "http://127.0.0.1/cb"]
        {
            let all = variants(registered).unwrap();
            assert!(all.len() >= 60, "{}", all.len());
            assert!(!all.iter().any(|variant| variant == registered));
        }
    }
}
