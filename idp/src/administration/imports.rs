//! Files of many changes (domain.md 4.3): shown before they are applied, applied exactly as they were shown, all or
//! nothing, and once.
//!
//! The preview does what the import does, in a transaction that is dropped. What came out is kept as a digest, beside
//! that of the file, under a ticket which the preview hands to the browser. The import uses the ticket up in its own
//! transaction: another file, or another outcome because something was changed meanwhile, is stale.

use portal_core::{account::UserStatus, one_time_link::LinkPurpose};
use serde::{Deserialize, Serialize};
use storage::{Account, Digest, NewLink};
use uuid::Uuid;

use super::{Administration, AdministrationError, Change, Done};
use crate::secrets;

/// A file, and the ticket of its preview.
#[derive(Clone, Copy, Debug)]
pub struct ImportedFile {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Digest of the ticket.
    pub ticket: Digest,
}

/// What is wrong with one row of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowRefusal {
    /// The row, by its number in the file.
    pub row: usize,
    /// What is wrong.
    pub refusal: Refusal,
}

/// Why a row cannot be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The address has an account already (I5).
    AddressTaken,
    /// There is no such level, or the actor may create nobody there.
    Level,
    /// The subsidiary does not belong to the level.
    Subsidiary,
    /// A file is about one organisation.
    OtherOrganisation,
    /// There is no such person in sight.
    Person,
    /// There is no such group, or the actor gives no access to what it opens.
    Group,
    /// The organisation is not onboarded to what the group opens (O7).
    NotOnboarded,
    /// The organisation lets nobody give access to oneself (O8).
    SelfAssignment,
}

/// What a file does, row by row, and what keeps it from being applied.
#[derive(Clone, Debug)]
pub struct Preview<T> {
    /// What rows do.
    pub effects: Vec<T>,
    /// What is wrong; nothing is applied while there is anything.
    pub refusals: Vec<RowRefusal>,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was applied now; so many rows changed something.
    Now(usize),
    /// It was applied before, by the same ticket.
    Before(usize),
}

/// What a ticket stands for.
#[derive(Debug, Serialize, Deserialize)]
struct Ticket {
    file: String,
    outcome: String,
    applied: Option<usize>,
}

/// A ticket that was handed in.
pub(super) enum Taken {
    /// For the first time; with the outcome that was shown.
    Now(String),
    /// Again, after so many rows were applied by it.
    Before(usize),
}

impl<T> Default for Preview<T> {
    fn default() -> Self {
        Self { effects: Vec::new(), refusals: Vec::new() }
    }
}

impl<T: std::fmt::Debug> Preview<T> {
    pub(super) fn refuse(&mut self, row: usize, refusal: Refusal) {
        self.refusals.push(RowRefusal { row, refusal });
    }

    /// A digest of what was shown.
    fn outcome(&self) -> String {
        secrets::hexadecimal(&secrets::digest(&format!("{:?}", self.effects)))
    }

    /// Goes on only with what was shown.
    pub(super) fn check(&self, shown: &str) -> Done<()> {
        if self.refusals.is_empty() && self.outcome() == shown {
            Ok(())
        } else {
            Err(AdministrationError::Stale)
        }
    }
}

impl Administration<'_> {
    /// Keeps what a preview showed, if it can be applied. A ticket of the same kind from before is dead.
    pub(super) async fn keep_ticket<T: std::fmt::Debug + Sync>(
        &self,
        purpose: LinkPurpose,
        file: &ImportedFile,
        preview: &Preview<T>,
    ) -> Done<()> {
        if !preview.refusals.is_empty() {
            return Ok(());
        }
        let ticket = Ticket {
            file: secrets::hexadecimal(&file.digest),
            outcome: preview.outcome(),
            applied: None,
        };
        let link = NewLink {
            digest: file.ticket,
            purpose,
            subject: self.ticket_holder(),
            detail: ticket.to_text()?,
        };
        let tx = self.store.begin().await?;
        tx.insert_link(&link, self.now).await?;
        Ok(tx.commit().await?)
    }

    fn ticket_holder(&self) -> Uuid {
        self.actor_id().map_or(Uuid::nil(), |id| id.0)
    }

    /// Uses a ticket up.
    ///
    /// # Errors
    /// [`AdministrationError::Stale`] when it is another person's, for another file, or over.
    pub(super) async fn take_ticket(
        &self,
        change: &Change<'_>,
        purpose: LinkPurpose,
        file: &ImportedFile,
    ) -> Done<Taken> {
        let taken = change.tx.take_link(&file.ticket, purpose, self.now).await?;
        let is_taken = taken.is_some();
        let link = match taken {
            Some(link) => Some(link),
            None => change.tx.find_used_link(&file.ticket, purpose).await?,
        };
        let link = link.filter(|link| link.subject == self.ticket_holder());
        let link = link.ok_or(AdministrationError::Stale)?;
        let ticket = Ticket::parse(&link.detail).ok_or(AdministrationError::Stale)?;
        if ticket.file != secrets::hexadecimal(&file.digest) {
            return Err(AdministrationError::Stale);
        }
        match ticket.applied {
            None if is_taken => Ok(Taken::Now(ticket.outcome)),
            Some(count) => Ok(Taken::Before(count)),
            None => Err(AdministrationError::Stale),
        }
    }
}

impl Change<'_> {
    /// Notes on a ticket that was taken how many rows it has applied.
    pub(super) async fn note_applied(&self, file: &ImportedFile, count: usize) -> Done<()> {
        let digest = secrets::hexadecimal(&file.digest);
        let ticket = Ticket { file: digest, outcome: String::new(), applied: Some(count) };
        Ok(self.tx.note_on_used_link(&file.ticket, &ticket.to_text()?).await?)
    }
}

impl Ticket {
    fn to_text(&self) -> Done<String> {
        let text = serde_json::to_string(self);
        text.map_err(|_| AdministrationError::Storage(storage::StorageError::Corrupt("ticket")))
    }

    fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// Whether a person can be changed at all.
pub(super) fn is_there(account: &Account) -> bool {
    account.user.status != UserStatus::Deleted
}
