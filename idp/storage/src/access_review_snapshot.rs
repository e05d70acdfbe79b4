//! What an access review is about: the memberships of an application as they are when it begins.

use portal_core::{
    Timestamp,
    access_review::{self, ReviewState},
    account::UserStatus,
    id::{ApplicationId, LevelId, ThirdPartyId, UserId},
    search_key::search_key,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, FromQueryResult, JoinType,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, RelationDef,
};
use uuid::Uuid;

use crate::{
    StorageError, Transaction,
    entity::{access_groups, access_review_items, access_reviews, levels, memberships, users},
    row_id,
};

/// Most rows in one statement.
const ROWS: usize = 400;

#[derive(FromQueryResult)]
struct Held {
    #[sea_orm(nested)]
    membership: memberships::Model,
    first_name: String,
    last_name: String,
    email: String,
    last_login_at: Option<i64>,
    group_name: String,
}

impl Transaction {
    /// Begins a review of all memberships in groups of the application that people of the third party have now.
    /// `None` when there is none.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when a review of the application is open there.
    pub async fn begin_access_review(
        &self,
        (third_party, level): (ThirdPartyId, LevelId),
        application: ApplicationId,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<Option<(Uuid, u64)>, StorageError> {
        let held = self.memberships_of(third_party, application).await?;
        if held.is_empty() {
            return Ok(None);
        }
        let id = row_id::at(now);
        let review = access_reviews::ActiveModel {
            id: Set(id),
            third_party_id: Set(third_party.0),
            level_id: Set(level.0),
            application_id: Set(application.0),
            state: Set(ReviewState::Open.as_str().to_owned()),
            open_key: Set(Some(format!("{level}:{application}"))),
            begun_at: Set(now.millis()),
            begun_by: Set(by.map(|by| by.0)),
            due_at: Set(access_review::due_at(now).millis()),
            reminded: Set(0),
            signed_off_at: Set(None),
            signed_off_by: Set(None),
            digest: Set(None),
        };
        access_reviews::Entity::insert(review).exec_without_returning(self.connection()).await?;
        let count = held.len() as u64;
        let mut items: Vec<_> =
            (1..).zip(held).map(|(position, held)| item(id, position, held)).collect();
        while !items.is_empty() {
            let rest = items.split_off(items.len().min(ROWS));
            let rows = std::mem::replace(&mut items, rest);
            access_review_items::Entity::insert_many(rows)
                .exec_without_returning(self.connection())
                .await?;
        }
        Ok(Some((id, count)))
    }

    async fn memberships_of(
        &self,
        third_party: ThirdPartyId,
        application: ApplicationId,
    ) -> Result<Vec<Held>, StorageError> {
        let user: RelationDef = memberships::Entity::belongs_to(users::Entity)
            .from(memberships::Column::UserId)
            .to(users::Column::Id)
            .into();
        let level: RelationDef = users::Entity::belongs_to(levels::Entity)
            .from(users::Column::LevelId)
            .to(levels::Column::Id)
            .into();
        let group: RelationDef = memberships::Entity::belongs_to(access_groups::Entity)
            .from(memberships::Column::GroupId)
            .to(access_groups::Column::Id)
            .into();
        Ok(memberships::Entity::find()
            .join(JoinType::InnerJoin, user)
            .join(JoinType::InnerJoin, level)
            .join(JoinType::InnerJoin, group)
            .column_as(users::Column::FirstName, "first_name")
            .column_as(users::Column::LastName, "last_name")
            .column_as(users::Column::Email, "email")
            .column_as(users::Column::LastLoginAt, "last_login_at")
            .column_as(access_groups::Column::Name, "group_name")
            .filter(levels::Column::ThirdPartyId.eq(third_party.0))
            .filter(access_groups::Column::ApplicationId.eq(application.0))
            .filter(users::Column::Status.ne(UserStatus::Deleted.as_str()))
            .order_by_asc(users::Column::LastNameKey)
            .order_by_asc(users::Column::FirstNameKey)
            .order_by_asc(users::Column::Id)
            .order_by_asc(access_groups::Column::Name)
            .into_model::<Held>()
            .all(self.connection())
            .await?)
    }
}

fn item(review: Uuid, position: i32, held: Held) -> access_review_items::ActiveModel {
    let person = format!("{} {}", held.first_name, held.last_name);
    let searched = format!("{person} {} {}", held.email, held.group_name);
    access_review_items::ActiveModel {
        review_id: Set(review),
        position: Set(position),
        user_id: Set(held.membership.user_id),
        group_id: Set(held.membership.group_id),
        search_key: Set(search_key(&searched)),
        person: Set(person),
        email: Set(held.email),
        group_name: Set(held.group_name),
        assigned_by: Set(held.membership.assigned_by),
        assigned_at: Set(held.membership.assigned_at),
        valid_until: Set(held.membership.valid_until),
        last_login_at: Set(held.last_login_at),
        decision: Set(None),
        decided_by: Set(None),
        decided_at: Set(None),
    }
}
