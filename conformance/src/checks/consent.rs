//! Clients that a person must agree to (OpenID Connect Core 3.1.2.4, RFC 6749 10.2).

use anyhow::{Context as _, bail, ensure};

use super::authorize_session::at_once;
use super::headers::ensure_protected;
use crate::answer::Answer;
use crate::ask::{Ask, Callback};
use crate::browser::Browser;
use crate::check::{Check, Verdict, checks};
use crate::clients::Role;
use crate::page::Form;
use crate::registration::Registration;
use crate::subject::Subject;
use crate::walk::Stop;

pub(super) const CHECKS: &[Check] = checks! {
    "consent-required", "OpenID Connect Core 3.1.2.6" => nobody_agrees_unasked;
    "consent-page", "OpenID Connect Core 3.1.2.4" => the_page_names_the_client;
    "consent-denied", "RFC 6749 4.1.2.1" => a_refusal_reaches_the_client;
    "consent-denial-not-remembered", "OpenID Connect Core 3.1.2.4" => a_refusal_is_not_forever;
    "consent-forged", "RFC 6749 10.12" => nobody_agrees_for_the_person;
    "consent-remembered", "OpenID Connect Core 3.1.2.4" => who_agreed_is_not_asked_again;
    "consent-more-scopes", "OpenID Connect Core 3.1.2.4" => more_is_asked_for_again;
    "consent-prompt", "OpenID Connect Core 3.1.2.1" => prompt_consent_asks_again;
    "consent-first-party", "OpenID Connect Core 3.1.2.4" => the_operators_own_client_needs_none;
};

fn client(subject: &Subject) -> anyhow::Result<&Registration> {
    subject.client_as(Role::ThirdParty)
}

/// A request of the client, for `openid` alone: what has been agreed to before counts.
fn ask(subject: &Subject) -> anyhow::Result<Ask> {
    Ok(Ask::new(client(subject)?).with("scope", "openid"))
}

/// The consent page of a request; none when the provider does not ask.
async fn consent_page(
    subject: &Subject,
    browser: &mut Browser,
    ask: &Ask,
) -> anyhow::Result<Option<(Answer, Form)>> {
    let answer = browser.get(ask.url(&subject.provider)?).await?;
    match subject.until_consent(browser, ask, answer).await? {
        Stop::Consent(page, form) => Ok(Some((*page, form))),
        Stop::Callback(callback) => {
            callback.code()?;
            Ok(None)
        }
    }
}

/// The page that `prompt=consent` leads to, whatever was agreed to.
async fn forced(
    subject: &Subject,
    browser: &mut Browser,
    ask: &Ask,
) -> anyhow::Result<(Answer, Form)> {
    let page = consent_page(subject, browser, ask).await?;
    page.context("prompt=consent asks nobody")
}

/// Must come first: later checks agree, and that is remembered.
async fn nobody_agrees_unasked(subject: &Subject) -> Verdict {
    let ask = ask(subject)?.with("prompt", "none");
    let callback = at_once(subject, &ask).await?;
    let errors = ["consent_required", "interaction_required"];
    if callback.code().is_err() {
        return callback.ensure_error(&errors);
    }
    // The person may have agreed in an earlier run, but never to a client that is new.
    let client = super::dynamic::register(subject, &super::dynamic::metadata()).await?;
    let client: Registration = serde_json::from_value(serde_json::Value::Object(client))?;
    let ask = Ask::new(&client).with("scope", "openid").with("prompt", "none");
    at_once(subject, &ask).await?.ensure_error(&errors)
}

async fn the_page_names_the_client(subject: &Subject) -> Verdict {
    let ask = Ask::new(client(subject)?).with("prompt", "consent");
    let (page, form) = forced(subject, &mut subject.signed_in().await?, &ask).await?;
    page.ensure_status(200)?;
    ensure_protected(&page)?;
    let can_deny = form.buttons.iter().any(|button| button.id == "consent-deny")
        || page.page()?.form_of_button("consent-deny").is_some();
    ensure!(can_deny, "nobody can say no");
    let name = "Conformance checks: third-party";
    ensure!(page.body.contains(name), "the page does not name the client");
    Ok(())
}

async fn deny(subject: &Subject, browser: &mut Browser, ask: &Ask) -> anyhow::Result<Callback> {
    let (page, _) = forced(subject, browser, ask).await?;
    let form = page.page()?.form_of_button("consent-deny").context("nobody can say no")?;
    let mut answer = browser.submit(&page, &form.press("consent-deny")).await?;
    for _ in 0..5 {
        if let Some(callback) = Callback::find(&answer, ask.returns_to())? {
            return Ok(callback);
        }
        let location = answer.location().context("the refusal leads to a page")?;
        answer = browser.get(location).await?;
    }
    bail!("the refusal never reaches the client")
}

