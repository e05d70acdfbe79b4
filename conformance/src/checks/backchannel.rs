//! Sign-outs that reach the other clients (OpenID Connect Back-Channel Logout 1.0).

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::browser::Browser;
use crate::check::{Check, Verdict, checks};
use crate::clients::Role;
use crate::clock;
use crate::jwt::Jwt;
use crate::listener::Delivery;
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "backchannel-announced", "Back-Channel Logout 2.1",
        "oidcc-backchannel-logout-discovery-endpoint-verification" => the_metadata_says_so;
    "backchannel-request", "Back-Channel Logout 2.5" => the_token_comes_in_a_form;
    "backchannel-token", "Back-Channel Logout 2.4", "oidcc-backchannel-rp-initiated-logout"
        => the_token_has_its_claims;
    "backchannel-session", "Back-Channel Logout 2.1" => it_names_the_session_of_the_id_token;
    "backchannel-every-client", "Back-Channel Logout 2.6" => every_client_of_the_session_hears;
    "backchannel-only-its-clients", "Back-Channel Logout 2.6" => other_sessions_are_not_concerned;
    "backchannel-page", "RP-Initiated Logout 2" => a_sign_out_on_the_page_is_heard_too;
    "backchannel-retry", "Back-Channel Logout 2.8" => a_failed_delivery_is_tried_again;
    "backchannel-isolation", "Back-Channel Logout 2.6" => one_deaf_client_does_not_delay_another;
    "backchannel-not-accepted", "RFC 8725 3.11" => a_logout_token_opens_nothing;
};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How long a logout token may take.
const LIMIT: Duration = Duration::from_secs(20);
/// How long the next try after a failure may take.
const RETRY_LIMIT: Duration = Duration::from_mins(1);

/// Somebody who has just signed in to both clients that hear of sign-outs.
struct SignedIn {
    browser: Browser,
    /// The ID token of each client.
    id_tokens: [String; 2],
    /// How many deliveries came to each before.
    known: [usize; 2],
}

const CLIENTS: [Role; 2] = [Role::Logout, Role::LogoutToo];

async fn sign_in(subject: &Subject) -> anyhow::Result<SignedIn> {
    subject.provider.ensure_flag("backchannel_logout_supported")?;
    let listener = subject.listener()?;
    let known = CLIENTS.map(|role| listener.deliveries(role.name()).len());
    let mut browser = subject.sign_in_anew().await?;
    let mut id_tokens = Vec::new();
    for role in CLIENTS {
        let client = subject.client_as(role)?;
        let tokens = subject.tokens_in(&mut browser, client, Ask::new(client)).await?;
        id_tokens.push(tokens.id_token()?.to_owned());
    }
    let Ok(id_tokens) = <[String; 2]>::try_from(id_tokens) else {
        bail!("there are not two clients");
    };
    Ok(SignedIn { browser, id_tokens, known })
}

/// The first client signs the person out.
async fn sign_out(subject: &Subject, somebody: &mut SignedIn) -> Verdict {
    let [hint, _] = &somebody.id_tokens;
    let back = subject.client_as(Role::Logout)?.post_logout_redirect_uri()?.to_owned();
    let mut url = subject.provider.endpoint("end_session_endpoint")?;
    url.query_pairs_mut()
        .append_pair("id_token_hint", hint)
        .append_pair("post_logout_redirect_uri", &back);
    let answer = somebody.browser.get(url).await?;
    let callback = crate::ask::Callback::find(&answer, &back)?;
    ensure!(callback.is_some(), "the sign-out answered {}", answer.status);
    Ok(())
}

/// The next delivery to each client.
async fn heard(subject: &Subject, somebody: &SignedIn) -> anyhow::Result<[Delivery; 2]> {
    let listener = subject.listener()?;
    let [one, two] = CLIENTS.map(Role::name);
    let [first, second] = somebody.known;
    Ok([
        listener.delivery_after(one, first, LIMIT).await.context(one)?,
        listener.delivery_after(two, second, LIMIT).await.context(two)?,
    ])
}

