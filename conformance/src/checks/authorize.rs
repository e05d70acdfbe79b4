//! The authorization endpoint before anybody signs in: requests that are refused, and where the
//! refusal goes (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6, RFC 7636 4.4.1, RFC 9207 2).

use anyhow::{Context as _, ensure};
use url::Url;

use crate::ask::{Ask, Callback, ensure_stays};
use crate::check::{Check, Verdict, checks};
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "authorize-unknown-client", "RFC 6749 4.1.2.1" => an_unknown_client_gets_a_page;
    "authorize-missing-client", "RFC 6749 4.1.2.1" => a_missing_client_gets_a_page;
    "authorize-repeated-client", "RFC 6749 3.1" => a_repeated_client_gets_a_page;
    "authorize-login-page", "OpenID Connect Core 3.1.2.3", "oidcc-ensure-request-without-nonce-succeeds-for-code-flow" => a_good_request_leads_to_the_login;
    "authorize-post", "OpenID Connect Core 3.1.2.1", "oidcc-ensure-post-request-succeeds" => a_posted_request_leads_to_the_login;
    "authorize-unknown-parameter", "OpenID Connect Core 3.1.2.1", "oidcc-ensure-request-with-unknown-parameter-succeeds" => unknown_parameters_are_ignored;
    "authorize-hints", "OpenID Connect Core 3.1.2.1", "oidcc-ui-locales", "oidcc-claims-locales", "oidcc-display-page", "oidcc-display-popup" => hints_are_taken;
    "authorize-pkce-missing", "RFC 7636 4.4.1" => a_request_without_challenge_is_refused;
    "authorize-pkce-plain", "RFC 9700 2.1.1" => a_plain_challenge_is_refused;
    "authorize-pkce-default-method", "RFC 7636 4.3" => a_challenge_without_method_is_refused;
    "authorize-pkce-malformed", "RFC 7636 4.2" => a_malformed_challenge_is_refused;
    "authorize-response-type-missing", "RFC 6749 4.1.2.1", "oidcc-response-type-missing" => a_missing_response_type_is_refused;
    "authorize-response-type-unsupported", "RFC 6749 4.1.2.1" => other_response_types_are_refused;
    "authorize-prompt-none", "OpenID Connect Core 3.1.2.6", "oidcc-prompt-none-not-logged-in" => prompt_none_without_session_is_refused;
    "authorize-prompt-none-and-login", "OpenID Connect Core 3.1.2.1" => prompt_none_excludes_others;
    "authorize-repeated-parameter", "RFC 6749 3.1" => repeated_parameters_are_refused;
    "authorize-state-kept", "RFC 6749 4.1.2.1" => a_strange_state_comes_back_unchanged;
    "authorize-state-not-invented", "RFC 6749 4.1.2.1" => an_error_without_state_has_none;
};

/// The refusal that reaches the client; fails when the browser stays with the provider.
pub(super) async fn refusal(subject: &Subject, ask: &Ask) -> anyhow::Result<Callback> {
    let answer = subject.visit(ask).await?;
    let callback = Callback::find(&answer, ask.returns_to())?;
    let status = answer.status;
    let callback = callback.with_context(|| format!("the client heard nothing, but {status}"))?;
    callback.ensure_belongs_to(ask, &subject.provider)?;
    Ok(callback)
}

pub(super) async fn ensure_refused(subject: &Subject, ask: &Ask, errors: &[&str]) -> Verdict {
    refusal(subject, ask).await?.ensure_error(errors)
}

pub(super) async fn ensure_login_page(subject: &Subject, ask: &Ask) -> Verdict {
    let mut browser = subject.provider.browser();
    let answer = browser.get(ask.url(&subject.provider)?).await?;
    let answer = subject.follow(&mut browser, answer).await?;
    answer.ensure_status(200)?;
    let page = answer.page()?;
    let is_login = page.form_with("password").is_some();
    ensure!(is_login, "the page is {:?}", page.title);
    Ok(())
}

async fn an_unknown_client_gets_a_page(subject: &Subject) -> Verdict {
    for name in ["nobody-knows-this-client", "", " ", "\0", "../casper", "%00"] {
        let ask = subject.ask().with("client_id", name);
        ensure_stays(&subject.visit(&ask).await?).with_context(|| format!("{name:?}"))?;
    }
    Ok(())
}

async fn a_missing_client_gets_a_page(subject: &Subject) -> Verdict {
    ensure_stays(&subject.visit(&subject.ask().without("client_id")).await?)
}

async fn a_repeated_client_gets_a_page(subject: &Subject) -> Verdict {
    let ask = subject.ask().also("client_id", &subject.client.client_id);
    ensure_stays(&subject.visit(&ask).await?)
}

async fn a_good_request_leads_to_the_login(subject: &Subject) -> Verdict {
    ensure_login_page(subject, &subject.ask()).await?;
    ensure_login_page(subject, &subject.ask().reversed()).await?;
    ensure_login_page(subject, &subject.ask().without("nonce").without("state")).await
}

