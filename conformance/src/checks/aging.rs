//! What time does to a request, a code and a session. These come last: they set the clock of the
//! provider forward, or wait.

use anyhow::{Context as _, ensure};

use super::authorize_session::ensure_asked_again;
use super::par::pushed;
use super::token::ensure_error;
use crate::answer::Answer;
use crate::ask::{Callback, ensure_stays};
use crate::check::{Check, Verdict, checks};
use crate::clients::Role;
use crate::subject::Subject;
use crate::tokens::success;

pub(super) const CHECKS: &[Check] = checks! {
    "aging-max-age", "OpenID Connect Core 3.1.2.1", "oidcc-max-age-1"
        => an_older_sign_in_is_made_again;
    "aging-max-age-kept", "OpenID Connect Core 3.1.2.1", "oidcc-max-age-10000"
        => a_younger_sign_in_is_kept;
    "aging-prompt-login", "OpenID Connect Core 3.1.2.1", "oidcc-prompt-login"
        => a_sign_in_that_is_asked_for_is_later;
    "aging-refresh-id-token", "OpenID Connect Core 12.2", "oidcc-refresh-token"
        => a_refresh_keeps_the_time_of_the_sign_in;
    "aging-code-replay", "RFC 6749 4.1.2", "oidcc-codereuse-30seconds"
        => a_code_stays_used_and_its_tokens_end;
    "aging-code-expired", "RFC 6749 4.1.2" => a_code_lives_for_a_minute;
    "aging-pushed-expired", "RFC 9126 2.2" => a_pushed_request_lives_as_long_as_it_says;
    "aging-default-max-age", "OpenID Connect Registration 2" => the_clients_own_max_age_counts;
};

fn auth_time(subject: &Subject, token: &str) -> anyhow::Result<i64> {
    subject.verify(token)?.instant("auth_time")
}

async fn an_older_sign_in_is_made_again(subject: &Subject) -> Verdict {
    let mut browser = subject.sign_in_anew().await?;
    let first = subject.tokens_in(&mut browser, &subject.client, subject.ask()).await?;
    subject.pass_time(2).await?;
    let ask = subject.ask().with("max_age", "1");
    let silent = ask.clone().with("prompt", "none");
    let answer = browser.get(silent.url(&subject.provider)?).await?;
    let callback = Callback::find(&answer, ask.returns_to())?.context("nothing came back")?;
    callback.ensure_error(&["login_required"])?;
    let second = subject.tokens_in(&mut browser, &subject.client, ask).await?;
    let (before, after) =
        (auth_time(subject, first.id_token()?)?, auth_time(subject, second.id_token()?)?);
    ensure!(after > before, "auth_time was {before} and is {after}");
    Ok(())
}

async fn a_younger_sign_in_is_kept(subject: &Subject) -> Verdict {
    let first = subject.tokens_for(subject.ask().with("max_age", "15000")).await?;
    subject.pass_time(1).await?;
    let second = subject.tokens_for(subject.ask().with("max_age", "10000")).await?;
    let (before, after) =
        (auth_time(subject, first.id_token()?)?, auth_time(subject, second.id_token()?)?);
    ensure!(after == before, "auth_time was {before} and is {after}");
    Ok(())
}

async fn a_sign_in_that_is_asked_for_is_later(subject: &Subject) -> Verdict {
    let mut browser = subject.sign_in_anew().await?;
    let first = subject.tokens_in(&mut browser, &subject.client, subject.ask()).await?;
    subject.pass_time(1).await?;
    let ask = subject.ask().with("prompt", "login");
    let second = subject.tokens_in(&mut browser, &subject.client, ask).await?;
    let (before, after) =
        (auth_time(subject, first.id_token()?)?, auth_time(subject, second.id_token()?)?);
    ensure!(after > before, "auth_time was {before} and is {after}");
    Ok(())
}

async fn a_refresh_keeps_the_time_of_the_sign_in(subject: &Subject) -> Verdict {
    let tokens = subject.tokens_for(subject.ask().with("prompt", "consent")).await?;
    subject.pass_time(2).await?;
    let response = success(&subject.refresh(tokens.refresh_token()?).await?)?;
    let old = subject.verify(tokens.id_token()?)?;
    let new = subject.verify(crate::tokens::member(&response, "id_token")?)?;
    for claim in ["iss", "sub", "aud", "auth_time", "azp"] {
        let (before, after) = (old.claims.get(claim), new.claims.get(claim));
        ensure!(before == after, "{claim} was {before:?} and is {after:?}");
    }
    ensure!(new.instant("iat")? > old.instant("iat")?, "iat is not later");
    Ok(())
}

async fn a_code_stays_used_and_its_tokens_end(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    subject.pass_time(30).await?;
    let again = subject.redeem(&tokens.ask, &tokens.code).await?;
    ensure_error(&again, &["invalid_grant"])?;
    let userinfo = subject.provider.userinfo_of(tokens.access_token()?).await?;
    userinfo.ensure_status(401).context("the access token still works")
}

async fn a_code_lives_for_a_minute(subject: &Subject) -> Verdict {
    let ask = subject.ask();
    let code = subject.code(&ask).await?;
    subject.pass_time(62).await?;
    ensure_error(&subject.redeem(&ask, &code).await?, &["invalid_grant"])
}

async fn a_pushed_request_lives_as_long_as_it_says(subject: &Subject) -> Verdict {
    let ask = subject.ask();
    let answer = super::par::push_as(subject, &subject.client, &ask).await?;
    answer.ensure_status(201)?;
    let json = answer.json()?;
    let life = json.get("expires_in").and_then(serde_json::Value::as_u64);
    let life = life.context("there is no expires_in")?;
    let name = json.get("request_uri").and_then(serde_json::Value::as_str);
    let short = ask.pushed(name.context("there is no request_uri")?);
    let young = pushed(subject, &subject.client, &ask).await?;
    subject.authorize(&mut subject.signed_in().await?, &young).await?.code()?;
    subject.pass_time(life + 2).await?;
    let answer: Answer = subject.signed_in().await?.get(short.url(&subject.provider)?).await?;
    match Callback::find(&answer, short.returns_to())? {
        Some(callback) => callback.ensure_error(&["invalid_request_uri", "invalid_request"]),
        None => ensure_stays(&answer),
    }
}

/// `default_max_age` of the client, as if the request had said it.
async fn the_clients_own_max_age_counts(subject: &Subject) -> Verdict {
    let client = subject.client_as(Role::RecentSignIn)?;
    let mut browser = subject.sign_in_anew().await?;
    let first = subject.tokens_in(&mut browser, client, crate::ask::Ask::new(client)).await?;
    auth_time(subject, first.id_token()?)?;
    subject.pass_time(302).await?;
    // The request may ask for less.
    let loose = crate::ask::Ask::new(client).with("max_age", "10000");
    let answer = browser.get(loose.url(&subject.provider)?).await?;
    let callback = Callback::find(&answer, loose.returns_to())?;
    callback.context("max_age of the request does not count")?.code()?;
    let strict = crate::ask::Ask::new(client).with("prompt", "none");
    let answer = browser.get(strict.url(&subject.provider)?).await?;
    let callback = Callback::find(&answer, strict.returns_to())?.context("nothing came back")?;
    callback.ensure_error(&["login_required"])?;
    ensure_asked_again(subject, &subject.ask().with("max_age", "0")).await
}