fn token(delivery: &Delivery) -> anyhow::Result<&str> {
    match delivery.fields.as_slice() {
        [(name, token)] if name == "logout_token" => Ok(token),
        _ => bail!("the form has {:?}", delivery.fields),
    }
}

async fn the_metadata_says_so(subject: &Subject) -> Verdict {
    subject.provider.ensure_flag("backchannel_logout_supported")?;
    let flag = subject.provider.flag("backchannel_logout_session_supported");
    ensure!(flag == Some(true), "backchannel_logout_session_supported is {flag:?}");
    Ok(())
}

async fn the_token_comes_in_a_form(subject: &Subject) -> Verdict {
    let mut somebody = sign_in(subject).await?;
    sign_out(subject, &mut somebody).await?;
    for delivery in heard(subject, &somebody).await? {
        let kind = delivery.content_type.split(';').next().unwrap_or_default();
        ensure!(kind == "application/x-www-form-urlencoded", "the media type is {kind}");
        ensure!(!delivery.has_cookie, "it carries a cookie");
        token(&delivery)?;
    }
    Ok(())
}

/// Everything that a client must look at (Back-Channel Logout 2.6).
fn ensure_logout_token(subject: &Subject, jwt: &Jwt, client_id: &str) -> Verdict {
    let typ = jwt.header.get("typ").and_then(Value::as_str).unwrap_or_default();
    ensure!(typ.eq_ignore_ascii_case("logout+jwt"), "typ is {typ:?}");
    ensure!(jwt.text("iss")? == subject.provider.issuer, "iss is {}", jwt.text("iss")?);
    ensure!(jwt.audiences() == [client_id], "aud is {:?}", jwt.audiences());
    let (iat, exp, now) = (jwt.instant("iat")?, jwt.instant("exp")?, clock::now());
    ensure!((iat - now).abs() <= 60, "iat is {} s ahead", iat - now);
    ensure!(exp > now && exp - iat <= 600, "it lives for {} s", exp - iat);
    jwt.text("jti")?;
    let events = jwt.claims.get("events");
    ensure!(events == Some(&json!({ EVENT: {} })), "events is {events:?}");
    ensure!(!jwt.claims.contains_key("nonce"), "there is a nonce");
    let names = ["sub", "sid"];
    ensure!(names.iter().any(|name| jwt.claims.contains_key(*name)), "it names nobody");
    Ok(())
}

async fn the_token_has_its_claims(subject: &Subject) -> Verdict {
    let mut somebody = sign_in(subject).await?;
    sign_out(subject, &mut somebody).await?;
    let mut names = Vec::new();
    for (role, delivery) in CLIENTS.into_iter().zip(heard(subject, &somebody).await?) {
        let jwt = subject.verify(token(&delivery)?)?;
        ensure_logout_token(subject, &jwt, &subject.client_as(role)?.client_id)?;
        names.push(jwt.text("jti")?.to_owned());
    }
    let [one, two] = names.as_slice() else { bail!("there are not two tokens") };
    ensure!(one != two, "two tokens have one jti");
    Ok(())
}

async fn it_names_the_session_of_the_id_token(subject: &Subject) -> Verdict {
    let mut somebody = sign_in(subject).await?;
    sign_out(subject, &mut somebody).await?;
    for (id_token, delivery) in somebody.id_tokens.iter().zip(heard(subject, &somebody).await?) {
        let (before, after) = (subject.verify(id_token)?, subject.verify(token(&delivery)?)?);
        ensure!(before.text("sid")? == after.text("sid")?, "another sid");
        let sub = after.claims.get("sub");
        ensure!(sub.is_none() || sub == before.claims.get("sub"), "another sub");
    }
    Ok(())
}

async fn every_client_of_the_session_hears(subject: &Subject) -> Verdict {
    let mut somebody = sign_in(subject).await?;
    sign_out(subject, &mut somebody).await?;
    heard(subject, &somebody).await?;
    Ok(())
}

