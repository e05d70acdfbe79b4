//! Entries of the audit trail as pages show them.

use portal_core::audit::chain::Entry;
use storage::AuditNames;

use crate::{
    audit::words::{EntryWords, Reader},
    texts::Texts,
};

/// An entry.
pub(super) struct EntryView {
    pub(super) seq: i64,
    pub(super) at: String,
    pub(super) words: EntryWords,
    pub(super) ip: Option<String>,
    pub(super) request_id: Option<String>,
}

impl EntryView {
    pub(super) fn all(entries: &[Entry], texts: &Texts, names: &AuditNames) -> Vec<Self> {
        let reader = Reader { texts, names };
        let view = |entry: &Entry| {
            let content = &entry.content;
            Self {
                seq: content.seq,
                at: texts.instant(content.at),
                words: reader.read(content),
                ip: content.ip.clone(),
                request_id: content.request_id.clone(),
            }
        };
        entries.iter().map(view).collect()
    }
}
