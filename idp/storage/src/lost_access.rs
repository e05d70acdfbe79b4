//! Access that ends while the session goes on: a last membership is taken away, a consent is revoked. The relying
//! parties concerned are told that the session is over for them.

use portal_core::{
    Timestamp,
    id::{ApplicationId, UserId},
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::LockType,
};

use crate::{
    StorageError, Transaction,
    entity::{applications, clients, sessions, users},
    logout_delivery::{EndedSession, Told},
    membership::load_holdings,
};

impl Transaction {
    /// Call it wherever something that a person holds in an application is taken away, after the change. If nothing
    /// that opens the application is left, its clients are told to end the person's sessions. Returns how many
    /// deliveries were written.
    pub async fn end_lost_access(
        &self,
        user: UserId,
        application: ApplicationId,
        now: Timestamp,
    ) -> Result<u64, StorageError> {
        let row = applications::Entity::find_by_id(application.0).one(self.connection()).await?;
        let Some(row) = row else {
            return Ok(0);
        };
        let holding = load_holdings(self.connection(), user, now).await?.of(application);
        if holding.opens(&row.code) {
            return Ok(0);
        }
        let clients: Vec<String> = clients::Entity::find()
            .select_only()
            .column(clients::Column::Id)
            .filter(clients::Column::ApplicationId.eq(application.0))
            .into_tuple()
            .all(self.connection())
            .await?;
        self.end_at_clients(user, &clients, now).await
    }

    /// Tells these clients to end the sessions of a person, whose session here goes on. Call it where a person's
    /// access to a client ends in another way, such as by a consent that is taken back. Returns how many deliveries were written.
    pub async fn end_at_clients(
        &self,
        user: UserId,
        client_ids: &[String],
        now: Timestamp,
    ) -> Result<u64, StorageError> {
        let sessions = self.hold_sessions(user).await?;
        self.enqueue_logouts(&sessions, Told::Only(client_ids), now).await
    }

    /// The sessions of a person that were not ended. They stay locked until the commit: a client that is noted for one
    /// of them meanwhile gets its token after it, and issuance then knows better. The person's row comes first.
    async fn hold_sessions(&self, user: UserId) -> Result<Vec<EndedSession>, StorageError> {
        let mut person = users::Entity::find_by_id(user.0).select_only().column(users::Column::Id);
        let mut sessions = sessions::Entity::find()
            .filter(sessions::Column::UserId.eq(user.0))
            .filter(sessions::Column::EndedAt.is_null())
            .order_by_asc(sessions::Column::Sid);
        if self.locks_rows() {
            person = person.lock(LockType::NoKeyUpdate);
            sessions = sessions.lock_exclusive();
        }
        person.into_tuple::<uuid::Uuid>().one(self.connection()).await?;
        let rows = sessions.all(self.connection()).await?;
        Ok(rows
            .into_iter()
            .map(|row| EndedSession { sid: row.sid, user_id: row.user_id })
            .collect())
    }
}
