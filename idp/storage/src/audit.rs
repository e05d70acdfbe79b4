//! The audit trail: appended in the transaction of the change, each entry chained to the one before (I25, I26).

use portal_core::audit::AuditEvent;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use sha2::{Digest as _, Sha256};

use crate::{
    Digest, StorageError, Store, Transaction,
    entity::{audit_events, audit_head},
};

/// The one row that knows the end of the chain.
const HEAD: i32 = 1;
/// What the first entry is chained to.
const GENESIS: Digest = [0; 32];
/// Entries read at once when the chain is checked.
const PAGE: u64 = 1000;

/// Where the chain is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainFault {
    /// Number of the first entry that does not fit.
    pub seq: i64,
}

impl Store {
    pub(crate) async fn prepare_audit(&self) -> Result<(), StorageError> {
        let head =
            audit_head::ActiveModel { id: Set(HEAD), seq: Set(0), digest: Set(GENESIS.to_vec()) };
        audit_head::Entity::insert(head)
            .on_conflict_do_nothing_on([audit_head::Column::Id])
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Recomputes the whole chain up to its present end; `None` when every entry fits, and the number of entries.
    /// Entries that are appended meanwhile are left for the next time.
    pub async fn verify_audit(&self) -> Result<(Option<ChainFault>, i64), StorageError> {
        let head = audit_head::Entity::find_by_id(HEAD).one(self.connection()).await?;
        let head = head.ok_or(StorageError::Corrupt("audit head"))?;
        let (mut previous, mut seq) = (GENESIS.to_vec(), 0);
        while seq < head.seq {
            let page = audit_events::Entity::find()
                .filter(audit_events::Column::Seq.gt(seq))
                .filter(audit_events::Column::Seq.lte(head.seq))
                .order_by_asc(audit_events::Column::Seq)
                .limit(PAGE)
                .all(self.connection())
                .await?;
            if page.is_empty() {
                return Ok((Some(ChainFault { seq: seq + 1 }), seq));
            }
            for event in page {
                let fits = event.seq == seq + 1
                    && event.previous == previous
                    && event.digest == digest_of(&event);
                if !fits {
                    return Ok((Some(ChainFault { seq: seq + 1 }), seq));
                }
                (seq, previous) = (event.seq, event.digest);
            }
        }
        let is_whole = head.digest == previous;
        Ok(((!is_whole).then_some(ChainFault { seq: seq + 1 }), seq))
    }
}

impl Transaction {
    /// Appends one event. Call it last in a transaction: the end of the chain stays locked until the commit.
    pub async fn append_audit(&self, event: &AuditEvent) -> Result<(), StorageError> {
        let mut find = audit_head::Entity::find_by_id(HEAD);
        if self.locks_rows() {
            find = find.lock_exclusive();
        }
        let head = find.one(self.connection()).await?.ok_or(StorageError::Corrupt("audit head"))?;
        let mut entry = audit_events::Model {
            seq: head.seq + 1,
            at: event.at.millis(),
            actor: event.actor.to_text(),
            action: event.action.as_str().to_owned(),
            object: event.object.clone(),
            level_id: event.level_id.map(|id| id.0),
            detail: event.detail.to_string(),
            ip: event.origin.ip.clone(),
            request_id: event.origin.request_id.clone(),
            previous: head.digest,
            digest: Vec::new(),
        };
        entry.digest = digest_of(&entry);
        let head = audit_head::ActiveModel {
            id: Set(HEAD),
            seq: Set(entry.seq),
            digest: Set(entry.digest.clone()),
        };
        audit_events::Entity::insert(audit_events::ActiveModel::from(entry))
            .exec_without_returning(self.connection())
            .await?;
        audit_head::Entity::update(head).exec(self.connection()).await?;
        Ok(())
    }
}

/// SHA-256 over all fields but the digest itself, as one JSON array: no two entries have the same bytes.
fn digest_of(entry: &audit_events::Model) -> Vec<u8> {
    let fields = serde_json::json!([
        entry.seq,
        entry.at,
        entry.actor,
        entry.action,
        entry.object,
        entry.level_id,
        entry.detail,
        entry.ip,
        entry.request_id,
        entry.previous,
    ]);
    Sha256::digest(fields.to_string()).to_vec()
}
