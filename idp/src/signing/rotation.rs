//! Making, rotating and revoking signing keys: each in one transaction with its audit entry, guarded so that of two
//! nodes one acts (security.md 46).

use keys::{Algorithm, SigningKey};
use portal_core::{
    Timestamp,
    audit::{AuditAction, AuditActor, AuditEvent, Origin},
};
use serde_json::{Value, json};
use storage::{Store, StoredSigningKey, Transaction};

use super::{
    Schedule, SigningError,
    schedule::{Line, Span},
};
use crate::{App, entropy::Entropy, secrets::ServerKeys};

/// Who changes keys, and with what.
pub struct KeyAdministration<'a> {
    /// The database.
    pub store: &'a Store,
    /// What wraps new keys.
    pub server_keys: &'a ServerKeys,
    /// Randomness for wrapping.
    pub entropy: &'a dyn Entropy,
    /// Now.
    pub now: Timestamp,
    /// Why, for the audit trail: `schedule`, `command line`.
    pub reason: &'static str,
}

/// A key that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// Its name.
    pub kid: String,
    /// Its algorithm.
    pub algorithm: Algorithm,
    /// From when on it signs.
    pub active_from: Timestamp,
}

/// What a rotation on demand came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// A new key is published.
    Published(NewKey),
    /// Nothing was done: this key is published and waits already.
    Waiting {
        /// Its name.
        kid: String,
        /// From when on it signs.
        active_from: Timestamp,
    },
}

/// What a revocation came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// The key is revoked. When it was the one that signed, another one signs from now on.
    Done {
        /// The other one.
        replacement: Option<NewKey>,
    },
    /// It was revoked before; nothing was done.
    Before,
    /// There is no such key.
    Unknown,
}

impl<'a> KeyAdministration<'a> {
    /// For the jobs of a running node.
    pub fn scheduled(app: &'a App) -> Self {
        Self {
            store: &app.store,
            server_keys: &app.server_keys,
            entropy: app.entropy.as_ref(),
            now: app.now(),
            reason: "schedule",
        }
    }

    /// Makes the keys that are due: the first of an algorithm, and the successor of one that is old.
    ///
    /// # Errors
    /// [`SigningError`]; what was made before it stays.
    pub async fn rotate_due(&self, schedule: &Schedule) -> Result<Vec<NewKey>, SigningError> {
        let mut made = Vec::new();
        let stored = self.store.list_signing_keys(self.now).await?;
        for algorithm in Algorithm::ALL {
            let due = |keys: &[StoredSigningKey]| Line::of(keys, algorithm, self.now).due(schedule);
            if due(&stored).is_none() {
                continue;
            }
            // Made before the transaction: an RSA key takes a while, and others wait for the lock.
            let key = generate(algorithm).await?;
            let tx = self.store.begin().await?;
            let held = tx.hold_signing_keys(self.now).await?;
            if let Some(span) = due(&held) {
                made.push(self.insert(&tx, &held, key, span).await?);
                tx.commit().await?;
            }
        }
        Ok(made)
    }

    /// Publishes the successor of the active key of an algorithm now, whatever its age.
    ///
    /// # Errors
    /// [`SigningError`].
    pub async fn rotate(
        &self,
        algorithm: Algorithm,
        schedule: &Schedule,
    ) -> Result<Rotated, SigningError> {
        let key = generate(algorithm).await?;
        let tx = self.store.begin().await?;
        let held = tx.hold_signing_keys(self.now).await?;
        let line = Line::of(&held, algorithm, self.now);
        let span = match (line.successor(schedule), line.next()) {
            (Some(span), _) => span,
            (None, Some(next)) => {
                return Ok(Rotated::Waiting {
                    kid: next.kid.clone(),
                    active_from: next.active_from,
                });
            }
            (None, None) => return Err(SigningError::Algorithm(algorithm.as_str().to_owned())),
        };
        let made = self.insert(&tx, &held, key, span).await?;
        tx.commit().await?;
        Ok(Rotated::Published(made))
    }

