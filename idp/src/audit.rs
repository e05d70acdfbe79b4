//! The evidence: signing how far the audit trail reaches, and checking it (I26, security.md 131; ADR 29).

pub mod day;
mod detail;
pub mod export;
mod proof;
pub mod words;

use std::io::{self, BufRead};

use keys::{Checkpoint, CheckpointKey, CheckpointKeys, KeySetError};
use portal_core::{
    Timestamp,
    audit::{
        AuditAction, AuditActor, AuditEvent, Origin,
        chain::{Fault, Place, checkpoint_is_due},
        export::{Proved, Statement},
    },
};
use serde_json::{Value, json};
use storage::{StorageError, Store, StoredAuditKey, StoredCheckpoint, Transaction, Walked};

use crate::{App, entropy::Entropy, secrets::ServerKeys};

/// The trail cannot be signed or checked.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// It cannot be read or stored.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Its key cannot be opened: the master key is another one.
    #[error("the key of the audit trail cannot be used with this master key: {0}")]
    Key(#[from] keys::Error),
    /// A public key is not one.
    #[error(transparent)]
    PublicKey(#[from] KeySetError),
    /// An export would go over more entries than it may.
    #[error("the export would go over too many entries")]
    TooWide,
}

/// Signs the trail of one portal.
pub struct Notary<'a> {
    /// The database.
    pub store: &'a Store,
    /// What opens and wraps the keys of the trail.
    pub server_keys: &'a ServerKeys,
    /// Randomness for wrapping.
    pub entropy: &'a dyn Entropy,
    /// Now.
    pub now: Timestamp,
    /// Whose trail it is.
    pub issuer: &'a str,
}

impl<'a> Notary<'a> {
    /// For a running node.
    pub fn of(app: &'a App) -> Self {
        Self {
            store: &app.store,
            server_keys: &app.server_keys,
            entropy: app.entropy.as_ref(),
            now: app.now(),
            issuer: app.issuer.as_str(),
        }
    }

    /// Signs the end of the trail when it is time. What was appended since the last checkpoint is walked over before:
    /// the fault comes with it. It is signed all the same, for the sake of what is appended after the fault, and the
    /// fault stays where it is.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn sign_if_due(
        &self,
    ) -> Result<Option<(StoredCheckpoint, Option<Fault>)>, AuditError> {
        let latest = self.store.latest_audit_checkpoint().await?;
        let last = latest.as_ref().map(|latest| (latest.seq, latest.at));
        if !checkpoint_is_due(self.store.audit_end().await?, last, self.now) {
            return Ok(None);
        }
        let mut start = Place::START;
        if let Some(latest) = &latest {
            let Some(place) = self.trusted().await?.place_of(latest, self.issuer) else {
                let fault = Fault::Checkpoint(latest.seq);
                return Ok(Some((self.sign().await?, Some(fault))));
            };
            start = place;
        }
        let fault = self.store.verify_audit_after(start).await?.fault;
        Ok(Some((self.sign().await?, fault)))
    }

    /// Signs the end of the trail now, unless it is signed already, and gives its checkpoint.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn sign(&self) -> Result<StoredCheckpoint, AuditError> {
        let tx = self.store.begin().await?;
        tx.hold_audit_end().await?;
        let stored = tx.list_audit_keys().await?;
        let key = match stored.last() {
            Some(newest) => self.open(newest)?,
            None => self.insert_key(&tx).await?,
        };
        let end = tx.hold_audit_end().await?;
        if let Some(latest) = tx.latest_audit_checkpoint().await?
            && latest.seq == end.seq
        {
            return Ok(latest);
        }
        let jws = key.sign(&Checkpoint {
            iss: self.issuer.to_owned(),
            seq: end.seq,
            digest: end.digest,
            iat: self.now.seconds(),
        })?;
        // Whole seconds, as they are signed: the row says nothing that the signature does not.
        let at = Timestamp::from_millis(self.now.seconds().saturating_mul(1000));
        let signed = StoredCheckpoint { seq: end.seq, at, jws };
        tx.insert_audit_checkpoint(&signed).await?;
        tx.commit().await?;
        Ok(signed)
    }

    /// Makes a key that signs from now on, and gives its name. What older keys signed stays good.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn rotate_key(&self) -> Result<String, AuditError> {
        let tx = self.store.begin().await?;
        tx.hold_audit_end().await?;
        let key = self.insert_key(&tx).await?;
        tx.commit().await?;
        Ok(key.kid().to_owned())
    }

    /// The public keys of the trail as a key set (RFC 7517 5). A key that this master key does not open is left out:
    /// nobody could tell whether it is one of ours.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn public_keys(&self) -> Result<Value, AuditError> {
        let keys = self.keys().await?;
        let public: Vec<Value> = keys.iter().map(CheckpointKey::public_jwk).collect();
        Ok(json!({ "keys": public }))
    }

    /// The keys that checkpoints of this portal are proved with.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn trusted(&self) -> Result<Trusted, AuditError> {
        Ok(Trusted(CheckpointKeys::of(&self.keys().await?)?))
    }

    async fn keys(&self) -> Result<Vec<CheckpointKey>, AuditError> {
        let stored = self.store.list_audit_keys().await?;
        Ok(stored.iter().filter_map(|key| self.open(key).ok()).collect())
    }

    fn open(&self, stored: &StoredAuditKey) -> Result<CheckpointKey, keys::Error> {
        CheckpointKey::unwrap(&stored.kid, &stored.sealed, self.server_keys.wrapping())
    }

    async fn insert_key(&self, tx: &Transaction) -> Result<CheckpointKey, AuditError> {
        let key = CheckpointKey::generate()?;
        let stored = StoredAuditKey {
            kid: key.kid().to_owned(),
            sealed: key.wrap(self.server_keys.wrapping(), &self.entropy.bytes())?,
            created_at: self.now,
        };
        tx.insert_audit_key(&stored).await?;
        tx.append_audit(&AuditEvent {
            at: self.now,
            actor: AuditActor::System,
            action: AuditAction::AuditKeyCreated,
            object: format!("audit_key:{}", stored.kid),
            level_id: None,
            detail: json!({}),
            origin: Origin::default(),
        })
        .await?;
        Ok(key)
    }
}