async fn other_sessions_are_not_concerned(subject: &Subject) -> Verdict {
    let other = sign_in(subject).await?;
    let mut somebody = sign_in(subject).await?;
    sign_out(subject, &mut somebody).await?;
    let heard = heard(subject, &somebody).await?;
    for (id_token, delivery) in other.id_tokens.iter().zip(&heard) {
        let (its, told) = (subject.verify(id_token)?, subject.verify(token(delivery)?)?);
        ensure!(its.text("sid")? != told.text("sid")?, "the other session is named");
    }
    let mut browser = other.browser;
    let ask = subject.ask().with("prompt", "none");
    let answer = browser.get(ask.url(&subject.provider)?).await?;
    let callback = crate::ask::Callback::find(&answer, ask.returns_to())?;
    callback.context("nothing came back")?.code().context("the other session has ended")?;
    Ok(())
}

async fn a_sign_out_on_the_page_is_heard_too(subject: &Subject) -> Verdict {
    let mut somebody = sign_in(subject).await?;
    let page = somebody.browser.get(subject.provider.endpoint("end_session_endpoint")?).await?;
    let form = page.page()?.form_of_button("logout-confirm").context("nobody is asked")?;
    somebody.browser.submit(&page, &form.press("logout-confirm")).await?;
    heard(subject, &somebody).await?;
    Ok(())
}

async fn a_failed_delivery_is_tried_again(subject: &Subject) -> Verdict {
    let mut somebody = sign_in(subject).await?;
    let (listener, name) = (subject.listener()?, Role::Logout.name());
    listener.refuse_next(name, StatusCode::SERVICE_UNAVAILABLE);
    sign_out(subject, &mut somebody).await?;
    let [known, _] = somebody.known;
    let first = listener.delivery_after(name, known, LIMIT).await?;
    let second = listener.delivery_after(name, known + 1, RETRY_LIMIT).await;
    let second = second.context("there is no second try")?;
    let (first, second) = (subject.verify(token(&first)?)?, subject.verify(token(&second)?)?);
    // A client that remembers the first would take the same again for a replay.
    ensure!(first.text("jti")? != second.text("jti")?, "the second try has the same jti");
    ensure!(first.text("sid")? == second.text("sid")?, "the second try is about another session");
    Ok(())
}

async fn one_deaf_client_does_not_delay_another(subject: &Subject) -> Verdict {
    let listener = subject.listener()?;
    // Either may be served first: each is the one that does not answer, once.
    for is_first_deaf in [true, false] {
        let mut somebody = sign_in(subject).await?;
        let ([one, two], [first, second]) = (CLIENTS.map(Role::name), somebody.known);
        let mut clients = [(one, first), (two, second)];
        if !is_first_deaf {
            clients.reverse();
        }
        let [(deaf, known), (other, known_too)] = clients;
        let held = listener.hold_next(deaf);
        sign_out(subject, &mut somebody).await?;
        listener.delivery_after(deaf, known, LIMIT).await?;
        listener.delivery_after(other, known_too, LIMIT).await?;
        let is_waiting = !held.is_given_up();
        held.release();
        ensure!(is_waiting, "{other} waits for {deaf}");
    }
    Ok(())
}

async fn a_logout_token_opens_nothing(subject: &Subject) -> Verdict {
    let mut somebody = sign_in(subject).await?;
    sign_out(subject, &mut somebody).await?;
    let [delivery, _] = heard(subject, &somebody).await?;
    let token = token(&delivery)?;
    let answer = subject.provider.userinfo_of(token).await?;
    answer.ensure_status(401).context("it passes for an access token")?;
    let client = subject.client_as(Role::Logout)?;
    let ask = Ask::new(client).with("prompt", "none").with("id_token_hint", token);
    let answer = subject.signed_in().await?.get(ask.url(&subject.provider)?).await?;
    let callback = crate::ask::Callback::find(&answer, ask.returns_to())?;
    ensure!(callback.is_none_or(|c| c.code().is_err()), "it passes for an ID token");
    Ok(())
}
