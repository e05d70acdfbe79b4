//! A new signing key while the old one is still about (OpenID Connect Core 10.1.1).

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context as _, ensure};
use openidconnect::{JsonWebKey as _, core::CoreJsonWebKeySet};
use tokio::process::Command;

use crate::check::{Check, Skip, Verdict, checks};
use crate::jwt::Jwt;
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "key-rotation", "OpenID Connect Core 10.1.1", "oidcc-server-rotate-keys"
        => a_new_key_comes_and_the_old_one_stays;
};

/// How often it is looked for the new key, a second apart.
const LOOKS: usize = 30;

fn names(keys: &CoreJsonWebKeySet) -> BTreeSet<String> {
    let names = keys.keys().iter().filter_map(|key| key.key_id());
    names.map(|name| name.as_str().to_owned()).collect()
}

async fn a_new_key_comes_and_the_old_one_stays(subject: &Subject) -> Verdict {
    let reason = || Skip::because("there is no --rotate-command");
    let command = subject.rotate_command.as_deref().ok_or_else(reason)?;
    let tokens = subject.tokens().await?;
    let before = names(&subject.provider.current_jwks().await?);
    let status = Command::new("sh").args(["-c", command]).status().await?;
    ensure!(status.success(), "the command ended with {status}");
    let mut keys = subject.provider.current_jwks().await?;
    // Every node takes it up within seconds.
    for _ in 0..LOOKS {
        if names(&keys).difference(&before).next().is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        keys = subject.provider.current_jwks().await?;
    }
    let after = names(&keys);
    ensure!(after.difference(&before).next().is_some(), "there is no new key");
    let gone = before.difference(&after).next();
    ensure!(gone.is_none(), "the key {gone:?} is gone");
    Jwt::verify(tokens.id_token()?, &keys).context("the token from before")?;
    let hint = subject.ask().with("prompt", "none").with("id_token_hint", tokens.id_token()?);
    super::authorize_session::at_once(subject, &hint).await?.code()?;
    let userinfo = subject.provider.userinfo_of(tokens.access_token()?).await?;
    userinfo.ensure_status(200)?;
    let fresh = subject.tokens().await?;
    Jwt::verify(fresh.id_token()?, &keys).context("the token from after")?;
    Ok(())
}
