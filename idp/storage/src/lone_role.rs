//! The roles of a third party that one person alone fills (O4): what its administrators are reminded of on every page.

use portal_core::{
    Timestamp,
    account::UserStatus,
    administrators::RoleKind,
    expiry::ExpirationDate,
    id::{ApplicationId, ThirdPartyId},
    organisation::{Administration, Level, LevelPath},
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, ExprTrait as _, JoinType, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, RelationDef, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    StorageError, Store,
    administrator::in_operation,
    entity::{applications, delegated_roles, levels, onboardings, third_parties, users},
    organisation::into_level,
    third_party::root,
};

/// A role that one person alone fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoneRole {
    /// Which role.
    pub kind: RoleKind,
    /// The code of its application; empty for that of user administrators.
    pub code: String,
}

impl Store {
    /// The topmost level of a third party that has to have administrators of its own: one in operation that is
    /// delegated (O3), also where the operator stands in for some of them (O4).
    pub async fn find_delegated_top(
        &self,
        third_party: ThirdPartyId,
    ) -> Result<Option<Level>, StorageError> {
        let of: RelationDef = levels::Entity::belongs_to(third_parties::Entity)
            .from(levels::Column::ThirdPartyId)
            .to(third_parties::Column::Id)
            .into();
        let delegated =
            third_parties::Column::Administration.eq(Administration::Delegated.as_str());
        let top = levels::Entity::find()
            .join(JoinType::InnerJoin, of)
            .filter(levels::Column::ThirdPartyId.eq(third_party.0))
            .filter(levels::Column::ParentId.in_subquery(root()))
            .filter(delegated)
            .filter(third_parties::Column::Status.is_in(in_operation()))
            .one(self.connection())
            .await?;
        Ok(top.map(into_level))
    }

    /// The roles at the topmost level of a third party that one person alone fills now: ACTIVE, unexpired, with a role
    /// that is not dormant, as in [`portal_core::administrators`]. Those for applications that the third party is not
    /// onboarded to need nobody. One query, by the roles of that one level.
    pub async fn list_lone_roles(
        &self,
        third_party: ThirdPartyId,
        top: &LevelPath,
        now: Timestamp,
    ) -> Result<Vec<LoneRole>, StorageError> {
        use delegated_roles::Column;
        let level: RelationDef = delegated_roles::Entity::belongs_to(levels::Entity)
            .from(Column::LevelId)
            .to(levels::Column::Id)
            .into();
        let user: RelationDef = delegated_roles::Entity::belongs_to(users::Entity)
            .from(Column::UserId)
            .to(users::Column::Id)
            .into();
        let application: RelationDef = delegated_roles::Entity::belongs_to(applications::Entity)
            .from(Column::ApplicationId)
            .to(applications::Column::Id)
            .into();
        let needed =
            Condition::any().add(Column::ApplicationId.is_null()).add(onboarded(third_party));
        let one_person =
            Expr::col((delegated_roles::Entity, Column::UserId)).count_distinct().eq(1);
        let rows: Vec<(Option<Uuid>, Option<String>)> = delegated_roles::Entity::find()
            .select_only()
            .column(Column::ApplicationId)
            .column(applications::Column::Code)
            .join(JoinType::InnerJoin, level)
            .join(JoinType::InnerJoin, user)
            .join(JoinType::LeftJoin, application)
            .filter(levels::Column::Path.eq(top.as_str()))
            .filter(Column::DormantAt.is_null())
            .filter(users::Column::Status.eq(UserStatus::Active.as_str()))
            .filter(unexpired(now))
            .filter(needed)
            .group_by(Column::ApplicationId)
            .group_by(applications::Column::Code)
            .group_by(applications::Column::Position)
            .having(one_person)
            .order_by_asc(applications::Column::Position)
            .order_by_asc(applications::Column::Code)
            .into_tuple()
            .all(self.connection())
            .await?;
        let lone = rows.into_iter().map(|(application, code)| LoneRole {
            kind: RoleKind::of(application.map(ApplicationId)),
            code: code.unwrap_or_default(),
        });
        Ok(lone.collect())
    }
}

fn onboarded(third_party: ThirdPartyId) -> Expr {
    let applications = onboardings::Entity::find()
        .select_only()
        .column(onboardings::Column::ApplicationId)
        .filter(onboardings::Column::ThirdPartyId.eq(third_party.0))
        .into_query();
    delegated_roles::Column::ApplicationId.in_subquery(applications)
}

/// Whose account is not past its last day.
pub(crate) fn unexpired(now: Timestamp) -> Condition {
    let mut unexpired = Condition::any().add(users::Column::ExpiresOn.is_null());
    if let Some(today) = ExpirationDate::days_from(now, 0) {
        unexpired = unexpired.add(users::Column::ExpiresOn.gte(today.to_iso()));
    }
    unexpired
}