/// The keys that a reader trusts.
#[derive(Debug)]
pub struct Trusted(CheckpointKeys);

impl Trusted {
    /// Reads a key or a key set, as `idp audit public-key` prints it.
    ///
    /// # Errors
    /// [`KeySetError`].
    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        CheckpointKeys::parse(json).map(Self)
    }

    /// What a text signs; `None` when no trusted key signed it.
    pub fn read(&self, jws: &str) -> Option<Checkpoint> {
        self.0.verify(jws).ok()
    }

    /// Reads an export and proves it; nothing but the text and these keys is needed.
    ///
    /// # Errors
    /// The file cannot be read. What is wrong with it is no error.
    pub fn prove(&self, export: impl BufRead) -> io::Result<Result<Proved, Fault>> {
        proof::prove(export, &|text| {
            let said = self.read(text)?;
            Some(Statement {
                issuer: said.iss,
                place: Place { seq: said.seq, digest: said.digest },
                at: Timestamp::from_millis(said.iat.saturating_mul(1000)),
            })
        })
    }

    /// Walks the whole trail of a database, and compares it with its checkpoints and with others that were kept
    /// elsewhere.
    ///
    /// # Errors
    /// [`StorageError`]: it could not be walked. What is wrong with it is no error.
    pub async fn verify(
        &self,
        store: &Store,
        issuer: &str,
        known: &[Place],
    ) -> Result<Walked, StorageError> {
        let read = |checkpoint: &StoredCheckpoint| self.place_of(checkpoint, issuer);
        store.verify_signed_audit(&read, known).await
    }

    /// Where the trail was, when the stored checkpoint is exactly what was signed for this issuer.
    fn place_of(&self, stored: &StoredCheckpoint, issuer: &str) -> Option<Place> {
        let said = self.read(&stored.jws)?;
        let at = said.iat.saturating_mul(1000);
        let is_it = said.iss == issuer && said.seq == stored.seq && at == stored.at.millis();
        is_it.then_some(Place { seq: said.seq, digest: said.digest })
    }
}
