//! Pushed authorization requests that are good (RFC 9126).

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::token::ensure_error;
use crate::answer::Answer;
use crate::ask::{Ask, Callback};
use crate::check::{Check, Verdict, checks};
use crate::clients::Role;
use crate::registration::Registration;
use crate::subject::Subject;
use crate::tokens::{member, success};

pub(super) const CHECKS: &[Check] = checks! {
    "par-response", "RFC 9126 2.2" => the_answer_names_the_request;
    "par-unguessable", "RFC 9126 7.1" => no_two_names_are_alike;
    "par-authorize", "RFC 9126 4" => the_name_alone_leads_to_tokens;
    "par-outside-ignored", "RFC 9126 4" => parameters_beside_the_name_do_not_count;
    "par-no-state-invented", "RFC 9126 4" => a_state_outside_does_not_come_back;
    "par-twice-before-sign-in", "RFC 9126 7.3" => a_reload_before_the_end_is_no_error;
    "par-used-once", "RFC 9126 7.3" => a_used_name_leads_nowhere;
    "par-public-client", "RFC 9126 2.1" => a_public_client_pushes_by_its_name;
    "par-second-method", "RFC 9126 2" => every_method_of_the_token_endpoint_works;
    "par-required", "RFC 9126 6" => who_must_push_cannot_ask_otherwise;
    "par-required-pushed", "RFC 9126 6" => who_must_push_gets_tokens_by_pushing;
};

const ENDPOINT: &str = "pushed_authorization_request_endpoint";

/// Pushes a request as a client; the answer as it comes.
pub(super) async fn push_as(
    subject: &Subject,
    client: &Registration,
    ask: &Ask,
) -> anyhow::Result<Answer> {
    let is_listed = |name: &str| client.uses_basic() || name != "client_id";
    let form: Vec<_> = ask
        .params()
        .iter()
        .filter(|(name, _)| is_listed(name))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    subject.provider.post_as(client, ENDPOINT, &form).await
}

/// Pushes a good request, and gives what is left of it.
pub(super) async fn pushed(
    subject: &Subject,
    client: &Registration,
    ask: &Ask,
) -> anyhow::Result<Ask> {
    let answer = push_as(subject, client, ask).await?;
    answer.ensure_status(201)?;
    let members = answer.json()?.as_object().cloned().unwrap_or_default();
    Ok(ask.pushed(member(&members, "request_uri")?))
}

async fn the_answer_names_the_request(subject: &Subject) -> Verdict {
    let answer = push_as(subject, &subject.client, &subject.ask()).await?;
    answer.ensure_status(201)?;
    answer.ensure_not_stored()?;
    let json = answer.json()?;
    let uri = json.get("request_uri").and_then(Value::as_str).unwrap_or_default();
    ensure!(uri.starts_with("urn:ietf:params:oauth:request_uri:"), "request_uri is {uri}");
    let life = json.get("expires_in").and_then(Value::as_i64);
    ensure!(life.is_some_and(|life| (5..=600).contains(&life)), "expires_in is {life:?}");
    Ok(())
}

async fn no_two_names_are_alike(subject: &Subject) -> Verdict {
    let ask = subject.ask();
    let (one, two) = (
        pushed(subject, &subject.client, &ask).await?,
        pushed(subject, &subject.client, &ask).await?,
    );
    let (one, two) = (one.get("request_uri"), two.get("request_uri"));
    ensure!(one != two, "one request pushed twice has one name");
    let secret = one.unwrap_or_default().rsplit(':').next().unwrap_or_default();
    // 128 bits are 22 characters of base64url.
    ensure!(secret.len() >= 22, "the name has {} characters", secret.len());
    Ok(())
}

async fn the_name_alone_leads_to_tokens(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("nonce", "inside the pushed request");
    let short = pushed(subject, &subject.client, &ask).await?;
    let callback = subject.authorize(&mut subject.signed_in().await?, &short).await?;
    callback.ensure_belongs_to(&ask, &subject.provider)?;
    let tokens = success(&subject.redeem(&ask, callback.code()?).await?)?;
    let id_token = subject.verify(member(&tokens, "id_token")?)?;
    ensure!(id_token.text("nonce")? == "inside the pushed request", "another nonce");
    Ok(())
}

