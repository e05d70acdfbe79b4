//! Every kind of token at every door: each opens the one that it is for (RFC 8725 3.11 and 3.12,
//! RFC 9068 4, security.md 26 and 39).

use anyhow::{Context as _, ensure};

use super::introspection::introspect;
use super::token::ensure_error;
use crate::ask::Callback;
use crate::assertion::Assertion;
use crate::check::{Check, Skip, Verdict, checks};
use crate::clients::Role;
use crate::registration::Credentials;
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "cross-userinfo", "RFC 9068 4" => userinfo_takes_access_tokens_alone;
    "cross-code", "RFC 6749 5.2" => the_code_grant_takes_codes_alone;
    "cross-refresh", "RFC 6749 5.2" => the_refresh_grant_takes_refresh_tokens_alone;
    "cross-hint", "RFC 8725 3.11" => a_hint_is_an_id_token_alone;
    "cross-logout-hint", "RFC 8725 3.11" => a_sign_out_takes_an_id_token_alone;
    "cross-assertion", "RFC 8725 3.12" => an_assertion_is_nothing_that_the_provider_signed;
    "cross-introspection", "RFC 7662 2.2" => introspection_knows_what_is_a_token;
    "cross-clients", "OpenID Connect Core 3.1.3.7" => the_id_token_of_one_is_no_hint_of_another;
};

/// One of each kind that can be had, with its name.
async fn kinds(subject: &Subject) -> anyhow::Result<Vec<(&'static str, String)>> {
    let tokens = subject.tokens().await?;
    let fresh = subject.code(&subject.ask()).await?;
    let mut kinds = vec![
        ("access token", tokens.access_token()?.to_owned()),
        ("refresh token", tokens.refresh_token()?.to_owned()),
        ("ID token", tokens.id_token()?.to_owned()),
        ("fresh code", fresh),
        ("used code", tokens.code.clone()),
    ];
    if let Ok(client) = subject.client_as(Role::Assertion)
        && let Ok(key) = client.key()
    {
        let assertion = Assertion::new(client, &subject.provider.issuer).sign(key)?;
        kinds.push(("client assertion", assertion));
    }
    if let Ok(answer) = super::par::push_as(subject, &subject.client, &subject.ask()).await
        && let Ok(json) = answer.json()
        && let Some(name) = json.get("request_uri").and_then(serde_json::Value::as_str)
    {
        kinds.push(("pushed request", name.to_owned()));
    }
    if let Some(token) = &subject.initial_access_token {
        kinds.push(("initial access token", token.clone()));
    }
    Ok(kinds)
}

async fn all_but(subject: &Subject, right: &str) -> anyhow::Result<Vec<(&'static str, String)>> {
    let mut kinds = kinds(subject).await?;
    kinds.retain(|(name, _)| *name != right);
    Ok(kinds)
}

async fn userinfo_takes_access_tokens_alone(subject: &Subject) -> Verdict {
    for (name, token) in all_but(subject, "access token").await? {
        let answer = subject.provider.userinfo_of(&token).await?;
        answer.ensure_status(401).with_context(|| name.to_owned())?;
    }
    Ok(())
}

async fn the_code_grant_takes_codes_alone(subject: &Subject) -> Verdict {
    for (name, token) in all_but(subject, "fresh code").await? {
        let answer = subject.redeem(&subject.ask(), &token).await?;
        let refused = ensure_error(&answer, &["invalid_grant", "invalid_request"]);
        refused.with_context(|| name.to_owned())?;
    }
    Ok(())
}

async fn the_refresh_grant_takes_refresh_tokens_alone(subject: &Subject) -> Verdict {
    for (name, token) in all_but(subject, "refresh token").await? {
        let answer = subject.refresh(&token).await?;
        let refused = ensure_error(&answer, &["invalid_grant", "invalid_request"]);
        refused.with_context(|| name.to_owned())?;
    }
    Ok(())
}

async fn a_hint_is_an_id_token_alone(subject: &Subject) -> Verdict {
    for (name, token) in all_but(subject, "ID token").await? {
        let ask = subject.ask().with("prompt", "none").with("id_token_hint", &token);
        let answer = subject.signed_in().await?.get(ask.url(&subject.provider)?).await?;
        let callback = Callback::find(&answer, ask.returns_to())?;
        ensure!(callback.is_none_or(|c| c.code().is_err()), "the {name} passes for an ID token");
    }
    Ok(())
}

async fn a_sign_out_takes_an_id_token_alone(subject: &Subject) -> Verdict {
    let back = subject.client.post_logout_redirect_uri()?;
    for (name, token) in all_but(subject, "ID token").await? {
        let mut url = subject.provider.endpoint("end_session_endpoint")?;
        url.query_pairs_mut()
            .append_pair("id_token_hint", &token)
            .append_pair("post_logout_redirect_uri", back);
        let answer = subject.signed_in().await?.get(url).await?;
        ensure!(Callback::find(&answer, back)?.is_none(), "the {name} passes for an ID token");
    }
    Ok(())
}

async fn an_assertion_is_nothing_that_the_provider_signed(subject: &Subject) -> Verdict {
    let client = subject.client_as(Role::Assertion)?;
    subject.provider.ensure_offered("token_endpoint_auth_methods_supported", "private_key_jwt")?;
    let tokens = subject.tokens_of(client).await?;
    for token in [tokens.access_token()?, tokens.id_token()?] {
        let fields = Assertion::new(client, &subject.provider.issuer).fields(token);
        let credentials = Credentials { header: None, fields };
        let form = [("grant_type", "client_credentials")];
        let answer = subject.provider.post_with(&credentials, "token_endpoint", &form).await?;
        ensure_error(&answer, &["invalid_client"])?;
    }
    Ok(())
}

async fn introspection_knows_what_is_a_token(subject: &Subject) -> Verdict {
    subject.provider.optional_endpoint("introspection_endpoint")?;
    for (name, token) in kinds(subject).await? {
        let description = introspect(subject, &subject.client, &token).await?;
        let is_active = description.get("active") == Some(&true.into());
        let is_token = name == "access token" || name == "refresh token";
        ensure!(is_active == is_token, "the {name}: active is {is_active}");
    }
    Ok(())
}

async fn the_id_token_of_one_is_no_hint_of_another(subject: &Subject) -> Verdict {
    let second = subject.second()?;
    let tokens = subject.tokens_of(second).await?;
    let back = subject.client.post_logout_redirect_uri()?;
    if second.post_logout_redirect_uris.iter().any(|uri| uri == back) {
        return Err(Skip::because("both clients lead back to one address"));
    }
    let mut url = subject.provider.endpoint("end_session_endpoint")?;
    url.query_pairs_mut()
        .append_pair("id_token_hint", tokens.id_token()?)
        .append_pair("post_logout_redirect_uri", back);
    let answer = subject.signed_in().await?.get(url.clone()).await?;
    ensure!(Callback::find(&answer, back)?.is_none(), "it leads to the address of the other");
    url.query_pairs_mut().append_pair("client_id", &subject.client.client_id);
    let answer = subject.signed_in().await?.get(url).await?;
    ensure!(Callback::find(&answer, back)?.is_none(), "with the client_id of the other it does");
    Ok(())
}
