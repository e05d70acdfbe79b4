//! A client that acts for itself (RFC 6749 4.4, RFC 9068 2.2).

use anyhow::ensure;
use reqwest::Method;

use super::token::ensure_error;
use crate::check::{Check, Verdict, checks};
use crate::subject::Subject;
use crate::tokens::{member, success};

pub(super) const CHECKS: &[Check] = checks! {
    "client-credentials-response", "RFC 6749 4.4.3" => only_an_access_token_is_given;
    "client-credentials-scope", "RFC 6749 3.3" => scopes_of_persons_are_refused;
    "client-credentials-userinfo", "OpenID Connect Core 5.3" => there_is_nobody_to_tell_of;
};

const FORM: (&str, &str) = ("grant_type", "client_credentials");

async fn token(subject: &Subject) -> anyhow::Result<String> {
    let answer = subject.provider.token(&subject.client, &[FORM]).await?;
    Ok(member(&success(&answer)?, "access_token")?.to_owned())
}

async fn only_an_access_token_is_given(subject: &Subject) -> Verdict {
    let answer = subject.provider.token(&subject.client, &[FORM]).await?;
    answer.ensure_not_stored()?;
    let response = success(&answer)?;
    for name in ["refresh_token", "id_token"] {
        ensure!(!response.contains_key(name), "there is a {name}");
    }
    let jwt = subject.verify(member(&response, "access_token")?)?;
    let typ = jwt.header.get("typ").and_then(|typ| typ.as_str());
    ensure!(typ == Some("at+jwt"), "typ is {typ:?}");
    for claim in ["sub", "client_id"] {
        let value = jwt.text(claim)?;
        ensure!(value == subject.client.client_id, "{claim} is {value}");
    }
    Ok(())
}

async fn scopes_of_persons_are_refused(subject: &Subject) -> Verdict {
    let form = [FORM, ("scope", "openid groups")];
    let answer = subject.provider.token(&subject.client, &form).await?;
    ensure_error(&answer, &["invalid_scope"])
}

async fn there_is_nobody_to_tell_of(subject: &Subject) -> Verdict {
    let bearer = format!("Bearer {}", token(subject).await?);
    let answer = subject.provider.userinfo(Method::GET, Some(&bearer)).await?;
    let status = answer.status.as_u16();
    ensure!(status == 401 || status == 403, "userinfo answered {status}");
    Ok(())
}
