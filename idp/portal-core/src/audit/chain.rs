//! The rule by which entries of the audit trail hang together (I26, security.md 131; ADR 29). The database and an
//! export are checked by the same walk.
//!
//! ```text
//! content(n) = SHA-256(JSON array of everything that entry n says, and its salt)
//! digest(n)  = SHA-256(n as 8 bytes ‖ digest(n − 1) ‖ content(n))          digest(0) = 32 zero bytes
//! ```
//!
//! The digest takes the content only by its digest. So an entry can be shown to nobody and still be walked over: who
//! knows `content(n)` follows the chain, and learns nothing, because the salt is secret.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{Timestamp, id::LevelId};

#[cfg(test)]
mod tests;

/// SHA-256.
pub type Digest = [u8; 32];

/// What nobody can guess of an entry, so that its digest tells nothing.
pub type Salt = [u8; 16];

/// Names the rule in what is hashed: another rule gets another name.
const RULE: &str = "idp-audit-entry-1";

/// Everything that an entry says, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Its number, from 1, without gaps.
    pub seq: i64,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it, as [`super::AuditActor::to_text`] writes it.
    pub actor: String,
    /// What happened, as [`super::AuditAction::as_str`] writes it.
    pub action: String,
    /// On whom or what.
    pub object: String,
    /// The level whose administrators may read it.
    pub level_id: Option<LevelId>,
    /// Before and after, or the reason: JSON text.
    pub detail: String,
    /// Network address of the requester.
    pub ip: Option<String>,
    /// Id of the request.
    pub request_id: Option<String>,
    /// What hides it from those who only get its digest.
    pub salt: Salt,
}

impl Content {
    /// The digest of everything that it says.
    pub fn digest(&self) -> Digest {
        let fields = json!([
            RULE,
            URL_SAFE_NO_PAD.encode(self.salt),
            self.seq,
            self.at.millis(),
            self.actor,
            self.action,
            self.object,
            self.level_id.map(|id| id.to_string()),
            self.detail,
            self.ip,
            self.request_id,
        ]);
        Sha256::digest(fields.to_string()).into()
    }
}

/// An entry with its links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it says.
    pub content: Content,
    /// The digest of the entry before it.
    pub previous: Digest,
    /// Its own.
    pub digest: Digest,
}

/// How far a chain reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Number of the last entry; 0 before the first.
    pub seq: i64,
    /// Digest of that entry.
    pub digest: Digest,
}

impl Place {
    /// Before the first entry.
    pub const START: Self = Self { seq: 0, digest: [0; 32] };

    /// The place after one more entry.
    #[must_use]
    pub fn follow(self, content: &Digest) -> Self {
        let seq = self.seq.saturating_add(1);
        let link = Sha256::new()
            .chain_update(seq.to_be_bytes())
            .chain_update(self.digest)
            .chain_update(content);
        Self { seq, digest: link.finalize().into() }
    }
}

/// Entries after which a checkpoint is due, whatever the time.
pub const CHECKPOINT_EVERY_ENTRIES: i64 = 1000;

/// Seconds after which a checkpoint is due when anything was appended.
pub const CHECKPOINT_EVERY_SECONDS: i64 = 300;

/// Whether it is time to sign the end of the trail. `last` is the entry that was signed last, and when.
pub fn checkpoint_is_due(end: Place, last: Option<(i64, Timestamp)>, now: Timestamp) -> bool {
    let (signed, at) = last.unwrap_or((Place::START.seq, Timestamp::from_millis(i64::MIN)));
    let unsigned = end.seq.saturating_sub(signed);
    unsigned >= CHECKPOINT_EVERY_ENTRIES
        || (unsigned > 0 && now >= at.plus_seconds(CHECKPOINT_EVERY_SECONDS))
}

