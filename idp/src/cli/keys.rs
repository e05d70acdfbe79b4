//! `idp keys`: look at the signing keys, rotate them, take one back. It works through the database; every node follows
//! within seconds.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use keys::Algorithm;
use portal_core::Timestamp;
use storage::StoredSigningKey;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::signing::{
    JWKS_MAX_AGE_SECONDS, KeyAdministration, KeyState, NewKey, Revoked, Rotated, Schedule,
};

/// What can be done with signing keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Show all keys: name, algorithm, state, and when it was made, signs from, is retired, was revoked.
    List,
    /// Publish a new key. It signs after `keys.publish_ahead_minutes`; the one before it signs until then.
    Rotate {
        /// Only this algorithm: ES256, RS256 or EdDSA.
        #[arg(long, value_parser = parse_algorithm)]
        alg: Option<Algorithm>,
    },
    /// In an emergency: take a key back at once. Whatever it signed is refused; if it was the active key, a fresh one
    /// signs from now on.
    Revoke {
        /// The name of the key, as `idp keys list` shows it.
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
}

fn parse_algorithm(text: &str) -> Result<Algorithm, String> {
    Algorithm::parse(text).ok_or_else(|| "expected ES256, RS256 or EdDSA".to_owned())
}

/// Runs a command and gives the lines to print.
///
/// # Errors
/// One line: nothing was done, or the database or the master key cannot be used.
pub async fn run(
    command: &Keys,
    administration: &KeyAdministration<'_>,
    schedule: &Schedule,
) -> anyhow::Result<Vec<String>> {
    match command {
        Keys::List => list(administration).await,
        Keys::Rotate { alg } => rotate(administration, *alg, schedule).await,
        Keys::Revoke { kid } => revoke(administration, kid).await,
    }
}

async fn list(administration: &KeyAdministration<'_>) -> anyhow::Result<Vec<String>> {
    let stored = administration.store.list_all_signing_keys().await.context(UNREADABLE)?;
    let heading =
        row(["KID", "ALG", "STATE", "CREATED", "ACTIVE FROM", "RETIRED", "REVOKED"]
            .map(str::to_owned));
    let rows = stored.iter().map(|key| describe(key, administration.now));
    Ok(std::iter::once(heading).chain(rows).collect())
}

const UNREADABLE: &str = "the signing keys cannot be read (after an update, run `idp migrate up`)";

fn describe(key: &StoredSigningKey, now: Timestamp) -> String {
    let optional = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), instant);
    row([
        key.kid.clone(),
        key.alg.clone(),
        KeyState::of(key, now).as_str().to_owned(),
        instant(key.created_at),
        instant(key.active_from),
        optional(key.retired_at),
        optional(key.revoked_at),
    ])
}

fn row([kid, alg, state, times @ ..]: [String; 7]) -> String {
    let [created, active, retired, revoked] = times;
    format!("{kid:43}  {alg:5}  {state:8}  {created:20}  {active:20}  {retired:20}  {revoked}")
}

async fn rotate(
    administration: &KeyAdministration<'_>,
    alg: Option<Algorithm>,
    schedule: &Schedule,
) -> anyhow::Result<Vec<String>> {
    let algorithms = alg.map_or_else(|| Algorithm::ALL.to_vec(), |alg| vec![alg]);
    let (mut done, mut waiting) = (Vec::new(), Vec::new());
    for algorithm in algorithms {
        match administration.rotate(algorithm, schedule).await.context("nothing was rotated")? {
            Rotated::Published(key) => done.push(format!("published {}", sentence(&key))),
            Rotated::Waiting { kid, active_from } => {
                let from = instant(active_from);
                waiting.push(format!(
                    "{} {kid} is published already and signs from {from}",
                    algorithm.as_str()
                ));
            }
        }
    }
    if done.is_empty() {
        bail!("nothing was rotated: {}", waiting.join("; "));
    }
    Ok([done, waiting].concat())
}

async fn revoke(administration: &KeyAdministration<'_>, kid: &str) -> anyhow::Result<Vec<String>> {
    match administration.revoke(kid).await.context("the key was not revoked")? {
        Revoked::Unknown => bail!("no signing key has the name {kid}; `idp keys list` shows them"),
        Revoked::Before => bail!("{kid} was revoked before"),
        Revoked::Done { replacement } => {
            let mut lines =
                vec![format!("revoked {kid}; the nodes refuse what it signed within seconds")];
            lines.extend(replacement.map(|key| format!("published {}", sentence(&key))));
            lines.push(format!(
                "relying parties that keep the key set may believe the revoked key for {} more minutes",
                JWKS_MAX_AGE_SECONDS / 60
            ));
            Ok(lines)
        }
    }
}

fn sentence(key: &NewKey) -> String {
    format!("{} {}, signs from {}", key.algorithm.as_str(), key.kid, instant(key.active_from))
}

/// RFC 3339, whole seconds.
fn instant(at: Timestamp) -> String {
    let instant = OffsetDateTime::from_unix_timestamp(at.seconds()).ok();
    instant.and_then(|instant| instant.format(&Rfc3339).ok()).unwrap_or_else(|| "?".to_owned())
}
