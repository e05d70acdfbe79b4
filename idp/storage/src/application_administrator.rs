//! Who administers the access of a level to an application, to be told and to be asked.

use portal_core::{
    account::UserStatus,
    id::{ApplicationId, UserId},
    organisation::LevelPath,
    permission::{ApplicationSight, StaffRole},
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, JoinType,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, RelationDef,
    sea_query::{Expr, Func},
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    entity::{access_groups, delegated_roles, levels, staff_roles, users},
    role::ACCESS_ADMINISTRATOR,
};

impl Store {
    /// ACTIVE access administrators of an application, of a level or one above it; of whatever application without
    /// one. In the order of their names.
    pub async fn list_access_administrators(
        &self,
        level: &LevelPath,
        application: Option<ApplicationId>,
    ) -> Result<Vec<UserId>, StorageError> {
        load(self.connection(), level, (Some(ACCESS_ADMINISTRATOR), application)).await
    }

    /// ACTIVE user administrators of a level or one above it, in the order of their names.
    pub async fn list_user_administrators(
        &self,
        level: &LevelPath,
    ) -> Result<Vec<UserId>, StorageError> {
        load(self.connection(), level, (Some(crate::role::USER_ADMINISTRATOR), None)).await
    }
}

impl Transaction {
    /// The same, as this transaction sees them.
    pub async fn list_access_administrators(
        &self,
        level: &LevelPath,
        application: Option<ApplicationId>,
    ) -> Result<Vec<UserId>, StorageError> {
        load(self.connection(), level, (Some(ACCESS_ADMINISTRATOR), application)).await
    }

    /// ACTIVE identity administrators of the operator.
    pub async fn list_identity_administrators(&self) -> Result<Vec<UserId>, StorageError> {
        let held: RelationDef = users::Entity::belongs_to(staff_roles::Entity)
            .from(users::Column::Id)
            .to(staff_roles::Column::UserId)
            .into();
        let ids: Vec<Uuid> = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .join(JoinType::InnerJoin, held)
            .filter(staff_roles::Column::Role.eq(StaffRole::IdentityAdmin.as_str()))
            .filter(users::Column::Status.eq(UserStatus::Active.as_str()))
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(ids.into_iter().map(UserId).collect())
    }
}

async fn load(
    db: &impl ConnectionTrait,
    level: &LevelPath,
    (kind, application): (Option<&str>, Option<ApplicationId>),
) -> Result<Vec<UserId>, StorageError> {
    let role: RelationDef = users::Entity::belongs_to(delegated_roles::Entity)
        .from(users::Column::Id)
        .to(delegated_roles::Column::UserId)
        .into();
    let of_level: RelationDef = delegated_roles::Entity::belongs_to(levels::Entity)
        .from(delegated_roles::Column::LevelId)
        .to(levels::Column::Id)
        .into();
    let mut find = users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .column(users::Column::LastNameKey)
        .distinct()
        .join(JoinType::InnerJoin, role)
        .join(JoinType::InnerJoin, of_level)
        .filter(levels::Column::Path.is_in(level.with_ancestors()))
        .filter(delegated_roles::Column::DormantAt.is_null())
        .filter(users::Column::Status.eq(UserStatus::Active.as_str()));
    if let Some(kind) = kind {
        find = find.filter(delegated_roles::Column::Kind.eq(kind));
    }
    if let Some(application) = application {
        find = find.filter(delegated_roles::Column::ApplicationId.eq(application.0));
    }
    let rows: Vec<(Uuid, String)> =
        find.order_by_asc(users::Column::LastNameKey).into_tuple().all(db).await?;
    Ok(rows.into_iter().map(|(id, _)| UserId(id)).collect())
}

/// The condition under which an application at a level is in sight; the query joins `levels` and has the application
/// in `application`.
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

/// The condition under which a row of `levels` is that level or below it. Compared letter by letter: to `LIKE`, the
/// names of levels would be patterns.
pub(crate) fn at_or_below(level: &LevelPath) -> Condition {
    let inside = format!("{}/", level.as_str());
    let letters = i32::try_from(inside.chars().count()).unwrap_or(i32::MAX);
    let path = || Expr::col((levels::Entity, levels::Column::Path));
    let beginning = Func::cust("substr").arg(path()).arg(1).arg(letters);
    Condition::any().add(path().eq(level.as_str())).add(Expr::expr(beginning).eq(inside))
}

/// The group's application is that one.
pub(crate) fn of_group(application: ApplicationId) -> Expr {
    Expr::col((access_groups::Entity, access_groups::Column::ApplicationId)).eq(application.0)
}
