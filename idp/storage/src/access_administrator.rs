//! Who gives access to which application at a level: whom to ask (E18, O7).

use portal_core::{
    Timestamp,
    account::UserStatus,
    expiry::ExpirationDate,
    id::{ApplicationId, UserId},
    organisation::LevelPath,
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, JoinType, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, RelationDef,
};
use uuid::Uuid;

use crate::{
    StorageError, Store,
    entity::{delegated_roles, levels, users},
    role::ACCESS_ADMINISTRATOR,
};

/// Most of them that are named.
const NAMED_AT_MOST: u64 = 50;

/// Somebody who gives access to an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessAdministrator {
    /// Who.
    pub user: UserId,
    /// First and last name.
    pub name: String,
    /// The address to ask at.
    pub email: String,
    /// For which application.
    pub application: ApplicationId,
}

impl Store {
    /// The delegated access administrators of a level, or of one above it, who can act now.
    pub async fn list_access_administrators(
        &self,
        level: &LevelPath,
        now: Timestamp,
    ) -> Result<Vec<AccessAdministrator>, StorageError> {
        let role: RelationDef = users::Entity::belongs_to(delegated_roles::Entity)
            .from(users::Column::Id)
            .to(delegated_roles::Column::UserId)
            .into();
        let level_of_role: RelationDef = delegated_roles::Entity::belongs_to(levels::Entity)
            .from(delegated_roles::Column::LevelId)
            .to(levels::Column::Id)
            .into();
        let mut unexpired = Condition::any().add(users::Column::ExpiresOn.is_null());
        if let Some(today) = ExpirationDate::days_from(now, 0) {
            unexpired = unexpired.add(users::Column::ExpiresOn.gte(today.to_iso()));
        }
        let rows: Vec<(Uuid, String, String, String, Option<Uuid>)> = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .column(users::Column::FirstName)
            .column(users::Column::LastName)
            .column(users::Column::Email)
            .column(delegated_roles::Column::ApplicationId)
            .join(JoinType::InnerJoin, role)
            .join(JoinType::InnerJoin, level_of_role)
            .filter(levels::Column::Path.is_in(level.with_ancestors()))
            .filter(delegated_roles::Column::Kind.eq(ACCESS_ADMINISTRATOR))
            .filter(delegated_roles::Column::DormantAt.is_null())
            .filter(users::Column::Status.eq(UserStatus::Active.as_str()))
            .filter(unexpired)
            .order_by_asc(users::Column::LastNameKey)
            .order_by_asc(users::Column::Id)
            .limit(NAMED_AT_MOST)
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(user, first_name, last_name, email, application)| {
                Some(AccessAdministrator {
                    user: UserId(user),
                    name: format!("{first_name} {last_name}"),
                    email,
                    application: ApplicationId(application?),
                })
            })
            .collect())
    }
}
