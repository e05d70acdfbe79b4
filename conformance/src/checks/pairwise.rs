//! Persons who are known to each sector by another name (OpenID Connect Core 8.1).

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::check::{Check, Verdict, checks};
use crate::clients::Role;
use crate::subject::Subject;
use crate::tokens::{Tokens, member, success};

pub(super) const CHECKS: &[Check] = checks! {
    "pairwise-differs", "OpenID Connect Core 8.1" => the_name_is_not_the_public_one;
    "pairwise-stable", "OpenID Connect Core 8.1" => the_name_stays_and_is_the_same_everywhere;
    "pairwise-sector", "OpenID Connect Core 8.1" => one_sector_has_one_name;
    "pairwise-other-sector", "OpenID Connect Core 8.1" => another_sector_has_another_name;
    "pairwise-no-trace", "OpenID Connect Core 17.3" => no_token_tells_the_public_name;
};

async fn tokens(subject: &Subject, role: Role) -> anyhow::Result<Tokens> {
    subject.provider.ensure_offered("subject_types_supported", "pairwise")?;
    subject.tokens_of(subject.client_as(role)?).await
}

fn sub(subject: &Subject, token: &str) -> anyhow::Result<String> {
    Ok(subject.verify(token)?.text("sub")?.to_owned())
}

async fn name(subject: &Subject, role: Role) -> anyhow::Result<String> {
    sub(subject, tokens(subject, role).await?.id_token()?)
}

async fn public_name(subject: &Subject) -> anyhow::Result<String> {
    sub(subject, subject.tokens().await?.id_token()?)
}

async fn the_name_is_not_the_public_one(subject: &Subject) -> Verdict {
    let pairwise = name(subject, Role::Pairwise).await?;
    ensure!(pairwise != public_name(subject).await?, "it is the public one");
    ensure!(pairwise.is_ascii() && pairwise.len() <= 255, "it is {pairwise:?}");
    Ok(())
}

async fn the_name_stays_and_is_the_same_everywhere(subject: &Subject) -> Verdict {
    let first = tokens(subject, Role::Pairwise).await?;
    let expected = sub(subject, first.id_token()?)?;
    let again = name(subject, Role::Pairwise).await?;
    ensure!(again == expected, "it was {expected} and is {again}");
    let userinfo = subject.provider.userinfo_of(first.access_token()?).await?.json()?;
    let told = userinfo.get("sub").and_then(Value::as_str);
    ensure!(told == Some(expected.as_str()), "userinfo says {told:?}");
    let client = subject.client_as(Role::Pairwise)?;
    let next = success(&subject.refresh_as(client, first.refresh_token()?).await?)?;
    let told = sub(subject, member(&next, "id_token")?)?;
    ensure!(told == expected, "after a refresh it is {told}");
    Ok(())
}

async fn one_sector_has_one_name(subject: &Subject) -> Verdict {
    let (one, two) =
        (name(subject, Role::Pairwise).await?, name(subject, Role::PairwiseSibling).await?);
    ensure!(one == two, "it is {one} and {two}");
    Ok(())
}

async fn another_sector_has_another_name(subject: &Subject) -> Verdict {
    let (one, two) =
        (name(subject, Role::Pairwise).await?, name(subject, Role::PairwiseElsewhere).await?);
    ensure!(one != two, "both sectors know {one}");
    Ok(())
}

async fn no_token_tells_the_public_name(subject: &Subject) -> Verdict {
    let tokens = tokens(subject, Role::Pairwise).await?;
    let public = public_name(subject).await?;
    for name in ["access_token", "id_token"] {
        let jwt = subject.verify(member(&tokens.response, name)?)?;
        let claims = Value::Object(jwt.claims).to_string();
        ensure!(!claims.contains(&public), "the {name} tells it");
    }
    let userinfo = subject.provider.userinfo_of(tokens.access_token()?).await?;
    ensure!(!userinfo.body.contains(&public), "userinfo tells it");
    let client = subject.client_as(Role::Pairwise)?;
    let form = [("token", tokens.access_token()?)];
    let told = subject.provider.post_as(client, "introspection_endpoint", &form).await;
    let told = told.context("introspection")?;
    ensure!(!told.body.contains(&public), "introspection tells it");
    Ok(())
}
