//! People whose accounts lapse by themselves, a batch at a time in the order of their ids.

use portal_core::{Timestamp, account::UserStatus, expiry::ExpirationDate, id::UserId};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use uuid::Uuid;

use crate::{StorageError, Store, entity::users};

/// Most people in one go.
const BATCH: u64 = 200;

impl Store {
    /// People in use whose last day lies between two days, both included.
    pub async fn list_people_ending(
        &self,
        (from, to): (ExpirationDate, ExpirationDate),
        after: Option<UserId>,
    ) -> Result<Vec<UserId>, StorageError> {
        let ends = users::Column::ExpiresOn;
        let which = Condition::all()
            .add(users::Column::Status.eq(UserStatus::Active.as_str()))
            .add(ends.gte(from.to_iso()))
            .add(ends.lte(to.to_iso()));
        self.list_lapsing(which, after).await
    }

    /// People who are not deleted and whose last day was before this one.
    pub async fn list_people_ended_before(
        &self,
        day: ExpirationDate,
        after: Option<UserId>,
    ) -> Result<Vec<UserId>, StorageError> {
        let which = Condition::all()
            .add(users::Column::DeletedAt.is_null())
            .add(users::Column::ExpiresOn.lt(day.to_iso()));
        self.list_lapsing(which, after).await
    }

    /// People of third parties who are in use and have neither signed in since an instant nor been activated or
    /// reinstated. What is over by its date is left to that.
    pub async fn list_people_unused_since(
        &self,
        instant: Timestamp,
        today: ExpirationDate,
        after: Option<UserId>,
    ) -> Result<Vec<UserId>, StorageError> {
        let (login, ends) = (users::Column::LastLoginAt, users::Column::ExpiresOn);
        let which = Condition::all()
            .add(users::Column::Status.eq(UserStatus::Active.as_str()))
            .add(users::Column::CredentialsChangedAt.lt(instant.millis()))
            .add(Condition::any().add(login.is_null()).add(login.lt(instant.millis())))
            .add(Condition::any().add(ends.is_null()).add(ends.gte(today.to_iso())));
        self.list_lapsing(which, after).await
    }

    async fn list_lapsing(
        &self,
        which: Condition,
        after: Option<UserId>,
    ) -> Result<Vec<UserId>, StorageError> {
        let mut find = users::Entity::find().select_only().column(users::Column::Id).filter(which);
        if let Some(after) = after {
            find = find.filter(users::Column::Id.gt(after.0));
        }
        let find = find.order_by_asc(users::Column::Id).limit(BATCH);
        let ids: Vec<Uuid> = find.into_tuple().all(self.connection()).await?;
        Ok(ids.into_iter().map(UserId).collect())
    }
}
