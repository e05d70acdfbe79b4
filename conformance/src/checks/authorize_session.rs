//! The authorization endpoint when somebody has signed in: single sign-on, and what forbids or
//! forces a new sign-in (OpenID Connect Core 3.1.2.1).

use anyhow::{Context as _, ensure};
use url::Url;

use crate::ask::{Ask, Callback};
use crate::check::{Check, Verdict, checks};
use crate::subject::Subject;
use crate::tokens::Tokens;

pub(super) const CHECKS: &[Check] = checks! {
    "session-code-response", "RFC 6749 4.1.2", "oidcc-server" => the_answer_carries_code_state_and_iss;
    "session-cookies", "RFC 6265 8" => cookies_are_out_of_reach;
    "session-form-action", "CSP 3 6.4.2" => the_sign_in_may_lead_to_the_client;
    "session-single-sign-on", "OpenID Connect Core 3.1.2.3", "oidcc-alternate-happy-flow" => a_second_request_needs_no_page;
    "session-prompt-none", "OpenID Connect Core 3.1.2.1", "oidcc-prompt-none-logged-in" => prompt_none_with_session_succeeds;
    "session-id-token-hint", "OpenID Connect Core 3.1.2.1", "oidcc-id-token-hint" => the_hint_of_the_same_person_succeeds;
    "session-foreign-id-token-hint", "OpenID Connect Core 3.1.2.2" => a_forged_hint_is_refused;
    "session-prompt-login", "OpenID Connect Core 3.1.2.1", "oidcc-prompt-login" => prompt_login_asks_again;
    "session-max-age-over", "OpenID Connect Core 3.1.2.1" => an_old_sign_in_is_asked_again;
    "session-max-age-kept", "OpenID Connect Core 3.1.2.1" => a_young_sign_in_is_kept;
    "session-form-post", "OAuth 2.0 Form Post Response Mode 2", "oidcc-server" => form_post_carries_the_answer;
};

async fn the_answer_carries_code_state_and_iss(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("state", &"s".repeat(128));
    let mut browser = subject.signed_in().await?;
    let callback = subject.authorize(&mut browser, &ask).await?;
    callback.ensure_belongs_to(&ask, &subject.provider)?;
    // 128 bits are 22 characters of base64url (RFC 6749 10.10).
    let length = callback.code()?.len();
    ensure!(length >= 22, "the code has {length} characters");
    let names = ["code", "state", "iss"];
    let odd = callback.params.iter().find(|(name, _)| !names.contains(&name.as_str()));
    ensure!(odd.is_none(), "an unexpected parameter came back: {odd:?}");
    Ok(())
}

async fn cookies_are_out_of_reach(subject: &Subject) -> Verdict {
    let browser = subject.signed_in().await?;
    let is_https = subject.provider.issuer.starts_with("https:");
    ensure!(!browser.set_cookies().is_empty(), "there are no cookies");
    for line in browser.set_cookies() {
        let attributes = line.to_ascii_lowercase();
        let name = line.split('=').next().unwrap_or_default();
        ensure!(attributes.contains("httponly"), "script can read {name}");
        ensure!(attributes.contains("samesite="), "{name} has no SameSite");
        let is_encrypted = !is_https || attributes.contains("; secure");
        ensure!(is_encrypted, "{name} is sent in clear");
    }
    Ok(())
}

/// Browsers hold the whole chain of redirects after a form against the policy of its page.
async fn the_sign_in_may_lead_to_the_client(subject: &Subject) -> Verdict {
    let browser = subject.signed_in().await?;
    let policy = browser.form_policy();
    let origin = Url::parse(subject.client.redirect_uri())?.origin();
    let origin = origin.ascii_serialization();
    let sources =
        policy.split(';').find_map(|directive| directive.trim().strip_prefix("form-action "));
    let is_allowed = sources.is_none_or(|list| list.split(' ').any(|source| source == origin));
    ensure!(is_allowed, "form-action has not {origin}: {policy}");
    Ok(())
}

/// The answer without any page in between.
pub(super) async fn at_once(subject: &Subject, ask: &Ask) -> anyhow::Result<Callback> {
    let mut browser = subject.signed_in().await?;
    let answer = browser.get(ask.url(&subject.provider)?).await?;
    let callback = Callback::find(&answer, ask.returns_to())?;
    let callback = callback.with_context(|| format!("the answer is {}", answer.status))?;
    callback.ensure_belongs_to(ask, &subject.provider)?;
    Ok(callback)
}

