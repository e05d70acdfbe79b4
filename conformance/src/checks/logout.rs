//! Sign-out that a relying party asks for (OpenID Connect RP-Initiated Logout 1.0).

use anyhow::{Context as _, ensure};

use crate::answer::Answer;
use crate::ask::{Callback, ensure_stays};
use crate::browser::Browser;
use crate::check::{Check, Verdict, checks};
use crate::jwt;
use crate::subject::Subject;
use crate::tokens::success;

pub(super) const CHECKS: &[Check] = checks! {
    "logout-with-hint", "RP-Initiated Logout 2", "oidcc-rp-initiated-logout" => a_hint_signs_out_and_leads_back;
    "logout-without-state", "RP-Initiated Logout 3", "oidcc-rp-initiated-logout-no-state" => a_state_is_not_invented;
    "logout-without-hint", "RP-Initiated Logout 6" => without_a_hint_the_person_is_asked;
    "logout-wrong-redirect", "RP-Initiated Logout 3", "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri", "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri" => no_other_address_is_redirected_to;
    "logout-redirect-without-client", "RP-Initiated Logout 2" => nobody_vouches_for_an_address_alone;
    "logout-forged-hint", "RP-Initiated Logout 4", "oidcc-rp-initiated-logout-modified-id-token-hint", "oidcc-rp-initiated-logout-bad-id-token-hint" => a_forged_hint_is_refused;
    "logout-without-session", "RP-Initiated Logout 2" => signing_out_twice_is_no_error;
};

/// Somebody who has just signed in: a browser of its own, and an ID token.
pub(super) async fn somebody(subject: &Subject) -> anyhow::Result<(Browser, String)> {
    let mut browser = subject.sign_in_anew().await?;
    let ask = subject.ask();
    let callback = subject.authorize(&mut browser, &ask).await?;
    let response = success(&subject.redeem(&ask, callback.code()?).await?)?;
    let id_token = crate::tokens::member(&response, "id_token")?;
    Ok((browser, id_token.to_owned()))
}

pub(super) async fn sign_out(
    subject: &Subject,
    browser: &mut Browser,
    params: &[(&str, &str)],
) -> anyhow::Result<Answer> {
    let mut url = subject.provider.endpoint("end_session_endpoint")?;
    url.query_pairs_mut().extend_pairs(params);
    browser.get(url).await
}

/// Whether the person is signed in, as `prompt=none` tells.
pub(super) async fn is_signed_in(subject: &Subject, browser: &mut Browser) -> anyhow::Result<bool> {
    let ask = subject.ask().with("prompt", "none");
    let answer = browser.get(ask.url(&subject.provider)?).await?;
    let callback = Callback::find(&answer, subject.client.redirect_uri())?;
    let callback = callback.context("prompt=none was answered with a page")?;
    Ok(callback.code().is_ok())
}

async fn a_hint_signs_out_and_leads_back(subject: &Subject) -> Verdict {
    let (mut browser, id_token) = somebody(subject).await?;
    let back = subject.client.post_logout_redirect_uri()?;
    let params = [
        ("id_token_hint", id_token.as_str()),
        ("post_logout_redirect_uri", back),
        ("state", "a&b=c d"),
    ];
    let copy = browser.clone();
    let answer = sign_out(subject, &mut browser, &params).await?;
    let callback = Callback::find(&answer, back)?;
    let callback = callback.with_context(|| format!("answered {}", answer.status))?;
    let expected = [("state".to_owned(), "a&b=c d".to_owned())];
    ensure!(callback.params == expected, "it came back with {:?}", callback.params);
    ensure_signed_out(subject, [browser, copy]).await
}

/// The session is over: here, and for a copy of the browser with the cookies from before.
pub(super) async fn ensure_signed_out(subject: &Subject, browsers: [Browser; 2]) -> Verdict {
    for mut browser in browsers {
        ensure!(!is_signed_in(subject, &mut browser).await?, "the session goes on");
    }
    Ok(())
}

async fn a_state_is_not_invented(subject: &Subject) -> Verdict {
    let (mut browser, id_token) = somebody(subject).await?;
    let back = subject.client.post_logout_redirect_uri()?;
    let params = [
        ("id_token_hint", id_token.as_str()),
        ("post_logout_redirect_uri", back),
        ("client_id", &subject.client.client_id),
    ];
    let answer = sign_out(subject, &mut browser, &params).await?;
    let callback = Callback::find(&answer, back)?.context("it did not lead back")?;
    ensure!(callback.params.is_empty(), "it came back with {:?}", callback.params);
    Ok(())
}

