//! Deliveries of logout tokens: an outbox (security.md 103). A row is written in the transaction that ends a session or
//! an access, and stays until the relying party knows or the try is given up.

use oidc_core::backchannel_logout::{GIVE_UP_AFTER, Outcome};
use portal_core::{Timestamp, id::UserId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, ExprTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, UpdateMany, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    client_details::ClientDetails,
    entity::{clients, logout_deliveries, session_clients},
    guarded,
};

/// Whoever claims a delivery has this long to bring it; then another node may, in seconds. An attempt takes three.
const LEASE_SECONDS: i64 = 30;
/// Most relying parties that are looked at in one go.
const MAX_CLIENTS: u64 = 1000;
/// Most rows in one statement.
const ROWS: usize = 500;

/// A relying party that is to be told, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutDelivery {
    /// Identifier.
    pub id: Uuid,
    /// The session that is over there.
    pub sid: String,
    /// Whom to tell.
    pub client_id: String,
    /// Whose session it is.
    pub user_id: UserId,
    /// When it became due.
    pub created_at: Timestamp,
    /// When nobody tries any more.
    pub give_up_at: Timestamp,
    /// How often it was tried; of one that is claimed, this try included.
    pub attempts: u32,
    /// When it is tried next; `None` when it is settled.
    pub next_attempt_at: Option<Timestamp>,
    /// When the relying party took it.
    pub delivered_at: Option<Timestamp>,
    /// When it was given up.
    pub dead_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

/// A session as far as its end needs it.
#[derive(Clone, Debug)]
pub(crate) struct EndedSession {
    pub(crate) sid: String,
    pub(crate) user_id: Uuid,
}

/// Which of the clients of a session are told.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Told<'a> {
    /// All: the session is over.
    All,
    /// These: the session goes on, but no longer there.
    Only(&'a [String]),
}

impl Store {
    /// The clients for which a delivery is due.
    pub async fn list_clients_with_due_logouts(
        &self,
        now: Timestamp,
    ) -> Result<Vec<String>, StorageError> {
        Ok(logout_deliveries::Entity::find()
            .select_only()
            .column(logout_deliveries::Column::ClientId)
            .filter(is_due(now))
            .group_by(logout_deliveries::Column::ClientId)
            .limit(MAX_CLIENTS)
            .into_tuple()
            .all(self.connection())
            .await?)
    }

    /// Claims deliveries of a client that are due, longest due first, each for one caller on one node only. Should
    /// that node die, another one may claim them half a minute later.
    pub async fn claim_logout_deliveries(
        &self,
        client_id: &str,
        limit: u64,
        now: Timestamp,
    ) -> Result<Vec<LogoutDelivery>, StorageError> {
        let tx = self.begin().await?;
        let due: Vec<Uuid> = logout_deliveries::Entity::find()
            .select_only()
            .column(logout_deliveries::Column::Id)
            .filter(logout_deliveries::Column::ClientId.eq(client_id))
            .filter(is_due(now))
            .order_by_asc(logout_deliveries::Column::NextAttemptAt)
            .order_by_asc(logout_deliveries::Column::Id)
            .limit(limit)
            .into_tuple()
            .all(tx.connection())
            .await?;
        let mut claimed = Vec::new();
        for id in due {
            let lease = now.plus_seconds(LEASE_SECONDS).millis();
            let one_more = Expr::col(logout_deliveries::Column::Attempts).add(1);
            let update = logout_deliveries::Entity::update_many()
                .col_expr(logout_deliveries::Column::ClaimedUntil, Expr::value(lease))
                .col_expr(logout_deliveries::Column::Attempts, one_more)
                .filter(logout_deliveries::Column::Id.eq(id))
                .filter(is_due(now));
            claimed.extend(guarded::take(&tx, update).await?.map(into_delivery));
        }
        tx.commit().await?;
        Ok(claimed)
    }