async fn parameters_beside_the_name_do_not_count(subject: &Subject) -> Verdict {
    let ask = subject.ask();
    let short = pushed(subject, &subject.client, &ask).await?;
    let outside = short
        .with("state", "outside")
        .with("nonce", "outside")
        .with("scope", "openid")
        .with("response_type", "token")
        .with("redirect_uri", "https://evil.example/");
    let answer = subject.signed_in().await?.get(outside.url(&subject.provider)?).await?;
    let callback = Callback::find(&answer, ask.returns_to())?;
    let callback = callback.with_context(|| format!("answered {}", answer.status))?;
    callback.ensure_belongs_to(&ask, &subject.provider)?;
    let tokens = success(&subject.redeem(&ask, callback.code()?).await?)?;
    let id_token = subject.verify(member(&tokens, "id_token")?)?;
    ensure!(Some(id_token.text("nonce")?) == ask.get("nonce"), "the nonce is the one outside");
    Ok(())
}

async fn a_state_outside_does_not_come_back(subject: &Subject) -> Verdict {
    let ask = subject.ask().without("state");
    let short = pushed(subject, &subject.client, &ask).await?.with("state", "outside");
    let callback = subject.authorize(&mut subject.signed_in().await?, &short).await?;
    callback.ensure_belongs_to(&ask, &subject.provider)
}

async fn a_reload_before_the_end_is_no_error(subject: &Subject) -> Verdict {
    let ask = subject.ask();
    let short = pushed(subject, &subject.client, &ask).await?;
    let mut browser = subject.provider.browser();
    let first = browser.get(short.url(&subject.provider)?).await?;
    subject.follow(&mut browser, first).await?.ensure_status(200)?;
    let callback = subject.authorize(&mut browser, &short).await?;
    callback.ensure_belongs_to(&ask, &subject.provider)?;
    callback.code()?;
    Ok(())
}

async fn a_used_name_leads_nowhere(subject: &Subject) -> Verdict {
    let short = pushed(subject, &subject.client, &subject.ask()).await?;
    let mut browser = subject.signed_in().await?;
    subject.authorize(&mut browser, &short).await?.code()?;
    let answer = browser.get(short.url(&subject.provider)?).await?;
    let callback = Callback::find(&answer, short.returns_to())?;
    let has_code = callback.is_some_and(|callback| callback.code().is_ok());
    ensure!(!has_code, "the request is answered twice");
    Ok(())
}

async fn a_public_client_pushes_by_its_name(subject: &Subject) -> Verdict {
    let client = subject.client_as(Role::Public)?;
    let short = pushed(subject, client, &Ask::new(client)).await?;
    subject.authorize(&mut subject.signed_in().await?, &short).await?.code()?;
    Ok(())
}

async fn every_method_of_the_token_endpoint_works(subject: &Subject) -> Verdict {
    for client in [subject.second()?, subject.client_as(Role::Assertion)?] {
        let short = pushed(subject, client, &Ask::new(client)).await?;
        subject.authorize(&mut subject.signed_in().await?, &short).await?.code()?;
    }
    Ok(())
}

async fn who_must_push_cannot_ask_otherwise(subject: &Subject) -> Verdict {
    subject.provider.optional_endpoint(ENDPOINT)?;
    let client = subject.client_as(Role::Pushed)?;
    let ask = Ask::new(client);
    let answer = subject.signed_in().await?.get(ask.url(&subject.provider)?).await?;
    match Callback::find(&answer, ask.returns_to())? {
        Some(callback) => {
            callback.ensure_belongs_to(&ask, &subject.provider)?;
            callback.ensure_error(&["invalid_request"])
        }
        None => crate::ask::ensure_stays(&answer),
    }
}

async fn who_must_push_gets_tokens_by_pushing(subject: &Subject) -> Verdict {
    let client = subject.client_as(Role::Pushed)?;
    let ask = Ask::new(client);
    let short = pushed(subject, client, &ask).await?;
    let callback = subject.authorize(&mut subject.signed_in().await?, &short).await?;
    let code = callback.code()?;
    // The code is for the client that pushed.
    ensure_error(&subject.redeem(&ask, code).await?, &["invalid_grant"])?;
    success(&subject.redeem_as(client, &ask, code).await?)?;
    Ok(())
}
