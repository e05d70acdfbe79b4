//! The audit trail: appended in the transaction of the change, each entry chained to the one before (I25, I26).

mod checkpoint;
mod count;
mod read;
mod verify;

use portal_core::{
    Timestamp,
    audit::{
        AuditAction, AuditActor, AuditEvent,
        chain::{Content, Entry, Place},
    },
    id::LevelId,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QuerySelect as _,
};

use crate::{
    StorageError, Store, Transaction,
    entity::{audit_events, audit_head},
};

pub use checkpoint::{StoredAuditKey, StoredCheckpoint};
pub use read::{AuditNames, AuditPosition, AuditSearch, PersonName};
pub use verify::{CheckpointReader, Walked};

/// The one row that knows the end of the chain.
const HEAD: i32 = 1;
/// Most rows in one statement.
const ROWS: usize = 500;

impl Store {
    pub(crate) async fn prepare_audit(&self) -> Result<(), StorageError> {
        let head = audit_head::ActiveModel {
            id: Set(HEAD),
            seq: Set(Place::START.seq),
            digest: Set(Place::START.digest.to_vec()),
        };
        audit_head::Entity::insert(head)
            .on_conflict_do_nothing_on([audit_head::Column::Id])
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }
}

impl Transaction {
    /// Appends one event. Call it last in a transaction: the end of the chain stays locked until the commit.
    pub async fn append_audit(&self, event: &AuditEvent) -> Result<(), StorageError> {
        self.append_audits(Box::new(std::iter::once(event.clone()))).await
    }

    /// Appends many events, one portion after the other; the end of the chain is held and moved once. Call it last in a
    /// transaction, and only once.
    pub async fn append_audits(
        &self,
        events: Box<dyn Iterator<Item = AuditEvent> + Send>,
    ) -> Result<(), StorageError> {
        let mut events = events.peekable();
        if events.peek().is_none() {
            return Ok(());
        }
        let mut end = self.hold_audit_end().await?;
        while events.peek().is_some() {
            let mut rows = Vec::new();
            for event in events.by_ref().take(ROWS) {
                let entry = self.entry(&event, end);
                end = Place { seq: entry.content.seq, digest: entry.digest };
                rows.push(audit_events::ActiveModel::from(into_row(entry)));
            }
            audit_events::Entity::insert_many(rows)
                .exec_without_returning(self.connection())
                .await?;
        }
        let head = audit_head::ActiveModel {
            id: Set(HEAD),
            seq: Set(end.seq),
            digest: Set(end.digest.to_vec()),
        };
        audit_head::Entity::update(head).exec(self.connection()).await?;
        Ok(())
    }

    /// Appends an event, unless as many like it by the same actor have been written since then. Of many at once, no more
    /// get through. Call it last in a transaction.
    pub async fn append_audit_up_to(
        &self,
        event: &AuditEvent,
        since: Timestamp,
        most: u64,
    ) -> Result<bool, StorageError> {
        self.hold_audit_end().await?;
        if count::of_actor(self.connection(), event, (since, most)).await? >= most {
            return Ok(false);
        }
        self.append_audit(event).await?;
        Ok(true)
    }

    fn entry(&self, event: &AuditEvent, end: Place) -> Entry {
        let content = Content {
            seq: end.seq.saturating_add(1),
            at: event.at,
            actor: event.actor.to_text(),
            action: event.action.as_str().to_owned(),
            object: event.object.clone(),
            level_id: event.level_id,
            detail: event.detail.to_string(),
            ip: event.origin.ip.clone(),
            request_id: event.origin.request_id.clone(),
            salt: self.sealer().salt(),
        };
        let next = end.follow(&content.digest());
        Entry { content, previous: end.digest, digest: next.digest }
    }

    /// How often somebody did that since an instant. Exact only after [`Self::hold_audit_end`].
    pub async fn count_actions(
        &self,
        (actor, action): (AuditActor, AuditAction),
        since: Timestamp,
    ) -> Result<u64, StorageError> {
        let found = audit_events::Entity::find()
            .filter(audit_events::Column::Actor.eq(actor.to_text()))
            .filter(audit_events::Column::At.gt(since.millis()))
            .filter(audit_events::Column::Action.eq(action.as_str()));
        Ok(found.count(self.connection()).await?)
    }

    /// The end of the trail, and no other transaction appends before the end of this one.
    pub async fn hold_audit_end(&self) -> Result<Place, StorageError> {
        let mut find = audit_head::Entity::find_by_id(HEAD);
        if self.locks_rows() {
            find = find.lock_exclusive();
        }
        let head = find.one(self.connection()).await?;
        head.and_then(into_place).ok_or(StorageError::Corrupt("audit head"))
    }
}

fn into_place(row: audit_head::Model) -> Option<Place> {
    Some(Place { seq: row.seq, digest: row.digest.try_into().ok()? })
}

fn into_row(entry: Entry) -> audit_events::Model {
    let Entry { content, previous, digest } = entry;
    audit_events::Model {
        seq: content.seq,
        at: content.at.millis(),
        actor: content.actor,
        action: content.action,
        object: content.object,
        level_id: content.level_id.map(|id| id.0),
        detail: content.detail,
        ip: content.ip,
        request_id: content.request_id,
        salt: content.salt.to_vec(),
        previous: previous.to_vec(),
        digest: digest.to_vec(),
    }
}

/// `None` when a digest or the salt does not have its length.
fn into_entry(row: audit_events::Model) -> Option<Entry> {
    Some(Entry {
        content: Content {
            seq: row.seq,
            at: Timestamp::from_millis(row.at),
            actor: row.actor,
            action: row.action,
            object: row.object,
            level_id: row.level_id.map(LevelId),
            detail: row.detail,
            ip: row.ip,
            request_id: row.request_id,
            salt: row.salt.try_into().ok()?,
        },
        previous: row.previous.try_into().ok()?,
        digest: row.digest.try_into().ok()?,
    })
}

#[cfg(test)]
mod tests;
