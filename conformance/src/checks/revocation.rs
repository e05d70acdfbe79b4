//! Revocation (RFC 7009).

use anyhow::{Context as _, ensure};

use super::token::ensure_error;
use crate::answer::Answer;
use crate::check::{Check, Verdict, checks};
use crate::clients::Role;
use crate::registration::{Credentials, Registration, basic_header};
use crate::subject::Subject;
use crate::tokens::success;

pub(super) const CHECKS: &[Check] = checks! {
    "revoke-refresh-token", "RFC 7009 2.1" => with_the_refresh_token_the_access_token_ends;
    "revoke-access-token", "RFC 7009 2.1" => an_access_token_ends;
    "revoke-hint", "RFC 7009 2.1" => a_wrong_hint_is_no_obstacle;
    "revoke-unknown", "RFC 7009 2.2" => what_is_no_token_counts_as_revoked;
    "revoke-twice", "RFC 7009 2.2" => revoking_twice_is_no_error;
    "revoke-foreign", "RFC 7009 2.1" => a_foreign_token_lives_on;
    "revoke-old-refresh-token", "RFC 9700 4.14.2" => a_used_up_refresh_token_ends_its_family;
    "revoke-unauthenticated", "RFC 7009 2.1" => a_confidential_client_must_prove_itself;
    "revoke-public-client", "RFC 7009 2.1" => a_public_client_revokes_by_its_name;
    "revoke-request", "RFC 7009 2.1" => only_a_form_with_a_token_is_taken;
    "revoke-others-live", "RFC 7009 2.1" => other_sign_ins_are_not_concerned;
};

const ENDPOINT: &str = "revocation_endpoint";

async fn revoke(subject: &Subject, client: &Registration, token: &str) -> Verdict {
    let answer = subject.provider.post_as(client, ENDPOINT, &[("token", token)]).await?;
    answer.ensure_status(200)
}

async fn ensure_access_ended(subject: &Subject, token: &str) -> Verdict {
    let answer = subject.provider.userinfo_of(token).await?;
    answer.ensure_status(401).context("the access token still works")
}

async fn ensure_refresh_ended(subject: &Subject, token: &str) -> Verdict {
    let answer = subject.refresh(token).await?;
    ensure_error(&answer, &["invalid_grant"]).context("the refresh token still works")
}

async fn with_the_refresh_token_the_access_token_ends(subject: &Subject) -> Verdict {
    subject.provider.optional_endpoint(ENDPOINT)?;
    let tokens = subject.tokens().await?;
    revoke(subject, &subject.client, tokens.refresh_token()?).await?;
    ensure_access_ended(subject, tokens.access_token()?).await?;
    ensure_refresh_ended(subject, tokens.refresh_token()?).await
}

async fn an_access_token_ends(subject: &Subject) -> Verdict {
    subject.provider.optional_endpoint(ENDPOINT)?;
    let tokens = subject.tokens().await?;
    revoke(subject, &subject.client, tokens.access_token()?).await?;
    ensure_access_ended(subject, tokens.access_token()?).await
}

async fn a_wrong_hint_is_no_obstacle(subject: &Subject) -> Verdict {
    subject.provider.optional_endpoint(ENDPOINT)?;
    for hint in ["access_token", "unheard_of"] {
        let tokens = subject.tokens().await?;
        let form = [("token", tokens.refresh_token()?), ("token_type_hint", hint)];
        let answer = subject.provider.post_as(&subject.client, ENDPOINT, &form).await?;
        answer.ensure_status(200)?;
        ensure_refresh_ended(subject, tokens.refresh_token()?).await.context(hint)?;
    }
    let tokens = subject.tokens().await?;
    let form = [("token", tokens.access_token()?), ("token_type_hint", "refresh_token")];
    let answer = subject.provider.post_as(&subject.client, ENDPOINT, &form).await?;
    answer.ensure_status(200)?;
    ensure_access_ended(subject, tokens.access_token()?).await
}

async fn what_is_no_token_counts_as_revoked(subject: &Subject) -> Verdict {
    let long = "x".repeat(8000);
    for token in ["unknown", "a.b.c", &long] {
        revoke(subject, &subject.client, token).await?;
    }
    Ok(())
}

