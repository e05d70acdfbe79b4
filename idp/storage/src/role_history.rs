//! Delegated roles as they were held over time, and roles of staff: what explains who gave what (domain.md 4.3).

use portal_core::{
    Timestamp,
    explanation::{Given, RolePeriod, StaffPeriod},
    id::{ApplicationId, NominationId, UserId},
    organisation::LevelPath,
    permission::StaffRole,
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, JoinType, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, RelationDef,
};

use crate::{
    StorageError, Store,
    entity::{delegated_roles, former_roles, levels, staff_roles},
};

/// Most roles of either kind that are looked at.
const ROLES_AT_MOST: u64 = 1000;

impl Store {
    /// Delegated roles of a level and of those above it, held now or before: whoever gives rights at a level has one.
    pub async fn list_role_history(
        &self,
        level: &LevelPath,
    ) -> Result<Vec<RolePeriod>, StorageError> {
        let level_of_role: RelationDef = delegated_roles::Entity::belongs_to(levels::Entity)
            .from(delegated_roles::Column::LevelId)
            .to(levels::Column::Id)
            .into();
        let current = delegated_roles::Entity::find()
            .join(JoinType::InnerJoin, level_of_role)
            .filter(levels::Column::Path.is_in(level.with_ancestors()))
            .order_by_asc(delegated_roles::Column::GrantedAt)
            .order_by_asc(delegated_roles::Column::Id)
            .limit(ROLES_AT_MOST)
            .all(self.connection())
            .await?;
        let level_of_former: RelationDef = former_roles::Entity::belongs_to(levels::Entity)
            .from(former_roles::Column::LevelId)
            .to(levels::Column::Id)
            .into();
        let former = former_roles::Entity::find()
            .join(JoinType::InnerJoin, level_of_former)
            .filter(levels::Column::Path.is_in(level.with_ancestors()))
            .order_by_desc(former_roles::Column::RevokedAt)
            .order_by_desc(former_roles::Column::Id)
            .limit(ROLES_AT_MOST)
            .all(self.connection())
            .await?;
        let current = current.into_iter().map(|row| RolePeriod {
            holder: UserId(row.user_id),
            given: Given {
                by: row.granted_by.map(UserId),
                at: Timestamp::from_millis(row.granted_at),
                nomination: row.nomination_id.map(NominationId),
                application: row.application_id.map(ApplicationId),
            },
            ended_at: None,
        });
        Ok(current.chain(former.iter().map(into_period)).collect())
    }

    /// Roles that these people hold as staff and that count.
    pub async fn list_staff_periods(
        &self,
        people: &[UserId],
    ) -> Result<Vec<StaffPeriod>, StorageError> {
        let rows = staff_roles::Entity::find()
            .filter(staff_roles::Column::UserId.is_in(people.iter().map(|id| id.0)))
            .filter(staff_roles::Column::DormantAt.is_null())
            .all(self.connection())
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(StaffPeriod {
                    holder: UserId(row.user_id),
                    role: StaffRole::parse(&row.role).ok_or(StorageError::Corrupt("staff role"))?,
                    since: Timestamp::from_millis(row.granted_at),
                })
            })
            .collect()
    }
}

fn into_period(row: &former_roles::Model) -> RolePeriod {
    RolePeriod {
        holder: UserId(row.user_id),
        given: Given {
            by: row.granted_by.map(UserId),
            at: Timestamp::from_millis(row.granted_at),
            nomination: row.nomination_id.map(NominationId),
            application: row.application_id.map(ApplicationId),
        },
        ended_at: Some(Timestamp::from_millis(row.revoked_at)),
    }
}