/// Else any page could sign people out.
async fn without_a_hint_the_person_is_asked(subject: &Subject) -> Verdict {
    let (mut browser, _) = somebody(subject).await?;
    for params in [&[][..], &[("state", "lonely")]] {
        let answer = sign_out(subject, &mut browser, params).await?;
        answer.ensure_status(200)?;
        let form = answer.page()?.form_of_button("logout-confirm");
        ensure!(form.is_some(), "the page does not ask");
    }
    ensure!(is_signed_in(subject, &mut browser).await?, "nobody was asked");
    let answer = sign_out(subject, &mut browser, &[]).await?;
    let form = answer.page()?.form_of_button("logout-confirm");
    let form = form.context("the page does not ask")?;
    let copy = browser.clone();
    let answer = browser.submit(&answer, &form).await?;
    subject.follow(&mut browser, answer).await?.ensure_status(200)?;
    ensure_signed_out(subject, [browser, copy]).await
}

async fn no_other_address_is_redirected_to(subject: &Subject) -> Verdict {
    let (mut browser, id_token) = somebody(subject).await?;
    let back = subject.client.post_logout_redirect_uri()?;
    let wrong = [
        "https://evil.example/".to_owned(),
        format!("{back}?x=y"),
        format!("{back}/"),
        format!("{back}#x"),
        format!("{back}@evil.example"),
        "//evil.example".to_owned(),
        "javascript:alert(1)".to_owned(),
        String::new(),
    ];
    for uri in wrong {
        let params =
            [("id_token_hint", id_token.as_str()), ("post_logout_redirect_uri", uri.as_str())];
        let answer = sign_out(subject, &mut browser, &params).await?;
        // An empty parameter counts as absent (RFC 6749 3.1).
        let leads_away = answer.location().filter(|url| url.origin() != answer.url.origin());
        ensure!(leads_away.is_none(), "{uri:?} is redirected to: {leads_away:?}");
        ensure!(!answer.body.contains("href=\"javascript:"), "{uri:?} is a link");
    }
    Ok(())
}

async fn nobody_vouches_for_an_address_alone(subject: &Subject) -> Verdict {
    let mut browser = subject.provider.browser();
    let back = subject.client.post_logout_redirect_uri()?;
    let params = [("post_logout_redirect_uri", back)];
    let answer = sign_out(subject, &mut browser, &params).await?;
    ensure_stays(&answer)
}

async fn a_forged_hint_is_refused(subject: &Subject) -> Verdict {
    let (mut browser, id_token) = somebody(subject).await?;
    let back = subject.client.post_logout_redirect_uri()?;
    let forged = [
        jwt::tampered(&id_token, "sub", "somebody-else".into())?,
        jwt::unsigned(&id_token)?,
        "no-token".to_owned(),
    ];
    for hint in &forged {
        let params = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", back)];
        let answer = sign_out(subject, &mut browser, &params).await?;
        let callback = Callback::find(&answer, back)?;
        ensure!(callback.is_none(), "a forged hint leads back");
    }
    ensure!(is_signed_in(subject, &mut browser).await?, "a forged hint signs out");
    // Nor does it when the person is asked, and agrees.
    for hint in &forged {
        let params = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", back)];
        let answer = sign_out(subject, &mut browser, &params).await?;
        if let Some(form) =
            answer.page().ok().and_then(|page| page.form_of_button("logout-confirm"))
        {
            let answer = browser.submit(&answer, &form.press("logout-confirm")).await?;
            let callback = Callback::find(&answer, back)?;
            ensure!(callback.is_none(), "a forged hint leads back after the question");
        }
    }
    Ok(())
}

async fn signing_out_twice_is_no_error(subject: &Subject) -> Verdict {
    let (mut browser, id_token) = somebody(subject).await?;
    let back = subject.client.post_logout_redirect_uri()?;
    let params = [("id_token_hint", id_token.as_str()), ("post_logout_redirect_uri", back)];
    for _ in 0..2 {
        let answer = sign_out(subject, &mut browser, &params).await?;
        let callback = Callback::find(&answer, back)?;
        ensure!(callback.is_some(), "answered {}", answer.status);
    }
    let answer = sign_out(subject, &mut browser, &[]).await?;
    subject.follow(&mut browser, answer).await?.ensure_status(200)
}