/// Fails when a request leads to anything but the first page of the sign-in.
pub(super) async fn ensure_asked_again(subject: &Subject, ask: &Ask) -> Verdict {
    let mut browser = subject.signed_in().await?;
    let answer = browser.get(ask.url(&subject.provider)?).await?;
    let callback = Callback::find(&answer, ask.returns_to())?;
    ensure!(callback.is_none(), "nobody was asked: {callback:?}");
    let answer = subject.follow(&mut browser, answer).await?;
    let page = answer.page()?;
    ensure!(page.form_with("password").is_some(), "the page is {:?}", page.title);
    Ok(())
}

async fn a_second_request_needs_no_page(subject: &Subject) -> Verdict {
    at_once(subject, &subject.ask()).await?.code()?;
    at_once(subject, &subject.ask().reversed()).await?.code()?;
    at_once(subject, &subject.ask().without("nonce")).await?.code()?;
    Ok(())
}

async fn prompt_none_with_session_succeeds(subject: &Subject) -> Verdict {
    let first = subject.tokens().await?;
    // Else the time of this answer would be that of the sign-in.
    subject.pass_time(1).await?;
    let silent = subject.tokens_for(subject.ask().with("prompt", "none")).await?;
    let (first, silent) = (subject.verify(first.id_token()?)?, subject.verify(silent.id_token()?)?);
    for claim in ["sub", "auth_time", "sid"] {
        let (before, after) = (first.claims.get(claim), silent.claims.get(claim));
        ensure!(before == after, "{claim} was {before:?} and is {after:?}");
    }
    Ok(())
}

async fn the_hint_of_the_same_person_succeeds(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let ask = subject.ask().with("prompt", "none");
    at_once(subject, &ask.with("id_token_hint", tokens.id_token()?)).await?.code()?;
    Ok(())
}

async fn a_forged_hint_is_refused(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let errors = ["login_required", "invalid_request", "interaction_required"];
    // The second is about the right person: only its signature tells that it is not the provider's.
    for (claim, value) in [("sub", "somebody-else"), ("nonce", "another")] {
        let forged = crate::jwt::tampered(tokens.id_token()?, claim, value.into())?;
        let ask = subject.ask().with("prompt", "none").with("id_token_hint", &forged);
        at_once(subject, &ask).await?.ensure_error(&errors).context(claim)?;
    }
    Ok(())
}

async fn prompt_login_asks_again(subject: &Subject) -> Verdict {
    ensure_asked_again(subject, &subject.ask().with("prompt", "login")).await?;
    let mut browser = subject.sign_in_anew().await?;
    let auth_time = |tokens: &Tokens| subject.verify(tokens.id_token()?)?.instant("auth_time");
    let before =
        auth_time(&subject.tokens_in(&mut browser, &subject.client, subject.ask()).await?)?;
    let ask = subject.ask().with("prompt", "login");
    let after = auth_time(&subject.tokens_in(&mut browser, &subject.client, ask).await?)?;
    ensure!(after >= before, "auth_time was {before} and is {after}");
    Ok(())
}

async fn an_old_sign_in_is_asked_again(subject: &Subject) -> Verdict {
    ensure_asked_again(subject, &subject.ask().with("max_age", "0")).await
}

async fn a_young_sign_in_is_kept(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("max_age", "10000");
    at_once(subject, &ask).await?.code()?;
    let tokens = subject.tokens_for(subject.ask().with("max_age", "15000")).await?;
    subject.verify(tokens.id_token()?)?.instant("auth_time")?;
    Ok(())
}

async fn form_post_carries_the_answer(subject: &Subject) -> Verdict {
    let provider = &subject.provider;
    ensure!(provider.offers("response_modes_supported", "form_post"), "form_post is not offered");
    let ask = subject.ask().with("response_mode", "form_post");
    let mut browser = subject.signed_in().await?;
    let answer = browser.get(ask.url(provider)?).await?;
    answer.ensure_status(200)?;
    answer.ensure_not_stored()?;
    let callback = Callback::find(&answer, subject.client.redirect_uri())?;
    let callback = callback.context("the page has no form for the client")?;
    callback.ensure_belongs_to(&ask, provider)?;
    callback.code()?;
    Ok(())
}
