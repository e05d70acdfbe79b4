//! Introspection (RFC 7662).

use anyhow::{Context as _, ensure};
use serde_json::{Map, Value};

use super::token::ensure_error;
use crate::answer::Answer;
use crate::check::{Check, Verdict, checks};
use crate::clients::Role;
use crate::registration::{Credentials, Registration, basic_header};
use crate::subject::Subject;
use crate::tokens::{member, success};

pub(super) const CHECKS: &[Check] = checks! {
    "introspect-access-token", "RFC 7662 2.2" => a_living_access_token_is_described;
    "introspect-refresh-token", "RFC 7662 2.2" => a_living_refresh_token_is_described;
    "introspect-hint", "RFC 7662 2.1" => a_wrong_hint_is_no_obstacle;
    "introspect-unknown", "RFC 7662 2.2" => of_what_is_no_token_nothing_is_said;
    "introspect-ended", "RFC 7662 2.2" => dead_tokens_are_not_active;
    "introspect-not-bearer", "RFC 7662 2.2" => id_tokens_and_codes_are_no_tokens_here;
    "introspect-foreign", "RFC 7662 4" => a_stranger_learns_nothing;
    "introspect-unauthenticated", "RFC 7662 2.1" => nobody_asks_without_credentials;
    "introspect-public-client", "RFC 7662 4" => a_public_client_cannot_scan_for_tokens;
    "introspect-request", "RFC 7662 2.1" => only_a_form_with_a_token_is_taken;
    "introspect-assertion", "RFC 7662 2.1" => an_assertion_is_a_credential_here_too;
};

const ENDPOINT: &str = "introspection_endpoint";

pub(super) async fn introspect(
    subject: &Subject,
    client: &Registration,
    token: &str,
) -> anyhow::Result<Map<String, Value>> {
    let answer = subject.provider.post_as(client, ENDPOINT, &[("token", token)]).await?;
    answer.ensure_not_stored()?;
    success(&answer)
}

fn is_active(description: &Map<String, Value>) -> anyhow::Result<bool> {
    description.get("active").and_then(Value::as_bool).context("there is no active")
}

/// `{"active":false}` and nothing beside it.
fn ensure_nothing_said(description: &Map<String, Value>) -> Verdict {
    ensure!(!is_active(description)?, "it is active");
    ensure!(description.len() == 1, "more is told: {description:?}");
    Ok(())
}

async fn a_living_access_token_is_described(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let jwt = subject.verify(tokens.access_token()?)?;
    let description = introspect(subject, &subject.client, tokens.access_token()?).await?;
    ensure!(is_active(&description)?, "it is not active");
    for claim in ["iss", "sub", "aud", "exp", "iat", "client_id", "jti"] {
        let (told, real) = (description.get(claim), jwt.claims.get(claim));
        let is_true = told.is_none() || told == real;
        ensure!(is_true, "{claim} is told as {told:?} and is {real:?}");
    }
    for claim in ["sub", "client_id", "exp", "scope"] {
        ensure!(description.contains_key(claim), "{claim} is not told");
    }
    let kind = member(&description, "token_type").unwrap_or("Bearer");
    ensure!(kind.eq_ignore_ascii_case("bearer"), "token_type is {kind}");
    Ok(())
}

async fn a_living_refresh_token_is_described(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let description = introspect(subject, &subject.client, tokens.refresh_token()?).await?;
    ensure!(is_active(&description)?, "it is not active");
    let client_id = member(&description, "client_id")?;
    ensure!(client_id == subject.client.client_id, "client_id is {client_id}");
    Ok(())
}

async fn a_wrong_hint_is_no_obstacle(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let (access, refresh) = (tokens.access_token()?, tokens.refresh_token()?);
    for (token, hint) in
        [(access, "refresh_token"), (refresh, "access_token"), (access, "unheard_of")]
    {
        let form = [("token", token), ("token_type_hint", hint)];
        let answer = subject.provider.post_as(&subject.client, ENDPOINT, &form).await?;
        ensure!(is_active(&success(&answer)?)?, "with the hint {hint} it is not found");
    }
    Ok(())
}

