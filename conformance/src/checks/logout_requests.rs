//! The sign-out requests that are not the plain one (OpenID Connect RP-Initiated Logout 1.0).

use anyhow::{Context as _, ensure};

use super::logout::{ensure_signed_out, is_signed_in, sign_out, somebody};
use crate::answer::Answer;
use crate::ask::{Callback, ensure_stays};
use crate::browser::Browser;
use crate::check::{Check, Verdict, checks};
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "logout-no-params", "RP-Initiated Logout 6", "oidcc-rp-initiated-logout-no-params"
        => without_anything_the_person_decides;
    "logout-only-state", "RP-Initiated Logout 6", "oidcc-rp-initiated-logout-only-state"
        => with_a_state_alone_the_person_decides;
    "logout-no-redirect", "RP-Initiated Logout 2",
        "oidcc-rp-initiated-logout-no-post-logout-redirect-uri" => without_an_address_a_page_tells;
    "logout-no-hint", "RP-Initiated Logout 2", "oidcc-rp-initiated-logout-no-id-token-hint"
        => without_a_hint_nobody_is_led_back;
    "logout-post", "RP-Initiated Logout 2" => a_posted_request_counts_too;
    "logout-client-mismatch", "RP-Initiated Logout 2" => the_client_is_that_of_the_hint;
    "logout-hints-taken", "RP-Initiated Logout 2" => further_parameters_are_no_error;
    "logout-repeated-parameter", "RFC 6749 3.1" => repeated_parameters_lead_nowhere;
    "logout-page-forged", "RP-Initiated Logout 6" => nobody_confirms_for_the_person;
    "logout-ends-tokens", "RP-Initiated Logout 1" => a_refresh_token_ends_with_its_session;
};

async fn confirm(subject: &Subject, mut browser: Browser, page: &Answer) -> Verdict {
    page.ensure_status(200)?;
    let form = page.page()?.form_of_button("logout-confirm").context("nobody is asked")?;
    let copy = browser.clone();
    let answer = browser.submit(page, &form.press("logout-confirm")).await?;
    subject.follow(&mut browser, answer).await?.ensure_status(200)?;
    ensure_signed_out(subject, [browser, copy]).await
}

async fn without_anything_the_person_decides(subject: &Subject) -> Verdict {
    let (mut browser, _) = somebody(subject).await?;
    let page = sign_out(subject, &mut browser, &[]).await?;
    confirm(subject, browser, &page).await
}

async fn with_a_state_alone_the_person_decides(subject: &Subject) -> Verdict {
    let (mut browser, _) = somebody(subject).await?;
    let page = sign_out(subject, &mut browser, &[("state", "lonely")]).await?;
    confirm(subject, browser, &page).await
}

async fn without_an_address_a_page_tells(subject: &Subject) -> Verdict {
    let (mut browser, id_token) = somebody(subject).await?;
    let copy = browser.clone();
    let answer = sign_out(subject, &mut browser, &[("id_token_hint", &id_token)]).await?;
    let answer = subject.follow(&mut browser, answer).await?;
    answer.ensure_status(200)?;
    if is_signed_in(subject, &mut browser).await? {
        return confirm(subject, browser, &answer).await;
    }
    ensure_signed_out(subject, [browser, copy]).await
}

/// With nothing that proves who asks, an address is not led to: not even after the person agreed.
async fn without_a_hint_nobody_is_led_back(subject: &Subject) -> Verdict {
    let (mut browser, _) = somebody(subject).await?;
    let back = subject.client.post_logout_redirect_uri()?;
    let params = [("post_logout_redirect_uri", back), ("state", "s")];
    let answer = sign_out(subject, &mut browser, &params).await?;
    ensure!(Callback::find(&answer, back)?.is_none(), "the browser is led back");
    ensure!(answer.location().is_none(), "it is led to {:?}", answer.location());
    let Some(form) = answer.page()?.form_of_button("logout-confirm") else {
        return Ok(());
    };
    let answer = browser.submit(&answer, &form.press("logout-confirm")).await?;
    ensure!(Callback::find(&answer, back)?.is_none(), "who agrees is led back");
    Ok(())
}

