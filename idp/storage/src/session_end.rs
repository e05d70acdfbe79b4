//! The end of sessions. There is one way to end any: it also writes down which relying parties are to be told
//! (Back-Channel Logout 1.0), so nobody can end a session and forget them.

use portal_core::{
    Timestamp,
    account::UserStatus,
    expiry::ExpirationDate,
    id::UserId,
    organisation::ThirdPartyStatus,
    session::{ABSOLUTE_SECONDS, Session},
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, JoinType, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, RelationDef, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    entity::{levels, sessions, third_parties, users},
    logout_delivery::{EndedSession, Told},
    session::into_session,
};

/// Most sessions or people in one go.
const BATCH: u64 = 200;
/// States of a third party in which its people may not sign in ([`ThirdPartyStatus::bars_sign_in`]).
const BARRING: [ThirdPartyStatus; 3] =
    [ThirdPartyStatus::Prospect, ThirdPartyStatus::Suspended, ThirdPartyStatus::Closed];

impl Store {
    /// Sessions that have reached their greatest age and were not ended, oldest first. At most 200.
    pub async fn list_aged_sessions(&self, now: Timestamp) -> Result<Vec<Session>, StorageError> {
        let born = now.plus_seconds(-ABSOLUTE_SECONDS).millis();
        let rows = sessions::Entity::find()
            .filter(sessions::Column::EndedAt.is_null())
            .filter(sessions::Column::AuthTime.lte(born))
            .order_by_asc(sessions::Column::AuthTime)
            .limit(BATCH)
            .all(self.connection())
            .await?;
        rows.into_iter().map(into_session).collect()
    }

    /// People who have a session that was not ended, but no account in good standing (I7). At most 200.
    pub async fn list_people_barred_with_sessions(
        &self,
        now: Timestamp,
    ) -> Result<Vec<UserId>, StorageError> {
        let user: RelationDef = sessions::Entity::belongs_to(users::Entity)
            .from(sessions::Column::UserId)
            .to(users::Column::Id)
            .into();
        let level: RelationDef = users::Entity::belongs_to(levels::Entity)
            .from(users::Column::LevelId)
            .to(levels::Column::Id)
            .into();
        let third_party: RelationDef = levels::Entity::belongs_to(third_parties::Entity)
            .from(levels::Column::ThirdPartyId)
            .to(third_parties::Column::Id)
            .into();
        let mut barred = Condition::any()
            .add(users::Column::Status.ne(UserStatus::Active.as_str()))
            .add(third_parties::Column::Status.is_in(BARRING.map(ThirdPartyStatus::as_str)));
        if let Some(today) = ExpirationDate::days_from(now, 0) {
            barred = barred.add(users::Column::ExpiresOn.lt(today.to_iso()));
        }
        let ids: Vec<Uuid> = sessions::Entity::find()
            .select_only()
            .column(sessions::Column::UserId)
            .join(JoinType::InnerJoin, user)
            .join(JoinType::InnerJoin, level)
            .join(JoinType::LeftJoin, third_party)
            .filter(sessions::Column::EndedAt.is_null())
            .filter(barred)
            .group_by(sessions::Column::UserId)
            .limit(BATCH)
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(ids.into_iter().map(UserId).collect())
    }
}

impl Transaction {
    /// Ends a session, once. `false` when it had ended before.
    pub async fn end_session(&self, sid: &str, now: Timestamp) -> Result<bool, StorageError> {
        let which = Condition::all().add(sessions::Column::Sid.eq(sid));
        Ok(!self.end_where(which, now).await?.is_empty())
    }

    /// Ends all sessions of a person but one (security.md 52). Returns how many.
    pub async fn end_other_sessions(
        &self,
        user: UserId,
        kept_sid: &str,
        now: Timestamp,
    ) -> Result<u64, StorageError> {
        let which = Condition::all()
            .add(sessions::Column::UserId.eq(user.0))
            .add(sessions::Column::Sid.ne(kept_sid));
        Ok(self.end_where(which, now).await?.len() as u64)
    }

    /// Ends all sessions of a person: the account is suspended, deleted, or has expired.
    pub async fn end_all_sessions(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StorageError> {
        self.end_where(Condition::all().add(sessions::Column::UserId.eq(user.0)), now).await
    }

    /// The one way. The sessions are ended first and their clients read after: [`Transaction::note_session_client`]
    /// writes to the session's row too, so a client that it notes is either seen here, or comes after the commit, when
    /// issuance knows that the session is over.
    async fn end_where(
        &self,
        which: Condition,
        now: Timestamp,
    ) -> Result<Vec<Session>, StorageError> {
        let ended = sessions::Entity::update_many()
            .col_expr(sessions::Column::EndedAt, Expr::value(now.millis()))
            .filter(sessions::Column::EndedAt.is_null())
            .filter(which)
            .exec_with_returning(self.connection())
            .await?;
        let told: Vec<EndedSession> = ended
            .iter()
            .map(|row| EndedSession { sid: row.sid.clone(), user_id: row.user_id })
            .collect();
        self.enqueue_logouts(&told, Told::All, now).await?;
        ended.into_iter().map(into_session).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_states_that_bar_are_those_of_the_rule() {
        use ThirdPartyStatus::{Active, Closed, Orphaned, Prospect, Suspended};
        for status in [Prospect, Active, Orphaned, Suspended, Closed] {
            assert_eq!(BARRING.contains(&status), status.bars_sign_in(), "{status:?}");
        }
    }
}
