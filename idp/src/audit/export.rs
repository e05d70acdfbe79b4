//! Taking the trail, or a part of it, out of the portal: as lines of JSON that prove themselves, or as a list for
//! people. It is written as it is read, a page at a time, and is itself an entry of the trail.

use std::collections::HashSet;

use portal_core::{
    Timestamp,
    audit::{
        AuditAction, AuditActor, AuditEvent, Origin,
        chain::{Entry, Place},
        export::{self, Head},
    },
    id::LevelId,
};
use serde_json::{Value, json};
use storage::{AuditSearch, StorageError, Store, StoredCheckpoint};

use super::{
    AuditError, Notary,
    words::{EntryWords, Reader},
};
use crate::{texts::Texts, web::csv};

/// Entries that are read at once.
const PAGE: u64 = 500;

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// Lines of JSON: the evidence.
    Json,
    /// For people and their spreadsheets.
    Csv,
}

impl ExportFormat {
    /// As it stands in forms and in the trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Json, Self::Csv].into_iter().find(|format| format.as_str() == text)
    }
}

/// How far an export may go.
#[derive(Clone, Copy, Debug)]
pub struct ExportLimit {
    /// Most entries that are shown.
    pub shown: u64,
    /// Most entries between the first and the last one, with those of others that evidence goes over and hides. A list
    /// for people does not go over them.
    pub covered: i64,
}

/// What is asked for, and by whom.
pub struct ExportRequest {
    /// Which entries.
    pub search: AuditSearch,
    /// The same as it was asked, for the head of the export and for the trail.
    pub filter: Value,
    /// How it is written.
    pub format: ExportFormat,
    /// The language of the list for people.
    pub texts: Texts,
    /// Who.
    pub actor: AuditActor,
    /// The level whose administrators see that it was taken.
    pub level_id: Option<LevelId>,
    /// Where from.
    pub origin: Origin,
    /// How far it may go.
    pub limit: Option<ExportLimit>,
}

/// An export that is being written.
pub struct Export {
    store: Store,
    search: AuditSearch,
    format: ExportFormat,
    texts: Texts,
    head: Head,
    /// What signs the entry before the first.
    start: Option<StoredCheckpoint>,
    /// The last entry that was written.
    written: i64,
    has_begun: bool,
}

impl Export {
    /// Writes it down that the export is taken, signs the trail, and finds where the export begins and ends.
    ///
    /// # Errors
    /// [`AuditError`]; [`AuditError::TooWide`] when it would go further than the request allows.
    pub async fn begin(notary: &Notary<'_>, request: ExportRequest) -> Result<Self, AuditError> {
        let store = notary.store;
        let span = store.audit_span(&request.search).await?;
        if let (Some((first, last)), Some(limit)) = (span, request.limit) {
            let covered = last.saturating_sub(first).saturating_add(1);
            let is_wide = request.format == ExportFormat::Json && covered > limit.covered;
            if is_wide || store.finds_more_than(&request.search, limit.shown).await? {
                return Err(AuditError::TooWide);
            }
        }
        write_down(notary, &request).await?;
        let newest = notary.sign().await?;
        let (start, last) = if request.search.is_everything() {
            (None, newest.seq)
        } else if let Some((first, last)) = span {
            let end = store.find_audit_checkpoint_of(last).await?;
            let start = store.find_audit_checkpoint_before(first).await?;
            (start, end.map_or(newest.seq, |end| end.seq))
        } else {
            // Nothing was found: the newest checkpoint is all that there is to prove.
            let seq = newest.seq;
            (Some(newest), seq)
        };
        let after = start.as_ref().map_or(Place::START.seq, |start| start.seq);
        let head = Head {
            format: export::FORMAT.to_owned(),
            issuer: notary.issuer.to_owned(),
            exported_at: notary.now.millis(),
            after,
            last,
            filter: (!request.search.is_everything()).then_some(request.filter),
            keys: notary.public_keys().await?,
        };
        let ExportRequest { search, format, texts, .. } = request;
        let store = store.clone();
        Ok(Self { store, search, format, texts, head, start, written: after, has_begun: false })
    }

    /// The next part of the text; `None` at its end.
    ///
    /// # Errors
    /// [`StorageError`]: what was written so far is no whole export, and does not prove itself.
    pub async fn next(&mut self) -> Result<Option<String>, StorageError> {
        if !self.has_begun {
            self.has_begun = true;
            return Ok(Some(self.beginning()));
        }
        if self.written >= self.head.last {
            return Ok(None);
        }
        match self.format {
            ExportFormat::Json => self.next_evidence().await.map(Some),
            ExportFormat::Csv => self.next_list().await,
        }
    }

