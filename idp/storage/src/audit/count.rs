//! Counting entries of the last while: for alerts, and for how many of a kind the trail takes.

use portal_core::{
    Timestamp,
    audit::{AuditAction, AuditEvent},
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, sea_query::Expr,
};

use crate::{StorageError, Store, Transaction, entity::audit_events};

impl Store {
    /// How often each of these happened since then; what did not happen is left out.
    pub async fn count_audit(
        &self,
        actions: &[AuditAction],
        since: Timestamp,
    ) -> Result<Vec<(AuditAction, u64)>, StorageError> {
        let rows: Vec<(String, i64)> = audit_events::Entity::find()
            .select_only()
            .column(audit_events::Column::Action)
            .column_as(Expr::col(audit_events::Column::Seq).count(), "entries")
            .filter(audit_events::Column::At.gte(since.millis()))
            .filter(audit_events::Column::Action.is_in(actions.iter().map(|one| one.as_str())))
            .group_by(audit_events::Column::Action)
            .into_tuple()
            .all(self.connection())
            .await?;
        let rows = rows.into_iter();
        Ok(rows
            .filter_map(|(action, count)| {
                Some((AuditAction::parse(&action)?, count.unsigned_abs()))
            })
            .collect())
    }

    /// How many like this one the same actor has since then; no more than `most` are counted.
    pub async fn count_audit_of(
        &self,
        event: &AuditEvent,
        since: Timestamp,
        most: u64,
    ) -> Result<u64, StorageError> {
        of_actor(self.connection(), event, (since, most)).await
    }

    /// When this happened to that last, after then.
    pub async fn last_noted(
        &self,
        action: AuditAction,
        object: &str,
        since: Timestamp,
    ) -> Result<Option<Timestamp>, StorageError> {
        on_object(self.connection(), action, (object, since)).await
    }
}

impl Transaction {
    /// When this happened to that last, after then, as this transaction sees it.
    pub async fn last_noted(
        &self,
        action: AuditAction,
        object: &str,
        since: Timestamp,
    ) -> Result<Option<Timestamp>, StorageError> {
        on_object(self.connection(), action, (object, since)).await
    }
}

pub(super) async fn of_actor(
    db: &impl ConnectionTrait,
    event: &AuditEvent,
    (since, most): (Timestamp, u64),
) -> Result<u64, StorageError> {
    let like = audit_events::Entity::find()
        .select_only()
        .column(audit_events::Column::Seq)
        .filter(audit_events::Column::Actor.eq(event.actor.to_text()))
        .filter(audit_events::Column::At.gt(since.millis()))
        .filter(audit_events::Column::Action.eq(event.action.as_str()))
        .limit(most);
    let found: Vec<i64> = like.into_tuple().all(db).await?;
    Ok(u64::try_from(found.len()).unwrap_or(u64::MAX))
}

async fn on_object(
    db: &impl ConnectionTrait,
    action: AuditAction,
    (object, since): (&str, Timestamp),
) -> Result<Option<Timestamp>, StorageError> {
    let found = audit_events::Entity::find()
        .filter(audit_events::Column::Object.eq(object))
        .filter(audit_events::Column::At.gt(since.millis()))
        .filter(audit_events::Column::Action.eq(action.as_str()))
        .order_by_desc(audit_events::Column::At)
        .one(db)
        .await?;
    Ok(found.map(|row| Timestamp::from_millis(row.at)))
}
