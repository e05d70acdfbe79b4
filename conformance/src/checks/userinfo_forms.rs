//! The other ways to ask userinfo, and its signed answers (OpenID Connect Core 5.3.1 and 5.3.2).

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::answer::Answer;
use crate::check::{Check, Verdict, checks};
use crate::clients::Role;
use crate::clock;
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "userinfo-post-body", "RFC 6750 2.2", "oidcc-userinfo-post-body" => a_token_in_the_form_counts;
    "userinfo-two-tokens", "RFC 6750 2" => two_ways_at_once_are_refused;
    "userinfo-scheme-case", "RFC 9110 11.1" => the_scheme_is_not_case_sensitive;
    "userinfo-insufficient-scope", "RFC 6750 3.1" => without_openid_nobody_is_told;
    "userinfo-signed", "OpenID Connect Core 5.3.2", "oidcc-userinfo-rs256"
        => a_client_gets_it_signed;
    "userinfo-signed-is-no-id-token", "RFC 8725 3.11" => a_signed_answer_is_nothing_else;
};

async fn post(subject: &Subject, header: Option<&str>, body: &str) -> anyhow::Result<Answer> {
    let request = subject.provider.http.post(subject.provider.endpoint("userinfo_endpoint")?);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let request = match header {
        Some(header) => request.header("authorization", header),
        None => request,
    };
    Answer::read(request.body(body.to_owned()).send().await?).await
}

async fn a_token_in_the_form_counts(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let body = format!("access_token={}", tokens.access_token()?);
    let answer = post(subject, None, &body).await?;
    answer.ensure_status(200)?;
    let id_token = subject.verify(tokens.id_token()?)?;
    let json = answer.json()?;
    ensure!(json.get("sub") == id_token.claims.get("sub"), "sub is {:?}", json.get("sub"));
    Ok(())
}

async fn two_ways_at_once_are_refused(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let token = tokens.access_token()?;
    let body = format!("access_token={token}");
    let bearer = format!("Bearer {token}");
    let both = post(subject, Some(&bearer), &body).await?;
    both.ensure_status(400).context("a header and a form")?;
    let twice = post(subject, None, &format!("{body}&{body}")).await?;
    twice.ensure_status(400).context("two fields")
}

async fn the_scheme_is_not_case_sensitive(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    for scheme in ["bearer", "BEARER", "bEaReR"] {
        let header = format!("{scheme} {}", tokens.access_token()?);
        let answer = subject.provider.userinfo(reqwest::Method::GET, Some(&header)).await?;
        answer.ensure_status(200).context(scheme)?;
    }
    Ok(())
}

/// A token for a person without the scope `openid` is no key to who that is.
async fn without_openid_nobody_is_told(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("scope", "email");
    let answer = subject.signed_in().await?.get(ask.url(&subject.provider)?).await?;
    let callback = crate::ask::Callback::find(&answer, ask.returns_to())?;
    let callback = callback.context("nothing came back")?;
    let Ok(code) = callback.code() else {
        return callback.ensure_error(&["invalid_scope", "invalid_request"]);
    };
    let response = crate::tokens::success(&subject.redeem(&ask, code).await?)?;
    ensure!(!response.contains_key("id_token"), "there is an ID token");
    let token = crate::tokens::member(&response, "access_token")?;
    let answer = subject.provider.userinfo_of(token).await?;
    answer.ensure_status(403)?;
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    ensure!(challenge.contains("insufficient_scope"), "WWW-Authenticate is {challenge:?}");
    Ok(())
}

async fn signed(subject: &Subject) -> anyhow::Result<(String, crate::tokens::Tokens)> {
    subject.provider.ensure_offered("userinfo_signing_alg_values_supported", "RS256")?;
    let client = subject.client_as(Role::SignedUserinfo)?;
    let tokens = subject.tokens_of(client).await?;
    let answer = subject.provider.userinfo_of(tokens.access_token()?).await?;
    answer.ensure_status(200)?;
    let kind = answer.header("content-type").unwrap_or_default();
    ensure!(kind.starts_with("application/jwt"), "the media type is {kind}");
    Ok((answer.body.trim().to_owned(), tokens))
}

async fn a_client_gets_it_signed(subject: &Subject) -> Verdict {
    let (token, tokens) = signed(subject).await?;
    let jwt = subject.verify(&token)?;
    ensure!(jwt.header.get("alg") == Some(&Value::from("RS256")), "another algorithm");
    ensure!(jwt.text("iss")? == subject.provider.issuer, "iss is {}", jwt.text("iss")?);
    let client_id = subject.client_as(Role::SignedUserinfo)?.client_id.as_str();
    ensure!(jwt.audiences() == [client_id], "aud is {:?}", jwt.audiences());
    let id_token = subject.verify(tokens.id_token()?)?;
    ensure!(jwt.text("sub")? == id_token.text("sub")?, "another sub");
    ensure!(!jwt.claims.contains_key("nonce"), "there is a nonce");
    let is_current = jwt.instant("exp").map_or(true, |exp| exp > clock::now());
    ensure!(is_current, "it has expired already");
    ensure!(jwt.claims.contains_key("email"), "the claims of the scopes are not in it");
    Ok(())
}

async fn a_signed_answer_is_nothing_else(subject: &Subject) -> Verdict {
    let (token, _) = signed(subject).await?;
    let answer = subject.provider.userinfo_of(&token).await?;
    answer.ensure_status(401).context("it passes for an access token")?;
    let hint = subject.ask().with("prompt", "none").with("id_token_hint", &token);
    let answer = subject.signed_in().await?.get(hint.url(&subject.provider)?).await?;
    let callback = crate::ask::Callback::find(&answer, hint.returns_to())?;
    let callback = callback.context("nothing came back")?;
    ensure!(callback.code().is_err(), "it passes for an ID token");
    Ok(())
}
