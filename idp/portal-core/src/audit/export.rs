//! An export of the trail: lines of JSON that prove themselves (domain.md 4.4; ADR 29; `docs/audit-trail.md`).
//!
//! The first line is the [`Head`]. Then come the entries in order: whole, or only by the digest of their content, where
//! they are not for the reader. A checkpoint stands after the entry that it signs, and before the first when the
//! export does not begin at the first entry. The last line is a checkpoint.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::chain::{Content, Digest, Entry, Fault, Place, Walk};
use crate::{Timestamp, id::LevelId};

#[cfg(test)]
mod tests;

/// The name of the format.
pub const FORMAT: &str = "idp-audit-export-1";

/// The first line. Nothing in it is proved; what matters of it is compared with what is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// [`FORMAT`].
    pub format: String,
    /// Whose trail it is.
    pub issuer: String,
    /// When it was made, Unix milliseconds.
    pub exported_at: i64,
    /// The number of the entry before the first; 0 when the export begins with the first entry of all.
    pub after: i64,
    /// The number of the last entry.
    pub last: i64,
    /// Which entries were asked for; `null` for all.
    pub filter: Option<Value>,
    /// The public keys of the checkpoints, for whoever wants to look. A reader trusts the keys that it got elsewhere.
    pub keys: Value,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryLine {
    seq: i64,
    at: i64,
    actor: String,
    action: String,
    object: String,
    level_id: Option<String>,
    detail: String,
    ip: Option<String>,
    request_id: Option<String>,
    salt: String,
    previous: String,
    digest: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HiddenLine {
    seq: i64,
    content: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointLine {
    checkpoint: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Entry(Box<EntryLine>),
    Hidden(HiddenLine),
    Checkpoint(CheckpointLine),
}

/// The first line of an export.
pub fn head_line(head: &Head) -> String {
    written(head)
}

/// An entry, shown as a whole.
pub fn entry_line(entry: &Entry) -> String {
    let content = &entry.content;
    written(&EntryLine {
        seq: content.seq,
        at: content.at.millis(),
        actor: content.actor.clone(),
        action: content.action.clone(),
        object: content.object.clone(),
        level_id: content.level_id.map(|id| id.to_string()),
        detail: content.detail.clone(),
        ip: content.ip.clone(),
        request_id: content.request_id.clone(),
        salt: URL_SAFE_NO_PAD.encode(content.salt),
        previous: URL_SAFE_NO_PAD.encode(entry.previous),
        digest: URL_SAFE_NO_PAD.encode(entry.digest),
    })
}

/// An entry that is not for the reader: its place in the chain, and nothing of what it says.
pub fn hidden_line(content: &Content) -> String {
    let digest = URL_SAFE_NO_PAD.encode(content.digest());
    written(&HiddenLine { seq: content.seq, content: digest })
}

/// A checkpoint.
pub fn checkpoint_line(jws: &str) -> String {
    written(&CheckpointLine { checkpoint: jws.to_owned() })
}

/// One line with its end. Texts and numbers can always be written.
fn written(line: &impl Serialize) -> String {
    let json = serde_json::to_string(line).unwrap_or_default();
    format!("{json}\n")
}

/// What a checkpoint says, once it is proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Whose trail it is.
    pub issuer: String,
    /// How far the trail reached.
    pub place: Place,
    /// When that was.
    pub at: Timestamp,
}

/// Proves a checkpoint with the keys that the reader trusts; `None` when none of them signed it.
pub type Prove<'a> = &'a dyn Fn(&str) -> Option<Statement>;

/// What an export was proved to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// Whose trail it is.
    pub issuer: String,
    /// Number of the first entry.
    pub first: i64,
    /// Number of the last entry.
    pub last: i64,
    /// Entries that are shown.
    pub shown: u64,
    /// When the last checkpoint was signed: later entries are not in it.
    pub signed_at: Timestamp,
}

/// Reads an export line by line and proves it.
pub struct Reading<'a> {
    prove: Prove<'a>,
    head: Head,
    /// `None` until the checkpoint before the first entry was read.
    walk: Option<Walk>,
    shown: u64,
    signed_at: Timestamp,
}

