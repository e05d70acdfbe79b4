//! Clients without credentials (RFC 6749 2.1, RFC 8252, RFC 9700 2.1.1).

use anyhow::{Context as _, ensure};

use super::authorize::ensure_refused;
use super::token::ensure_error;
use crate::ask::{Ask, Callback, ensure_stays};
use crate::check::{Check, Skip, Verdict, checks};
use crate::clients::Role;
use crate::registration::{Credentials, basic_header};
use crate::subject::Subject;
use crate::tokens::{member, success};

pub(super) const CHECKS: &[Check] = checks! {
    "public-client-tokens", "RFC 6749 3.2.1" => it_redeems_a_code_by_its_name;
    "public-client-pkce", "RFC 9700 2.1.1" => it_cannot_do_without_a_challenge;
    "public-client-verifier", "RFC 7636 4.6" => the_verifier_is_what_proves_it;
    "public-client-refresh", "RFC 9700 4.14.2" => its_refresh_tokens_rotate;
    "public-client-own-grant", "RFC 6749 4.4" => it_cannot_act_for_itself;
    "public-client-secret", "RFC 6749 2.3" => a_secret_that_it_has_not_is_refused;
    "public-client-impersonates", "RFC 6749 2.3" => nobody_drops_the_credentials_of_another;
    "native-loopback-port", "RFC 8252 7.3" => the_port_of_a_loopback_address_may_differ;
    "native-loopback-else", "RFC 8252 7.3" => nothing_but_the_port_may_differ;
};

async fn it_redeems_a_code_by_its_name(subject: &Subject) -> Verdict {
    let client = subject.client_as(Role::Public)?;
    let tokens = subject.tokens_of(client).await?;
    let id_token = subject.verify(tokens.id_token()?)?;
    ensure!(id_token.audiences() == [client.client_id.as_str()], "another aud");
    Ok(())
}

async fn it_cannot_do_without_a_challenge(subject: &Subject) -> Verdict {
    let ask = Ask::new(subject.client_as(Role::Public)?);
    let bare = ask.clone().without("code_challenge").without("code_challenge_method");
    ensure_refused(subject, &bare, &["invalid_request"]).await?;
    ensure_refused(subject, &ask.with("code_challenge_method", "plain"), &["invalid_request"]).await
}

async fn the_verifier_is_what_proves_it(subject: &Subject) -> Verdict {
    let client = subject.client_as(Role::Public)?;
    let ask = Ask::new(client);
    let code = subject.code(&ask).await?;
    let mut wrong = ask.clone();
    wrong.verifier = Ask::new(client).verifier;
    let answer = subject.redeem_as(client, &wrong, &code).await?;
    ensure_error(&answer, &["invalid_grant"])
}

async fn its_refresh_tokens_rotate(subject: &Subject) -> Verdict {
    let client = subject.client_as(Role::Public)?;
    let tokens = subject.tokens_of(client).await?;
    let first = tokens.refresh_token()?;
    let next = success(&subject.refresh_as(client, first).await?)?;
    let second = member(&next, "refresh_token")?;
    ensure!(first != second, "the refresh token stays the same");
    let third = success(&subject.refresh_as(client, second).await?)?;
    ensure_error(&subject.refresh_as(client, first).await?, &["invalid_grant"])?;
    let newest = subject.refresh_as(client, member(&third, "refresh_token")?).await?;
    ensure_error(&newest, &["invalid_grant"]).context("the family lives on")
}

async fn it_cannot_act_for_itself(subject: &Subject) -> Verdict {
    let client = subject.client_as(Role::Public)?;
    let answer = subject.provider.token(client, &[("grant_type", "client_credentials")]).await?;
    ensure_error(&answer, &["unauthorized_client", "invalid_client"])
}

async fn a_secret_that_it_has_not_is_refused(subject: &Subject) -> Verdict {
    let client = subject.client_as(Role::Public)?;
    let ask = Ask::new(client);
    let code = subject.code(&ask).await?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", ask.returns_to()),
        ("code_verifier", &ask.verifier),
    ];
    for secret in ["", "guessed"] {
        let header = Some(basic_header(&client.client_id, secret));
        let credentials = Credentials { header, fields: Vec::new() };
        let answer = subject.provider.post_with(&credentials, "token_endpoint", &form).await?;
        ensure_error(&answer, &["invalid_client"])?;
    }
    Ok(())
}

async fn nobody_drops_the_credentials_of_another(subject: &Subject) -> Verdict {
    let ask = subject.ask();
    let code = subject.code(&ask).await?;
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", subject.client.client_id.as_str()),
        ("code", code.as_str()),
        ("redirect_uri", ask.returns_to()),
        ("code_verifier", &ask.verifier),
    ];
    let answer = subject.provider.post_token(None, &form).await?;
    ensure_error(&answer, &["invalid_client"])?;
    success(&subject.redeem(&ask, &code).await?).context("the code is lost to its owner")?;
    Ok(())
}

/// A request with another address, and that address.
fn native(subject: &Subject, uri: &str) -> anyhow::Result<Ask> {
    let client = subject.client_as(Role::Public)?;
    let is_native = client.redirect_uris.iter().any(|uri| uri == "http://127.0.0.1/native");
    let reason = "the client public.json has no redirect URI http://127.0.0.1/native";
    is_native
        .then(|| Ask::new(client).with("redirect_uri", uri))
        .ok_or_else(|| Skip::because(reason))
}

async fn the_port_of_a_loopback_address_may_differ(subject: &Subject) -> Verdict {
    for port in [1024, 49_152, 65_535] {
        let ask = native(subject, &format!("http://127.0.0.1:{port}/native"))?;
        let callback = subject.authorize(&mut subject.signed_in().await?, &ask).await?;
        callback.ensure_belongs_to(&ask, &subject.provider)?;
        let code = callback.code()?;
        let client = subject.client_as(Role::Public)?;
        success(&subject.redeem_as(client, &ask, code).await?)?;
    }
    Ok(())
}

async fn nothing_but_the_port_may_differ(subject: &Subject) -> Verdict {
    for uri in [
        "http://127.0.0.1:8/native/",
        "http://127.0.0.1:8/other",
        "http://127.0.0.1:8/native?x=y",
        "https://127.0.0.1:8/native",
        "http://127.0.0.2:8/native",
        "http://localhost:8/native",
        "http://[::1]:8/native",
        "http://127.0.0.1:8@evil.example/native",
        "http://127.0.0.1:99999/native",
        "http://127.1:8/native",
        "http://user@127.0.0.1:8/native",
    ] {
        let answer = subject.visit(&native(subject, uri)?).await?;
        ensure_stays(&answer).with_context(|| uri.to_owned())?;
    }
    // A name is no loopback address: its port is as registered.
    let ask = Ask::new(subject.client_as(Role::Public)?)
        .with("redirect_uri", "http://localhost:8/public/callback");
    let answer = subject.visit(&ask).await?;
    ensure!(Callback::find(&answer, ask.returns_to())?.is_none(), "the port of a name differs");
    ensure_stays(&answer)
}
