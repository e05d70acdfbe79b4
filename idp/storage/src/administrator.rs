//! Who administers a third party (I14).

use std::collections::BTreeMap;

use portal_core::{
    Timestamp,
    account::UserStatus,
    administrators::{Administrator, RoleKind, Seat},
    expiry::ExpirationDate,
    id::{ApplicationId, ThirdPartyId, UserId},
    organisation::{LevelPath, ThirdPartyStatus},
    permission::StaffRole,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, JoinType,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, RelationDef, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    entity::{
        delegated_roles, former_roles, levels, onboardings, staff_roles, third_parties, users,
    },
    lone_role::unexpired,
};

/// A third party as its administration needs to know it.
#[derive(Clone, Debug)]
pub struct Administered {
    /// Which.
    pub id: ThirdPartyId,
    /// Its state.
    pub status: ThirdPartyStatus,
    /// Whether it is administered by its own people (O3).
    pub is_delegated: bool,
    /// Whether the operator confirms every administrator (O2).
    pub confirms_administrators: bool,
    /// Its topmost level.
    pub top: LevelPath,
    /// What it is onboarded to.
    pub onboarded: Vec<ApplicationId>,
    /// Who can act for the whole of it.
    pub administrators: Vec<Administrator>,
}

impl Administered {
    /// The roles that are always to be filled: none where it is not delegated, or not in operation. Where the operator
    /// stands in for one of them, the others are to be filled all the same (I14, O4).
    pub fn needed(&self) -> Vec<RoleKind> {
        let is_in_operation =
            matches!(self.status, ThirdPartyStatus::Active | ThirdPartyStatus::Orphaned);
        if !self.is_delegated || !is_in_operation {
            return Vec::new();
        }
        let access = self.onboarded.iter().copied().map(RoleKind::AccessAdministrator);
        std::iter::once(RoleKind::UserAdministrator).chain(access).collect()
    }
}

/// The states in which administrators are needed.
pub(crate) fn in_operation() -> [&'static str; 2] {
    [ThirdPartyStatus::Active, ThirdPartyStatus::Orphaned].map(ThirdPartyStatus::as_str)
}

impl Store {
    /// A third party with its administrators; `None` when there is no such one, or it has no level.
    pub async fn find_administered(
        &self,
        id: ThirdPartyId,
    ) -> Result<Option<Administered>, StorageError> {
        load(self.connection(), id).await
    }

    /// Delegated third parties in operation, after that one, in the order of their ids.
    pub async fn list_delegated(
        &self,
        after: Option<ThirdPartyId>,
        limit: u64,
    ) -> Result<Vec<ThirdPartyId>, StorageError> {
        let mut find = third_parties::Entity::find()
            .select_only()
            .column(third_parties::Column::Id)
            .filter(third_parties::Column::Administration.eq("delegated"))
            .filter(third_parties::Column::Status.is_in(in_operation()));
        if let Some(after) = after {
            find = find.filter(third_parties::Column::Id.gt(after.0));
        }
        let find = find.order_by_asc(third_parties::Column::Id).limit(limit);
        let ids: Vec<Uuid> = find.into_tuple().all(self.connection()).await?;
        Ok(ids.into_iter().map(ThirdPartyId).collect())
    }
}

impl Transaction {
    /// A third party with its administrators, as this transaction sees them.
    pub async fn find_administered(
        &self,
        id: ThirdPartyId,
    ) -> Result<Option<Administered>, StorageError> {
        load(self.connection(), id).await
    }

