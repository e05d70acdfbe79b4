//! `idp audit`: the evidence and its proof.

use std::{
    fs::{self, File},
    io::{BufReader, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use portal_core::{
    audit::{AuditActor, Origin, chain::Place},
    organisation::LevelPath,
    permission::Sight,
};
use serde_json::json;
use storage::AuditSearch;

use super::say;
use crate::{
    audit::{
        Notary, Trusted,
        day::Day,
        export::{Export, ExportFormat, ExportRequest},
    },
    texts::Texts,
};

/// What can be done with the audit trail.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Walk over all entries and checkpoints, and name the first entry that is not the one that was written.
    Verify {
        /// Prove an export instead, with neither configuration nor database. It needs `--public-key`.
        #[arg(long, value_name = "FILE", requires = "public_key", conflicts_with = "checkpoint")]
        export: Option<PathBuf>,
        /// Trust the keys of this file instead of those that the master key opens: what `idp audit public-key` printed.
        #[arg(long, value_name = "FILE")]
        public_key: Option<PathBuf>,
        /// Also compare with a checkpoint that was kept elsewhere, as the log has them. Repeatable.
        #[arg(long, value_name = "TEXT")]
        checkpoint: Vec<String>,
    },
    /// Write the trail, or a part of it, to standard output. Lines of JSON prove themselves, also in part; CSV is for
    /// people.
    Export(Wanted),
    /// Print the public keys that checkpoints are proved with. Keep them where nobody who can write the database can
    /// change them.
    PublicKey,
    /// Make a new key, which signs from now on: after the master key was changed, or when the old one leaked.
    RotateKey,
}

/// What to export. Without dates and level it is everything.
#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// json or csv.
    #[arg(long, value_parser = parse_format)]
    format: ExportFormat,
    /// The first day, YYYY-MM-DD, in UTC.
    #[arg(long, value_parser = parse_day)]
    from: Option<Day>,
    /// The last day, YYYY-MM-DD, in UTC.
    #[arg(long, value_parser = parse_day)]
    to: Option<Day>,
    /// Only entries of this level and what is below it, such as "Root/BANK E".
    #[arg(long, value_name = "PATH")]
    level: Option<String>,
}

fn parse_format(text: &str) -> Result<ExportFormat, String> {
    ExportFormat::parse(text).ok_or_else(|| "expected json or csv".to_owned())
}

fn parse_day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "expected YYYY-MM-DD".to_owned())
}

impl Audit {
    /// The export to prove, with the file of trusted keys, when that is all that is asked for.
    pub(super) fn offline(&self) -> Option<(&Path, &Path)> {
        match self {
            Self::Verify { export: Some(export), public_key: Some(keys), .. } => {
                Some((export, keys))
            }
            _ => None,
        }
    }
}

/// Proves an export with the keys of a file.
pub(super) fn prove(export: &Path, keys: &Path) -> anyhow::Result<()> {
    let trusted = read_keys(keys)?;
    let file = File::open(export).with_context(|| format!("cannot read {}", export.display()))?;
    match trusted.prove(BufReader::new(file)).context("the export cannot be read")? {
        Err(fault) => bail!("the export is not what was written: {fault}"),
        Ok(proved) => say(&format!(
            "entries {} to {} of {}, {} of them shown, the chain is whole; signed {}",
            proved.first,
            proved.last,
            proved.issuer,
            proved.shown,
            Texts::english().instant(proved.signed_at)
        )),
    }
}

pub(super) async fn run(command: Audit, notary: &Notary<'_>) -> anyhow::Result<()> {
    match command {
        Audit::Export(wanted) => export(notary, wanted).await,
        Audit::Verify { public_key, checkpoint, .. } => {
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

/// Written as it is read: a trail may be longer than memory.
async fn export(notary: &Notary<'_>, wanted: Wanted) -> anyhow::Result<()> {
    let within = match &wanted.level {
        None => Sight::Everything,
        Some(path) => {
            let found = notary.store.find_level(&LevelPath::from_stored(path.clone())).await?;
            Sight::Levels(vec![found.with_context(|| format!("there is no level {path}"))?.path])
        }
    };
    let request = ExportRequest {
        search: AuditSearch {
            from: wanted.from.map(Day::begin),
            until: wanted.to.map(Day::end),
            ..AuditSearch::within(within)
        },
        filter: json!({
            "from": wanted.from.map(Day::to_iso),
            "to": wanted.to.map(Day::to_iso),
            "level": wanted.level,
        }),
        format: wanted.format,
        texts: Texts::english(),
        actor: AuditActor::System,
        level_id: None,
        origin: Origin::default(),
        limit: None,
    };
    let mut export = Export::begin(notary, request).await?;
    while let Some(text) = export.next().await? {
        std::io::stdout().write_all(text.as_bytes())?;
    }
    Ok(std::io::stdout().flush()?)
}

fn read_keys(file: &Path) -> anyhow::Result<Trusted> {
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
