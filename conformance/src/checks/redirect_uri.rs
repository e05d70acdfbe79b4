//! A redirect URI is the registered one or none (RFC 6749 3.1.2.4, RFC 9700 2.1 and 4.1.3).

use anyhow::{Context as _, ensure};
use url::Url;

use crate::ask::ensure_stays;
use crate::check::{Check, Verdict, checks};
use crate::subject::Subject;

pub(super) const CHECKS: [Check; 4] = checks! { Client:
    "redirect-uri-missing", "OpenID Connect Core 3.1.2.1" => a_missing_redirect_uri_gets_a_page;
    "redirect-uri-repeated", "RFC 6749 3.1" => a_repeated_redirect_uri_gets_a_page;
    "redirect-uri-variants", "RFC 9700 4.1.3" => no_variant_is_redirected_to;
    "redirect-uri-variants-on-error", "RFC 6749 4.1.2.1" => no_variant_gets_an_error;
};

/// Addresses that are not `registered`, though one reader or another may think so.
fn variants(registered: &str) -> anyhow::Result<Vec<String>> {
    let url = Url::parse(registered)?;
    let (scheme, rest) = registered.split_once("://").context("it is no web address")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = url.host_str().context("it has no host")?;
    let other_scheme = if scheme == "https" { "http" } else { "https" };
    let default_port = if scheme == "https" { 443 } else { 80 };
    let shorter = registered.get(..registered.len() - 1).unwrap_or_default();
    let path_name = path.trim_start_matches('/');
    let mut all: Vec<String> = ["", "/", "?", "about:blank", "javascript:alert(1)//", "//"]
        .map(str::to_owned)
        .into();
    for suffix in [
        "/", "?", "?x=y", "&x=y", "#", "#fragment", "%00", "\0", "%20", " ", "\t", "\r\nX-Header: y", ";x", "/..",
        "/../elsewhere", "/%2e%2e/elsewhere", "\\", "%23", "%3f", "*", "\u{200b}", "x", ".",
    ] {
        all.push(format!("{registered}{suffix}"));
    }
    all.extend([
        format!(" {registered}"),
        format!("{registered} {registered}"),
        format!("{registered},https://evil.example/"),
        shorter.to_owned(),
        format!("javascript:alert(1)//{registered}"),
        format!("data:text/html,{registered}"),
        format!("{other_scheme}://{rest}"),
        format!("{}://{rest}", scheme.to_ascii_uppercase()),
        format!("{scheme}://{}{path}", authority.to_ascii_uppercase()),
        format!("{scheme}://{authority}{}", path.to_ascii_uppercase()),
        format!("{scheme}://{authority}/.{path}"),
        format!("{scheme}://{authority}/{path}"),
        format!("{scheme}://{authority}/x/..{path}"),
        format!("{scheme}://{authority}/%2f{path_name}"),
        format!("{scheme}://{host}:{default_port}{path}"),
        format!("{scheme}://{host}:8{path}"),
        format!("{scheme}://{host}.{path}"),
        format!("{scheme}://user@{authority}{path}"),
        format!("{scheme}://{authority}@evil.example{path}"),
        format!("{scheme}://{authority}.evil.example{path}"),
        format!("{scheme}://evil.example\\@{authority}{path}"),
        format!("{scheme}://evil.example#@{authority}{path}"),
        format!("{scheme}://evil.example?@{authority}{path}"),
        format!("{scheme}://evil.example/{registered}"),
        format!("{scheme}://sub.{authority}{path}"),
        format!("{scheme}:/{authority}{path}"),
        format!("{scheme}:{authority}{path}"),
        format!("//{authority}{path}"),
        path.to_owned(),
        format!("{scheme}://*{path}"),
        format!("{scheme}://127.0.0.1.evil.example{path}"),
        format!("{scheme}://{}{path}", authority.replace('.', "\u{ff0e}") + "\u{ad}"),
        registered.replacen("/c", "/%63", 1) + "%2F",
    ]);
    // A host without letters or a path without `c` leaves some as they were.
    all.retain(|variant| variant != registered);
    Ok(all)
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
    ensure!(variants.len() >= 50, "only {} variants", variants.len());
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
        for registered in [
            "http://localhost/callback",
            "https://rp.example:8443/a/b?c=d",
            "http://127.0.0.1/cb",
        ] {
            let all = variants(registered).unwrap();
            assert!(all.len() >= 50, "{}", all.len());
            assert!(!all.iter().any(|variant| variant == registered));
        }
    }
}
