//! Redeeming an authorization code (RFC 6749 4.1.3, 5.1; RFC 7636 4.6; OpenID Connect Core 3.1.3).

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::Value;

use super::token::ensure_error;
use crate::ask::Ask;
use crate::check::{Check, Verdict, checks};
use crate::subject::Subject;
use crate::tokens::success;

pub(super) const CHECKS: &[Check] = checks! {
    "code-token-response", "RFC 6749 5.1", "oidcc-server" => the_answer_has_its_members;
    "code-replay", "RFC 6749 4.1.2", "oidcc-codereuse" => a_code_is_good_once;
    "code-replay-kills-family", "RFC 6749 4.1.2" => a_replay_ends_what_came_of_the_code;
    "code-unknown", "RFC 6749 5.2" => unknown_codes_are_refused;
    "code-wrong-verifier", "RFC 7636 4.6" => a_wrong_verifier_is_refused;
    "code-missing-verifier", "RFC 7636 4.5" => a_missing_verifier_is_refused;
    "code-wrong-redirect-uri", "RFC 6749 4.1.3" => another_redirect_uri_is_refused;
    "code-no-refresh-without-scope", "OpenID Connect Core 11" => no_refresh_token_without_offline_access;
    "code-wrong-client", "RFC 6749 5.2" => the_code_of_another_client_is_refused;
    "code-second-client", "OpenID Connect Core 9", "oidcc-server-client-secret-post" => the_second_client_gets_tokens_too;
};

async fn the_answer_has_its_members(subject: &Subject) -> Verdict {
    let ask = subject.ask();
    let code = subject.code(&ask).await?;
    let answer = subject.redeem(&ask, &code).await?;
    answer.ensure_not_stored()?;
    let response = success(&answer)?;
    let kind = response.get("token_type").and_then(Value::as_str).unwrap_or_default();
    ensure!(kind.eq_ignore_ascii_case("bearer"), "token_type is {kind:?}");
    let life = response.get("expires_in").and_then(Value::as_i64);
    ensure!(life.is_some_and(|seconds| (1..=3600).contains(&seconds)), "expires_in is {life:?}");
    for name in ["access_token", "id_token"] {
        ensure!(response.contains_key(name), "there is no {name}");
    }
    let is_offline = subject.client.may_ask_for("offline_access");
    ensure!(
        response.contains_key("refresh_token") == is_offline,
        "the refresh token does not follow the scope offline_access"
    );
    Ok(())
}

async fn a_code_is_good_once(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    for _ in 0..2 {
        let again = subject.redeem(&tokens.ask, &tokens.code).await?;
        again.ensure_status(400)?;
        ensure_error(&again, &["invalid_grant"])?;
    }
    Ok(())
}

async fn a_replay_ends_what_came_of_the_code(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let bearer = format!("Bearer {}", tokens.access_token()?);
    let userinfo = subject.provider.userinfo(Method::GET, Some(&bearer));
    userinfo.await?.ensure_status(200)?;
    ensure_error(&subject.redeem(&tokens.ask, &tokens.code).await?, &["invalid_grant"])?;
    if let Ok(token) = tokens.refresh_token() {
        let refreshed = subject.refresh(token).await?;
        ensure_error(&refreshed, &["invalid_grant"]).context("the refresh token still works")?;
    }
    let userinfo = subject.provider.userinfo(Method::GET, Some(&bearer)).await?;
    userinfo.ensure_status(401).context("the access token still works")
}

async fn unknown_codes_are_refused(subject: &Subject) -> Verdict {
    let ask = subject.ask();
    let long = "x".repeat(4000);
    for code in ["unknown", long.as_str(), "' OR 1=1 --", "\u{0}", "ac_é"] {
        let answer = subject.redeem(&ask, code).await?;
        let refused = ensure_error(&answer, &["invalid_grant", "invalid_request"]);
        refused.with_context(|| format!("{} bytes", code.len()))?;
    }
    Ok(())
}

async fn a_wrong_verifier_is_refused(subject: &Subject) -> Verdict {
    let ask = subject.ask();
    let code = subject.code(&ask).await?;
    for verifier in [Ask::new(&subject.client).verifier.as_str(), "short", ""] {
        let mut wrong = ask.clone();
        verifier.clone_into(&mut wrong.verifier);
        let answer = subject.redeem(&wrong, &code).await?;
        ensure_error(&answer, &["invalid_grant", "invalid_request"])?;
    }
    Ok(())
}

async fn a_missing_verifier_is_refused(subject: &Subject) -> Verdict {
    let ask = subject.ask();
    let code = subject.code(&ask).await?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", subject.client.redirect_uri()),
    ];
    let answer = subject.provider.token(&subject.client, &form).await?;
    ensure_error(&answer, &["invalid_grant", "invalid_request"])
}

async fn another_redirect_uri_is_refused(subject: &Subject) -> Verdict {
    let ask = subject.ask();
    let code = subject.code(&ask).await?;
    let other = format!("{}/", subject.client.redirect_uri());
    let wrong = ask.with("redirect_uri", &other);
    ensure_error(&subject.redeem(&wrong, &code).await?, &["invalid_grant"])
}

async fn no_refresh_token_without_offline_access(subject: &Subject) -> Verdict {
    let tokens = subject.tokens_for(subject.ask().with("scope", "openid")).await?;
    ensure!(tokens.refresh_token().is_err(), "there is a refresh token");
    Ok(())
}

async fn the_code_of_another_client_is_refused(subject: &Subject) -> Verdict {
    let ask = subject.ask();
    let code = subject.code(&ask).await?;
    let answer = subject.redeem_as(subject.second()?, &ask, &code).await?;
    ensure_error(&answer, &["invalid_grant"])?;
    // Else anybody who sees a code could destroy it.
    success(&subject.redeem(&ask, &code).await?).context("the code is lost to its owner")?;
    Ok(())
}

async fn the_second_client_gets_tokens_too(subject: &Subject) -> Verdict {
    let second = subject.second()?;
    let ask = Ask::new(second);
    let code = subject.code(&ask).await?;
    let response = success(&subject.redeem_as(second, &ask, &code).await?)?;
    let jwt = subject.verify(crate::tokens::member(&response, "id_token")?)?;
    let audiences = jwt.audiences();
    ensure!(audiences == [second.client_id.as_str()], "aud is {audiences:?}");
    Ok(())
}