async fn a_posted_request_leads_to_the_login(subject: &Subject) -> Verdict {
    let endpoint = subject.provider.endpoint("authorization_endpoint")?;
    let mut browser = subject.provider.browser();
    let ask = subject.ask();
    let origin = Url::parse(subject.client.redirect_uri())?.origin();
    let origin = origin.ascii_serialization();
    let answer = browser.post(endpoint, ask.params(), &origin).await?;
    let answer = subject.follow(&mut browser, answer).await?;
    answer.ensure_status(200)?;
    let is_login = answer.page()?.form_with("password").is_some();
    ensure!(is_login, "the answer is no login page");
    Ok(())
}

async fn unknown_parameters_are_ignored(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("extra", "foobar").with("resource_x", "1");
    ensure_login_page(subject, &ask).await?;
    let scope = format!("{} unheard-of", subject.client.scope);
    ensure_login_page(subject, &subject.ask().with("scope", &scope)).await
}

async fn hints_are_taken(subject: &Subject) -> Verdict {
    let hints = [
        ("login_hint", "somebody@else.example"),
        ("login_hint", "<script>alert(1)</script>"),
        ("ui_locales", "se de-AT en"),
        ("claims_locales", "se"),
        ("display", "popup"),
        ("acr_values", "1 2"),
    ];
    for (name, value) in hints {
        let asked = ensure_login_page(subject, &subject.ask().with(name, value)).await;
        asked.with_context(|| name.to_owned())?;
    }
    Ok(())
}

async fn a_request_without_challenge_is_refused(subject: &Subject) -> Verdict {
    let ask = subject.ask().without("code_challenge");
    ensure_refused(subject, &ask, &["invalid_request"]).await?;
    let ask = ask.without("code_challenge_method");
    ensure_refused(subject, &ask, &["invalid_request"]).await
}

async fn a_plain_challenge_is_refused(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("code_challenge_method", "plain");
    ensure_refused(subject, &ask, &["invalid_request"]).await
}

/// Without a method the challenge would be a plain one.
async fn a_challenge_without_method_is_refused(subject: &Subject) -> Verdict {
    let ask = subject.ask().without("code_challenge_method");
    ensure_refused(subject, &ask, &["invalid_request"]).await
}

async fn a_malformed_challenge_is_refused(subject: &Subject) -> Verdict {
    let long = "a".repeat(129);
    for challenge in ["", "short", long.as_str(), "not base64url: +/=?not base64url: +/=?ab"] {
        let ask = subject.ask().with("code_challenge", challenge);
        let refused = ensure_refused(subject, &ask, &["invalid_request"]).await;
        refused.with_context(|| format!("{challenge:?}"))?;
    }
    Ok(())
}

async fn a_missing_response_type_is_refused(subject: &Subject) -> Verdict {
    let ask = subject.ask().without("response_type");
    let errors = ["invalid_request", "unsupported_response_type"];
    ensure_refused(subject, &ask, &errors).await
}

async fn other_response_types_are_refused(subject: &Subject) -> Verdict {
    for kind in ["token", "id_token", "code id_token", "code token", "none", "CODE", "code code"] {
        let ask = subject.ask().with("response_type", kind);
        let errors = ["unsupported_response_type", "invalid_request"];
        let refused = ensure_refused(subject, &ask, &errors).await;
        refused.with_context(|| kind.to_owned())?;
    }
    Ok(())
}

async fn prompt_none_without_session_is_refused(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("prompt", "none");
    ensure_refused(subject, &ask, &["login_required"]).await
}

async fn prompt_none_excludes_others(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("prompt", "none login");
    ensure_refused(subject, &ask, &["invalid_request"]).await
}

async fn repeated_parameters_are_refused(subject: &Subject) -> Verdict {
    for name in ["scope", "nonce", "code_challenge", "response_type", "prompt"] {
        let value = subject.ask().get(name).unwrap_or("login").to_owned();
        let ask = subject.ask().with(name, &value).also(name, &value);
        let refused = ensure_refused(subject, &ask, &["invalid_request"]).await;
        refused.with_context(|| name.to_owned())?;
    }
    Ok(())
}

async fn a_strange_state_comes_back_unchanged(subject: &Subject) -> Verdict {
    let long = "s".repeat(128);
    for state in [long.as_str(), "a&b=c#d?e+f g%20h/\"<é>", "%00"] {
        let ask = subject.ask().with("prompt", "none").with("state", state);
        let refused = ensure_refused(subject, &ask, &["login_required"]).await;
        refused.with_context(|| format!("{state:?}"))?;
    }
    Ok(())
}

async fn an_error_without_state_has_none(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("prompt", "none").without("state");
    ensure_refused(subject, &ask, &["login_required"]).await
}