    /// A third party has no administrators of its own any more: ACTIVE becomes ORPHANED (O4).
    pub async fn orphan_third_party(&self, id: ThirdPartyId) -> Result<(), StorageError> {
        third_parties::Entity::update_many()
            .col_expr(
                third_parties::Column::Status,
                Expr::value(ThirdPartyStatus::Orphaned.as_str()),
            )
            .col_expr(
                third_parties::Column::Version,
                Expr::col(third_parties::Column::Version).add(1),
            )
            .filter(third_parties::Column::Id.eq(id.0))
            .filter(third_parties::Column::Status.eq(ThirdPartyStatus::Active.as_str()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// What is known of each role at that level that somebody holds or ever held, beside who fills it.
    pub async fn list_seats(
        &self,
        level: &LevelPath,
    ) -> Result<BTreeMap<RoleKind, Seat>, StorageError> {
        let user: RelationDef = delegated_roles::Entity::belongs_to(users::Entity)
            .from(delegated_roles::Column::UserId)
            .to(users::Column::Id)
            .into();
        let held: Vec<(Option<Uuid>, Option<i64>, String)> = delegated_roles::Entity::find()
            .select_only()
            .column(delegated_roles::Column::ApplicationId)
            .column(delegated_roles::Column::DormantAt)
            .column(users::Column::Status)
            .join(JoinType::InnerJoin, level_of_role())
            .join(JoinType::InnerJoin, user)
            .filter(levels::Column::Path.eq(level.as_str()))
            .into_tuple()
            .all(self.connection())
            .await?;
        let of_level: RelationDef = former_roles::Entity::belongs_to(levels::Entity)
            .from(former_roles::Column::LevelId)
            .to(levels::Column::Id)
            .into();
        let former: Vec<Option<Uuid>> = former_roles::Entity::find()
            .select_only()
            .column(former_roles::Column::ApplicationId)
            .distinct()
            .join(JoinType::InnerJoin, of_level)
            .filter(levels::Column::Path.eq(level.as_str()))
            .into_tuple()
            .all(self.connection())
            .await?;
        let kind = |application: Option<Uuid>| RoleKind::of(application.map(ApplicationId));
        let taken = Seat { was_taken: true, is_awaited: false };
        let mut seats: BTreeMap<RoleKind, Seat> =
            former.into_iter().map(|application| (kind(application), taken)).collect();
        for (application, dormant_at, status) in held {
            let seat = seats.entry(kind(application)).or_insert(taken);
            seat.is_awaited |= dormant_at.is_none() && status == UserStatus::Invited.as_str();
        }
        Ok(seats)
    }

    /// ACTIVE, unexpired people with a delegated role at that level or above it, whatever the role.
    pub async fn list_administrators_of(
        &self,
        level: &LevelPath,
        now: Timestamp,
    ) -> Result<Vec<UserId>, StorageError> {
        let role: RelationDef = users::Entity::belongs_to(delegated_roles::Entity)
            .from(users::Column::Id)
            .to(delegated_roles::Column::UserId)
            .into();
        let paths: Vec<&str> = level.with_ancestors().collect();
        let ids: Vec<Uuid> = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .distinct()
            .join(JoinType::InnerJoin, role)
            .join(JoinType::InnerJoin, level_of_role())
            .filter(levels::Column::Path.is_in(paths))
            .filter(delegated_roles::Column::DormantAt.is_null())
            .filter(users::Column::Status.eq(UserStatus::Active.as_str()))
            .filter(unexpired(now))
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(ids.into_iter().map(UserId).collect())
    }

    /// Those of several people who hold a delegated role that counts.
    pub async fn list_delegates_among(
        &self,
        people: &[UserId],
    ) -> Result<Vec<UserId>, StorageError> {
        let ids: Vec<Uuid> = delegated_roles::Entity::find()
            .select_only()
            .column(delegated_roles::Column::UserId)
            .distinct()
            .filter(delegated_roles::Column::UserId.is_in(people.iter().map(|user| user.0)))
            .filter(delegated_roles::Column::DormantAt.is_null())
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(ids.into_iter().map(UserId).collect())
    }

    /// ACTIVE staff of the operator with that role.
    pub async fn list_staff(
        &self,
        role: StaffRole,
        now: Timestamp,
    ) -> Result<Vec<UserId>, StorageError> {
        let held: RelationDef = users::Entity::belongs_to(staff_roles::Entity)
            .from(users::Column::Id)
            .to(staff_roles::Column::UserId)
            .into();
        let ids: Vec<Uuid> = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .join(JoinType::InnerJoin, held)
            .filter(staff_roles::Column::Role.eq(role.as_str()))
            .filter(staff_roles::Column::DormantAt.is_null())
            .filter(users::Column::Status.eq(UserStatus::Active.as_str()))
            .filter(unexpired(now))
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(ids.into_iter().map(UserId).collect())
    }
}

fn level_of_role() -> RelationDef {
    delegated_roles::Entity::belongs_to(levels::Entity)
        .from(delegated_roles::Column::LevelId)
        .to(levels::Column::Id)
        .into()
}

async fn load(
    db: &impl ConnectionTrait,
    id: ThirdPartyId,
) -> Result<Option<Administered>, StorageError> {
    let Some(row) = third_parties::Entity::find_by_id(id.0).one(db).await? else {
        return Ok(None);
    };
    let paths: Vec<String> = levels::Entity::find()
        .select_only()
        .column(levels::Column::Path)
        .filter(levels::Column::ThirdPartyId.eq(id.0))
        .into_tuple()
        .all(db)
        .await?;
    let depth = |path: &String| path.matches('/').count();
    let top = paths.into_iter().min_by_key(depth).map(LevelPath::from_stored);
    let Some(top) = top else {
        return Ok(None);
    };
    let onboarded: Vec<Uuid> = onboardings::Entity::find()
        .select_only()
        .column(onboardings::Column::ApplicationId)
        .filter(onboardings::Column::ThirdPartyId.eq(id.0))
        .into_tuple()
        .all(db)
        .await?;
    Ok(Some(Administered {
        id,
        status: ThirdPartyStatus::parse(&row.status)
            .ok_or(StorageError::Corrupt("third party status"))?,
        is_delegated: row.administration == "delegated",
        confirms_administrators: row.confirms_administrators,
        administrators: load_administrators(db, &top).await?,
        top,
        onboarded: onboarded.into_iter().map(ApplicationId).collect(),
    }))
}

async fn load_administrators(
    db: &impl ConnectionTrait,
    top: &LevelPath,
) -> Result<Vec<Administrator>, StorageError> {
    let user: RelationDef = delegated_roles::Entity::belongs_to(users::Entity)
        .from(delegated_roles::Column::UserId)
        .to(users::Column::Id)
        .into();
    let counts = Condition::all()
        .add(levels::Column::Path.eq(top.as_str()))
        .add(delegated_roles::Column::DormantAt.is_null())
        .add(users::Column::Status.eq(UserStatus::Active.as_str()));
    let rows: Vec<(Uuid, Option<Uuid>, Option<String>)> = delegated_roles::Entity::find()
        .select_only()
        .column(delegated_roles::Column::UserId)
        .column(delegated_roles::Column::ApplicationId)
        .column(users::Column::ExpiresOn)
        .join(JoinType::InnerJoin, level_of_role())
        .join(JoinType::InnerJoin, user)
        .filter(counts)
        .into_tuple()
        .all(db)
        .await?;
    rows.into_iter()
        .map(|(user, application, expires_on)| {
            let expires_on = expires_on.as_deref().map(ExpirationDate::from_iso).transpose();
            Ok(Administrator {
                user: UserId(user),
                kind: RoleKind::of(application.map(ApplicationId)),
                expires_on: expires_on.map_err(|_| StorageError::Corrupt("expiration date"))?,
            })
        })
        .collect()
}