async fn revoking_twice_is_no_error(subject: &Subject) -> Verdict {
    subject.provider.optional_endpoint(ENDPOINT)?;
    let tokens = subject.tokens().await?;
    for _ in 0..2 {
        revoke(subject, &subject.client, tokens.refresh_token()?).await?;
    }
    Ok(())
}

/// The server refuses, or says nothing; the token is not touched.
async fn a_foreign_token_lives_on(subject: &Subject) -> Verdict {
    subject.provider.optional_endpoint(ENDPOINT)?;
    let second = subject.second()?;
    let tokens = subject.tokens().await?;
    for token in [tokens.access_token()?, tokens.refresh_token()?] {
        let answer = subject.provider.post_as(second, ENDPOINT, &[("token", token)]).await?;
        let status = answer.status.as_u16();
        ensure!(status == 200 || status == 400, "answered {status}");
    }
    let userinfo = subject.provider.userinfo_of(tokens.access_token()?).await?;
    userinfo.ensure_status(200).context("a stranger ended the access token")?;
    let refreshed = subject.refresh(tokens.refresh_token()?).await?;
    success(&refreshed).context("a stranger ended the refresh token")?;
    Ok(())
}

async fn a_used_up_refresh_token_ends_its_family(subject: &Subject) -> Verdict {
    subject.provider.optional_endpoint(ENDPOINT)?;
    let tokens = subject.tokens().await?;
    let next = success(&subject.refresh(tokens.refresh_token()?).await?)?;
    revoke(subject, &subject.client, tokens.refresh_token()?).await?;
    ensure_refresh_ended(subject, crate::tokens::member(&next, "refresh_token")?).await
}

async fn a_confidential_client_must_prove_itself(subject: &Subject) -> Verdict {
    subject.provider.optional_endpoint(ENDPOINT)?;
    let tokens = subject.tokens().await?;
    let form = [("token", tokens.refresh_token()?)];
    let named = [("token", tokens.refresh_token()?), ("client_id", &subject.client.client_id)];
    let wrong = basic_header(&subject.client.client_id, "wrong");
    for (header, form) in [(None, &form[..]), (Some(wrong), &form), (None, &named)] {
        let credentials = Credentials { header, fields: Vec::new() };
        let answer = subject.provider.post_with(&credentials, ENDPOINT, form).await?;
        ensure_error(&answer, &["invalid_client"])?;
        answer.ensure_status(401)?;
    }
    success(&subject.refresh(tokens.refresh_token()?).await?).context("it is revoked")?;
    Ok(())
}

async fn a_public_client_revokes_by_its_name(subject: &Subject) -> Verdict {
    subject.provider.optional_endpoint(ENDPOINT)?;
    let client = subject.client_as(Role::Public)?;
    let tokens = subject.tokens_of(client).await?;
    revoke(subject, client, tokens.refresh_token()?).await?;
    ensure_access_ended(subject, tokens.access_token()?).await?;
    let answer = subject.refresh_as(client, tokens.refresh_token()?).await?;
    ensure_error(&answer, &["invalid_grant"])
}

async fn only_a_form_with_a_token_is_taken(subject: &Subject) -> Verdict {
    let answer = subject.provider.post_as(&subject.client, ENDPOINT, &[]).await?;
    ensure_error(&answer, &["invalid_request"]).context("no token")?;
    let twice = [("token", "a"), ("token", "b")];
    let answer = subject.provider.post_as(&subject.client, ENDPOINT, &twice).await?;
    ensure_error(&answer, &["invalid_request"]).context("two tokens")?;
    let request = subject.provider.http.get(subject.provider.optional_endpoint(ENDPOINT)?);
    let status = Answer::read(request.send().await?).await?.status;
    ensure!(status == 405 || status == 400, "GET is answered {status}");
    Ok(())
}

async fn other_sign_ins_are_not_concerned(subject: &Subject) -> Verdict {
    subject.provider.optional_endpoint(ENDPOINT)?;
    let (one, other) = (subject.tokens().await?, subject.tokens().await?);
    revoke(subject, &subject.client, one.refresh_token()?).await?;
    let userinfo = subject.provider.userinfo_of(other.access_token()?).await?;
    userinfo.ensure_status(200)?;
    success(&subject.refresh(other.refresh_token()?).await?)?;
    Ok(())
}