    /// Every entry of a stretch, shown or hidden, with the checkpoints among them.
    async fn next_evidence(&mut self) -> Result<String, StorageError> {
        let mut page = self.store.list_audit_after(self.written, PAGE).await?;
        page.retain(|entry| entry.content.seq <= self.head.last);
        let Some(end) = page.last().map(|entry| entry.content.seq) else {
            return Err(StorageError::Corrupt("audit trail"));
        };
        let stretch = (self.written, end);
        let shown = self.store.audit_numbers(&self.search, stretch).await?;
        let checkpoints = self.store.list_audit_checkpoints(stretch).await?;
        self.written = end;
        Ok(json_lines(&page, &shown, &checkpoints))
    }

    /// The entries that were found, and none between them.
    async fn next_list(&mut self) -> Result<Option<String>, StorageError> {
        let stretch = (self.written, self.head.last);
        let page = self.store.list_found_after(&self.search, stretch, PAGE).await?;
        let Some(end) = page.last() else {
            return Ok(None);
        };
        self.written = end.content.seq;
        Ok(Some(self.csv_lines(&page).await?))
    }

    fn beginning(&self) -> String {
        match self.format {
            ExportFormat::Json => {
                let start = self.start.as_ref();
                let start = start.map(|start| export::checkpoint_line(&start.jws));
                format!("{}{}", export::head_line(&self.head), start.unwrap_or_default())
            }
            ExportFormat::Csv => {
                let columns = COLUMNS.map(|key| self.texts.msg(key));
                csv::head(columns.iter().map(String::as_str))
            }
        }
    }

    async fn csv_lines(&self, entries: &[Entry]) -> Result<String, StorageError> {
        let names = self.store.audit_names(entries).await?;
        let reader = Reader { texts: &self.texts, names: &names };
        Ok(entries.iter().map(|entry| csv_line(entry, &reader.read(&entry.content))).collect())
    }
}

/// The heads of the columns of the list for people.
const COLUMNS: [&str; 12] = [
    "audit-column-number",
    "audit-column-when",
    "audit-column-what",
    "audit-column-action",
    "audit-column-who",
    "audit-column-who-more",
    "audit-column-whom",
    "audit-column-whom-more",
    "audit-column-level",
    "audit-column-details",
    "audit-column-ip",
    "audit-column-request",
];

fn csv_line(entry: &Entry, words: &EntryWords) -> String {
    let content = &entry.content;
    let changes = words
        .changes
        .iter()
        .map(|change| format!("{}: {} → {}", change.name, change.before, change.after));
    let facts = words.facts.iter().map(|(name, value)| format!("{name}: {value}"));
    let details: Vec<String> = changes.chain(facts).collect();
    csv::line([
        content.seq.to_string().as_str(),
        &instant(content.at),
        &words.what,
        &content.action,
        &words.who.name,
        &words.who.more,
        &words.on_whom.name,
        &words.on_whom.more,
        &words.level,
        &details.join("; "),
        content.ip.as_deref().unwrap_or_default(),
        content.request_id.as_deref().unwrap_or_default(),
    ])
}

/// RFC 3339 with milliseconds, in UTC.
fn instant(at: Timestamp) -> String {
    let format = time::macros::format_description!(
        "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
    );
    let nanos = i128::from(at.millis()) * 1_000_000;
    let instant = time::OffsetDateTime::from_unix_timestamp_nanos(nanos).ok();
    instant.and_then(|instant| instant.format(format).ok()).unwrap_or_default()
}

/// Whole where they are shown, hidden where not, each checkpoint after the entry that it signs.
fn json_lines(page: &[Entry], shown: &HashSet<i64>, checkpoints: &[StoredCheckpoint]) -> String {
    let mut text = String::new();
    let mut checkpoints = checkpoints.iter().peekable();
    for entry in page {
        let seq = entry.content.seq;
        text.push_str(&if shown.contains(&seq) {
            export::entry_line(entry)
        } else {
            export::hidden_line(&entry.content)
        });
        while let Some(checkpoint) = checkpoints.next_if(|checkpoint| checkpoint.seq <= seq) {
            text.push_str(&export::checkpoint_line(&checkpoint.jws));
        }
    }
    text
}

async fn write_down(notary: &Notary<'_>, request: &ExportRequest) -> Result<(), StorageError> {
    let tx = notary.store.begin().await?;
    tx.append_audit(&AuditEvent {
        at: notary.now,
        actor: request.actor,
        action: AuditAction::AuditExported,
        object: "audit".to_owned(),
        level_id: request.level_id,
        detail: json!({ "format": request.format.as_str(), "filter": request.filter }),
        origin: request.origin.clone(),
    })
    .await?;
    tx.commit().await
}