async fn of_what_is_no_token_nothing_is_said(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let forged = crate::jwt::tampered(tokens.access_token()?, "sub", "somebody-else".into())?;
    let unsigned = crate::jwt::unsigned(tokens.access_token()?)?;
    let long = "x".repeat(8000);
    for token in ["unknown", "a.b.c", &forged, &unsigned, &long] {
        let description = introspect(subject, &subject.client, token).await?;
        ensure_nothing_said(&description)?;
    }
    Ok(())
}

async fn dead_tokens_are_not_active(subject: &Subject) -> Verdict {
    subject.provider.optional_endpoint(ENDPOINT)?;
    let tokens = subject.tokens().await?;
    let used = tokens.refresh_token()?;
    let next = success(&subject.refresh(used).await?)?;
    let third = success(&subject.refresh(member(&next, "refresh_token")?).await?)?;
    ensure_nothing_said(&introspect(subject, &subject.client, used).await?).context("used up")?;
    // Reuse ends the family.
    ensure_error(&subject.refresh(used).await?, &["invalid_grant"])?;
    for name in ["access_token", "refresh_token"] {
        let description = introspect(subject, &subject.client, member(&third, name)?).await?;
        ensure_nothing_said(&description).with_context(|| format!("the revoked {name}"))?;
    }
    Ok(())
}

async fn id_tokens_and_codes_are_no_tokens_here(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let ask = subject.ask();
    let fresh = subject.code(&ask).await?;
    for token in [tokens.id_token()?, &tokens.code, &fresh] {
        ensure_nothing_said(&introspect(subject, &subject.client, token).await?)?;
    }
    // Asking about a code does not use it up.
    success(&subject.redeem(&ask, &fresh).await?)?;
    Ok(())
}

async fn a_stranger_learns_nothing(subject: &Subject) -> Verdict {
    let second = subject.second()?;
    let tokens = subject.tokens().await?;
    for token in [tokens.access_token()?, tokens.refresh_token()?] {
        ensure_nothing_said(&introspect(subject, second, token).await?)?;
    }
    Ok(())
}

async fn nobody_asks_without_credentials(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let token = tokens.access_token()?;
    let wrong = basic_header(&subject.client.client_id, "wrong");
    for header in [None, Some(wrong), Some(format!("Bearer {token}"))] {
        let credentials = Credentials { header, fields: Vec::new() };
        let form = [("token", token)];
        let answer = subject.provider.post_with(&credentials, ENDPOINT, &form).await?;
        answer.ensure_status(401)?;
        ensure!(!answer.body.contains("active"), "it is told all the same");
    }
    Ok(())
}

async fn a_public_client_cannot_scan_for_tokens(subject: &Subject) -> Verdict {
    subject.provider.optional_endpoint(ENDPOINT)?;
    let client = subject.client_as(Role::Public)?;
    let tokens = subject.tokens_of(client).await?;
    let form = [("token", tokens.access_token()?)];
    let answer = subject.provider.post_as(client, ENDPOINT, &form).await?;
    ensure_error(&answer, &["invalid_client", "unauthorized_client"])
}

async fn only_a_form_with_a_token_is_taken(subject: &Subject) -> Verdict {
    let answer = subject.provider.post_as(&subject.client, ENDPOINT, &[]).await?;
    ensure_error(&answer, &["invalid_request"]).context("no token")?;
    let twice = [("token", "a"), ("token", "b")];
    let answer = subject.provider.post_as(&subject.client, ENDPOINT, &twice).await?;
    ensure_error(&answer, &["invalid_request"]).context("two tokens")?;
    let mut url = subject.provider.optional_endpoint(ENDPOINT)?;
    url.query_pairs_mut().append_pair("token", "a");
    let request = subject.provider.http.get(url);
    let request = request.header("authorization", subject.client.basic_header());
    let status = Answer::read(request.send().await?).await?.status;
    ensure!(status == 405 || status == 400, "GET is answered {status}");
    Ok(())
}

async fn an_assertion_is_a_credential_here_too(subject: &Subject) -> Verdict {
    subject.provider.optional_endpoint(ENDPOINT)?;
    let client = subject.client_as(Role::Assertion)?;
    let tokens = subject.tokens_of(client).await?;
    let description = introspect(subject, client, tokens.access_token()?).await?;
    ensure!(is_active(&description)?, "it is not active");
    Ok(())
}