async fn a_posted_request_counts_too(subject: &Subject) -> Verdict {
    let (mut browser, id_token) = somebody(subject).await?;
    let back = subject.client.post_logout_redirect_uri()?;
    let endpoint = subject.provider.endpoint("end_session_endpoint")?;
    let fields = [("id_token_hint", id_token.as_str()), ("post_logout_redirect_uri", back)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let origin = url::Url::parse(back)?.origin().ascii_serialization();
    let copy = browser.clone();
    let mut answer = browser.post(endpoint, &fields, &origin).await?;
    // Cookies do not come with a form of another site: the provider may lead to itself first.
    for _ in 0..3 {
        let location = answer.location().filter(|url| url.origin() == answer.url.origin());
        match location {
            Some(own) => answer = browser.get(own).await?,
            None => break,
        }
    }
    ensure!(Callback::find(&answer, back)?.is_some(), "answered {}", answer.status);
    ensure_signed_out(subject, [browser, copy]).await
}

async fn the_client_is_that_of_the_hint(subject: &Subject) -> Verdict {
    let second = subject.second()?;
    let (mut browser, id_token) = somebody(subject).await?;
    for back in [subject.client.post_logout_redirect_uri()?, second.post_logout_redirect_uri()?] {
        let params = [
            ("id_token_hint", id_token.as_str()),
            ("post_logout_redirect_uri", back),
            ("client_id", &second.client_id),
        ];
        let answer = sign_out(subject, &mut browser, &params).await?;
        ensure!(Callback::find(&answer, back)?.is_none(), "it leads back to {back}");
    }
    Ok(())
}

async fn further_parameters_are_no_error(subject: &Subject) -> Verdict {
    let (mut browser, id_token) = somebody(subject).await?;
    let back = subject.client.post_logout_redirect_uri()?;
    let params = [
        ("id_token_hint", id_token.as_str()),
        ("post_logout_redirect_uri", back),
        ("logout_hint", "somebody@else.example"),
        ("ui_locales", "se de"),
        ("extra", "foobar"),
    ];
    let answer = sign_out(subject, &mut browser, &params).await?;
    ensure!(Callback::find(&answer, back)?.is_some(), "answered {}", answer.status);
    Ok(())
}

async fn repeated_parameters_lead_nowhere(subject: &Subject) -> Verdict {
    let (mut browser, id_token) = somebody(subject).await?;
    let back = subject.client.post_logout_redirect_uri()?;
    for (name, value) in
        [("post_logout_redirect_uri", "https://evil.example/"), ("id_token_hint", &id_token)]
    {
        let params = [
            ("id_token_hint", id_token.as_str()),
            ("post_logout_redirect_uri", back),
            (name, value),
        ];
        ensure_stays(&sign_out(subject, &mut browser, &params).await?)
            .with_context(|| name.to_owned())?;
    }
    Ok(())
}

async fn nobody_confirms_for_the_person(subject: &Subject) -> Verdict {
    let (mut browser, _) = somebody(subject).await?;
    let page = sign_out(subject, &mut browser, &[]).await?;
    let form = page.page()?.form_of_button("logout-confirm").context("nobody is asked")?;
    let mut bare = form.press("logout-confirm");
    let url = page.url.join(&bare.action)?;
    browser.post(url, &bare.fields, "https://evil.example").await?;
    ensure!(is_signed_in(subject, &mut browser).await?, "another site signs people out");
    browser.submit(&page, &bare.clone().fill("csrf_token", "guessed")).await?;
    ensure!(is_signed_in(subject, &mut browser).await?, "a form with a wrong token signs out");
    bare.fields.retain(|(name, _)| name != "csrf_token");
    browser.submit(&page, &bare).await?;
    ensure!(is_signed_in(subject, &mut browser).await?, "a form without its token signs out");
    Ok(())
}

async fn a_refresh_token_ends_with_its_session(subject: &Subject) -> Verdict {
    let mut browser = subject.sign_in_anew().await?;
    let tokens = subject.tokens_in(&mut browser, &subject.client, subject.ask()).await?;
    let back = subject.client.post_logout_redirect_uri()?;
    let params = [("id_token_hint", tokens.id_token()?), ("post_logout_redirect_uri", back)];
    sign_out(subject, &mut browser, &params).await?;
    let answer = subject.refresh(tokens.refresh_token()?).await?;
    super::token::ensure_error(&answer, &["invalid_grant"])
}
