//! What every page tells a browser to keep to (RFC 9700 4.16, OpenID Connect Core 16).

use anyhow::ensure;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::check::{Check, Verdict, checks};
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "headers-login-page", "RFC 9700 4.16" => the_login_page_is_protected;
    "headers-error-page", "RFC 9700 4.16" => an_error_page_is_protected;
    "headers-discovery", "OpenID Connect Discovery 4.2" => discovery_is_json;
};

pub(super) async fn login_page(subject: &Subject, ask: &Ask) -> anyhow::Result<Answer> {
    let mut browser = subject.provider.browser();
    let answer = browser.get(ask.url(&subject.provider)?).await?;
    let page = subject.follow(&mut browser, answer).await?;
    page.ensure_status(200)?;
    Ok(page)
}

pub(super) fn ensure_protected(answer: &Answer) -> Verdict {
    let header = |name| answer.header(name).unwrap_or_default().to_ascii_lowercase();
    let policy = header("content-security-policy");
    ensure!(
        policy.contains("frame-ancestors 'none'") || policy.contains("frame-ancestors 'self'"),
        "the page may be framed: {policy:?}"
    );
    ensure!(
        !policy.contains("unsafe-inline") && !policy.contains("unsafe-eval"),
        "inline code may run: {policy:?}"
    );
    let sniffing = header("x-content-type-options");
    ensure!(sniffing == "nosniff", "X-Content-Type-Options is {sniffing:?}");
    let referrer = header("referrer-policy");
    ensure!(
        referrer == "no-referrer" || referrer == "same-origin",
        "Referrer-Policy is {referrer:?}"
    );
    if answer.url.scheme() == "https" {
        let transport = header("strict-transport-security");
        ensure!(!transport.is_empty(), "there is no Strict-Transport-Security");
    }
    answer.ensure_not_stored()
}

async fn the_login_page_is_protected(subject: &Subject) -> Verdict {
    ensure_protected(&login_page(subject, &subject.ask()).await?)
}

async fn an_error_page_is_protected(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("client_id", "nobody-knows-this-client");
    ensure_protected(&subject.visit(&ask).await?)
}

async fn discovery_is_json(subject: &Subject) -> Verdict {
    let answer = subject.provider.get_well_known("openid-configuration").await?;
    answer.json()?;
    let sniffing = answer.header("x-content-type-options");
    ensure!(sniffing.as_deref() == Some("nosniff"), "X-Content-Type-Options is {sniffing:?}");
    Ok(())
}
