//! What a person sees of the client before signing in (OpenID Connect Registration 2).

use anyhow::ensure;

use super::headers::login_page;
use crate::ask::Ask;
use crate::check::{Check, Skip, Verdict, checks};
use crate::clients::Role;
use crate::registration::Registration;
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "login-page-logo", "OpenID Connect Registration 2", "oidcc-registration-logo-uri"
        => the_logo_is_shown;
    "login-page-policy", "OpenID Connect Registration 2", "oidcc-registration-policy-uri"
        => the_policy_is_linked;
    "login-page-terms", "OpenID Connect Registration 2", "oidcc-registration-tos-uri"
        => the_terms_are_linked;
    "login-page-hint", "OpenID Connect Core 3.1.2.1", "oidcc-login-hint" => the_hint_is_filled_in;
};

async fn page(subject: &Subject, client: &Registration) -> anyhow::Result<String> {
    Ok(login_page(subject, &Ask::new(client)).await?.body)
}

fn attribute(name: &str, value: &str) -> String {
    let value = value.replace('&', "&amp;");
    format!("{name}=\"{value}\"")
}

fn missing(name: &str) -> anyhow::Error {
    Skip::because(format!("the client third-party.json has no {name}"))
}

async fn the_logo_is_shown(subject: &Subject) -> Verdict {
    let client = subject.client_as(Role::ThirdParty)?;
    let uri = client.logo_uri.as_deref().ok_or_else(|| missing("logo_uri"))?;
    let page = page(subject, client).await?;
    ensure!(page.contains(&attribute("src", uri)), "the logo is not on the page");
    Ok(())
}

async fn the_policy_is_linked(subject: &Subject) -> Verdict {
    let client = subject.client_as(Role::ThirdParty)?;
    let uri = client.policy_uri.as_deref().ok_or_else(|| missing("policy_uri"))?;
    let page = page(subject, client).await?;
    ensure!(page.contains(&attribute("href", uri)), "the policy is not linked");
    Ok(())
}

async fn the_terms_are_linked(subject: &Subject) -> Verdict {
    let client = subject.client_as(Role::ThirdParty)?;
    let uri = client.tos_uri.as_deref().ok_or_else(|| missing("tos_uri"))?;
    let page = page(subject, client).await?;
    ensure!(page.contains(&attribute("href", uri)), "the terms are not linked");
    Ok(())
}

async fn the_hint_is_filled_in(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("login_hint", "buffy@provider.example");
    let form = login_page(subject, &ask).await?.page()?.form_with("email");
    let fields = form.map(|form| form.fields).unwrap_or_default();
    let email = fields.into_iter().find(|(name, _)| name == "email").map(|(_, value)| value);
    ensure!(email.as_deref() == Some("buffy@provider.example"), "the field has {email:?}");
    Ok(())
}
