//! Who holds delegated roles of a third party, whether they count or not.

use portal_core::{
    account::UserStatus,
    administrators::RoleKind,
    id::{ApplicationId, ThirdPartyId, UserId},
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, JoinType, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, RelationDef,
};
use uuid::Uuid;

use crate::{
    AtMost, StorageError, Store,
    entity::{delegated_roles, levels, users},
    level_tree::levels_of,
};

/// Most roles of a third party that a page shows.
const MOST: u64 = 200;

/// A delegated role with its holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegate {
    /// Who.
    pub user: UserId,
    /// First and last name.
    pub name: String,
    /// Address.
    pub email: String,
    /// State of the account.
    pub status: UserStatus,
    /// Which role.
    pub kind: RoleKind,
    /// Name of the level that bounds it.
    pub level: String,
    /// Whether it counts for nothing until it is confirmed.
    pub is_dormant: bool,
}

#[derive(FromQueryResult)]
struct Row {
    user_id: Uuid,
    first_name: String,
    last_name: String,
    email: String,
    status: String,
    application_id: Option<Uuid>,
    level: String,
    dormant_at: Option<i64>,
}

impl Store {
    /// The delegated roles at the levels of a third party, by the names of their holders. At most 200.
    pub async fn list_delegates(
        &self,
        third_party: ThirdPartyId,
    ) -> Result<AtMost<Delegate>, StorageError> {
        let level: RelationDef = delegated_roles::Entity::belongs_to(levels::Entity)
            .from(delegated_roles::Column::LevelId)
            .to(levels::Column::Id)
            .into();
        let user: RelationDef = delegated_roles::Entity::belongs_to(users::Entity)
            .from(delegated_roles::Column::UserId)
            .to(users::Column::Id)
            .into();
        let rows: Vec<Row> = delegated_roles::Entity::find()
            .select_only()
            .column(delegated_roles::Column::UserId)
            .column(users::Column::FirstName)
            .column(users::Column::LastName)
            .column(users::Column::Email)
            .column(users::Column::Status)
            .column(delegated_roles::Column::ApplicationId)
            .column_as(levels::Column::Name, "level")
            .column(delegated_roles::Column::DormantAt)
            .join(JoinType::InnerJoin, level)
            .join(JoinType::InnerJoin, user)
            .filter(delegated_roles::Column::LevelId.in_subquery(levels_of(third_party)))
            .order_by_asc(users::Column::LastNameKey)
            .order_by_asc(users::Column::Id)
            .order_by_asc(delegated_roles::Column::Id)
            .limit(MOST + 1)
            .into_model()
            .all(self.connection())
            .await?;
        let roles: Result<Vec<Delegate>, StorageError> =
            rows.into_iter().map(into_delegate).collect();
        Ok(AtMost::of(roles?, MOST))
    }
}

fn into_delegate(row: Row) -> Result<Delegate, StorageError> {
    Ok(Delegate {
        user: UserId(row.user_id),
        name: format!("{} {}", row.first_name, row.last_name),
        email: row.email,
        status: UserStatus::parse(&row.status).ok_or(StorageError::Corrupt("user status"))?,
        kind: RoleKind::of(row.application_id.map(ApplicationId)),
        level: row.level,
        is_dormant: row.dormant_at.is_some(),
    })
}
