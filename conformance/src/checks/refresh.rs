//! Refresh tokens: rotation, reuse, scope (RFC 6749 6, RFC 9700 4.14, OpenID Connect Core 12).

use anyhow::{Context as _, ensure};
use serde_json::{Map, Value};

use super::token::ensure_error;
use crate::check::{Check, Verdict, checks};
use crate::subject::Subject;
use crate::tokens::{member, success};

pub(super) const CHECKS: &[Check] = checks! {
    "refresh-rotation", "RFC 9700 4.14.2" => a_refresh_gives_new_tokens;
    "refresh-id-token", "OpenID Connect Core 12.2" => the_new_id_token_speaks_of_the_same_sign_in;
    "refresh-reuse-kills-family", "RFC 9700 4.14.2" => reuse_ends_the_family;
    "refresh-unknown", "RFC 6749 5.2" => unknown_refresh_tokens_are_refused;
    "refresh-narrower-scope", "RFC 6749 6" => a_narrower_scope_is_granted;
    "refresh-wider-scope", "RFC 6749 6" => a_wider_scope_is_refused;
    "refresh-wrong-client", "RFC 6749 6", "oidcc-refresh-token" => the_refresh_token_of_another_client_is_refused;
};

async fn rotated(subject: &Subject, token: &str) -> anyhow::Result<Map<String, Value>> {
    let answer = subject.refresh(token).await?;
    answer.ensure_not_stored()?;
    success(&answer)
}

async fn a_refresh_gives_new_tokens(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let response = rotated(subject, tokens.refresh_token()?).await?;
    for name in ["access_token", "refresh_token"] {
        let (old, new) = (member(&tokens.response, name)?, member(&response, name)?);
        ensure!(old != new, "{name} stays the same");
    }
    subject.verify(member(&response, "access_token")?)?;
    rotated(subject, member(&response, "refresh_token")?).await?;
    Ok(())
}

async fn the_new_id_token_speaks_of_the_same_sign_in(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let response = rotated(subject, tokens.refresh_token()?).await?;
    let old = subject.verify(tokens.id_token()?)?;
    let new = subject.verify(member(&response, "id_token")?)?;
    for claim in ["iss", "sub", "aud", "auth_time", "azp", "sid"] {
        let (before, after) = (old.claims.get(claim), new.claims.get(claim));
        ensure!(before == after, "{claim} was {before:?} and is {after:?}");
    }
    let nonce = new.claims.get("nonce");
    let is_same = nonce.is_none() || nonce == old.claims.get("nonce");
    ensure!(is_same, "nonce is {nonce:?}");
    ensure!(new.instant("iat")? >= old.instant("iat")?, "iat went back");
    let expected = new.expected_at_hash(member(&response, "access_token")?)?;
    ensure!(new.text("at_hash")? == expected, "at_hash is of another token");
    Ok(())
}

async fn reuse_ends_the_family(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let first = tokens.refresh_token()?;
    let second = rotated(subject, first).await?;
    // The successor is used, so the client has it: from here on the first token can only be stolen.
    let third = rotated(subject, member(&second, "refresh_token")?).await?;
    let reused = subject.refresh(first).await?;
    ensure_error(&reused, &["invalid_grant"]).context("the used token still works")?;
    let newest = subject.refresh(member(&third, "refresh_token")?).await?;
    ensure_error(&newest, &["invalid_grant"]).context("the newest token still works")?;
    let bearer = format!("Bearer {}", member(&third, "access_token")?);
    let userinfo = subject.provider.userinfo(reqwest::Method::GET, Some(&bearer));
    userinfo.await?.ensure_status(401).context("the access token still works")
}

async fn unknown_refresh_tokens_are_refused(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    for token in ["unknown", tokens.code.as_str(), tokens.access_token()?] {
        let answer = subject.refresh(token).await?;
        ensure_error(&answer, &["invalid_grant"])?;
    }
    Ok(())
}

async fn refresh_with_scope(
    subject: &Subject,
    token: &str,
    scope: &str,
) -> anyhow::Result<crate::answer::Answer> {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
    subject.provider.token(&subject.client, &form).await
}

async fn a_narrower_scope_is_granted(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let answer = refresh_with_scope(subject, tokens.refresh_token()?, "openid").await?;
    let response = success(&answer)?;
    let jwt = subject.verify(member(&response, "access_token")?)?;
    let scope = jwt.text("scope")?;
    ensure!(scope == "openid", "scope is {scope}");
    Ok(())
}

async fn a_wider_scope_is_refused(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("scope", "openid offline_access");
    let tokens = subject.tokens_for(ask).await?;
    let wider = "openid offline_access email";
    let answer = refresh_with_scope(subject, tokens.refresh_token()?, wider).await?;
    ensure_error(&answer, &["invalid_scope"])
}

async fn the_refresh_token_of_another_client_is_refused(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let form = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh_token()?)];
    let answer = subject.provider.token(subject.second()?, &form).await?;
    ensure_error(&answer, &["invalid_grant"])?;
    // Else anybody who sees a token could destroy it.
    rotated(subject, tokens.refresh_token()?).await.context("the token is lost to its owner")?;
    Ok(())
}
