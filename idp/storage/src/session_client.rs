//! Which clients a session was used for: whom to tell when it ends.

use portal_core::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr,
};

use crate::{
    StorageError, Transaction,
    entity::{session_clients, sessions},
};

impl Transaction {
    /// Notes that a session is used for a client. That is activity: whoever works in an application all day does
    /// not sit idle at the portal.
    pub async fn note_session_client(
        &self,
        sid: &str,
        client_id: &str,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let row = session_clients::ActiveModel {
            session_sid: Set(sid.to_owned()),
            client_id: Set(client_id.to_owned()),
            first_at: Set(now.millis()),
        };
        session_clients::Entity::insert(row)
            .on_conflict_do_nothing_on([
                session_clients::Column::SessionSid,
                session_clients::Column::ClientId,
            ])
            .exec_without_returning(self.connection())
            .await?;
        sessions::Entity::update_many()
            .col_expr(sessions::Column::LastSeenAt, Expr::value(now.millis()))
            .filter(sessions::Column::Sid.eq(sid))
            .filter(sessions::Column::EndedAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }
}