/// Why a trail is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// An entry was changed, cannot be read, is missing, or stands where another one belongs.
    #[error("entry {0} is not the one that was written")]
    Entry(i64),
    /// Entries that a checkpoint or the end of the trail tells of are gone.
    #[error("entry {first} is missing, and with it everything up to entry {last}")]
    Missing {
        /// The first of them.
        first: i64,
        /// The last that is known of.
        last: i64,
    },
    /// Entries fit each other, and are not those that were signed.
    #[error("entry {first} or one after it, up to entry {last}, is not the one that was signed")]
    Rewritten {
        /// The first that no good checkpoint vouches for.
        first: i64,
        /// The entry that the checkpoint signs.
        last: i64,
    },
    /// A checkpoint is not one: no trusted key signed it, it cannot be read, or it stands at the wrong place.
    #[error("the checkpoint at entry {0} or the next one was changed, or no trusted key signed it")]
    Checkpoint(i64),
    /// The record of where the trail ends was changed: it is not the end of this chain.
    #[error("the recorded end of the trail does not fit entry {0}, the last one")]
    End(i64),
    /// An export does not begin with the line that it must begin with.
    #[error("this is no export of the audit trail, or its first line was changed")]
    Head,
    /// An export goes on after its last checkpoint: nobody vouches for that part.
    #[error("no checkpoint signs entry {0} and those after it")]
    Unsigned(i64),
    /// What an entry is looked up by differs from the entry; `None` when the database cannot tell which one.
    #[error(
        "{} is not listed as it was written: an index of the database was changed",
        .0.map_or_else(|| "an entry".to_owned(), |seq| format!("entry {seq}"))
    )]
    Index(Option<i64>),
}

/// A walk along a chain, entry by entry. It stops at the first fault.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    place: Place,
    signed: i64,
}

impl Walk {
    /// A walk that begins after a place that is known to be good.
    pub const fn after(place: Place) -> Self {
        Self { place, signed: place.seq }
    }

    /// How far it came.
    pub const fn place(&self) -> Place {
        self.place
    }

    /// The last entry that a checkpoint vouches for.
    pub const fn signed(&self) -> i64 {
        self.signed
    }

    /// The number of the entry that must come next.
    pub const fn next(&self) -> i64 {
        self.place.seq.saturating_add(1)
    }

    /// Goes over an entry.
    ///
    /// # Errors
    /// [`Fault::Entry`] with the number that belongs here.
    pub fn entry(&mut self, entry: &Entry) -> Result<(), Fault> {
        let next = self.place.follow(&entry.content.digest());
        let fits = entry.content.seq == next.seq
            && entry.previous == self.place.digest
            && entry.digest == next.digest;
        if !fits {
            return Err(Fault::Entry(next.seq));
        }
        self.place = next;
        Ok(())
    }

    /// Goes over an entry of which only the digest of its content is known.
    ///
    /// # Errors
    /// [`Fault::Entry`] with the number that belongs here.
    pub fn hidden(&mut self, seq: i64, content: &Digest) -> Result<(), Fault> {
        let next = self.place.follow(content);
        if seq != next.seq {
            return Err(Fault::Entry(next.seq));
        }
        self.place = next;
        Ok(())
    }

    /// Compares with what was signed, when the walk has come to that place.
    ///
    /// # Errors
    /// [`Fault::Rewritten`] when the entries are others, [`Fault::Missing`] when the walk has not come so far,
    /// [`Fault::Checkpoint`] when it is beyond.
    pub fn checkpoint(&mut self, signed: Place) -> Result<(), Fault> {
        if signed.seq > self.place.seq {
            return Err(Fault::Missing { first: self.next(), last: signed.seq });
        }
        if signed.seq < self.place.seq {
            return Err(Fault::Checkpoint(signed.seq));
        }
        if signed != self.place {
            let first = self.signed.saturating_add(1).min(signed.seq);
            return Err(Fault::Rewritten { first, last: signed.seq });
        }
        self.signed = signed.seq;
        Ok(())
    }
}