impl<'a> Reading<'a> {
    /// Begins with the first line.
    ///
    /// # Errors
    /// [`Fault::Head`].
    pub fn begin(first_line: &str, prove: Prove<'a>) -> Result<Self, Fault> {
        let head: Head = serde_json::from_str(first_line).map_err(|_| Fault::Head)?;
        if head.format != FORMAT || head.after < 0 {
            return Err(Fault::Head);
        }
        let walk = (head.after == 0).then(|| Walk::after(Place::START));
        Ok(Self { prove, head, walk, shown: 0, signed_at: Timestamp::from_millis(0) })
    }

    /// What the export says of itself.
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// Goes over the next line.
    ///
    /// # Errors
    /// The [`Fault`] that names the entry.
    pub fn line(&mut self, text: &str) -> Result<(), Fault> {
        let line: Result<Line, _> = serde_json::from_str(text);
        let Some(walk) = &mut self.walk else {
            let Ok(Line::Checkpoint(line)) = line else {
                return Err(Fault::Checkpoint(self.head.after));
            };
            return self.begin_at(&line.checkpoint);
        };
        let line = line.map_err(|_| Fault::Entry(walk.next()))?;
        let is_entry = !matches!(line, Line::Checkpoint(_));
        if is_entry && walk.place().seq >= self.head.last {
            return Err(Fault::Entry(walk.next()));
        }
        match line {
            Line::Entry(line) => {
                let entry = into_entry(*line).ok_or(Fault::Entry(walk.next()))?;
                walk.entry(&entry)?;
                self.shown = self.shown.saturating_add(1);
                Ok(())
            }
            Line::Hidden(line) => {
                let content = bytes(&line.content).ok_or(Fault::Entry(walk.next()))?;
                walk.hidden(line.seq, &content)
            }
            Line::Checkpoint(line) => {
                let at = walk.place().seq;
                let said = self.proved(&line.checkpoint, at)?;
                let Some(walk) = &mut self.walk else { return Err(Fault::Checkpoint(at)) };
                walk.checkpoint(said.place)?;
                self.signed_at = said.at;
                Ok(())
            }
        }
    }

    /// Ends the reading: everything that was announced has come, and the last line signs it.
    ///
    /// # Errors
    /// [`Fault::Missing`] or [`Fault::Unsigned`].
    pub fn finish(self) -> Result<Proved, Fault> {
        let walk = self.walk.ok_or(Fault::Checkpoint(self.head.after))?;
        let last = walk.place().seq;
        if last < self.head.last {
            return Err(Fault::Missing { first: walk.next(), last: self.head.last });
        }
        if walk.signed() < last || self.head.last == 0 {
            return Err(Fault::Unsigned(walk.signed().saturating_add(1)));
        }
        Ok(Proved {
            issuer: self.head.issuer,
            first: self.head.after.saturating_add(1),
            last,
            shown: self.shown,
            signed_at: self.signed_at,
        })
    }

    fn begin_at(&mut self, checkpoint: &str) -> Result<(), Fault> {
        let said = self.proved(checkpoint, self.head.after)?;
        if said.place.seq != self.head.after {
            return Err(Fault::Checkpoint(self.head.after));
        }
        self.walk = Some(Walk::after(said.place));
        self.signed_at = said.at;
        Ok(())
    }

    fn proved(&self, checkpoint: &str, at: i64) -> Result<Statement, Fault> {
        let said = (self.prove)(checkpoint).filter(|said| said.issuer == self.head.issuer);
        said.ok_or(Fault::Checkpoint(at))
    }
}

/// `None` for what [`entry_line`] never writes: each entry has one way to be written.
fn into_entry(line: EntryLine) -> Option<Entry> {
    let level_id = match &line.level_id {
        None => None,
        Some(text) => {
            let id: LevelId = text.parse().ok()?;
            (id.to_string() == *text).then_some(Some(id))?
        }
    };
    Some(Entry {
        content: Content {
            seq: line.seq,
            at: Timestamp::from_millis(line.at),
            actor: line.actor,
            action: line.action,
            object: line.object,
            level_id,
            detail: line.detail,
            ip: line.ip,
            request_id: line.request_id,
            salt: bytes(&line.salt)?,
        },
        previous: bytes::<{ size_of::<Digest>() }>(&line.previous)?,
        digest: bytes::<{ size_of::<Digest>() }>(&line.digest)?,
    })
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}
