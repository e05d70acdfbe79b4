//! Access that waits for a confirmation: memberships and delegated roles that are dormant (I28, O2).

use std::collections::HashMap;

use portal_core::{
    Timestamp,
    account::UserStatus,
    id::{ApplicationId, GroupId, UserId},
    permission::Sight,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, JoinType, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, RelationDef, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    HeldRole, StorageError, Store, Transaction,
    entity::{access_groups, delegated_roles, levels, memberships, staff_roles, users},
    level_sight::in_sight,
    role::into_held_role,
};

/// A membership that counts for nothing until it is confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DormantMembership {
    /// Of which group.
    pub group: GroupId,
    /// Its name.
    pub name: String,
    /// The application that it opens.
    pub application: ApplicationId,
    /// Since when it is dormant.
    pub since: Timestamp,
}

impl Store {
    /// People in sight with dormant memberships or roles, after that one, in the order of their ids.
    pub async fn list_people_with_dormant_access(
        &self,
        sight: &Sight,
        after: Option<UserId>,
        limit: u64,
    ) -> Result<Vec<UserId>, StorageError> {
        let memberships = memberships::Entity::find()
            .select_only()
            .column(memberships::Column::UserId)
            .filter(memberships::Column::DormantAt.is_not_null())
            .into_query();
        let roles = delegated_roles::Entity::find()
            .select_only()
            .column(delegated_roles::Column::UserId)
            .filter(delegated_roles::Column::DormantAt.is_not_null())
            .into_query();
        let staff = staff_roles::Entity::find()
            .select_only()
            .column(staff_roles::Column::UserId)
            .filter(staff_roles::Column::DormantAt.is_not_null())
            .into_query();
        let level: RelationDef = users::Entity::belongs_to(levels::Entity)
            .from(users::Column::LevelId)
            .to(levels::Column::Id)
            .into();
        let waits = Condition::any()
            .add(users::Column::Id.in_subquery(memberships))
            .add(users::Column::Id.in_subquery(roles))
            .add(users::Column::Id.in_subquery(staff));
        let mut find = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .join(JoinType::InnerJoin, level)
            .filter(in_sight(sight))
            .filter(waits);
        // What a role of the staff gave stays known after its account is deleted; nobody confirms it.
        find = find.filter(users::Column::Status.ne(UserStatus::Deleted.as_str()));
        if let Some(after) = after {
            find = find.filter(users::Column::Id.gt(after.0));
        }
        let find = find.order_by_asc(users::Column::Id).limit(limit);
        let ids: Vec<Uuid> = find.into_tuple().all(self.connection()).await?;
        Ok(ids.into_iter().map(UserId).collect())
    }

    /// The dormant memberships of several people, by name.
    pub async fn list_dormant_memberships_of(
        &self,
        users: &[UserId],
    ) -> Result<HashMap<UserId, Vec<DormantMembership>>, StorageError> {
        load(self.connection(), users).await
    }

    /// The dormant roles of several people, oldest first.
    pub async fn list_dormant_roles_of(
        &self,
        users: &[UserId],
    ) -> Result<HashMap<UserId, Vec<HeldRole>>, StorageError> {
        let rows = delegated_roles::Entity::find()
            .filter(delegated_roles::Column::UserId.is_in(users.iter().map(|id| id.0)))
            .filter(delegated_roles::Column::DormantAt.is_not_null())
            .order_by_asc(delegated_roles::Column::GrantedAt)
            .order_by_asc(delegated_roles::Column::Id)
            .all(self.connection())
            .await?;
        let mut roles: HashMap<UserId, Vec<HeldRole>> = HashMap::new();
        for row in rows {
            roles.entry(UserId(row.user_id)).or_default().push(into_held_role(&row));
        }
        Ok(roles)
    }
}

impl Transaction {
    /// The dormant memberships of a person, as this transaction sees them.
    pub async fn list_dormant_memberships(
        &self,
        user: UserId,
    ) -> Result<Vec<DormantMembership>, StorageError> {
        Ok(load(self.connection(), &[user]).await?.remove(&user).unwrap_or_default())
    }

    /// A membership counts for nothing from now on, until it is confirmed; what it opened is closed. `false` when it
    /// does so already.
    pub async fn make_membership_dormant(
        &self,
        user: UserId,
        group: GroupId,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let updated = memberships::Entity::update_many()
            .col_expr(memberships::Column::DormantAt, Expr::value(now.millis()))
            .filter(memberships::Column::UserId.eq(user.0))
            .filter(memberships::Column::GroupId.eq(group.0))
            .filter(memberships::Column::DormantAt.is_null())
            .exec(self.connection())
            .await?;
        if updated.rows_affected == 0 {
            return Ok(false);
        }
        let group = access_groups::Entity::find_by_id(group.0).one(self.connection()).await?;
        if let Some(group) = group {
            self.end_lost_access(user, ApplicationId(group.application_id), now).await?;
        }
        Ok(true)
    }

    /// A membership that is dormant already waits anew: whatever it slept for before does not wake it.
    pub async fn keep_membership_dormant(
        &self,
        user: UserId,
        group: GroupId,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        memberships::Entity::update_many()
            .col_expr(memberships::Column::DormantAt, Expr::value(now.millis()))
            .filter(memberships::Column::UserId.eq(user.0))
            .filter(memberships::Column::GroupId.eq(group.0))
            .filter(memberships::Column::DormantAt.is_not_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// A dormant membership counts again; `false` when it is not dormant.
    pub async fn wake_membership(
        &self,
        user: UserId,
        group: GroupId,
    ) -> Result<bool, StorageError> {
        let update = memberships::Entity::update_many()
            .col_expr(memberships::Column::DormantAt, Expr::value(None::<i64>))
            .filter(memberships::Column::UserId.eq(user.0))
            .filter(memberships::Column::GroupId.eq(group.0))
            .filter(memberships::Column::DormantAt.is_not_null());
        Ok(update.exec(self.connection()).await?.rows_affected > 0)
    }
}

async fn load(
    db: &impl ConnectionTrait,
    users: &[UserId],
) -> Result<HashMap<UserId, Vec<DormantMembership>>, StorageError> {
    let group: RelationDef = memberships::Entity::belongs_to(access_groups::Entity)
        .from(memberships::Column::GroupId)
        .to(access_groups::Column::Id)
        .into();
    let rows: Vec<(Uuid, Uuid, String, Uuid, i64)> = memberships::Entity::find()
        .select_only()
        .column(memberships::Column::UserId)
        .column(memberships::Column::GroupId)
        .column(access_groups::Column::Name)
        .column(access_groups::Column::ApplicationId)
        .column(memberships::Column::DormantAt)
        .join(JoinType::InnerJoin, group)
        .filter(memberships::Column::UserId.is_in(users.iter().map(|id| id.0)))
        .filter(memberships::Column::DormantAt.is_not_null())
        .order_by_asc(access_groups::Column::Name)
        .into_tuple()
        .all(db)
        .await?;
    let mut found: HashMap<UserId, Vec<DormantMembership>> = HashMap::new();
    for (user, group, name, application, since) in rows {
        found.entry(UserId(user)).or_default().push(DormantMembership {
            group: GroupId(group),
            name,
            application: ApplicationId(application),
            since: Timestamp::from_millis(since),
        });
    }
    Ok(found)
}
