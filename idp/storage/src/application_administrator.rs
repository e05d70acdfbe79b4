//! Administrators as those who are told and asked, and applications at levels in somebody's sight.

use portal_core::{
    Timestamp,
    account::UserStatus,
    id::{ApplicationId, UserId},
    organisation::LevelPath,
    permission::ApplicationSight,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, JoinType,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, RelationDef, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    entity::{access_groups, delegated_roles, levels, users},
    level_sight::at_or_below,
    lone_role::unexpired,
    role::{ACCESS_ADMINISTRATOR, USER_ADMINISTRATOR},
};

impl Store {
    /// ACTIVE, unexpired user administrators of a level or one above it, in the order of their names.
    pub async fn list_user_administrators(
        &self,
        level: &LevelPath,
        now: Timestamp,
    ) -> Result<Vec<UserId>, StorageError> {
        load(self.connection(), level, of_users(), now).await
    }

    /// ACTIVE, unexpired access administrators of an application, of a level or one above it, in the order of their
    /// names.
    pub async fn list_application_administrators(
        &self,
        level: &LevelPath,
        application: ApplicationId,
        now: Timestamp,
    ) -> Result<Vec<UserId>, StorageError> {
        load(self.connection(), level, of_access(application), now).await
    }
}

impl Transaction {
    /// ACTIVE, unexpired access administrators of an application, of a level or one above it, as this transaction sees
    /// them.
    pub async fn list_application_administrators(
        &self,
        level: &LevelPath,
        application: ApplicationId,
        now: Timestamp,
    ) -> Result<Vec<UserId>, StorageError> {
        load(self.connection(), level, of_access(application), now).await
    }

    /// ACTIVE, unexpired user administrators of a level or one above it, as this transaction sees them.
    pub async fn list_user_administrators_of(
        &self,
        level: &LevelPath,
        now: Timestamp,
    ) -> Result<Vec<UserId>, StorageError> {
        load(self.connection(), level, of_users(), now).await
    }
}

fn of_users() -> Expr {
    delegated_roles::Column::Kind.eq(USER_ADMINISTRATOR)
}

fn of_access(application: ApplicationId) -> Expr {
    let of_application = delegated_roles::Column::ApplicationId.eq(application.0);
    of_application.and(delegated_roles::Column::Kind.eq(ACCESS_ADMINISTRATOR))
}

async fn load(
    db: &impl ConnectionTrait,
    level: &LevelPath,
    role: Expr,
    now: Timestamp,
) -> Result<Vec<UserId>, StorageError> {
    let of_user: RelationDef = users::Entity::belongs_to(delegated_roles::Entity)
        .from(users::Column::Id)
        .to(delegated_roles::Column::UserId)
        .into();
    let of_level: RelationDef = delegated_roles::Entity::belongs_to(levels::Entity)
        .from(delegated_roles::Column::LevelId)
        .to(levels::Column::Id)
        .into();
    let rows: Vec<(Uuid, String)> = users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .column(users::Column::LastNameKey)
        .distinct()
        .join(JoinType::InnerJoin, of_user)
        .join(JoinType::InnerJoin, of_level)
        .filter(levels::Column::Path.is_in(level.with_ancestors()))
        .filter(delegated_roles::Column::DormantAt.is_null())
        .filter(users::Column::Status.eq(UserStatus::Active.as_str()))
        .filter(unexpired(now))
        .filter(role)
        .order_by_asc(users::Column::LastNameKey)
        .order_by_asc(users::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(id, _)| UserId(id)).collect())
}

/// The condition under which an application at a level is in sight; the query joins `levels`, and `application` says
/// that it is about that one.
pub(crate) fn in_sight(
    sight: &ApplicationSight,
    application: impl Fn(ApplicationId) -> Expr,
) -> Condition {
    match sight {
        ApplicationSight::Everything => Condition::all(),
        ApplicationSight::Of(pairs) => {
            // Nothing in sight finds nothing.
            let nothing = Condition::any().add(Expr::value(false));
            pairs.iter().fold(nothing, |found, (level, id)| {
                found.add(Condition::all().add(at_or_below(level)).add(application(*id)))
            })
        }
    }
}

/// The group's application is that one.
pub(crate) fn of_group(application: ApplicationId) -> Expr {
    Expr::col((access_groups::Entity, access_groups::Column::ApplicationId)).eq(application.0)
}