async fn a_refusal_reaches_the_client(subject: &Subject) -> Verdict {
    let ask = ask(subject)?.with("prompt", "consent");
    let callback = deny(subject, &mut subject.signed_in().await?, &ask).await?;
    callback.ensure_belongs_to(&ask, &subject.provider)?;
    callback.ensure_error(&["access_denied"])
}

async fn a_refusal_is_not_forever(subject: &Subject) -> Verdict {
    let mut browser = subject.signed_in().await?;
    let ask = ask(subject)?.with("prompt", "consent");
    deny(subject, &mut browser, &ask).await?;
    forced(subject, &mut browser, &ask).await.context("after the refusal")?;
    // Nor does it end the session.
    let own = subject.ask().with("prompt", "none");
    let answer = browser.get(own.url(&subject.provider)?).await?;
    let callback = Callback::find(&answer, own.returns_to())?.context("nothing came back")?;
    callback.code()?;
    Ok(())
}

async fn nobody_agrees_for_the_person(subject: &Subject) -> Verdict {
    let ask = ask(subject)?.with("prompt", "consent");
    let mut browser = subject.signed_in().await?;
    let (page, form) = forced(subject, &mut browser, &ask).await?;
    let allow = form.press("consent-allow");
    let mut bare = allow.clone();
    bare.fields.retain(|(name, _)| name != "csrf_token");
    let guessed = allow.clone().fill("csrf_token", "guessed");

    subject.provider.browser().submit(&page, &allow).await?;
    ensure_still_asked(subject, &mut browser, (&page, &ask)).await.context("another browser")?;
    for (name, forged) in [("no form token", bare), ("a wrong form token", guessed)] {
        browser.submit(&page, &forged).await?;
        ensure_still_asked(subject, &mut browser, (&page, &ask)).await.context(name)?;
    }
    let url = page.url.join(&allow.action)?;
    browser.post(url, &allow.fields, "https://evil.example").await?;
    ensure_still_asked(subject, &mut browser, (&page, &ask)).await.context("another site")
}

/// The question is open: whoever comes back to it is not led to the client with a code.
async fn ensure_still_asked(
    subject: &Subject,
    browser: &mut Browser,
    (page, ask): (&Answer, &Ask),
) -> Verdict {
    let answer = browser.get(page.url.clone()).await?;
    if let Stop::Callback(callback) = subject.until_consent(browser, ask, answer).await? {
        ensure!(callback.code().is_err(), "the forged consent counts");
    }
    Ok(())
}

async fn who_agreed_is_not_asked_again(subject: &Subject) -> Verdict {
    let mut browser = subject.signed_in().await?;
    let first = ask(subject)?.with("prompt", "consent");
    subject.authorize(&mut browser, &first).await?.code()?;
    let second = consent_page(subject, &mut browser, &ask(subject)?).await?;
    ensure!(second.is_none(), "the person is asked again");
    at_once(subject, &ask(subject)?.with("prompt", "none")).await?.code()?;
    // In another session too.
    let mut fresh = subject.sign_in_anew().await?;
    let third = consent_page(subject, &mut fresh, &ask(subject)?).await?;
    ensure!(third.is_none(), "the person is asked again after the next sign-in");
    Ok(())
}

/// Must come before any check that agrees to `email`.
async fn more_is_asked_for_again(subject: &Subject) -> Verdict {
    let mut browser = subject.signed_in().await?;
    let narrow = ask(subject)?;
    subject.authorize(&mut browser, &narrow).await?.code()?;
    let wider = narrow.with("scope", "openid email");
    if consent_page(subject, &mut browser, &wider).await?.is_some() {
        return Ok(());
    }
    // It may have been agreed to in an earlier run: then there is a scope less.
    bail!("a further scope is granted without a question")
}

async fn prompt_consent_asks_again(subject: &Subject) -> Verdict {
    let mut browser = subject.signed_in().await?;
    let ask = ask(subject)?;
    subject.authorize(&mut browser, &ask).await?.code()?;
    forced(subject, &mut browser, &ask.with("prompt", "consent")).await?;
    Ok(())
}

async fn the_operators_own_client_needs_none(subject: &Subject) -> Verdict {
    let page = consent_page(subject, &mut subject.signed_in().await?, &subject.ask()).await?;
    ensure!(page.is_none(), "the person must agree to the operator's own client");
    Ok(())
}
