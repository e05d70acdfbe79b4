//! Deleting what nobody can use any more, so that tables do not grow with every visitor. Nothing depends on it:
//! whatever has expired is refused by its own time, swept or not (security.md 70).

use portal_core::{Timestamp, session};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    QueryTrait as _,
};

use crate::{
    StorageError, Store, Transaction,
    entity::{
        authorization_codes, client_assertions, grants, known_devices, logins, logout_deliveries,
        password_failures, pending_requests, pushed_requests, refresh_tokens, revoked_tokens,
        session_clients, sessions,
    },
};

const DAY_SECONDS: i64 = 24 * 60 * 60;
/// How long a device is known after its last sign-in: as long as its cookie lives.
const DEVICE_SECONDS: i64 = 365 * DAY_SECONDS;

impl Store {
    /// Deletes, in one transaction, what has been over for a day. Returns the number of rows.
    pub async fn sweep(&self, now: Timestamp) -> Result<u64, StorageError> {
        let tx = self.begin().await?;
        let swept = tx.sweep_logins(now).await?
            + tx.sweep_grants(now).await?
            + tx.sweep_sessions(now).await?
            + tx.sweep_tokens(now).await?
            + tx.sweep_logouts(now).await?;
        tx.commit().await?;
        Ok(swept)
    }
}

impl Transaction {
    async fn sweep_logins(&self, now: Timestamp) -> Result<u64, StorageError> {
        let day_ago = now.plus_seconds(-DAY_SECONDS).millis();
        let requests = pending_requests::Entity::delete_many()
            .filter(pending_requests::Column::ExpiresAt.lt(day_ago))
            .exec(self.connection())
            .await?;
        let pushed = pushed_requests::Entity::delete_many()
            .filter(pushed_requests::Column::ExpiresAt.lt(day_ago))
            .exec(self.connection())
            .await?;
        let logins = logins::Entity::delete_many()
            .filter(logins::Column::CodeSentAt.lt(day_ago))
            .exec(self.connection())
            .await?;
        let failures = password_failures::Entity::delete_many()
            .filter(password_failures::Column::LastAt.lt(day_ago))
            .filter(password_failures::Column::LockedUntil.lt(now.millis()))
            .exec(self.connection())
            .await?;
        let devices = known_devices::Entity::delete_many()
            .filter(
                known_devices::Column::LastSeenAt.lt(now.plus_seconds(-DEVICE_SECONDS).millis()),
            )
            .exec(self.connection())
            .await?;
        Ok(requests.rows_affected
            + pushed.rows_affected
            + logins.rows_affected
            + failures.rows_affected
            + devices.rows_affected)
    }

    /// A used code stays as long as its grant, so that a second use is still seen as one.
    async fn sweep_grants(&self, now: Timestamp) -> Result<u64, StorageError> {
        let over = grants::Column::ExpiresAt.lt(now.plus_seconds(-DAY_SECONDS).millis());
        let ids = grants::Entity::find()
            .select_only()
            .column(grants::Column::Id)
            .filter(over.clone())
            .into_query();
        let codes = authorization_codes::Entity::delete_many()
            .filter(authorization_codes::Column::GrantId.in_subquery(ids.clone()))
            .exec(self.connection())
            .await?;
        let tokens = refresh_tokens::Entity::delete_many()
            .filter(refresh_tokens::Column::GrantId.in_subquery(ids))
            .exec(self.connection())
            .await?;
        let grants = grants::Entity::delete_many().filter(over).exec(self.connection()).await?;
        Ok(codes.rows_affected + tokens.rows_affected + grants.rows_affected)
    }

    /// What was only remembered until it was over by itself.
    async fn sweep_tokens(&self, now: Timestamp) -> Result<u64, StorageError> {
        let day_ago = now.plus_seconds(-DAY_SECONDS).millis();
        let assertions = client_assertions::Entity::delete_many()
            .filter(client_assertions::Column::ExpiresAt.lt(day_ago))
            .exec(self.connection())
            .await?;
        let tokens = revoked_tokens::Entity::delete_many()
            .filter(revoked_tokens::Column::ExpiresAt.lt(day_ago))
            .exec(self.connection())
            .await?;
        Ok(assertions.rows_affected + tokens.rows_affected)
    }

    async fn sweep_sessions(&self, now: Timestamp) -> Result<u64, StorageError> {
        let oldest = now.plus_seconds(-DAY_SECONDS - session::ABSOLUTE_SECONDS).millis();
        let over = Condition::any()
            .add(sessions::Column::AuthTime.lt(oldest))
            .add(sessions::Column::EndedAt.lt(now.plus_seconds(-DAY_SECONDS).millis()));
        let sids = sessions::Entity::find()
            .select_only()
            .column(sessions::Column::Sid)
            .filter(over.clone())
            .into_query();
        let clients = session_clients::Entity::delete_many()
            .filter(session_clients::Column::SessionSid.in_subquery(sids))
            .exec(self.connection())
            .await?;
        let sessions = sessions::Entity::delete_many().filter(over).exec(self.connection()).await?;
        Ok(clients.rows_affected + sessions.rows_affected)
    }
    /// What was given up stays visible for a month.
    async fn sweep_logouts(&self, now: Timestamp) -> Result<u64, StorageError> {
        let over = Condition::any()
            .add(logout_deliveries::Column::DeliveredAt.lt(now.plus_seconds(-DAY_SECONDS).millis()))
            .add(
                logout_deliveries::Column::DeadAt.lt(now.plus_seconds(-30 * DAY_SECONDS).millis()),
            );
        let swept =
            logout_deliveries::Entity::delete_many().filter(over).exec(self.connection()).await?;
        Ok(swept.rows_affected)
    }
}
