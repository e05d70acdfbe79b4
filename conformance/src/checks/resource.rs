//! Tokens for the resource that they are used at (RFC 8707).

use anyhow::{Context as _, ensure};

use super::authorize::ensure_refused;
use super::token::ensure_error;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::check::{Check, Skip, Verdict, checks};
use crate::clients::Role;
use crate::jwt::Jwt;
use crate::registration::Registration;
use crate::subject::Subject;
use crate::tokens::{Tokens, member, success};

pub(super) const CHECKS: &[Check] = checks! {
    "resource-audience", "RFC 8707 2.1" => the_token_is_for_the_resource;
    "resource-two", "RFC 8707 2.1" => two_resources_are_two_audiences_or_a_choice;
    "resource-narrowed", "RFC 8707 2.2" => a_code_can_be_redeemed_for_one_of_them;
    "resource-not-granted", "RFC 8707 2.2" => what_was_not_granted_is_refused;
    "resource-refresh", "RFC 8707 2.2" => a_refresh_can_be_for_one_of_them;
    "resource-client-credentials", "RFC 8707 2.2" => a_client_asks_for_itself_too;
    "resource-unknown", "RFC 8707 2" => unknown_resources_are_refused;
    "resource-malformed", "RFC 8707 2" => relative_and_fragment_addresses_are_refused;
    "resource-userinfo", "RFC 9068 4" => a_token_for_another_opens_nothing_here;
};

/// The client, and the two resources that it may ask for.
fn client(subject: &Subject) -> anyhow::Result<(&Registration, [&str; 2])> {
    let client = subject.client_as(Role::Resource)?;
    match client.resources.as_slice() {
        [one, two, ..] => Ok((client, [one, two])),
        _ => Err(Skip::because("the client resource.json has no two resources")),
    }
}

fn audiences(subject: &Subject, token: &str) -> anyhow::Result<Vec<String>> {
    let jwt: Jwt = subject.verify(token)?;
    Ok(jwt.audiences().into_iter().map(str::to_owned).collect())
}

/// Fresh tokens for these resources.
async fn tokens(subject: &Subject, resources: &[&str]) -> anyhow::Result<Tokens> {
    let (client, _) = client(subject)?;
    let ask = resources.iter().fold(Ask::new(client), |ask, uri| ask.also("resource", uri));
    subject.tokens_as(client, ask).await
}

async fn redeem_for(
    subject: &Subject,
    ask: &Ask,
    code: &str,
    resource: &str,
) -> anyhow::Result<Answer> {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", ask.returns_to()),
        ("code_verifier", ask.verifier.as_str()),
        ("resource", resource),
    ];
    subject.provider.token(client(subject)?.0, &form).await
}

async fn refresh_for(subject: &Subject, token: &str, resource: &str) -> anyhow::Result<Answer> {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("resource", resource)];
    subject.provider.token(client(subject)?.0, &form).await
}

async fn the_token_is_for_the_resource(subject: &Subject) -> Verdict {
    let (client, [one, _]) = client(subject)?;
    let tokens = tokens(subject, &[one]).await?;
    let found = audiences(subject, tokens.access_token()?)?;
    ensure!(found == [one], "aud is {found:?}");
    // The ID token stays what it is.
    let found = audiences(subject, tokens.id_token()?)?;
    ensure!(found == [client.client_id.as_str()], "aud of the ID token is {found:?}");
    Ok(())
}

async fn two_resources_are_two_audiences_or_a_choice(subject: &Subject) -> Verdict {
    let (client, [one, two]) = client(subject)?;
    let ask = Ask::new(client).also("resource", one).also("resource", two);
    let code = subject.code(&ask).await?;
    let answer = subject.redeem_as(client, &ask, &code).await?;
    if answer.status.as_u16() == 400 {
        return ensure_error(&answer, &["invalid_target"]);
    }
    let response = success(&answer)?;
    let found = audiences(subject, member(&response, "access_token")?)?;
    let is_granted = found.iter().all(|aud| aud == one || aud == two) && !found.is_empty();
    ensure!(is_granted, "aud is {found:?}");
    Ok(())
}

async fn a_code_can_be_redeemed_for_one_of_them(subject: &Subject) -> Verdict {
    let (client, [one, two]) = client(subject)?;
    let ask = Ask::new(client).also("resource", one).also("resource", two);
    let code = subject.code(&ask).await?;
    let response = success(&redeem_for(subject, &ask, &code, two).await?)?;
    let found = audiences(subject, member(&response, "access_token")?)?;
    ensure!(found == [two], "aud is {found:?}");
    Ok(())
}

async fn what_was_not_granted_is_refused(subject: &Subject) -> Verdict {
    let (client, [one, two]) = client(subject)?;
    let ask = Ask::new(client).also("resource", one);
    let code = subject.code(&ask).await?;
    ensure_error(&redeem_for(subject, &ask, &code, two).await?, &["invalid_target"])?;
    let tokens = tokens(subject, &[one]).await?;
    let wider = refresh_for(subject, tokens.refresh_token()?, two).await?;
    ensure_error(&wider, &["invalid_target"]).context("at a refresh")?;
    let evil = refresh_for(subject, tokens.refresh_token()?, "https://evil.example/").await?;
    ensure_error(&evil, &["invalid_target"])
}

async fn a_refresh_can_be_for_one_of_them(subject: &Subject) -> Verdict {
    let (_, [one, two]) = client(subject)?;
    let first = tokens(subject, &[one]).await?;
    let next = success(&refresh_for(subject, first.refresh_token()?, one).await?)?;
    let found = audiences(subject, member(&next, "access_token")?)?;
    ensure!(found == [one], "aud is {found:?}");
    ensure!(!found.contains(&two.to_owned()), "aud is wider than granted");
    Ok(())
}

async fn a_client_asks_for_itself_too(subject: &Subject) -> Verdict {
    let (client, [one, _]) = client(subject)?;
    let form = [("grant_type", "client_credentials"), ("resource", one)];
    let response = success(&subject.provider.token(client, &form).await?)?;
    let found = audiences(subject, member(&response, "access_token")?)?;
    ensure!(found == [one], "aud is {found:?}");
    let form = [("grant_type", "client_credentials"), ("resource", "https://evil.example/")];
    ensure_error(&subject.provider.token(client, &form).await?, &["invalid_target"])
}

async fn unknown_resources_are_refused(subject: &Subject) -> Verdict {
    let (client, [one, _]) = client(subject)?;
    for uri in ["https://evil.example/", &format!("{one}/more"), &one.to_uppercase()] {
        let ask = Ask::new(client).with("resource", uri);
        let refused = ensure_refused(subject, &ask, &["invalid_target"]).await;
        refused.with_context(|| uri.to_owned())?;
    }
    let ask = Ask::new(client).also("resource", one).also("resource", "https://evil.example/");
    ensure_refused(subject, &ask, &["invalid_target"]).await
}

async fn relative_and_fragment_addresses_are_refused(subject: &Subject) -> Verdict {
    let (client, [one, _]) = client(subject)?;
    for uri in [&format!("{one}#part"), "accounts", "/accounts"] {
        let ask = Ask::new(client).with("resource", uri);
        let refused = ensure_refused(subject, &ask, &["invalid_target", "invalid_request"]).await;
        refused.with_context(|| uri.to_owned())?;
    }
    Ok(())
}

async fn a_token_for_another_opens_nothing_here(subject: &Subject) -> Verdict {
    let (_, [one, _]) = client(subject)?;
    let tokens = tokens(subject, &[one]).await?;
    let answer = subject.provider.userinfo_of(tokens.access_token()?).await?;
    answer.ensure_status(401)
}
