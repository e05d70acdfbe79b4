//! Sessions.

use portal_core::{Timestamp, id::UserId, session::Session};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, sea_query::Expr,
};

use crate::{Digest, StorageError, Store, Transaction, entity::sessions, guarded};

/// Digest of the secret in the session cookie.
pub type SessionDigest = Digest;

/// Most sessions that a list shows.
const LIST_LIMIT: u64 = 50;

/// A session to be stored.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// How it is found again.
    pub digest: SessionDigest,
    /// Its public name.
    pub sid: String,
    /// Who signed in.
    pub user_id: UserId,
    /// What was proved.
    pub acr: &'static str,
    /// How.
    pub amr: Vec<String>,
}

impl Store {
    /// The session of a cookie, also one that has ended.
    pub async fn find_session(
        &self,
        digest: &SessionDigest,
    ) -> Result<Option<Session>, StorageError> {
        let row = sessions::Entity::find_by_id(digest.to_vec()).one(self.connection()).await?;
        row.map(into_session).transpose()
    }

    /// The session of that public name, also one that has ended.
    pub async fn find_session_by_sid(&self, sid: &str) -> Result<Option<Session>, StorageError> {
        let row = sessions::Entity::find()
            .filter(sessions::Column::Sid.eq(sid))
            .one(self.connection())
            .await?;
        row.map(into_session).transpose()
    }

    /// The sessions of a person that were not ended, newest first. Some may have run out since.
    pub async fn list_sessions(&self, user: UserId) -> Result<Vec<Session>, StorageError> {
        let rows = sessions::Entity::find()
            .filter(sessions::Column::UserId.eq(user.0))
            .filter(sessions::Column::EndedAt.is_null())
            .order_by_desc(sessions::Column::LastSeenAt)
            .order_by_asc(sessions::Column::Sid)
            .limit(LIST_LIMIT)
            .all(self.connection())
            .await?;
        rows.into_iter().map(into_session).collect()
    }

    /// Writes down that the session was used.
    pub async fn touch_session(
        &self,
        digest: &SessionDigest,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let tx = self.begin().await?;
        sessions::Entity::update_many()
            .col_expr(sessions::Column::LastSeenAt, Expr::value(now.millis()))
            .filter(sessions::Column::IdDigest.eq(digest.to_vec()))
            .filter(sessions::Column::EndedAt.is_null())
            .exec(tx.connection())
            .await?;
        tx.commit().await
    }
}

impl Transaction {
    /// Stores a new session.
    pub async fn insert_session(
        &self,
        new: &NewSession,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let amr = serde_json::to_string(&new.amr).map_err(|_| StorageError::Corrupt("amr"))?;
        let row = sessions::ActiveModel {
            id_digest: Set(new.digest.to_vec()),
            sid: Set(new.sid.clone()),
            user_id: Set(new.user_id.0),
            auth_time: Set(now.millis()),
            acr: Set(new.acr.to_owned()),
            amr: Set(amr),
            created_at: Set(now.millis()),
            last_seen_at: Set(now.millis()),
            ended_at: Set(None),
        };
        sessions::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Both factors were proved again in the browser of a session: it keeps its name, and all else is new. `false` when
    /// it is over or somebody else's.
    pub async fn reauthenticate_session(
        &self,
        new: &NewSession,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let amr = serde_json::to_string(&new.amr).map_err(|_| StorageError::Corrupt("amr"))?;
        let update = sessions::Entity::update_many()
            .col_expr(sessions::Column::IdDigest, Expr::value(new.digest.to_vec()))
            .col_expr(sessions::Column::AuthTime, Expr::value(now.millis()))
            .col_expr(sessions::Column::Acr, Expr::value(new.acr))
            .col_expr(sessions::Column::Amr, Expr::value(amr))
            .col_expr(sessions::Column::CreatedAt, Expr::value(now.millis()))
            .col_expr(sessions::Column::LastSeenAt, Expr::value(now.millis()))
            .filter(sessions::Column::Sid.eq(&new.sid))
            .filter(sessions::Column::UserId.eq(new.user_id.0))
            .filter(sessions::Column::EndedAt.is_null());
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Gives a live session a new cookie after its credentials changed; the old cookie is dead (security.md 49).
    pub async fn renew_session(
        &self,
        sid: &str,
        digest: &SessionDigest,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let update = sessions::Entity::update_many()
            .col_expr(sessions::Column::IdDigest, Expr::value(digest.to_vec()))
            .col_expr(sessions::Column::CreatedAt, Expr::value(now.millis()))
            .filter(sessions::Column::Sid.eq(sid))
            .filter(sessions::Column::EndedAt.is_null());
        Ok(guarded::take(self, update).await?.is_some())
    }
}

pub(crate) fn into_session(row: sessions::Model) -> Result<Session, StorageError> {
    Ok(Session {
        sid: row.sid,
        user_id: UserId(row.user_id),
        auth_time: Timestamp::from_millis(row.auth_time),
        acr: row.acr,
        amr: serde_json::from_str(&row.amr).map_err(|_| StorageError::Corrupt("amr"))?,
        created_at: Timestamp::from_millis(row.created_at),
        last_seen_at: Timestamp::from_millis(row.last_seen_at),
        ended_at: row.ended_at.map(Timestamp::from_millis),
    })
}
