//! Response modes (OAuth 2.0 Multiple Response Types 2.1, Form Post Response Mode).

use anyhow::{Context as _, ensure};

use super::authorize::ensure_refused;
use crate::answer::Answer;
use crate::ask::{Ask, Callback};
use crate::check::{Check, Verdict, checks};
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "response-mode-query", "Multiple Response Types 2.1" => query_can_be_asked_for;
    "response-mode-unknown", "Multiple Response Types 2.1" => unknown_modes_are_refused;
    "response-mode-fragment", "Multiple Response Types 3" => a_code_does_not_travel_in_the_fragment;
    "form-post-error", "Form Post Response Mode 2" => errors_are_posted_too;
    "form-post-page", "Form Post Response Mode 2" => the_page_is_protected_and_needs_no_script;
    "form-post-nothing-in-query", "Form Post Response Mode 2" => the_address_stays_as_registered;
};

async fn form_post(subject: &Subject, ask: Ask) -> anyhow::Result<Answer> {
    subject.provider.ensure_offered("response_modes_supported", "form_post")?;
    let ask = ask.with("response_mode", "form_post");
    subject.signed_in().await?.get(ask.url(&subject.provider)?).await
}

async fn query_can_be_asked_for(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("response_mode", "query");
    super::authorize_session::at_once(subject, &ask).await?.code()?;
    Ok(())
}

async fn unknown_modes_are_refused(subject: &Subject) -> Verdict {
    for mode in ["unheard-of", "QUERY", "query.jwt", "web_message"] {
        if subject.provider.offers("response_modes_supported", mode) {
            continue;
        }
        let ask = subject.ask().with("response_mode", mode);
        let errors = ["invalid_request", "unsupported_response_mode"];
        ensure_refused(subject, &ask, &errors).await.with_context(|| mode.to_owned())?;
    }
    Ok(())
}

async fn a_code_does_not_travel_in_the_fragment(subject: &Subject) -> Verdict {
    let offered = subject.provider.offers("response_modes_supported", "fragment");
    ensure!(!offered, "fragment is offered");
    let ask = subject.ask().with("response_mode", "fragment");
    let answer = subject.signed_in().await?.get(ask.url(&subject.provider)?).await?;
    let location = answer.location();
    let fragment = location.as_ref().and_then(|url| url.fragment()).unwrap_or_default();
    ensure!(fragment.is_empty(), "the answer travels in the fragment: {fragment:?}");
    ensure_refused(subject, &ask, &["invalid_request", "unsupported_response_mode"]).await
}

async fn errors_are_posted_too(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("response_type", "token");
    let answer = form_post(subject, ask.clone()).await?;
    answer.ensure_status(200)?;
    answer.ensure_not_stored()?;
    let callback = Callback::find(&answer, ask.returns_to())?.context("no form for the client")?;
    callback.ensure_belongs_to(&ask, &subject.provider)?;
    callback.ensure_error(&["unsupported_response_type", "invalid_request"])
}

/// The form is posted by script where there is one, and by a button where there is none.
async fn the_page_is_protected_and_needs_no_script(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("state", "\"><script>alert(1)</script>");
    let answer = form_post(subject, ask.clone()).await?;
    ensure!(!answer.body.contains("<script>alert"), "the state is not escaped");
    super::headers::ensure_protected(&answer)?;
    let mut forms = answer.page()?.forms.into_iter();
    let form = forms.find(|form| form.action == ask.returns_to()).context("there is no form")?;
    ensure!(!form.buttons.is_empty(), "the form has no button");
    let policy = answer.header("content-security-policy").unwrap_or_default();
    let origin = url::Url::parse(ask.returns_to())?.origin().ascii_serialization();
    let list = policy.split(';').find_map(|part| part.trim().strip_prefix("form-action "));
    let is_allowed = list.is_none_or(|list| list.split(' ').any(|source| source == origin));
    ensure!(is_allowed, "form-action has not {origin}: {policy}");
    let state = form.fields.iter().find(|(name, _)| name == "state").map(|(_, value)| value);
    ensure!(state.map(String::as_str) == ask.get("state"), "state is {state:?}");
    Ok(())
}

async fn the_address_stays_as_registered(subject: &Subject) -> Verdict {
    let ask = subject.ask();
    let answer = form_post(subject, ask.clone()).await?;
    let location = answer.location();
    ensure!(location.is_none(), "the browser is redirected to {location:?}");
    let forms = answer.page()?.forms;
    let actions: Vec<_> = forms.iter().map(|form| form.action.as_str()).collect();
    ensure!(actions == [ask.returns_to()], "the forms go to {actions:?}");
    Ok(())
}