    /// Deliveries that are not done, newest first: those that are still tried, and those that were given up.
    pub async fn list_open_logout_deliveries(
        &self,
        limit: u64,
    ) -> Result<Vec<LogoutDelivery>, StorageError> {
        let rows = logout_deliveries::Entity::find()
            .filter(logout_deliveries::Column::DeliveredAt.is_null())
            .order_by_desc(logout_deliveries::Column::CreatedAt)
            .order_by_asc(logout_deliveries::Column::Id)
            .limit(limit)
            .all(self.connection())
            .await?;
        Ok(rows.into_iter().map(into_delivery).collect())
    }
}

impl Transaction {
    /// Writes down what an attempt brought. `false` when it is no longer ours to say: the lease ran out, and another
    /// node has claimed it. Delivered stays delivered, whoever says so.
    pub async fn settle_logout_delivery(
        &self,
        delivery: &LogoutDelivery,
        outcome: Outcome,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        use logout_deliveries::Column;
        let (next, delivered_at, dead_at) = match outcome {
            Outcome::Delivered => (None, Some(now.millis()), None),
            Outcome::Retry(at) => (Some(at), None, None),
            Outcome::Dead => (None, None, Some(now.millis())),
        };
        let mut update = update_one(delivery.id)
            .col_expr(Column::NextAttemptAt, Expr::value(next))
            .col_expr(Column::ClaimedUntil, Expr::value(None::<i64>))
            .col_expr(Column::DeliveredAt, Expr::value(delivered_at))
            .col_expr(Column::DeadAt, Expr::value(dead_at))
            .col_expr(Column::LastError, Expr::value(error.map(str::to_owned)))
            .filter(Column::DeliveredAt.is_null());
        if outcome != Outcome::Delivered {
            update = update.filter(Column::Attempts.eq(to_i32(delivery.attempts)));
        }
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Makes everything that waits for a client due now: it answers again.
    pub async fn hasten_logout_deliveries(
        &self,
        client_id: &str,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        logout_deliveries::Entity::update_many()
            .col_expr(logout_deliveries::Column::NextAttemptAt, Expr::value(now.millis()))
            .filter(logout_deliveries::Column::ClientId.eq(client_id))
            .filter(logout_deliveries::Column::NextAttemptAt.gt(now.millis()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Begins again with a delivery that is not done, as an operator asks. `None` when there is no such one.
    pub async fn retry_logout_delivery(
        &self,
        id: Uuid,
        now: Timestamp,
    ) -> Result<Option<LogoutDelivery>, StorageError> {
        use logout_deliveries::Column;
        let update = update_one(id)
            .col_expr(Column::NextAttemptAt, Expr::value(now.millis()))
            .col_expr(Column::GiveUpAt, Expr::value(now.millis() + GIVE_UP_AFTER))
            .col_expr(Column::DeadAt, Expr::value(None::<i64>))
            .col_expr(Column::Attempts, Expr::value(0))
            .filter(Column::DeliveredAt.is_null());
        Ok(guarded::take(self, update).await?.map(into_delivery))
    }

    /// Writes a delivery for each client of these sessions that wants to be told. The sessions have just been ended or
    /// locked by this transaction, so whatever is noted for them later comes too late to get a token.
    pub(crate) async fn enqueue_logouts(
        &self,
        sessions: &[EndedSession],
        told: Told<'_>,
        now: Timestamp,
    ) -> Result<u64, StorageError> {
        let mut written = 0;
        for sessions in sessions.chunks(ROWS) {
            let pairs = self.clients_to_tell(sessions, told).await?;
            for pairs in pairs.chunks(ROWS) {
                let rows =
                    pairs.iter().map(|(session, client_id)| new_row(session, client_id, now));
                logout_deliveries::Entity::insert_many(rows)
                    .exec_without_returning(self.connection())
                    .await?;
                written += pairs.len() as u64;
            }
        }
        if written > 0 {
            self.tell_of_enqueued_logouts();
        }
        Ok(written)
    }

    async fn clients_to_tell<'s>(
        &self,
        sessions: &'s [EndedSession],
        told: Told<'_>,
    ) -> Result<Vec<(&'s EndedSession, String)>, StorageError> {
        let sids = sessions.iter().map(|session| session.sid.as_str());
        let mut used = Condition::all().add(session_clients::Column::SessionSid.is_in(sids));
        if let Told::Only(clients) = told {
            used = used.add(session_clients::Column::ClientId.is_in(clients));
        }
        let noted =
            session_clients::Entity::find().filter(used.clone()).all(self.connection()).await?;
        if let Told::Only(_) = told {
            // The session is no longer used there. Coming back notes it again.
            session_clients::Entity::delete_many().filter(used).exec(self.connection()).await?;
        }
        let listening = self.clients_that_listen(&noted).await?;
        let session_of = |sid: &str| sessions.iter().find(|session| session.sid == sid);
        Ok(noted
            .into_iter()
            .filter(|row| listening.contains(&row.client_id))
            .filter_map(|row| Some((session_of(&row.session_sid)?, row.client_id)))
            .collect())
    }

    /// Those of the clients that registered a `backchannel_logout_uri`.
    async fn clients_that_listen(
        &self,
        noted: &[session_clients::Model],
    ) -> Result<Vec<String>, StorageError> {
        let mut ids: Vec<&str> = noted.iter().map(|row| row.client_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let rows: Vec<(String, String)> = clients::Entity::find()
            .select_only()
            .column(clients::Column::Id)
            .column(clients::Column::Details)
            .filter(clients::Column::Id.is_in(ids))
            .into_tuple()
            .all(self.connection())
            .await?;
        let mut listening = Vec::new();
        for (id, details) in rows {
            if ClientDetails::read(&details)?.wants_logout_tokens() {
                listening.push(id);
            }
        }
        Ok(listening)
    }
}

/// Open, its time has come, and nobody is at it.
fn is_due(now: Timestamp) -> Condition {
    let is_free = Condition::any()
        .add(logout_deliveries::Column::ClaimedUntil.is_null())
        .add(logout_deliveries::Column::ClaimedUntil.lte(now.millis()));
    Condition::all().add(logout_deliveries::Column::NextAttemptAt.lte(now.millis())).add(is_free)
}

fn update_one(id: Uuid) -> UpdateMany<logout_deliveries::Entity> {
    logout_deliveries::Entity::update_many().filter(logout_deliveries::Column::Id.eq(id))
}

fn new_row(
    session: &EndedSession,
    client_id: &str,
    now: Timestamp,
) -> logout_deliveries::ActiveModel {
    logout_deliveries::ActiveModel {
        id: Set(Uuid::new_v4()),
        session_sid: Set(session.sid.clone()),
        client_id: Set(client_id.to_owned()),
        user_id: Set(session.user_id),
        created_at: Set(now.millis()),
        give_up_at: Set(now.millis() + GIVE_UP_AFTER),
        attempts: Set(0),
        next_attempt_at: Set(Some(now.millis())),
        claimed_until: Set(None),
        delivered_at: Set(None),
        dead_at: Set(None),
        last_error: Set(None),
    }
}

fn into_delivery(row: logout_deliveries::Model) -> LogoutDelivery {
    LogoutDelivery {
        id: row.id,
        sid: row.session_sid,
        client_id: row.client_id,
        user_id: UserId(row.user_id),
        created_at: Timestamp::from_millis(row.created_at),
        give_up_at: Timestamp::from_millis(row.give_up_at),
        attempts: u32::try_from(row.attempts).unwrap_or_default(),
        next_attempt_at: row.next_attempt_at.map(Timestamp::from_millis),
        delivered_at: row.delivered_at.map(Timestamp::from_millis),
        dead_at: row.dead_at.map(Timestamp::from_millis),
        last_error: row.last_error,
    }
}

fn to_i32(attempts: u32) -> i32 {
    i32::try_from(attempts).unwrap_or(i32::MAX)
}
