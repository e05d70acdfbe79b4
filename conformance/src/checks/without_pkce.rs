//! A confidential client that may leave the code challenge out, as clients before RFC 7636 do.

use anyhow::{Context as _, ensure};

use super::authorize::ensure_refused;
use super::token::ensure_error;
use crate::ask::Ask;
use crate::check::{Check, Verdict, checks};
use crate::clients::Role;
use crate::registration::Registration;
use crate::subject::Subject;
use crate::tokens::success;

pub(super) const CHECKS: &[Check] = checks! {
    "without-pkce", "RFC 6749 4.1.1", "oidcc-server" => the_challenge_may_be_left_out;
    "without-pkce-with-pkce", "RFC 7636 4.6", "oidcc-ensure-request-with-valid-pkce-succeeds"
        => a_challenge_that_is_sent_counts;
    "without-pkce-downgrade", "RFC 9700 2.1.1" => a_verifier_without_a_challenge_is_refused;
    "without-pkce-plain", "RFC 9700 2.1.1" => a_plain_challenge_is_refused_all_the_same;
    "without-pkce-method-alone", "RFC 7636 4.3" => a_method_without_a_challenge_is_refused;
};

fn client(subject: &Subject) -> anyhow::Result<&Registration> {
    subject.client_as(Role::WithoutPkce)
}

fn bare(subject: &Subject) -> anyhow::Result<Ask> {
    let ask = Ask::new(client(subject)?);
    Ok(ask.without("code_challenge").without("code_challenge_method"))
}

async fn redeem_bare(
    subject: &Subject,
    ask: &Ask,
    code: &str,
) -> anyhow::Result<crate::answer::Answer> {
    let form =
        [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", ask.returns_to())];
    subject.provider.token(client(subject)?, &form).await
}

async fn the_challenge_may_be_left_out(subject: &Subject) -> Verdict {
    let ask = bare(subject)?;
    let code = subject.code(&ask).await?;
    let response = success(&redeem_bare(subject, &ask, &code).await?)?;
    let id_token = subject.verify(crate::tokens::member(&response, "id_token")?)?;
    ensure!(id_token.text("nonce").ok() == ask.get("nonce"), "another nonce");
    Ok(())
}

async fn a_challenge_that_is_sent_counts(subject: &Subject) -> Verdict {
    let ask = Ask::new(client(subject)?);
    let code = subject.code(&ask).await?;
    let answer = redeem_bare(subject, &ask, &code).await?;
    ensure_error(&answer, &["invalid_grant", "invalid_request"]).context("without a verifier")?;
    let ask = Ask::new(client(subject)?);
    let code = subject.code(&ask).await?;
    success(&subject.redeem_as(client(subject)?, &ask, &code).await?)?;
    Ok(())
}

/// Else an attacker could strip the challenge from the request and redeem the code in the client.
async fn a_verifier_without_a_challenge_is_refused(subject: &Subject) -> Verdict {
    let ask = bare(subject)?;
    let code = subject.code(&ask).await?;
    let answer = subject.redeem_as(client(subject)?, &ask, &code).await?;
    ensure_error(&answer, &["invalid_grant", "invalid_request"])
}

async fn a_plain_challenge_is_refused_all_the_same(subject: &Subject) -> Verdict {
    let ask = Ask::new(client(subject)?).with("code_challenge_method", "plain");
    ensure_refused(subject, &ask, &["invalid_request"]).await
}

async fn a_method_without_a_challenge_is_refused(subject: &Subject) -> Verdict {
    let ask = bare(subject)?.with("code_challenge_method", "S256");
    ensure_refused(subject, &ask, &["invalid_request"]).await
}
