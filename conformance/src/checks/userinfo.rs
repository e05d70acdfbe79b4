//! The userinfo endpoint (OpenID Connect Core 5.3, RFC 6750).

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::Value;

use crate::answer::Answer;
use crate::check::{Check, Verdict, checks};
use crate::jwt;
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "userinfo-get", "OpenID Connect Core 5.3.2", "oidcc-userinfo-get" => it_speaks_of_the_same_person;
    "userinfo-post", "OpenID Connect Core 5.3.1", "oidcc-userinfo-post-header" => post_with_a_header_works_too;
    "userinfo-scopes", "OpenID Connect Core 5.4" => each_scope_gives_its_claims_only;
    "userinfo-no-token", "RFC 6750 3" => without_a_token_there_is_only_a_challenge;
    "userinfo-bad-token", "RFC 6750 3.1" => a_token_that_is_none_is_refused;
    "userinfo-tampered-token", "RFC 9068 4" => a_changed_token_is_refused;
    "userinfo-token-in-query", "RFC 9700 4.3.2" => a_token_in_the_address_does_not_count;
};

async fn ask(subject: &Subject, token: &str) -> anyhow::Result<Answer> {
    let bearer = format!("Bearer {token}");
    subject.provider.userinfo(Method::GET, Some(&bearer)).await
}

fn ensure_invalid(answer: &Answer) -> Verdict {
    answer.ensure_status(401)?;
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    ensure!(
        challenge.to_ascii_lowercase().starts_with("bearer")
            && challenge.contains("error=\"invalid_token\""),
        "WWW-Authenticate is {challenge:?}"
    );
    Ok(())
}

async fn it_speaks_of_the_same_person(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let answer = ask(subject, tokens.access_token()?).await?;
    answer.ensure_status(200)?;
    answer.ensure_not_stored()?;
    let claims = answer.json()?;
    let id_token = subject.verify(tokens.id_token()?)?;
    let sub = claims.get("sub").and_then(Value::as_str);
    ensure!(sub == Some(id_token.text("sub")?), "sub is {sub:?}");
    for claim in ["groups", "third_party", "level", "app_admin", "email", "name"] {
        let (here, there) = (claims.get(claim), id_token.claims.get(claim));
        let is_same = here.is_none() || there.is_none() || here == there;
        ensure!(is_same, "{claim} is {here:?}, in the ID token {there:?}");
    }
    Ok(())
}

async fn post_with_a_header_works_too(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let bearer = format!("Bearer {}", tokens.access_token()?);
    let answer = subject.provider.userinfo(Method::POST, Some(&bearer)).await?;
    answer.ensure_status(200)?;
    ensure!(answer.json()?.get("sub").is_some(), "there is no sub");
    Ok(())
}

async fn each_scope_gives_its_claims_only(subject: &Subject) -> Verdict {
    let scopes = [
        ("profile", ["name", "given_name", "family_name"].as_slice()),
        ("email", &["email", "email_verified"]),
    ];
    let tokens = subject.tokens_for(subject.ask().with("scope", "openid")).await?;
    let plain = ask(subject, tokens.access_token()?).await?.json()?;
    for (scope, claims) in scopes {
        if !subject.client.may_ask_for(scope) {
            continue;
        }
        let request = subject.ask().with("scope", &format!("openid {scope}"));
        let tokens = subject.tokens_for(request).await?;
        let found = ask(subject, tokens.access_token()?).await?.json()?;
        for claim in claims {
            ensure!(found.get(claim).is_some(), "{scope} gives no {claim}");
            ensure!(plain.get(claim).is_none(), "openid alone gives {claim}");
        }
        let verified = found.get("email_verified");
        ensure!(verified.is_none_or(Value::is_boolean), "email_verified is {verified:?}");
    }
    Ok(())
}

/// A request without any authentication hears the scheme and no error code (RFC 6750 3.1).
async fn without_a_token_there_is_only_a_challenge(subject: &Subject) -> Verdict {
    let answer = subject.provider.userinfo(Method::GET, None).await?;
    answer.ensure_status(401)?;
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    ensure!(
        challenge.to_ascii_lowercase().starts_with("bearer") && !challenge.contains("error="),
        "WWW-Authenticate is {challenge:?}"
    );
    Ok(())
}

async fn a_token_that_is_none_is_refused(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let long = "x".repeat(7000);
    let id_token = tokens.id_token()?;
    for token in ["unknown", "a.b.c", "..", long.as_str(), id_token, tokens.refresh_token()?] {
        let answer = ask(subject, token).await?;
        ensure_invalid(&answer).with_context(|| format!("{} bytes", token.len()))?;
    }
    Ok(())
}

async fn a_changed_token_is_refused(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let token = tokens.access_token()?;
    let far = crate::clock::now() + 86_400;
    let shorter = token.get(..token.len() - 2).unwrap_or_default();
    let forged = [
        jwt::tampered(token, "sub", "somebody-else".into())?,
        jwt::tampered(token, "exp", far.into())?,
        jwt::unsigned(token)?,
        format!("{token}="),
        shorter.to_owned(),
    ];
    for (number, token) in forged.iter().enumerate() {
        let answer = ask(subject, token).await?;
        ensure_invalid(&answer).with_context(|| format!("forgery {number}"))?;
    }
    Ok(())
}

async fn a_token_in_the_address_does_not_count(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let mut url = subject.provider.endpoint("userinfo_endpoint")?;
    url.query_pairs_mut().append_pair("access_token", tokens.access_token()?);
    let answer = Answer::read(subject.provider.http.get(url).send().await?).await?;
    let status = answer.status.as_u16();
    ensure!(status == 400 || status == 401, "answered {status}");
    Ok(())
}