    /// Takes a key back at once. If it was the one that signs, a fresh one signs from now on; if it was the one that
    /// waits, the active one signs on.
    ///
    /// # Errors
    /// [`SigningError`].
    pub async fn revoke(&self, kid: &str) -> Result<Revoked, SigningError> {
        let Some(found) = self.find(kid).await? else { return Ok(Revoked::Unknown) };
        let spare = match Algorithm::parse(&found.alg) {
            Some(algorithm) => Some(generate(algorithm).await?),
            None => None,
        };
        let tx = self.store.begin().await?;
        tx.hold_signing_keys(self.now).await?;
        if !tx.revoke_signing_key(kid, self.now).await? {
            return Ok(Revoked::Before);
        }
        let replacement = match spare {
            Some(spare) => self.close_ranks(&tx, spare).await?,
            None => None,
        };
        let detail = json!({
            "alg": found.alg,
            "reason": self.reason,
            "replacement": replacement.as_ref().map(|new| &new.kid),
        });
        tx.append_audit(&self.event(AuditAction::SigningKeyRevoked, kid, detail)).await?;
        tx.commit().await?;
        Ok(Revoked::Done { replacement })
    }

    /// Forgets private parts that have no use any more: how many.
    ///
    /// # Errors
    /// [`SigningError`].
    pub async fn forget(&self) -> Result<u64, SigningError> {
        let tx = self.store.begin().await?;
        let count = tx.forget_signing_keys(super::schedule::verifies_since(self.now)).await?;
        tx.commit().await?;
        Ok(count)
    }

    /// After a revocation: somebody signs, now and later.
    async fn close_ranks(
        &self,
        tx: &Transaction,
        spare: SigningKey,
    ) -> Result<Option<NewKey>, SigningError> {
        let left = tx.hold_signing_keys(self.now).await?;
        let line = Line::of(&left, spare.algorithm(), self.now);
        if let Some(span) = line.gap() {
            return Ok(Some(self.insert(tx, &left, spare, span).await?));
        }
        if line.next().is_none() {
            for active in line.active() {
                tx.retire_signing_key(&active.kid, None).await?;
            }
        }
        Ok(None)
    }

    async fn find(&self, kid: &str) -> Result<Option<StoredSigningKey>, SigningError> {
        let all = self.store.list_all_signing_keys().await?;
        Ok(all.into_iter().find(|key| key.kid == kid))
    }

    /// Stores a key for a span, and lets those before it sign until then.
    async fn insert(
        &self,
        tx: &Transaction,
        held: &[StoredSigningKey],
        key: SigningKey,
        span: Span,
    ) -> Result<NewKey, SigningError> {
        let algorithm = key.algorithm();
        let before: Vec<&str> =
            Line::of(held, algorithm, self.now).active().map(|key| key.kid.as_str()).collect();
        for kid in &before {
            tx.retire_signing_key(kid, Some(span.from)).await?;
        }
        let stored = StoredSigningKey {
            kid: key.kid().to_owned(),
            alg: algorithm.as_str().to_owned(),
            sealed: key.wrap(self.server_keys.wrapping(), &self.entropy.bytes())?,
            created_at: self.now,
            active_from: span.from,
            retired_at: span.until,
            revoked_at: None,
        };
        tx.insert_signing_key(&stored).await?;
        let detail = json!({
            "alg": stored.alg,
            "reason": self.reason,
            "active_from": span.from.seconds(),
            "follows": before,
        });
        tx.append_audit(&self.event(AuditAction::SigningKeyCreated, &stored.kid, detail)).await?;
        Ok(NewKey { kid: stored.kid, algorithm, active_from: span.from })
    }

    fn event(&self, action: AuditAction, kid: &str, detail: Value) -> AuditEvent {
        AuditEvent {
            at: self.now,
            actor: AuditActor::System,
            action,
            object: format!("signing_key:{kid}"),
            level_id: None,
            detail,
            origin: Origin::default(),
        }
    }
}

/// A new key, made where it does not hold up requests.
async fn generate(algorithm: Algorithm) -> Result<SigningKey, SigningError> {
    let made = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm)).await;
    Ok(made.map_err(|_| SigningError::Interrupted)??)
}
