//! `idp audit`: the evidence and its proof.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, bail};
use clap::Subcommand;
use portal_core::audit::chain::Place;

use super::say;
use crate::audit::{Notary, Trusted};

/// What can be done with the audit trail.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Walk over all entries and checkpoints, and name the first entry that is not the one that was written.
    Verify {
        /// Trust the keys of this file instead of those that the master key opens: what `idp audit public-key` printed.
        #[arg(long, value_name = "FILE")]
        public_key: Option<PathBuf>,
        /// Also compare with a checkpoint that was kept elsewhere, as the log has them. Repeatable.
        #[arg(long, value_name = "TEXT")]
        checkpoint: Vec<String>,
    },
    /// Print the public keys that checkpoints are proved with. Keep them where nobody who can write the database can
    /// change them.
    PublicKey,
    /// Make a new key, which signs from now on: after the master key was changed, or when the old one leaked.
    RotateKey,
}

pub(super) async fn run(command: Audit, notary: &Notary<'_>) -> anyhow::Result<()> {
    match command {
        Audit::Verify { public_key, checkpoint } => {
            let trusted = match public_key {
                Some(file) => read_keys(&file)?,
                None => notary.trusted().await?,
            };
            verify(notary, &trusted, &checkpoint).await
        }
        Audit::PublicKey => {
            // Before the first start there is none: a trail that is signed has one.
            notary.sign().await?;
            say(&notary.public_keys().await?.to_string())
        }
        Audit::RotateKey => {
            let kid = notary.rotate_key().await?;
            say(&format!("{kid} signs from now on; keep its public key: idp audit public-key"))
        }
    }
}

fn read_keys(file: &std::path::Path) -> anyhow::Result<Trusted> {
    let json = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Trusted::parse(&json).with_context(|| format!("{} holds no public key", file.display()))
}

async fn verify(notary: &Notary<'_>, trusted: &Trusted, kept: &[String]) -> anyhow::Result<()> {
    let mut known = Vec::new();
    for text in kept {
        let said = trusted.read(text.trim()).filter(|said| said.iss == notary.issuer);
        let said = said.context("no trusted key signed the checkpoint that was given")?;
        known.push(Place { seq: said.seq, digest: said.digest });
    }
    let walked = trusted.verify(notary.store, notary.issuer, &known).await?;
    if let Some(fault) = walked.fault {
        bail!("the chain is broken: {fault}");
    }
    let unsigned = walked.last.saturating_sub(walked.signed);
    let rest = match unsigned {
        0 => "all of them are signed".to_owned(),
        _ => format!("signed up to entry {}, {unsigned} not yet", walked.signed),
    };
    say(&format!("{} entries, the chain is whole; {rest}", walked.last))
}
