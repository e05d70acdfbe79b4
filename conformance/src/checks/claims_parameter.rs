//! The `claims` parameter (OpenID Connect Core 5.5).

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::authorize::ensure_refused;
use super::authorize_session::at_once;
use crate::ask::Ask;
use crate::check::{Check, Verdict, checks};
use crate::jwt::Jwt;
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "claims-userinfo", "OpenID Connect Core 5.5", "oidcc-claims-essential"
        => an_essential_claim_comes_from_userinfo;
    "claims-id-token", "OpenID Connect Core 5.5" => a_claim_comes_in_the_id_token;
    "claims-only-where-asked", "OpenID Connect Core 5.5" => a_claim_comes_only_where_it_was_asked;
    "claims-unknown", "OpenID Connect Core 5.5.1" => unknown_claims_are_ignored;
    "claims-malformed", "OpenID Connect Core 5.5" => what_is_no_request_for_claims_is_refused;
    "claims-subject", "OpenID Connect Core 5.5.1" => nobody_else_answers_for_the_person_asked_for;
    "claims-with-scope", "OpenID Connect Core 5.5" => scopes_still_count_beside_it;
};

fn ask(subject: &Subject, claims: &str) -> anyhow::Result<Ask> {
    subject.provider.ensure_flag("claims_parameter_supported")?;
    Ok(subject.ask().with("scope", "openid").with("claims", claims))
}

/// The claims of the ID token and of userinfo.
async fn both(subject: &Subject, ask: Ask) -> anyhow::Result<(Jwt, Value)> {
    let tokens = subject.tokens_for(ask).await?;
    let id_token = subject.verify(tokens.id_token()?)?;
    let userinfo = subject.provider.userinfo_of(tokens.access_token()?).await?;
    userinfo.ensure_status(200)?;
    Ok((id_token, userinfo.json()?))
}

async fn an_essential_claim_comes_from_userinfo(subject: &Subject) -> Verdict {
    let ask = ask(subject, r#"{"userinfo":{"name":{"essential":true}}}"#)?;
    let (_, userinfo) = both(subject, ask).await?;
    let name = userinfo.get("name");
    ensure!(name.is_some_and(Value::is_string), "name is {name:?}");
    Ok(())
}

async fn a_claim_comes_in_the_id_token(subject: &Subject) -> Verdict {
    let ask = ask(subject, r#"{"id_token":{"email":null,"auth_time":{"essential":true}}}"#)?;
    let (id_token, _) = both(subject, ask).await?;
    id_token.text("email")?;
    id_token.instant("auth_time")?;
    Ok(())
}

async fn a_claim_comes_only_where_it_was_asked(subject: &Subject) -> Verdict {
    let there = ask(subject, r#"{"userinfo":{"name":null}}"#)?;
    let (id_token, userinfo) = both(subject, there).await?;
    ensure!(!id_token.claims.contains_key("name"), "the ID token has the name");
    ensure!(userinfo.get("email").is_none(), "userinfo has the unasked e-mail address");
    let here = ask(subject, r#"{"id_token":{"name":null}}"#)?;
    let (id_token, userinfo) = both(subject, here).await?;
    ensure!(id_token.claims.contains_key("name"), "the ID token has no name");
    ensure!(userinfo.get("name").is_none(), "userinfo has the name");
    Ok(())
}

async fn unknown_claims_are_ignored(subject: &Subject) -> Verdict {
    let odd = r#"{"userinfo":{"https://x.example/c":{"essential":true}},"elsewhere":{"a":null},
        "id_token":{"unheard_of":{"value":"x"},"name":{"essential":true,"strange":[]}}}"#;
    let (_, userinfo) = both(subject, ask(subject, odd)?).await?;
    ensure!(userinfo.get("https://x.example/c").is_none(), "an unknown claim was made up");
    Ok(())
}

async fn what_is_no_request_for_claims_is_refused(subject: &Subject) -> Verdict {
    for text in ["no-json", "[]", "\"x\"", r#"{"userinfo":[]}"#, r#"{"id_token":{"name":1}}"#] {
        let refused = ensure_refused(subject, &ask(subject, text)?, &["invalid_request"]).await;
        refused.with_context(|| text.to_owned())?;
    }
    Ok(())
}

async fn nobody_else_answers_for_the_person_asked_for(subject: &Subject) -> Verdict {
    let other = ask(subject, r#"{"id_token":{"sub":{"value":"somebody-else"}}}"#)?;
    let errors = ["login_required", "interaction_required", "access_denied"];
    at_once(subject, &other.with("prompt", "none")).await?.ensure_error(&errors)?;
    let tokens = subject.tokens().await?;
    let id_token = subject.verify(tokens.id_token()?)?;
    let same = format!(r#"{{"id_token":{{"sub":{{"value":"{}"}}}}}}"#, id_token.text("sub")?);
    at_once(subject, &ask(subject, &same)?.with("prompt", "none")).await?.code()?;
    Ok(())
}

async fn scopes_still_count_beside_it(subject: &Subject) -> Verdict {
    let ask = ask(subject, r#"{"userinfo":{"name":null}}"#)?.with("scope", "openid email");
    let (_, userinfo) = both(subject, ask).await?;
    for claim in ["name", "email"] {
        ensure!(userinfo.get(claim).is_some(), "there is no {claim}");
    }
    Ok(())
}
