//! Memberships: who is in which group, since when, until when, and who was.

use portal_core::{
    Timestamp,
    access::Holdings,
    expiry::ExpirationDate,
    id::{ApplicationId, GroupId, UserId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _,
    ExprTrait as _, JoinType, QueryFilter as _, QueryOrder as _, QuerySelect as _, RelationDef,
    TryInsertResult, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    entity::{access_groups, delegated_roles, former_memberships, memberships, users},
    role::ACCESS_ADMINISTRATOR,
    row_id,
    staff_role::load_staff_roles,
};

/// A membership to be assigned.
#[derive(Clone, Copy, Debug)]
pub struct NewMembership {
    /// To whom.
    pub user: UserId,
    /// In which group.
    pub group: GroupId,
    /// Who assigns it; `None` for set-up.
    pub assigned_by: Option<UserId>,
    /// Its last day, if it has one.
    pub valid_until: Option<ExpirationDate>,
}

impl Store {
    /// What a person holds in all applications now: three queries, however many applications there are.
    pub async fn holdings(&self, user: UserId, now: Timestamp) -> Result<Holdings, StorageError> {
        load_holdings(self.connection(), user, now).await
    }
}

/// Memberships that count now: neither dormant (I28) nor past their end date.
pub(crate) fn count_now(now: Timestamp) -> Condition {
    let ends = memberships::Column::ValidUntil;
    let mut not_over = Condition::any().add(ends.is_null());
    if let Some(today) = ExpirationDate::days_from(now, 0) {
        not_over = not_over.add(ends.gte(today.to_iso()));
    }
    Condition::all().add(memberships::Column::DormantAt.is_null()).add(not_over)
}

/// What a person holds, as seen by this connection or transaction.
pub(crate) async fn load_holdings(
    db: &impl ConnectionTrait,
    user: UserId,
    now: Timestamp,
) -> Result<Holdings, StorageError> {
    let group: RelationDef = memberships::Entity::belongs_to(access_groups::Entity)
        .from(memberships::Column::GroupId)
        .to(access_groups::Column::Id)
        .into();
    let groups: Vec<(Uuid, String)> = memberships::Entity::find()
        .select_only()
        .column(access_groups::Column::ApplicationId)
        .column(access_groups::Column::Name)
        .join(JoinType::InnerJoin, group)
        .filter(memberships::Column::UserId.eq(user.0))
        .filter(count_now(now))
        .order_by_asc(access_groups::Column::Name)
        .into_tuple()
        .all(db)
        .await?;
    let administered: Vec<Option<Uuid>> = delegated_roles::Entity::find()
        .select_only()
        .column(delegated_roles::Column::ApplicationId)
        .filter(delegated_roles::Column::UserId.eq(user.0))
        .filter(delegated_roles::Column::Kind.eq(ACCESS_ADMINISTRATOR))
        .filter(delegated_roles::Column::DormantAt.is_null())
        .into_tuple()
        .all(db)
        .await?;
    let mut holdings = Holdings::of_staff(load_staff_roles(db, user).await?);
    for (application, name) in groups {
        holdings.add_group(ApplicationId(application), name);
    }
    for application in administered.into_iter().flatten() {
        holdings.add_administrator(ApplicationId(application));
    }
    Ok(holdings)
}

impl Transaction {
    /// Assigns a membership; `false` when it was assigned already.
    pub async fn insert_membership(
        &self,
        new: &NewMembership,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let row = memberships::ActiveModel {
            user_id: Set(new.user.0),
            group_id: Set(new.group.0),
            assigned_by: Set(new.assigned_by.map(|by| by.0)),
            assigned_at: Set(now.millis()),
            valid_until: Set(new.valid_until.map(ExpirationDate::to_iso)),
            dormant_at: Set(None),
            held_since: Set(Some(now.millis())),
        };
        let key = [memberships::Column::UserId, memberships::Column::GroupId];
        let inserted = memberships::Entity::insert(row)
            .on_conflict_do_nothing_on(key)
            .exec_without_returning(self.connection())
            .await?;
        let is_new = matches!(inserted, TryInsertResult::Inserted(1));
        if is_new {
            self.raise_access_version(new.user).await?;
        }
        Ok(is_new)
    }

    /// Removes a membership and keeps that it was held; `false` when there was none. If it was the last thing that
    /// opened the application to the person, its clients are told.
    pub async fn delete_membership(
        &self,
        user: UserId,
        group: GroupId,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let Some(held) =
            memberships::Entity::find_by_id((user.0, group.0)).one(self.connection()).await?
        else {
            return Ok(false);
        };
        let deleted =
            memberships::Entity::delete_by_id((user.0, group.0)).exec(self.connection()).await?;
        if deleted.rows_affected == 0 {
            return Ok(false);
        }
        self.insert_former_membership(held, by, now).await?;
        self.raise_access_version(user).await?;
        let group = access_groups::Entity::find_by_id(group.0).one(self.connection()).await?;
        if let Some(group) = group {
            self.end_lost_access(user, ApplicationId(group.application_id), now).await?;
        }
        Ok(true)
    }

    /// Gives a membership another last day, or none; it is the same one still. What was assigned before is kept as held
    /// until now, so that it stays known who gave which time. `false` when there is no such membership.
    pub async fn move_last_day(
        &self,
        membership: &NewMembership,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let key = (membership.user.0, membership.group.0);
        let Some(held) = memberships::Entity::find_by_id(key).one(self.connection()).await? else {
            return Ok(false);
        };
        self.insert_former_membership(held.clone(), membership.assigned_by, now).await?;
        let moved = memberships::ActiveModel {
            user_id: Set(held.user_id),
            group_id: Set(held.group_id),
            assigned_by: Set(membership.assigned_by.map(|by| by.0)),
            assigned_at: Set(now.millis()),
            valid_until: Set(membership.valid_until.map(ExpirationDate::to_iso)),
            dormant_at: Set(held.dormant_at),
            held_since: Set(Some(held.held_since.unwrap_or(held.assigned_at))),
        };
        memberships::Entity::update(moved).exec(self.connection()).await?;
        self.raise_access_version(membership.user).await?;
        Ok(true)
    }

    async fn insert_former_membership(
        &self,
        held: memberships::Model,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let former = former_memberships::ActiveModel {
            id: Set(row_id::at(now)),
            user_id: Set(held.user_id),
            group_id: Set(held.group_id),
            assigned_by: Set(held.assigned_by),
            assigned_at: Set(held.assigned_at),
            valid_until: Set(held.valid_until),
            removed_by: Set(by.map(|by| by.0)),
            removed_at: Set(now.millis()),
        };
        former_memberships::Entity::insert(former)
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Marks what a person holds as changed: whoever saves on top of an older state is told (I27, E22).
    pub async fn raise_access_version(&self, user: UserId) -> Result<(), StorageError> {
        users::Entity::update_many()
            .col_expr(users::Column::AccessVersion, Expr::col(users::Column::AccessVersion).add(1))
            .filter(users::Column::Id.eq(user.0))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}
